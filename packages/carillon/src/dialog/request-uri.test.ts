import { expect, test } from "vitest";
import { requestUri } from "./request-uri.ts";

//= RFC 3261 §16.6
//# If the URI contains any parameters not allowed in a Request-URI, they MUST be removed.
test.each([
  ["sip:bob@a.example", "sip:bob@a.example"],
  ["SIP:bob@A.example:5060;LR;x=%41", "SIP:bob@A.example:5060;LR;x=%41"],
  ["sip:bob@a.example;method=BYE;ob", "sip:bob@a.example;ob"],
  ["sip:bob@a.example?Route=%3Csip:evil%3E", "sip:bob@a.example"],
  ["sip:b:p@[2001:db8::1]:7;Method=INVITE;maddr=x?Subject=y", "sip:b:p@[2001:db8::1]:7;maddr=x"],
  ["tel:+1?x", "tel:+1?x"],
])("RFC 3261 §19.1.1: %s goes into a start line as %s", (uri, expected) => {
  expect(requestUri(uri)).toBe(expected);
});
