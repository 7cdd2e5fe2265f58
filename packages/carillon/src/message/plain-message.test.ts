/**
 * The readers of frequent spellings accept nothing that the full readers refuse, and read what they
 * accept in the same way: messages with something done to them, one change and several.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bytesOf, VIEW_BYTES } from "../grammar/byte-view.ts";
import { MAX_HEADER_SECTION, MAX_HEADERS } from "../grammar/limits.ts";
import { fromBytes } from "../grammar/octets.ts";
import { NASTY } from "../testing/nasty.ts";
import { seeded } from "../testing/random.ts";
import { readPlainSipUri } from "../uri/plain-sip-uri.ts";
import { readSipUri } from "../uri/sip-uri.ts";
import { readAllEssentials } from "./essentials.ts";
import { type Message, readMessage } from "./message.ts";
import { readPlainEssentials } from "./plain-essentials.ts";
import { readPlainMessage } from "./plain-message.ts";

const FOLDER = new URL("../testing/torture/", import.meta.url);
const TORTURE = ["rfc4475", "rfc5118"].flatMap((rfc) =>
  readdirSync(new URL(rfc, FOLDER))
    .filter((file) => file.endsWith(".dat"))
    .map((file) => fromBytes(readFileSync(new URL(`${rfc}/${file}`, FOLDER)))),
);

const HEAD = [
  "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK7;rport, SIP/2.0/TCP h;branch=z9hG4bK8",
  "v: SIP/2.0/WSS Host.example;received=192.0.2.9;branch=z9hG4bKa;alias",
  "Max-Forwards: 70",
  'From: "Alice B." <sip:alice@example.com;user=phone>;tag=19;x',
  "t: Bob B <sips:bob@example.com:5061>;tag=a.b",
  "Call-ID: a84b@192.0.2.1",
  "CSeq: 2147483647 INVITE",
  "Supported:",
  "X-More:  a; b ",
];
const BODY = "v=0\r\n";
const PLAIN = ["INVITE sip:bob@example.com:5060;lr SIP/2.0", "SIP/2.0 183 Progress"].map(
  (start) => `${[start, ...HEAD, `Content-Length: ${BODY.length}`].join("\r\n")}\r\n\r\n${BODY}`,
);
const URIS = [
  "sip:alice@example.com",
  "sips:h:5061;transport=tcp;lr",
  "sip:a;b=c@192.0.2.1;maddr=h",
];

/** Everything that is to be seen of a message. */
const seen = ({ headers: { names, at, end }, text, ...rest }: Message): object => ({
  ...rest,
  names,
  at: [...at],
  end,
});

function essentialsOf(message: Message): object | undefined {
  const plain = readPlainEssentials(message);
  if (!plain) return undefined;
  const full = readAllEssentials(message);
  assert(full.ok, `refused: ${JSON.stringify(message.text)}`);
  for (const name of ["via", "from", "to"] as const) {
    const one: object & { params: Iterable<unknown> } = plain[name];
    const other: object & { params: Iterable<unknown> } = full.value[name];
    assert.deepEqual({ ...one, params: [...one.params] }, { ...other, params: [...other.params] });
  }
  const { via, from, to, ...rest } = plain;
  const { via: _v, from: _f, to: _t, ...fullRest } = full.value;
  assert.deepEqual(rest, fullRest);
  return plain;
}

/** How much of it is plain: 0 to 2. */
function agrees(text: string): number {
  const plain = readPlainMessage(text);
  if (!plain) return 0;
  const full = readMessage(text);
  assert(full.ok, `refused: ${JSON.stringify(text)}`);
  assert.deepEqual(seen(plain), seen(full.value));
  return essentialsOf(plain) ? 2 : 1;
}

function agreesUri(text: string): number {
  const plain = readPlainSipUri(text);
  if (!plain) return 0;
  const full = readSipUri(text);
  assert(full.ok, `refused: ${JSON.stringify(text)}`);
  assert.deepEqual(
    { ...plain, params: [...plain.params] },
    { ...full.value, params: [...full.value.params] },
  );
  return 1;
}

const random = seeded(7);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

/** One to three changes: an octet, a piece, something less, something twice. */
function mutated(text: string): string {
  let result = text;
  for (let n = 1 + Math.floor(random() * 3); n > 0; n--) {
    const at = Math.floor(random() * result.length);
    const end = at + Math.floor(random() * 4);
    const by = [
      String.fromCharCode(Math.floor(random() * 256)),
      pick(NASTY),
      "",
      result.slice(at, end + 9),
    ];
    result = result.slice(0, at) + pick(by) + result.slice(end);
  }
  return result;
}

describe("what is read in one pass is what the full reader reads", () => {
  test("as it was sent", () => {
    for (const text of PLAIN) expect(agrees(text)).toBe(2);
    for (const text of URIS) expect(agreesUri(text)).toBe(1);
    expect(TORTURE.map(agrees).filter((how) => how > 0).length).toBeGreaterThan(10);
  });

  test("with one octet anything else, or gone, or once more", () => {
    let plain = 0;
    for (const text of PLAIN) {
      for (let at = 0; at < text.length; at++) {
        for (const by of [
          "",
          "\0",
          "\t",
          " ",
          ",",
          ";",
          '"',
          "\\",
          "<",
          "\x7f",
          "\xe9",
          "A",
          ".",
        ]) {
          plain += agrees(text.slice(0, at) + by + text.slice(at + 1)) > 0 ? 1 : 0;
          agrees(text.slice(0, at) + by + text.slice(at));
        }
      }
    }
    // Both sides are reached.
    expect(plain).toBeGreaterThan(1000);
  });

  test("with several changes, 20,000 times", () => {
    const how = [0, 0, 0];
    for (let n = 0; n < 20_000; n++) {
      how[agrees(mutated(n % 4 === 0 ? pick(TORTURE) : pick(PLAIN)))]!++;
      agreesUri(mutated(pick(URIS)));
    }
    for (const count of how) expect(count).toBeGreaterThan(1000);
  });

  test("up to the limits and over them", () => {
    const with_ = (lines: string) => PLAIN[0]!.replace("Supported:", lines);
    for (const lines of [MAX_HEADERS - 11, MAX_HEADERS - 10, MAX_HEADERS - 9, MAX_HEADERS]) {
      agrees(with_(`${"a: b\r\n".repeat(lines)}c: d`));
    }
    for (let more = -12; more < 12; more++) {
      const rest = MAX_HEADER_SECTION - PLAIN[0]!.length + BODY.length + more;
      agrees(with_(`Supported: ${"x".repeat(rest)}`));
      agrees(with_(`Supported: ${"x".repeat(rest)}`).slice(0, MAX_HEADER_SECTION + 4));
    }
  });
});

test("a text's octets are those of its bytes, also after another text and over 127", () => {
  const texts = ["abc", "gr\xc3\xbc\xff", "", "x".repeat(VIEW_BYTES + 5), "\xff".repeat(20_000)];
  for (const text of [...texts, ...texts.toReversed()]) {
    const bytes = bytesOf(text);
    const length = Math.min(text.length, VIEW_BYTES);
    expect(fromBytes(bytes.subarray(0, length)) === text.slice(0, length)).toBe(true);
    expect(bytes[length]).toBe(0);
  }
  // A code of two bytes must not be taken for the octet in its lower one: here a CR.
  expect([...bytesOf("a\u010d\u{1f600}b").subarray(0, 5)]).toEqual([0x61, 0, 0, 0, 0x62]);
});
