import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { peerOf } from "./peer.ts";

const peer = (remoteAddress: string, headers: Record<string, string> = {}, encrypted = false) =>
  peerOf({
    socket: { remoteAddress, remotePort: 7, encrypted },
    headers,
  } as unknown as IncomingMessage);

test("an address is written plainly: no IPv4 in IPv6's clothes, no zone", () => {
  expect(peer("::ffff:192.0.2.7")).toEqual({ host: "192.0.2.7", port: 7, secure: false });
  expect(peer("fe80::1%eth0").host).toBe("fe80::1");
});

test("a proxy on this machine is believed, for the address it added itself", () => {
  const headers = { "x-forwarded-for": "6.6.6.6, 192.0.2.7", "x-forwarded-proto": "https" };
  expect(peer("127.0.0.1", headers)).toEqual({ host: "192.0.2.7", port: 7, secure: true });
  expect(peer("::1", { "x-forwarded-for": "2001:db8::1" }).host).toBe("2001:db8::1");
});

test("nobody else is believed", () => {
  const headers = { "x-forwarded-for": "6.6.6.6", "x-forwarded-proto": "https" };
  expect(peer("192.0.2.7", headers)).toEqual({ host: "192.0.2.7", port: 7, secure: false });
});

test("what is no address is not taken for one: it would be written into Via", () => {
  for (const lie of ["", "unknown", "1.2.3.4;branch=x", "evil.example"]) {
    expect(peer("127.0.0.1", { "x-forwarded-for": lie }).host).toBe("127.0.0.1");
  }
});

test("our own TLS counts without any proxy", () => {
  expect(peer("192.0.2.7", {}, true).secure).toBe(true);
});
