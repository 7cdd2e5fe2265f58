import { expect, test } from "vitest";
import { embeddedHeaders } from "../uri/embedded-headers.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { compactForm, headerName, KNOWN_HEADERS } from "./header-name.ts";

const name = (text: string) => headerName(`x${text}:`, 1, text.length + 1);

test("RFC 3261 §7.3.1: a known name has one spelling whatever its case", () => {
  for (const known of ["Via", "CSeq", "Call-ID", "WWW-Authenticate", "MIME-Version", "To"]) {
    for (const text of [known, known.toLowerCase(), known.toUpperCase()]) {
      expect(name(text)).toBe(known);
    }
  }
  expect(name("cOnTeNt-LeNgTh")).toBe("Content-Length");
});

//= RFC 3261 §7.3.3
//# Implementations MUST accept both the long and short forms of each header name.
//= RFC 3261 §7.3.3
//# SIP provides a mechanism to represent common header field names in an abbreviated form.
test("RFC 3261 §7.3.3: compact names are the names they stand for, in either case", () => {
  const compact = {
    a: "Accept-Contact",
    b: "Referred-By",
    c: "Content-Type",
    d: "Request-Disposition",
    e: "Content-Encoding",
    f: "From",
    i: "Call-ID",
    j: "Reject-Contact",
    k: "Supported",
    l: "Content-Length",
    m: "Contact",
    n: "Identity-Info",
    o: "Event",
    r: "Refer-To",
    s: "Subject",
    t: "To",
    u: "Allow-Events",
    v: "Via",
    x: "Session-Expires",
    y: "Identity",
  } as const;
  for (const [letter, full] of Object.entries(compact)) {
    expect([name(letter), name(letter.toUpperCase())]).toEqual([full, full]);
    expect([compactForm(full), name(full)]).toEqual([letter, full]);
  }
  const forms = KNOWN_HEADERS.flatMap((known) => compactForm(known) ?? []);
  expect(forms.sort()).toEqual(Object.keys(compact));
  for (const letter of "ghpqwz") expect(name(letter)).toBe(letter);
});

test("RFC 3261 §7.3.3: the compact forms in a URI are those of a message", () => {
  for (const letter of "abcdefghijklmnopqrstuvwxyz") {
    const uri = parseSipUri(`sip:h?${letter}=1`);
    const [header] = uri.ok ? embeddedHeaders(uri.value) : [];
    expect(header?.name).toBe(name(letter).toLowerCase());
  }
});

test("an unknown name is itself in lower case, also where it resembles a known one", () => {
  const all = ["X-Custom", "Vias", "Vi", "C%6Fntact", "q", "__proto__", "constructor", "toString"];
  for (const text of all) expect(name(text)).toBe(text.toLowerCase());
  // The hash folds case by setting a bit, and so takes CR for a hyphen: a name is compared too.
  expect(name("Call\rID")).toBe("call\rid");
});
