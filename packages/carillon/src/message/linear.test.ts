/**
 * Reading takes steps in proportion to what is read. Steps are counted, not timed: every octet
 * that a string method looks at is one.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseUri } from "../uri/uri.ts";
import { readEssentials } from "./essentials.ts";
import { HEADERS } from "./header/registry.ts";
import { elements } from "./headers.ts";
import { parseMessage } from "./message.ts";
import { parseMultipart } from "./multipart.ts";

const native = {
  charCodeAt: String.prototype.charCodeAt,
  indexOf: String.prototype.indexOf,
  includes: String.prototype.includes,
  slice: String.prototype.slice,
  split: String.prototype.split,
  replace: String.prototype.replace,
  toLowerCase: String.prototype.toLowerCase,
};
let steps = 0;

/** The cost of a search: what was passed over, or everything where nothing was found. */
function searched(text: string, found: number, from = 0): void {
  steps += 1 + (found < 0 ? text.length - from : found - from);
}

beforeEach(() => {
  String.prototype.charCodeAt = function (this: string, at) {
    steps++;
    return native.charCodeAt.call(this, at);
  };
  String.prototype.indexOf = function (this: string, what, from = 0) {
    const found = native.indexOf.call(this, what, from);
    searched(this, found, from);
    return found;
  };
  String.prototype.includes = function (this: string, what, from = 0) {
    const found = native.indexOf.call(this, what, from);
    searched(this, found, from);
    return found >= 0;
  };
  // A slice is a view of its parent; only short ones are copied.
  String.prototype.slice = function (this: string, start, end) {
    const part = native.slice.call(this, start, end);
    steps += 1 + Math.min(13, part.length);
    return part;
  };
  String.prototype.toLowerCase = function (this: string) {
    steps += this.length;
    return native.toLowerCase.call(this);
  };
});

afterEach(() => Object.assign(String.prototype, native));

const count = (read: () => unknown): number => {
  steps = 0;
  read();
  return steps;
};

/** Steps at n and 2n octets; what is over a limit is given up early, and may cost less. */
function expectLinear(make: (octets: number) => string, read: (text: string) => unknown): void {
  const [once, twice] = [make(2000), make(4000)];
  const [first, second] = [count(() => read(once)), count(() => read(twice))];
  expect(second).toBeLessThan(2.5 * first + 3000);
}

test("a reader that goes over everything again and again is caught", () => {
  const quadratic = (text: string) => {
    for (let at = 0; at < text.length; at++) text.indexOf("x", at);
  };
  expect(() => expectLinear(repeated("a"), quadratic)).toThrow();
});

const PIECES = [
  ...[",", ";", "=", '"', "\\", "<", ">", "(", ")", "a", " ", "%", ".", ":", "/", "@", "*", "-"],
  ...["a,", ";a", ";a=1", '"a",', "<a>,", "a ", "\r\n ", "%41", "a=,", '"a" ', "\\\\", "a;", "1."],
  ...["()", "(a)", "<sip:a>", '"<', '<"', "[::", "a@", "::", "a/b ", "\t\r\n\t", "a\r\n b", "="],
];
const repeated = (piece: string) => (octets: number) =>
  piece.repeat(Math.ceil(octets / piece.length));

/** One name for each reader. */
const NAMES = ["Via", "From", "Contact", "Route", "Call-Info", "Accept", "Reason", "Warning"];
const MORE = ["User-Agent", "Retry-After", "Identity", "Replaces", "In-Reply-To", "Privacy"];
const REST = ["Authorization", "Authentication-Info", "History-Info", "Accept-Contact", "Date"];
const LAST = ["User-to-User", "Timestamp", "Session-ID", "Subject", "Supported", "Content-ID"];

describe("a header's value that is one piece over and over is read in linear steps", () => {
  test.each([...NAMES, ...MORE, ...REST, ...LAST] as (keyof typeof HEADERS)[])("%s", (name) => {
    const { parse } = HEADERS[name];
    for (const piece of PIECES) expectLinear(repeated(piece), parse);
    for (const piece of PIECES) {
      expectLinear((octets) => `a;b=${repeated(piece)(octets)}`, parse);
      expectLinear((octets) => `"${repeated(piece)(octets)}`, parse);
      expectLinear((octets) => `<sip:a>${repeated(piece)(octets)}`, parse);
    }
  });
});

test("a URI, an address and a body of parts are, too", () => {
  for (const piece of PIECES) {
    for (const scheme of ["sip:", "sip:a@", "sip:h;", "sip:h?", "tel:+1", "tel:+1;", "urn:"]) {
      expectLinear((octets) => scheme + repeated(piece)(octets), parseUri);
    }
    expectLinear(repeated(piece), (text) => parseNameAddr(text));
  }
  const type = { type: "multipart", subtype: "x", params: new Map([["boundary", "b"]]) };
  for (const piece of ["\r\n", "--b", "\r\n--", "\r\n--b", "--b\r\n", "\r\n--b\r\n", "a\r\n\r\n"]) {
    expectLinear(repeated(piece), (text) => parseMultipart(type, text));
    expectLinear(
      (octets) => `--b\r\n${repeated(piece)(octets)}`,
      (t) => parseMultipart(type, t),
    );
  }
});

test("a whole message is, whichever line is repeated", () => {
  const lines = ["Via: SIP/2.0/UDP a;b=c\r\n", "Route: <a>,<b>\r\n", "l: 0\r\n", "X:\r\n a\r\n"];
  for (const line of [...lines, "a: b\r\n", 'Contact: "\r\n', "a", "a ", ":", "From: <a>\r\n"]) {
    expectLinear(
      (octets) => `OPTIONS sip:a SIP/2.0\r\n${repeated(line)(octets)}\r\n`,
      (text) => {
        const message = parseMessage(text);
        if (!message.ok) return;
        readEssentials(message.value);
        for (const name of ["Via", "Route", "Contact"]) elements(message.value, name);
      },
    );
  }
  for (const start of ["\r\n", "A", " ", "OPTIONS "]) expectLinear(repeated(start), parseMessage);
});
