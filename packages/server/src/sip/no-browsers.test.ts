import { expect, test } from "vitest";
import { NoBrowsers } from "./no-browsers.ts";

const PEER = { host: "192.0.2.7", port: 40_000 };

//= RFC 6455 §4.1
//# The request MUST include a header field with the name |Origin| [RFC6454] if the request is
//# coming from a browser client.
test("RFC 6455 §4.1: who comes without an Origin is no browser, for as long as it is there", () => {
  const others = new NoBrowsers();
  const leave = others.met({ headers: {} }, PEER);
  expect(others.has({ remote: PEER })).toBe(true);
  expect(others.has({ remote: { ...PEER, port: 40_001 } })).toBe(false);
  leave?.();
  expect(others.has({ remote: PEER })).toBe(false);
});

test("who names a page may be a browser", () => {
  const others = new NoBrowsers();
  expect(others.met({ headers: { origin: "https://house.example" } }, PEER)).toBeUndefined();
  expect(others.has({ remote: PEER })).toBe(false);
});
