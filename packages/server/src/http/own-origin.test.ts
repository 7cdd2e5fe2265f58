import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { isOwnOrigin } from "./own-origin.ts";

const names = { domain: "house.example", hostname: "Tower" };
const own = (origin: string | undefined, host: string): boolean =>
  isOwnOrigin({ headers: { origin, host } } as unknown as IncomingMessage, names);

test.each([
  ["http://localhost:8080", "localhost:8080"],
  ["http://127.0.0.1:8080", "127.0.0.1:8080"],
  ["http://[::1]:8080", "[::1]:8080"],
  ["http://192.168.1.5:8080", "192.168.1.5:8080"],
  ["https://house.example", "house.example"],
  ["https://house.example", "house.example:443"],
  ["https://phone.house.example:8443", "phone.house.example:8443"],
  ["http://tower:8080", "tower:8080"],
  ["http://tower.local:8080", "TOWER.local:8080"],
])("a page of %s may ask %s", (origin, host) => {
  expect(own(origin, host)).toBe(true);
});

test.each([
  ["another host", "http://evil.example", "localhost:8080"],
  ["another port of this machine", "http://localhost:3000", "localhost:8080"],
  ["a name that ends alike", "http://evilhouse.example", "evilhouse.example"],
  ["DNS rebinding", "http://evil.example:8080", "evil.example:8080"],
  ["our name below theirs", "http://tower.evil.example", "tower.evil.example"],
  ["a sandboxed frame", "null", "localhost:8080"],
  ["a file", "file://", "localhost:8080"],
  ["an extension", "chrome-extension://abc", "abc"],
  ["no host", "http://localhost:8080", ""],
])("%s is refused", (_, origin, host) => {
  expect(own(origin, host)).toBe(false);
});

test("without an Origin it is not a browser", () => {
  expect(own(undefined, "evil.example")).toBe(true);
});
