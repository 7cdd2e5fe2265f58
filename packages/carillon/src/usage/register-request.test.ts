import { expect, test } from "vitest";
import { type RegisterOperation, registerRequest } from "./register-request.ts";

const bob = { aor: "sip:bob@biloxi.com", callId: "843817637684230@998sdasdh09", fromTag: "456248" };
const contact = "<sip:bob@192.0.2.4>";

const contactOf = (operation: RegisterOperation) =>
  registerRequest(bob, operation, 1).headers.slice(5);

//= RFC 3261 §10.2
//# The "userinfo" and "@" components of the SIP URI MUST NOT be present.
//= RFC 3261 §10.2
//# The following header fields, except Contact, MUST be included in a REGISTER request.
//= RFC 3261 §10.2
//# A UA MUST increment the CSeq value by one for each REGISTER request with the same Call-ID.
//= RFC 3261 §10.2
//# All registrations from a UAC SHOULD use the same Call-ID header field value for registrations
//# sent to a particular registrar.
test("RFC 3261 §24.1: Bob's registration, and the one after it", () => {
  const add = { kind: "Add", contact, expiresSeconds: 7200 } as const;
  const first = registerRequest(bob, add, 1826);
  expect(first).toEqual({
    uri: "sip:biloxi.com",
    headers: [
      ["Max-Forwards", "70"],
      ["From", "<sip:bob@biloxi.com>;tag=456248"],
      ["To", "<sip:bob@biloxi.com>"],
      ["Call-ID", "843817637684230@998sdasdh09"],
      ["CSeq", "1826 REGISTER"],
      ["Contact", "<sip:bob@192.0.2.4>"],
      ["Expires", "7200"],
    ],
  });
  const next = registerRequest(bob, add, 1827);
  const changed = next.headers.filter(([, value], at) => value !== first.headers[at]?.[1]);
  expect(changed).toEqual([["CSeq", "1827 REGISTER"]]);
});

test("RFC 3261 §10.2: the domain keeps its scheme and port, and nothing else", () => {
  const aor = "sips:bob:secret@biloxi.com:5071;transport=tcp?Subject=x";
  expect(registerRequest({ ...bob, aor }, { kind: "Fetch" }, 1).uri).toBe("sips:biloxi.com:5071");
});

//= RFC 3261 §10.2
//# This address-of-record MUST be a SIP URI or SIPS URI.
test("RFC 3261 §10.2: only a SIP or SIPS URI can be registered for", () => {
  for (const aor of ["tel:+15551234", "bob", "mailto:bob@biloxi.com"]) {
    expect(() => registerRequest({ ...bob, aor }, { kind: "Fetch" }, 1)).toThrow(RangeError);
  }
});

//= RFC 3261 §10.2.2
//# The REGISTER-specific Contact header field value of "*" applies to all registrations, but it
//# MUST NOT be used unless the Expires header field is present with a value of "0".
//= RFC 3261 §10.2.3
//# If no Contact header field is present in a REGISTER request, the list of bindings is left
//# unchanged.
test("RFC 3261 §10.2.1 to §10.2.3: adding, removing, removing all, and asking", () => {
  expect(contactOf({ kind: "Remove", contact })).toEqual([
    ["Contact", contact],
    ["Expires", "0"],
  ]);
  //= RFC 5626 §4.2.3
  //# A UAC also MUST NOT include an instance-id feature tag or "reg-id" Contact header field
  //# parameter in a request to un-register all Contacts (a single Contact header field value with
  //# the value of "*").
  expect(contactOf({ kind: "RemoveAll" })).toEqual([
    ["Contact", "*"],
    ["Expires", "0"],
  ]);
  expect(contactOf({ kind: "Fetch" })).toEqual([]);
});
