import { expect, test } from "vitest";
import { composeResponse } from "../message/compose.ts";
import { parseMessage, type Request, type Response } from "../message/message.ts";
import { composeAck } from "./ack.ts";

const invite = (...headers: string[]): Request => {
  const message = parseMessage(
    `INVITE sip:bob@biloxi.com;x=1 SIP/2.0\r\n${headers.join("\r\n")}\r\n\r\n`,
  );
  if (!message.ok) throw new Error(message.error.message);
  return message.value as Request;
};
const busy = (to?: string): Response => composeResponse(486, to === undefined ? [] : [["To", to]]);

//= RFC 3261 §17.1.1.3
//# The ACK request constructed by the client transaction MUST contain values for the Call-ID, From,
//# and Request-URI that are equal to the values of those header fields in the request passed to the
//# transport by the client transaction (call this the "original request").
//= RFC 3261 §17.1.1.3
//# The To header field in the ACK MUST equal the To header field in the response being
//# acknowledged, and therefore will usually differ from the To header field in the original request
//# by the addition of the tag parameter.
//= RFC 3261 §17.1.1.3
//# The CSeq header field in the ACK MUST contain the same value for the sequence number as was
//# present in the original request, but the method parameter MUST be equal to "ACK".
//= RFC 3261 §17.1.1.3
//# placement of bodies in ACK for non-2xx is NOT RECOMMENDED
test("RFC 3261 §17.1.1.3: the RFC's own example", () => {
  const ack = composeAck(
    invite(
      "Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKkjshdyff",
      "To: Bob <sip:bob@biloxi.com>",
      "From: Alice <sip:alice@atlanta.com>;tag=88sja8x",
      "Max-Forwards: 12",
      "Call-ID: 987asjd97y7atg",
      "CSeq: 986759 INVITE",
      "Contact: <sip:alice@pc33.atlanta.com>",
      "Require: 100rel",
      "Content-Length: 0",
    ),
    busy("Bob <sip:bob@biloxi.com>;tag=99sa0xk"),
  );
  expect(ack.split("\r\n")).toEqual([
    "ACK sip:bob@biloxi.com;x=1 SIP/2.0",
    "Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKkjshdyff",
    "Max-Forwards: 70",
    "From: Alice <sip:alice@atlanta.com>;tag=88sja8x",
    "To: Bob <sip:bob@biloxi.com>;tag=99sa0xk",
    "Call-ID: 987asjd97y7atg",
    "CSeq: 986759 ACK",
    "Content-Length: 0",
    "",
    "",
  ]);
});

//= RFC 3261 §17.1.1.3
//# The ACK MUST contain a single Via header field, and this MUST be equal to the top Via header
//# field of the original request.
//= RFC 3261 §17.1.1.3
//# If the INVITE request whose response is being acknowledged had Route header fields, those header
//# fields MUST appear in the ACK.
test("RFC 3261 §17.1.1.3: one Via and all Routes, compact, folded and several on a line", () => {
  const ack = composeAck(
    invite(
      'v:\r\n SIP/2.0/UDP a;branch=z9hG4bK1;x="1,2" ,\r\n\tSIP/2.0/UDP b;branch=z9hG4bK0',
      "Via: SIP/2.0/UDP c",
      "Route: <sip:p1;lr>,",
      "ROUTE : <sip:p2;lr>\r\n ;x=1",
      "f: Alice\r\n  <sip:alice@a>;tag=1",
      "t: <sip:bob@b>",
      "i: c1",
      "CSEQ: 0007\r\n INVITE",
    ),
    busy("<sip:bob@b>;tag=2"),
  );
  expect(ack.split("\r\n")).toEqual([
    "ACK sip:bob@biloxi.com;x=1 SIP/2.0",
    'Via: SIP/2.0/UDP a;branch=z9hG4bK1;x="1,2"',
    "Route: <sip:p1;lr>,",
    "Route: <sip:p2;lr> ;x=1",
    "Max-Forwards: 70",
    "From: Alice <sip:alice@a>;tag=1",
    "To: <sip:bob@b>;tag=2",
    "Call-ID: c1",
    "CSeq: 7 ACK",
    "Content-Length: 0",
    "",
    "",
  ]);
});

const plain = [
  "Via: SIP/2.0/UDP a",
  "From: <sip:alice@a>;tag=1",
  "To: <sip:bob@b>",
  "Call-ID: c1",
  "CSeq: 7 INVITE",
];

test("a response without a To is acknowledged with that of the INVITE", () => {
  expect(composeAck(invite(...plain), busy())).toContain("\r\nTo: <sip:bob@b>\r\n");
});

test("an INVITE that could not have been sent is the caller's fault", () => {
  for (const missing of plain) {
    const rest = plain.filter((line) => line !== missing);
    const response = missing.startsWith("To") ? busy() : busy("<sip:bob@b>;tag=2");
    const [name = ""] = missing.split(":");
    expect(() => composeAck(invite(...rest), response)).toThrow(`the INVITE has no ${name}`);
  }
});

test.each([
  ["CSeq: -1 INVITE", "the INVITE's CSeq: expected a number"],
  ['Via: SIP/2.0/UDP a;x="1', "the INVITE's Via has no element that ends"],
  ["Via: , SIP/2.0/UDP a", "the INVITE's Via has no element that ends"],
])("so is one with %s", (line, message) => {
  const [name = ""] = line.split(" ");
  const others = plain.filter((one) => !one.startsWith(name));
  const compose = () => composeAck(invite(...others, line), busy());
  expect(compose).toThrow(RangeError);
  expect(compose).toThrow(message);
});

test("the first of several Vias is as short as it is", () => {
  const others = plain.filter((one) => !one.startsWith("Via:"));
  expect(composeAck(invite(...others, "Via: a,b"), busy())).toContain("\r\nVia: a\r\n");
});
