import { expect, test } from "vitest";
import { serverWay } from "./located-way.ts";

const way = (uri: string) => serverWay(uri, "house.example");

test("a server has to prove its name; one that is named by an address, the phone's domain", () => {
  expect(way("sips:example.org")).toMatchObject({ wanted: { name: "example.org", secure: true } });
  expect(way("sips:192.0.2.1:5061")).toMatchObject({
    wanted: { host: "192.0.2.1", port: 5061, name: "house.example" },
  });
  expect(way("sip:[2001:db8::1]")).toMatchObject({ wanted: { name: "house.example" } });
});

test("a WebSocket's URL is dialled, and what is neither is refused in words", () => {
  expect(way("wss://example.org/sip")).toMatchObject({ kind: "Open" });
  expect(() => way("http://example.org")).toThrow('server "http://example.org"');
});
