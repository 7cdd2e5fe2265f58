import { expect, test } from "vitest";
import { localFor } from "./local-address.ts";

const at = (host: string) => ({ host, port: 5060 });
const OURS = ["127.0.0.1", "192.168.1.5", "10.8.0.1", "::1", "2001:db8::5"].map(at);

test.each([
  ["192.168.1.77", "192.168.1.5"],
  ["192.168.2.1", "192.168.1.5"],
  ["10.1.1.1", "10.8.0.1"],
  ["127.0.0.1", "127.0.0.1"],
  ["127.0.0.53", "127.0.0.1"],
  ["2001:db8::77", "2001:db8::5"],
  ["::1", "::1"],
])("to %s a datagram leaves from %s", (host, expected) => {
  expect(localFor(OURS, host)?.host).toBe(expected);
});

test("to the world it leaves from an address that is not the loopback", () => {
  expect(localFor(OURS, "12.34.56.78")?.host).not.toBe("127.0.0.1");
  expect(localFor(OURS, "2a00::1")?.host).toBe("2001:db8::5");
});

test("to the other family it does not leave at all", () => {
  expect(localFor([at("192.0.2.1")], "2001:db8::1")).toBeUndefined();
  expect(localFor([], "192.0.2.1")).toBeUndefined();
});
