import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { composeRequest, composeResponse, type HeaderField, plain } from "./compose.ts";
import { header } from "./headers.ts";
import { parseMessage } from "./message.ts";

const headers: HeaderField[] = [
  ["Via", "SIP/2.0/UDP a;branch=z9hG4bK1"],
  ["X-Custom", ""],
];

//= RFC 3261 §7
//# The start-line, each message-header line, and the empty line MUST be terminated by a
//# carriage-return line-feed sequence (CRLF). Note that the empty line MUST be present even if the
//# message-body is not.
//= RFC 3261 §7.1
//# To be compliant with this specification, applications sending SIP messages MUST include a
//# SIP-Version of "SIP/2.0".
//= RFC 3261 §7.1
//# The SIP-Version string is case-insensitive, but implementations MUST send upper-case.
//= RFC 3261 §20
//# If a stream-based protocol (such as TCP) is used as a transport, then the header field MUST be
//# sent.
//= RFC 3261 §20.14
//# If a stream-based protocol (such as TCP) is used as transport, the header field MUST be used.
//= RFC 3261 §20.14
//# If no body is present in a message, then the Content-Length header field value MUST be set to
//# zero.
test("RFC 3261 §7: every line ends in CRLF, the version is SIP/2.0, and a length is said", () => {
  expect(composeRequest("OPTIONS", "sip:h", []).text).toBe(
    "OPTIONS sip:h SIP/2.0\r\nContent-Length: 0\r\n\r\n",
  );
  expect(composeResponse(200, []).text).toBe("SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n");
});

test("RFC 3261 §7: a request is its lines, a Content-Length that is right, and the body", () => {
  const request = composeRequest("MESSAGE", "sip:bob@h", headers, "h\xe9llo");
  expect(request.text).toBe(
    "MESSAGE sip:bob@h SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nX-Custom: \r\n" +
      "Content-Length: 5\r\n\r\nh\xe9llo",
  );
  expect(request).toMatchObject({ kind: "Request", method: "MESSAGE", uri: "sip:bob@h" });
  expect(request.body).toBe("h\xe9llo");
  expect(parseMessage(request.text)).toEqual({ ok: true, value: request });
});

test("RFC 3261 §7: a response has the usual phrase, or another", () => {
  const response = composeResponse(486, headers);
  expect(response.text).toMatch(/^SIP\/2\.0 486 Busy Here\r\n/);
  expect(response).toMatchObject({ kind: "Response", status: 486, reasonPhrase: "Busy Here" });
  expect(composeResponse(486, [], "", "Not now")).toMatchObject({ reasonPhrase: "Not now" });
  expect(composeResponse(200, [], "", "").text).toMatch(/^SIP\/2\.0 200 \r\n/);
});

//= RFC 6665 §8.2.1
//# The "Event" header field is defined only for use in SUBSCRIBE and NOTIFY requests and other
//# requests whose definition explicitly calls for its use. It MUST NOT appear in any other SIP
//# requests and MUST NOT appear in responses.
//= RFC 6665 §8.2.3
//# "Subscription-State" header fields are defined for use in NOTIFY requests only. They MUST NOT
//# appear in other SIP requests or responses.
test("RFC 6665 §8.2: Event and Subscription-State get into the requests they are of only", () => {
  const event: HeaderField = ["Event", "presence"];
  const state: HeaderField = ["Subscription-State", "active;expires=60"];
  const may = (method: string, field: HeaderField) => {
    try {
      return composeRequest(method, "sip:h", [field]).text.includes(field[0]);
    } catch (cause) {
      expect(cause).toBeInstanceOf(RangeError);
      return false;
    }
  };
  const methods = "INVITE ACK BYE OPTIONS REGISTER MESSAGE UPDATE REFER INFO PRACK CANCEL".split(
    " ",
  );
  const all = [...methods, "SUBSCRIBE", "NOTIFY", "PUBLISH"];
  expect(all.filter((method) => may(method, event))).toEqual(["SUBSCRIBE", "NOTIFY", "PUBLISH"]);
  expect(all.filter((method) => may(method, state))).toEqual(["NOTIFY"]);
  expect(() => composeResponse(200, [event])).toThrow("Event in a response");
  expect(() => composeResponse(200, [state])).toThrow("Subscription-State in a response");
});

describe("no text from outside becomes a header", () => {
  const hostile = ["a\r\nVia: x", "a\nVia: x", "a\rb", "\r\n", "a\0", "\u0100"];

  test("by any part of a message", () => {
    for (const text of hostile) {
      expect(() => plain(text)).toThrow(RangeError);
      expect(() => composeRequest("INVITE", "sip:h", [["Subject", text]])).toThrow(RangeError);
      expect(() => composeRequest("INVITE", "sip:h", [[text, "x"]])).toThrow(RangeError);
      expect(() => composeRequest("INVITE", `sip:${text} SIP/2.0`, [])).toThrow(RangeError);
      expect(() => composeRequest(text, "sip:h", [])).toThrow(RangeError);
      expect(() => composeResponse(200, [["Subject", text]])).toThrow(RangeError);
      expect(() => composeResponse(200, [], "", text)).toThrow(RangeError);
    }
    for (const uri of ["", "<sip:h>", "sip:a b", "sip:h SIP/2.0 x"]) {
      expect(() => composeRequest("INVITE", uri, [])).toThrow(RangeError);
    }
    for (const name of ["", "a b", "a:b"]) {
      expect(() => composeResponse(200, [[name, "x"]])).toThrow(RangeError);
    }
  });

  test("by a status that is none", () => {
    for (const status of [0, 99, 700, 1000, 200.5, Number.NaN]) {
      expect(() => composeResponse(status, [])).toThrow(RangeError);
    }
  });

  test("whatever the value: it comes back as one header, or not at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        const value = String.fromCharCode(...bytes);
        let request: ReturnType<typeof composeRequest>;
        try {
          request = composeRequest("INVITE", "sip:h", [["X-Value", value]]);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(request.headers.names).toEqual(["x-value", "Content-Length"]);
        expect(header(request, "x-value")).toBe(value.replace(/^[ \t]+|[ \t]+$/g, ""));
      }),
    );
  });
});
