import { expect, test } from "vitest";
import { parseMessage } from "../message/message.ts";
import { hopsBeyond } from "./hops.ts";

const invite = (lines: string) => {
  const read = parseMessage(`INVITE sip:bob@example.com SIP/2.0\r\n${lines}\r\n`);
  if (!read.ok || read.value.kind !== "Request") throw new Error("no request");
  return read.value;
};

test("RFC 7332 §5: Max-Forwards goes on, one less", () => {
  //= RFC 7332 §5
  //# All B2BUA types MUST copy the received Max-Forwards header field from the received SIP request
  //# on their UAS side, to any request(s) they generate on their UAC side, and decrement the value,
  //# as if they were a proxy following the requirements described in [RFC3261].
  expect(hopsBeyond(invite("Max-Forwards: 70\r\n"))).toBe(69);
  expect(hopsBeyond(invite("Max-Forwards: 1\r\n"))).toBe(0);
});

test("RFC 7332 §5: who has none left goes no further", () => {
  //= RFC 7332 §5
  //# Being a UAS, B2BUAs MUST also check the received Max-Forwards header field and reject or
  //# respond to the request if the value is zero, as defined in [RFC3261].
  expect(hopsBeyond(invite("Max-Forwards: 0\r\n"))).toBeUndefined();
});

test("RFC 7332 §5: without one it is 70, and nobody has more", () => {
  //= RFC 7332 §5
  //# If the received request did not contain a Max-Forwards header field, one MUST be created in
  //# any request generated in the UAC side, as described for proxies in Section 16.6, Step 3 of
  //# [RFC3261].
  expect(hopsBeyond(invite("Subject: x\r\n"))).toBe(70);
  expect(hopsBeyond(invite("Max-Forwards: 255\r\n"))).toBe(69);
  expect(hopsBeyond(invite("Max-Forwards: many\r\n"))).toBe(69);
});
