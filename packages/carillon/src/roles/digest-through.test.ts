import { expect, test } from "vitest";
import { answer, DomainStage, request } from "../testing/domain-stage.ts";

const ALICE = "203.0.113.4:5060";
const BOB = "203.0.113.5:5060";

//= RFC 7616 §3.6
//# Proxies MUST be completely transparent in the Digest access authentication scheme. That is, they
//# MUST forward the WWW-Authenticate, Authentication-Info, and Authorization header fields
//# untouched.
test("RFC 7616 §3.6: what a device and its caller say to each other goes through as it is", () => {
  const stage = new DomainStage();
  stage.register("bob", BOB);
  const theirs =
    'Authorization:  Digest username="a",realm="bob\'s phone" ,  nonce="n",uri="sip:b"';
  const lines = [`Proxy-Authorization: ${stage.token("alice")}`, theirs];
  const [forwarded] = stage.say(ALICE, request("MESSAGE", { lines }));
  expect(forwarded?.to).toBe(BOB);
  expect(forwarded?.octets).toContain(`\r\n${theirs}\r\n`);
  const said = [
    'WWW-authenticate:Digest  realm="bob\'s phone" ,nonce="m"',
    'Authentication-Info: x="y"',
  ];
  const [back] = stage.say(BOB, answer(forwarded?.octets ?? "", 401, "b", said));
  expect(back?.to).toBe(ALICE);
  for (const line of said) expect(back?.octets).toContain(`\r\n${line}\r\n`);
});
