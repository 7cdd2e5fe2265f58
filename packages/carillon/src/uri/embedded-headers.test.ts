import fc from "fast-check";
import { expect, test } from "vitest";
import { embeddedHeaders, honouredHeaders, withHeaders } from "./embedded-headers.ts";
import { formatSipUri, parseSipUri, type SipUri } from "./sip-uri.ts";

const uri = (text: string): SipUri => {
  const result = parseSipUri(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
};
const honoured = (headers: string) => honouredHeaders(uri(`sip:h?${headers}`)).map((h) => h.name);

test("RFC 3261 §19.1.1: headers in a URI say what their escapes stand for", () => {
  expect(embeddedHeaders(uri("sip:h?Subject=project%20x&to=a%40b&body="))).toEqual([
    { name: "subject", value: "project x" },
    { name: "to", value: "a@b" },
    { name: "body", value: "" },
  ]);
  expect(embeddedHeaders(uri("sip:h"))).toEqual([]);
});

//= RFC 3261 §19.1.5
//# An implementation SHOULD NOT honor these obviously dangerous header fields: From, Call-ID, CSeq,
//# Via, and Record-Route.
//= RFC 3261 §19.1.5
//# An implementation SHOULD NOT honor any requested Route header field values in order to not be
//# used as an unwitting agent in malicious attacks.
test("RFC 3261 §19.1.5: only what is harmless is honoured", () => {
  const dangerous = ["From", "f", "Call-ID", "i", "CSeq", "Via", "v", "Record-Route", "Route"];
  const claims = ["Accept", "Allow", "Contact", "m", "Organization", "Supported", "User-Agent"];
  const more = ["Authorization", "P-Asserted-Identity", "Identity", "Content-Length", "Ro%75te"];
  for (const name of [...dangerous, ...claims, ...more, "__proto__", "constructor"]) {
    expect([name, honoured(`${name}=x`)]).toEqual([name, []]);
  }
  expect(honoured("Replaces=a%3Bto-tag%3D1&Route=b&SUBJECT=c")).toEqual(["replaces", "subject"]);
});

test("RFC 3261 §7.3.3: a compact form is the header that it stands for", () => {
  expect(embeddedHeaders(uri("sip:h?s=a&%53=b&V=c&q=d")).map(({ name }) => name)).toEqual([
    "subject",
    "subject",
    "via",
    "q",
  ]);
  expect(honoured("s=a&j=b&d=c&f=x&i=x&v=x&m=x&k=x&l=x")).toEqual([
    "subject",
    "reject-contact",
    "request-disposition",
  ]);
});

test("a line end in an embedded header never becomes a header of its own", () => {
  for (const bad of ["%0d%0aVia:%20x", "%0A", "%0D", "%00"]) {
    expect(honoured(`Subject=a${bad}&Priority=urgent`)).toEqual(["priority"]);
  }
});

//= RFC 3261 §19.1.2
//# Expanding the hname and hvalue tokens in Section 25 show that all URI reserved characters in
//# header field names and values MUST be escaped.
test("RFC 3261 §19.1.2: what is reserved is escaped in the names and values of headers", () => {
  const reserved = ";/?:@&=+$,";
  const text = formatSipUri(withHeaders(uri("sip:h"), [{ name: "x", value: reserved }]));
  expect(text).toBe("sip:h?x=%3B%2F%3F%3A%40%26%3D%2B%24%2C");
});

test("headers that are put into a URI are the headers that are in it", () => {
  const octets = fc.uint8Array({ maxLength: 8 }).map((bytes) => String.fromCharCode(...bytes));
  const name = fc.stringMatching(/^[a-z-]{2,6}$/);
  const header = fc.record({ name, value: octets });
  fc.assert(
    fc.property(fc.array(header, { minLength: 1, maxLength: 4 }), (headers) => {
      const text = formatSipUri(withHeaders(uri("sip:h?a=b"), headers));
      expect(embeddedHeaders(uri(text))).toEqual(headers);
    }),
  );
  expect(formatSipUri(withHeaders(uri("sip:h?a=b"), []))).toBe("sip:h");
});
