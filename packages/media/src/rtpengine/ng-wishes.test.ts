import { fromText, toText } from "carillon/message";
import { expect, test } from "vitest";
import { fromRtpengine } from "./ng-wishes.ts";

const side = (transport: "rtp" | "webrtc") => ({
  ...{ tag: "a", address: "192.0.2.1", isBehindNat: false, transport },
});
const HEAD = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"];
const made = (...more: readonly string[]): string =>
  [...HEAD, "m=audio 4000 RTP/AVP 0", ...more, ""].join("\r\n");
const told = (text: string, transport: "rtp" | "webrtc"): string =>
  toText(fromRtpengine(fromText(text), side(transport)));

test("What a browser gets of rtpengine is a bundle of one, by the tag that is there", () => {
  expect(told(made("a=mid:7"), "webrtc")).toContain("a=group:BUNDLE 7\r\n");
  expect(told(made(), "webrtc")).toMatch(/a=group:BUNDLE 0\r\n.*a=mid:0\r\n/s);
  expect(told(made(), "rtp")).not.toContain("BUNDLE");
});
