import { expect, test } from "vitest";
import { parseRtpengines } from "./rtpengine-address.ts";

test("rtpengines have IP addresses, ports and shares", () => {
  expect(parseRtpengines("rtpengine 127.0.0.1:2223")).toEqual([
    { host: "127.0.0.1", port: 2223, weight: 1 },
  ]);
  expect(parseRtpengines("192.0.2.1:2223*3, [2001:db8::1]:2224")).toEqual([
    { host: "192.0.2.1", port: 2223, weight: 3 },
    { host: "2001:db8::1", port: 2224, weight: 1 },
  ]);
});

test("anything else is none", () => {
  const bad = ["", "rtpengine", "rtp.example:2223", "127.0.0.1", "127.0.0.1:0", "::1:2223"];
  const worse = ["127.0.0.1:2223*0", "127.0.0.1:2223*1*1", "127.0.0.1:2223,", "127.0.0.1:99999"];
  for (const text of [...bad, ...worse])
    expect([text, parseRtpengines(text)]).toEqual([text, undefined]);
  const many = Array.from({ length: 33 }, () => "127.0.0.1:2223").join(",");
  expect(parseRtpengines(many)).toBeUndefined();
});
