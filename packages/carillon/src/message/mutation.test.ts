/** Whatever comes is read or refused: 10,000 real messages with something done to them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBytes } from "../grammar/octets.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { formatSipUri, parseSipUri, sameSipUri } from "../uri/sip-uri.ts";
import { readEssentials } from "./essentials.ts";
import { elements, header, headerLines, lineSpan, valueSpan } from "./headers.ts";
import { type Message, parseMessage } from "./message.ts";

const FOLDER = new URL("../testing/torture/", import.meta.url);
const MESSAGES = ["rfc4475", "rfc5118"].flatMap((rfc) =>
  readdirSync(new URL(rfc, FOLDER))
    .filter((file) => file.endsWith(".dat"))
    .map((file) => fromBytes(readFileSync(new URL(`${rfc}/${file}`, FOLDER)))),
);

const PIECES = [
  "\r\n",
  "\r",
  "\n",
  "\0",
  "\r\n ",
  "\t",
  '"',
  "\\",
  "<",
  ">",
  ",",
  ";",
  ":",
  "=",
  "@",
];
const MORE = [
  "%",
  "%00",
  "[",
  "]",
  "[::1]",
  " ",
  "SIP/2.0",
  "l: 5\r\n",
  "\r\n\r\n",
  "__proto__",
  "\xff",
];
const piece = fc.oneof(
  fc.constantFrom(...PIECES, ...MORE),
  fc.nat(255).map((code) => String.fromCharCode(code)),
);
/** Replaces some octets at some place, in thousandths of the length, by a piece. */
const mutation = fc.tuple(fc.nat(1000), fc.nat(4), fc.oneof(piece, fc.constant("")));
const mutated = fc
  .tuple(fc.constantFrom(...MESSAGES), fc.array(mutation, { minLength: 1, maxLength: 6 }))
  .map(([message, mutations]) =>
    mutations.reduce((text, [at, length, by]) => {
      const start = Math.floor((at * text.length) / 1000);
      return text.slice(0, start) + by + text.slice(start + length);
    }, message),
  );

/**
 * Reads all there is to read; the header lines follow one another without a gap, and each holds
 * its value. (`assert` and not `expect`, which would be most of the time here.)
 */
function readAll(message: Message): void {
  const { names, end } = message.headers;
  let last = message.text.indexOf("\r\n") + 2;
  for (const [line, name] of names.entries()) {
    const [whole, value] = [lineSpan(message, line), valueSpan(message, line)];
    assert(whole.start === last && message.text.endsWith("\r\n", whole.end));
    assert(whole.start < value.start && value.start <= value.end && value.end <= whole.end - 2);
    last = whole.end;
    for (const text of headerLines(message, name)) assert(!/[\r\n]/.test(text));
    const list = elements(message, name);
    if (!list.ok) continue;
    for (const element of list.value) readAddress(element);
  }
  assert(last === end && message.text.startsWith(`\r\n${message.body}`, end));
  assert(header(message, "constructor") === undefined);
  if (message.kind === "Request") readUri(message.uri);
  readEssentials(message);
}

function readAddress(text: string): void {
  const address = parseNameAddr(text);
  if (address.ok) readUri(address.value.uri);
}

function readUri(text: string): void {
  const uri = parseSipUri(text);
  if (!uri.ok) return;
  const again = parseSipUri(formatSipUri(uri.value));
  assert(again.ok && sameSipUri(uri.value, again.value));
}

test("10,000 mutated messages are read or refused, and none throws", () => {
  let read = 0;
  fc.assert(
    fc.property(mutated, (text) => {
      const message = parseMessage(text);
      if (message.ok) {
        read++;
        readAll(message.value);
      } else {
        assert(!/[\r\n]/.test(message.error.message));
        assert([400, 505, 513].includes(message.error.status));
      }
    }),
    { numRuns: 10_000 },
  );
  // Neither all nor none: the mutations reach both sides.
  expect(read).toBeGreaterThan(1000);
  expect(read).toBeLessThan(9000);
});

test("noise is read or refused, and none throws", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.boolean(), (pieces, start) => {
      const message = parseMessage((start ? "OPTIONS sip:h SIP/2.0\r\n" : "") + pieces.join(""));
      if (message.ok) readAll(message.value);
    }),
    { numRuns: 2000 },
  );
});

test("every message cut off at every octet is read or refused, and none throws", () => {
  for (const message of MESSAGES.filter((text) => text.length < 1500)) {
    for (let end = 0; end < message.length; end++) {
      const cut = parseMessage(message.slice(0, end));
      if (cut.ok) readEssentials(cut.value);
    }
  }
});
