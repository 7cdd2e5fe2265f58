import { expect, test } from "vitest";
import { webSocketAt } from "./destination.ts";

test("RFC 7118 §5 the scheme of a URL says whether there is TLS", () => {
  expect(webSocketAt("ws://example.com/sip").transport).toBe("WS");
  expect(webSocketAt("WSS://example.com")).toEqual({
    transport: "WSS",
    url: "WSS://example.com",
  });
});

test("another URL is the caller's mistake", () => {
  expect(() => webSocketAt("https://example.com")).toThrow(RangeError);
});
