import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import { lonePhone, read } from "../testing/lone-phone.ts";
import { type RequestParts, requestText } from "../testing/request-text.ts";

const BODIES = "application/sdp, multipart/mixed, multipart/alternative";
const CONTACT = "Contact: <sip:bob@192.0.2.9:5060>";
const SDP = "v=0\r\n";

/** What a phone that listens for calls answers to a request. */
async function answered(method: string, parts: RequestParts = {}) {
  const { phone, register, say, sent } = lonePhone();
  await register();
  phone.calls();
  sent();
  const typed = parts.body === undefined ? [] : ["Content-Type: application/sdp"];
  await say(requestText(method, { lines: [CONTACT, ...typed], ...parts }));
  const [text] = sent();
  const response = text === undefined ? undefined : read(text);
  return response?.kind === "Response" ? response : undefined;
}

describe("a phone answers what it cannot take", () => {
  test("RFC 3261 §8.2.1 with 405 and what it can do", async () => {
    //= RFC 3261 §8.2.1
    //# Once a request is authenticated (or authentication is skipped), the UAS MUST inspect the
    //# method of the request.
    for (const method of ["PUBLISH", "REGISTER"]) {
      const response = await answered(method);
      //= RFC 3261 §8.2.1
      //# If the UAS recognizes but does not support the method of a request, it MUST generate a 405
      //# (Method Not Allowed) response.
      expect(response?.status).toBe(405);
      //= RFC 3261 §8.2.1
      //# The UAS MUST also add an Allow header field to the 405 (Method Not Allowed) response. The
      //# Allow header field MUST list the set of methods supported by the UAS generating the
      //# message.
      //= RFC 3261 §21.4.6
      //# The response MUST include an Allow header field containing a list of valid methods for the
      //# indicated address.
      //= RFC 3261 §20.5
      //# All methods, including ACK and CANCEL, understood by the UA MUST be included in the list
      //# of methods in the Allow header field, when present.
      //= RFC 3261 §13.1
      //# A UA that supports INVITE MUST also support ACK, CANCEL and BYE.
      expect(response && header(response, "Allow")).toBe(
        "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, REFER, NOTIFY, SUBSCRIBE, INFO, MESSAGE",
      );
    }
  });

  test("RFC 3261 §12.2.2 with 481 to what belongs into a dialog that is not there", async () => {
    for (const method of ["BYE", "PRACK", "UPDATE", "INFO", "NOTIFY"]) {
      expect((await answered(method))?.status).toBe(481);
    }
  });

  test("RFC 4475 §3.3.15 with 406 to an INVITE that takes no SDP", async () => {
    const accepting = (...types: string[]) => [CONTACT, ...types.map((one) => `Accept: ${one}`)];
    const none = await answered("INVITE", { lines: accepting("text/plain, application/*+x") });
    expect(none?.status).toBe(406);
    expect(none && header(none, "Warning")).toMatch(/^399 sip ".*application\/sdp/);
    expect((await answered("INVITE", { lines: accepting("") }))?.status).toBe(406);
    expect((await answered("INVITE", { lines: accepting('a/b;c="') }))?.status).toBe(400);
    for (const one of ["Application/SDP;level=1", "*/*", "application/*", "text/plain"]) {
      const lines = accepting("text/plain", one === "text/plain" ? "application/sdp" : one);
      expect((await answered("INVITE", { lines }))?.status).toBe(180);
    }
    const options = await answered("OPTIONS", { lines: accepting("text/plain") });
    expect(options?.status).toBe(200);
  });

  test("RFC 3261 §21.5.2 with 501 to a method that nobody knows", async () => {
    expect((await answered("FLY"))?.status).toBe(501);
    expect((await answered("invite"))?.status).toBe(501);
  });

  test("RFC 3261 §8.2.2.1 with 416 to another scheme, 404 for somebody else", async () => {
    expect((await answered("INVITE", { uri: "tel:+1234" }))?.status).toBe(416);
    expect((await answered("INVITE", { uri: "sip:carol@192.0.2.1" }))?.status).toBe(404);
    expect((await answered("INVITE", { uri: "sip:192.0.2.1" }))?.status).toBe(180);
  });

  test("RFC 3261 §8.2.2.3 with 420 to what it would have to support", async () => {
    const lines = [CONTACT, "Require: 100rel, flying", "Require: x"];
    const response = await answered("INVITE", { lines });
    //= RFC 3261 §8.2.2.3
    //# If a UAS does not understand an option-tag listed in a Require header field, it MUST respond
    //# by generating a response with status code 420 (Bad Extension). The UAS MUST add an
    //# Unsupported header field, and list in it those options it does not understand amongst those
    //# in the Require header field of the request.
    //= RFC 3261 §20.32
    //# Although an optional header field, the Require MUST NOT be ignored if it is present.
    //= RFC 3261 §20.32
    //# Each option tag defines a SIP extension that MUST be understood to process the request.
    //= RFC 3261 §21.4.15
    //# The server MUST include a list of the unsupported extensions in an Unsupported header field
    //# in the response.
    expect(response?.status).toBe(420);
    expect(response && header(response, "Unsupported")).toBe("flying, x");
    expect((await answered("INVITE", { lines: [CONTACT, "Require: ,"] }))?.status).toBe(400);
  });

  test("RFC 3261 §8.2.3 with 415 to a body it cannot read, and what it could", async () => {
    const odd: readonly (readonly string[])[] = [
      ["Content-Type: text/plain"],
      ["Content-Type: multipart/mixed;boundary=x"],
      ["Content-Type: application/sdp", "Content-Encoding: gzip"],
      [],
    ];
    for (const lines of odd) {
      const response = await answered("INVITE", { lines: [CONTACT, ...lines], body: SDP });
      //= RFC 3261 §8.2.3
      //# and that body part is not optional (as indicated by the Content-Disposition header field),
      //# the UAS MUST reject the request with a 415 (Unsupported Media Type) response.
      //= RFC 3261 §20.12
      //# When present, its value indicates what additional content codings have been applied to the
      //# entity-body, and thus what decoding mechanisms MUST be applied in order to obtain the
      //# media-type referenced by the Content-Type header field.
      //= RFC 3261 §21.4.13
      //# The server MUST return a list of acceptable formats using the Accept, Accept-Encoding, or
      //# Accept-Language header field, depending on the specific problem with the content.
      expect(response?.status).toBe(415);
      if (!response) return;
      //= RFC 3261 §8.2.3
      //# The response MUST contain an Accept header field listing the types of all bodies it
      //# understands, in the event the request contained bodies of types not supported by the UAS.
      expect(header(response, "Accept")).toBe(BODIES);
      //= RFC 3261 §8.2.3
      //# If the request contained content encodings not understood by the UAS, the response MUST
      //# contain an Accept-Encoding header field listing the encodings understood by the UAS.
      expect(header(response, "Accept-Encoding")).toBe("identity");
    }
    const optional = ["Content-Type: image/png", "Content-Disposition: render; handling=optional"];
    const response = await answered("INVITE", { lines: [CONTACT, ...optional], body: SDP });
    expect(response?.status).toBe(180);
  });

  test("RFC 3261 §8.2.2 and takes what has headers that it does not know", async () => {
    //= RFC 3261 §8.2.2
    //# If a UAS does not understand a header field in a request (that is, the header field is not
    //# defined in this specification or in any supported extension), the server MUST ignore that
    //# header field and continue processing the message.
    const lines = [CONTACT, 'X-Odd: "', "Date: never", "Alert-Info: <"];
    expect((await answered("INVITE", { lines }))?.status).toBe(180);
  });

  test("RFC 3261 §12.2.2 with 481 to what names a dialog it does not have", async () => {
    const to = "<sip:alice@example.com>;tag=unknown";
    //= RFC 3261 §12.2.2
    //# If the UAS wishes to reject the request because it does not wish to recreate the dialog, it
    //# MUST respond to the request with a 481 (Call/Transaction Does Not Exist) status code and
    //# pass that to the server transaction.
    for (const method of ["BYE", "INVITE", "OPTIONS"]) {
      expect((await answered(method, { to }))?.status).toBe(481);
    }
    expect((await answered("BYE"))?.status).toBe(481);
  });

  test("RFC 3261 §12.1.1 with 400 to a call that it could not answer or end", async () => {
    expect((await answered("INVITE", { lines: [] }))?.status).toBe(400);
    const from = '<sip:bob@example.com>;tag="a b"';
    expect((await answered("INVITE", { from }))?.status).toBe(400);
    const nul = '"a\\\0b" <sip:bob@example.com>;tag=b1';
    expect((await answered("INVITE", { from: nul }))?.status).toBe(400);
    const routes = Array.from({ length: 60 }, () => `Record-Route: <sip:${"p".repeat(200)}.x;lr>`);
    expect((await answered("INVITE", { lines: [CONTACT, ...routes] }))?.status).toBe(400);
  });

  test("RFC 3261 §11.2 and OPTIONS with what it can do", async () => {
    const response = await answered("OPTIONS");
    expect(response?.status).toBe(200);
    expect(response && header(response, "Allow")).toContain("INVITE");
    //= RFC 3261 §13.2.1
    //# The Session Description Protocol (SDP) (RFC 2327 [1]) MUST be supported by all user agents
    //# as a means to describe sessions
    expect(response && header(response, "Accept")).toBe(BODIES);
  });
});
