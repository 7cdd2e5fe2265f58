import { expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import { parseMessage, type Request, type Response } from "../message/message.ts";
import { requestText } from "../testing/request-text.ts";
import { composeReply, type Reply } from "./reply.ts";

function replied(request: string, reply: Reply): Response {
  const parsed = parseMessage(request);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const response = parseMessage(composeReply(parsed.value as Request, undefined, reply));
  if (!response.ok) throw new Error(response.error.message);
  return response.value as Response;
}

test("RFC 3261 §8.2.6.2 From, Call-ID, CSeq and all Vias are those of the request", () => {
  const via = "SIP/2.0/UDP a.example;branch=z9hG4bK1,\r\n SIP/2.0/TCP b.example;branch=z9hG4bK2";
  const from = '"Bob, not \\"Al\\"" <sip:bob@example.com>;x=y;tag=b1';
  const request = requestText("INVITE", { via, from, lines: ["v: SIP/2.0/UDP c.example"] });
  const response = replied(request, { status: 486, toTag: "t1" });
  //= RFC 3261 §8.2.6.2
  //# The From field of the response MUST equal the From header field of the request.
  expect(header(response, "From")).toBe(from);
  //= RFC 3261 §8.2.6.2
  //# The Call-ID header field of the response MUST equal the Call-ID header field of the request.
  expect(header(response, "Call-ID")).toBe("call-1");
  //= RFC 3261 §8.2.6.2
  //# The CSeq header field of the response MUST equal the CSeq field of the request.
  expect(header(response, "CSeq")).toBe("1 INVITE");
  //= RFC 3261 §8.2.6.2
  //# The Via header field values in the response MUST equal the Via header field values in the
  //# request and MUST maintain the same ordering.
  expect(headerLines(response, "Via")).toEqual([
    "SIP/2.0/UDP a.example;branch=z9hG4bK1, SIP/2.0/TCP b.example;branch=z9hG4bK2",
    "SIP/2.0/UDP c.example",
  ]);
});

test("RFC 3261 §8.2.6.2 To gets a tag, but for a 100 and where it has one", () => {
  //= RFC 3261 §8.2.6.2
  //# However, if the To header field in the request did not contain a tag, the URI in the To
  //# header field in the response MUST equal the URI in the To header field; additionally, the
  //# UAS MUST add a tag to the To header field in the response (with the exception of the 100
  //# (Trying) response, in which a tag MAY be present).
  const plain = requestText("INVITE", { to: "sip:alice@example.com;x=1" });
  expect(header(replied(plain, { status: 200, toTag: "t1" }), "To")).toBe(
    "sip:alice@example.com;x=1;tag=t1",
  );
  expect(header(replied(plain, { status: 100, toTag: "t1" }), "To")).toBe(
    "sip:alice@example.com;x=1",
  );
  //= RFC 3261 §8.2.6.2
  //# If a request contained a To tag in the request, the To header field in the response MUST
  //# equal that of the request.
  const tagged = requestText("BYE", { to: "<sip:alice@example.com>;tag=a1" });
  expect(header(replied(tagged, { status: 200, toTag: "" }), "To")).toBe(
    "<sip:alice@example.com>;tag=a1",
  );
});

test("a value that a peer wrote can end no line", () => {
  const response = replied(requestText("INVITE"), {
    status: 420,
    reasonPhrase: "No\r\nEvil: 1",
    headers: [["Unsupported", "a\0b\r\nEvil: 2"]],
  });
  expect(header(response, "Unsupported")).toBe("a b  Evil: 2");
  expect(header(response, "evil")).toBeUndefined();
});
