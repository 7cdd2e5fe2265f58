import { expect, test } from "vitest";
import { composeRequest } from "../message/compose.ts";
import { readEssentials } from "../message/essentials.ts";
import { hasHeader, headerLines } from "../message/headers.ts";
import { parseMessage } from "../message/message.ts";
import { composeCancel } from "./cancel.ts";

const invite = composeRequest(
  "INVITE",
  "sip:bob@biloxi.com",
  [
    ["Via", "SIP/2.0/WSS x.invalid;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK0"],
    ["Via", "SIP/2.0/UDP c"],
    ["Route", "<sip:p1;lr>, <sip:p2;lr>"],
    ["Route", "<sip:p3;lr>"],
    ["Max-Forwards", "12"],
    ["From", '"Alice, of A" <sip:alice@atlanta.com>;tag=88sja8x'],
    ["To", "<sip:bob@biloxi.com>;tag=there"],
    ["Call-ID", "987asjd97y7atg"],
    ["CSeq", "2147483647 INVITE"],
    ["Require", "100rel"],
    ["Proxy-Require", "foo"],
    ["Authorization", "Digest"],
    ["Content-Type", "application/sdp"],
  ],
  "v=0\r\n",
);

//= RFC 3261 §9.1
//# The Request-URI, Call-ID, To, the numeric part of CSeq, and From header fields in the CANCEL
//# request MUST be identical to those in the request being cancelled, including tags.
//= RFC 3261 §9.1
//# A CANCEL constructed by a client MUST have only a single Via header field value matching the top
//# Via value in the request being cancelled.
//= RFC 3261 §9.1
//# the method part of the CSeq header field MUST have a value of CANCEL.
//= RFC 3261 §9.1
//# If the request being cancelled contains a Route header field, the CANCEL request MUST include
//# that Route header field's values.
//= RFC 3261 §9.1
//# The CANCEL request MUST NOT contain any Require or Proxy-Require header fields.
test("RFC 3261 §9.1: a CANCEL repeats what identifies the INVITE, and nothing else", () => {
  expect(composeCancel(invite).split("\r\n")).toEqual([
    "CANCEL sip:bob@biloxi.com SIP/2.0",
    "Via: SIP/2.0/WSS x.invalid;branch=z9hG4bK1",
    "Route: <sip:p1;lr>, <sip:p2;lr>",
    "Route: <sip:p3;lr>",
    "Max-Forwards: 70",
    'From: "Alice, of A" <sip:alice@atlanta.com>;tag=88sja8x',
    "To: <sip:bob@biloxi.com>;tag=there",
    "Call-ID: 987asjd97y7atg",
    "CSeq: 2147483647 CANCEL",
    "Content-Length: 0",
    "",
    "",
  ]);
});

test("RFC 3261 §17.2.3: its branch and sent-by are those of the INVITE", () => {
  const cancel = parseMessage(composeCancel(invite));
  if (!cancel.ok) throw new Error(cancel.error.message);
  const [ours, theirs] = [readEssentials(cancel.value), readEssentials(invite)];
  if (!ours.ok || !theirs.ok) throw new Error("not read");
  expect(ours.value.via.branch).toBe(theirs.value.via.branch);
  expect(ours.value.via.host).toBe(theirs.value.via.host);
  expect(ours.value.cseq).toEqual({ number: 2147483647, method: "CANCEL" });
  expect(cancel.value.body).toBe("");
});

//= RFC 3326 §2
//# The Reason header field MAY appear in any request within a dialog, in any CANCEL request and in
//# any response whose status code explicitly allows the presence of this header field.
test("RFC 3326 §2: a CANCEL may carry a Reason", () => {
  const reason = 'SIP ;cause=200 ;text="Call completed elsewhere"';
  const cancel = parseMessage(composeCancel(invite, reason));
  if (!cancel.ok) throw new Error(cancel.error.message);
  expect(headerLines(cancel.value, "Reason")).toEqual([reason]);
  expect(hasHeader(cancel.value, "Require")).toBe(false);
});

test("a Reason cannot become a header of its own", () => {
  for (const reason of ["SIP\r\nX: 1", "SIP\nX: 1", "SIP\0", "SIP;text=\u0100"]) {
    expect(() => composeCancel(invite, reason)).toThrow(RangeError);
  }
});
