import { expect, test } from "vitest";
import { isSamePush, pushAddress, withoutPush } from "./wake-address.ts";

const CONTACT =
  "sip:bob@h.invalid;transport=ws;pn-provider=WebPush;pn-prid=https%3A%2F%2Fp%2F1%3B2";

test("RFC 8599 §8.7: what a contact says of its push service is read, escapes taken off", () => {
  const expected = { provider: "webpush", param: undefined, prid: "https://p/1;2" };
  expect(pushAddress(CONTACT)).toEqual(expected);
  expect(pushAddress("sip:bob@h;pn-provider=fcm;pn-param=house")).toBeUndefined();
  expect(pushAddress("sip:bob@h;pn-provider;pn-prid=a")).toBeUndefined();
  expect(pushAddress("sip:bob@h;pn-provider=fcm;pn-prid")).toBeUndefined();
  expect(pushAddress("sip:bob@h")).toBeUndefined();
});

//= RFC 8599 §5.3
//# the 'pn-prid', 'pn-provider', and 'pn-param' SIP URI parameters MUST also match.
test("RFC 8599 §5.3: two contacts are one phone's if all of their pn- are the same", () => {
  const of = (rest: string) => `sip:x@other.invalid;${rest}`;
  expect(isSamePush(CONTACT, of("pn-prid=https%3A//p/1%3B2;pn-provider=webpush"))).toBe(true);
  expect(isSamePush(CONTACT, of("pn-prid=https%3A//p/1%3B3;pn-provider=webpush"))).toBe(false);
  expect(isSamePush(CONTACT, of("pn-prid=https%3A//p/1%3B2;pn-provider=fcm"))).toBe(false);
  expect(isSamePush("sip:a@b", "sip:a@b")).toBe(false);
});

//= RFC 8599 §13
//# Operators MUST ensure that the PNS-related SIP URI parameters conveyed by a user in the Contact
//# URI of a REGISTER request are not sent to other users or to non-trusted network entities.
//= RFC 8599 §4.1
//# However, the registrar MUST still ensure that the parameters are not sent to other users, e.g.,
//# using the mechanism defined by the SIP event package for registrations [RFC3680].
test("RFC 8599 §13: others see the contact without them", () => {
  expect(withoutPush(CONTACT)).toBe("sip:bob@h.invalid;transport=ws");
  expect(withoutPush("sip:bob@h;PN-PROVIDER;lr?x=1")).toBe("sip:bob@h;lr?x=1");
});
