/** Whatever comes is read or refused: real descriptions with something done to them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBytes } from "../grammar/octets.ts";
import { agreedMedia } from "./agreed-media.ts";
import { answer } from "./answer.ts";
import type { AttributeType } from "./attribute/attribute-type.ts";
import { readT38 } from "./attribute/t38.ts";
import { checkAnswer } from "./check-answer.ts";
import { codecsOf } from "./codec.ts";
import { type Description, formatSdp, parseSdp } from "./description.ts";
import * as door from "./index.ts";
import type { LocalMedia } from "./local-media.ts";
import { offer, reoffer } from "./offer.ts";

const FOLDER = new URL("./examples/", import.meta.url);
const TEXTS = readdirSync(FOLDER).map((name) => {
  const text = fromBytes(readFileSync(new URL(name, FOLDER)));
  return text.replaceAll("\n", "\r\n");
});
const TORTURE = new URL("../testing/torture/", import.meta.url);

/** Every attribute type that the door exports. */
const TYPES = (Object.values(door) as readonly unknown[]).filter(
  (each): each is AttributeType<unknown> =>
    typeof each === "object" && each !== null && "parse" in each && "format" in each,
);

const LOCAL: LocalMedia = {
  origin: {
    username: "-",
    sessionId: "1",
    sessionVersion: "1",
    netType: "IN",
    addressType: "IP4",
    address: "192.0.2.1",
  },
  address: { addressType: "IP4", address: "192.0.2.1" },
  bundle: true,
  streams: (["audio", "video"] as const).map((media, i) => ({
    media,
    protos: ["RTP/AVP", "RTP/AVPF", "RTP/SAVP", "UDP/TLS/RTP/SAVPF"],
    port: 30_000 + 2 * i,
    rtcpMux: true,
    receivesSimulcast: true,
    codecs: [
      { encoding: "opus", clockRateHz: 48_000, channels: 2, feedback: ["transport-cc"] },
      { encoding: "PCMU", clockRateHz: 8000 },
      { encoding: "telephone-event", clockRateHz: 8000 },
      { encoding: "H264", clockRateHz: 90_000, params: "packetization-mode=1" },
      { encoding: "VP8", clockRateHz: 90_000, feedback: ["nack", "nack pli"] },
      { encoding: "rtx", clockRateHz: 90_000 },
    ],
    ice: { ufrag: "abcd", pwd: "a".repeat(22), candidates: [] },
    dtls: { fingerprints: [{ hash: "sha-1", value: Array(20).fill("00").join(":") }] },
    crypto: [
      {
        tag: 1,
        suite: "AES_CM_128_HMAC_SHA1_80",
        keys: [{ method: "inline", info: "a".repeat(40) }],
        sessionParams: [],
      },
    ],
  })),
};

const PIECES = ["\r\n", "\r", "\n", "\0", " ", ":", "/", ";", "=", ",", "|", '"', "%", "-", "~"];
const MORE = [
  "a=",
  "m=",
  "c=",
  "m=audio 9 RTP/AVP 0\r\n",
  "a=group:BUNDLE 0 0 1\r\n",
  "a=mid:0\r\n",
];
const NUMBERS = [
  "0",
  "00",
  "-1",
  "65536",
  "4294967296",
  "9".repeat(30),
  "1e9",
  "__proto__",
  "\xff",
];
const piece = fc.oneof(
  fc.constantFrom(...PIECES, ...MORE, ...NUMBERS),
  fc.nat(255).map((code) => String.fromCharCode(code)),
);
const mutation = fc.tuple(fc.nat(1000), fc.nat(6), fc.oneof(piece, fc.constant("")));
const mutated = fc
  .tuple(fc.constantFrom(...TEXTS), fc.array(mutation, { minLength: 1, maxLength: 5 }))
  .map(([text, mutations]) =>
    mutations.reduce((all, [at, length, by]) => {
      const start = Math.floor((at * all.length) / 1000);
      return all.slice(0, start) + by + all.slice(start + length);
    }, text),
  );

/** Reads all there is, answers it, offers back; what is written is read again as the same. */
function useAll(d: Description): void {
  const text = formatSdp(d);
  const again = parseSdp(text);
  assert(again.ok && formatSdp(again.value) === text);
  for (const lines of [d.session, ...d.media.map((section) => section.lines)]) {
    for (const line of lines) if (line.kind === "a") readAttributeAs(line.name, line.value);
    readT38(lines);
  }
  for (const section of d.media) codecsOf(section);
  const { description } = answer(d, LOCAL);
  assert.equal(description.media.length, d.media.length);
  assert(parseSdp(formatSdp(description)).ok);
  checkAnswer(description, d);
  const agreed = { local: description, remote: d };
  agreedMedia(agreed, "local");
  assert(parseSdp(formatSdp(reoffer(LOCAL, agreed).description)).ok);
}

function readAttributeAs(name: string, value: string | undefined): void {
  for (const type of TYPES) {
    if (type.name !== name) continue;
    const result = type.parse(value);
    if (!result.ok) continue;
    const again = type.parse(type.format(result.value));
    assert.deepEqual(again, result);
  }
}

test("all attribute types are tried", () => expect(TYPES.length).toBeGreaterThan(45));

test("3,000 mutated descriptions are read or refused, and none throws", { timeout: 60_000 }, () => {
  let read = 0;
  fc.assert(
    fc.property(mutated, (text) => {
      const result = parseSdp(text);
      if (!result.ok) {
        assert(!/[\r\n]/.test(result.error.message));
        assert(result.error.offset <= text.length);
        return;
      }
      read++;
      useAll(result.value);
    }),
    { numRuns: 3000 },
  );
  expect(read).toBeGreaterThan(300);
  expect(read).toBeLessThan(2700);
});

test("every attribute type reads or refuses every text, and none throws", {
  timeout: 60_000,
}, () => {
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
  const plain = fc.stringMatching(/^[ -~]{0,40}$/);
  fc.assert(
    fc.property(fc.oneof(text, plain, fc.constant(undefined)), (value) => {
      for (const type of TYPES) {
        const result = type.parse(value);
        if (result.ok) assert.deepEqual(type.parse(type.format(result.value)), result);
      }
    }),
    { numRuns: 1000 },
  );
});

test("Object.prototype is as it was, whatever things are called", () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  const names = [...before, "prototype", "__proto__"];
  const head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
  for (const name of names) {
    const lines = [
      ...[`a=group:BUNDLE ${name}`, `m=${name} 9 ${name} ${name}`, `a=${name}:${name}`],
      ...["m=audio 9 RTP/AVP 96", `a=mid:${name}`, "a=rtcp-mux", `a=rtpmap:96 ${name}/8000`],
      ...[`a=fmtp:96 ${name}=1;${name}`, `a=rtcp-fb:96 ${name}`, `a=extmap:1 ${name}`],
      ...[`a=fingerprint:${name} AB`, `a=crypto:1 ${name} ${name}:${name}`, `a=ssrc:1 ${name}:x`],
      ...[`a=rid:${name} send ${name}=1`, `a=simulcast:send ${name}`, `a=dcmap:1 ${name}=1`],
    ];
    const result = parseSdp(`${head}${lines.join("\r\n")}\r\n`);
    if (!result.ok) throw new Error(result.error.message);
    useAll(result.value);
    for (const type of TYPES) type.parse(name);
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
});

test("an answer to any example is one that its offerer accepts", () => {
  for (const text of TEXTS) {
    const result = parseSdp(text);
    assert(result.ok);
    const { description, slots } = answer(result.value, LOCAL);
    expect(slots).toHaveLength(result.value.media.length);
    const judged = checkAnswer(result.value, description);
    if (!judged.ok) throw new Error(`${judged.error.message}\n${text}\n${formatSdp(description)}`);
  }
});

test("an offer of ours is answered by ourselves", () => {
  const first = offer(LOCAL).description;
  const reply = answer(first, LOCAL).description;
  const judged = checkAnswer(first, reply);
  expect(judged.ok && judged.value.every(({ isActive }) => isActive)).toBe(true);
});

test("the descriptions in RFC 4475 and RFC 5118 are read, but for the one that is cut off", () => {
  const refused: string[] = [];
  for (const rfc of ["rfc4475", "rfc5118"]) {
    for (const name of readdirSync(new URL(rfc, TORTURE))) {
      const message = fromBytes(readFileSync(new URL(`${rfc}/${name}`, TORTURE)));
      const start = message.indexOf("v=0\r\n");
      if (start < 0) continue;
      const result = parseSdp(message.slice(start));
      if (result.ok) useAll(result.value);
      else refused.push(name);
    }
  }
  expect(refused).toMatchInlineSnapshot(`
    [
      "dblreq.dat",
    ]
  `);
});

test("an offer may have a text of 64 KB, and costs steps in proportion", () => {
  const worst = (count: number): string => {
    const head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
    const section =
      "m=audio 9 UDP/TLS/RTP/SAVPF 96 97 98 99\r\n" +
      "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 a=1;b=2;c=3\r\n" +
      "a=candidate:1 1 UDP 1 192.0.2.1 1 typ host\r\n";
    return head + section.repeat(count);
  };
  const steps = (count: number): number =>
    countSteps(() => {
      const result = parseSdp(worst(count));
      if (result.ok) answer(result.value, LOCAL);
    });
  const [small, large] = [steps(15), steps(30)];
  expect(small).toBeGreaterThan(1000);
  expect(large / small).toBeLessThan(2.5);
});

/** Characters that the string functions look at: the work, whatever the machine. */
function countSteps(run: () => void): number {
  let steps = 0;
  const own = String.prototype;
  const { charCodeAt, indexOf, slice, split, startsWith } = own;
  own.charCodeAt = function (at) {
    steps++;
    return charCodeAt.call(this, at);
  };
  own.indexOf = function (text, from = 0) {
    const found = indexOf.call(this, text, from);
    steps += (found < 0 ? this.length : found) - from + 1;
    return found;
  };
  own.slice = function (from, to) {
    const part = slice.call(this, from, to);
    steps += part.length;
    return part;
  };
  own.split = function (this: string, ...args: [separator: string, limit?: number]) {
    steps += this.length;
    return split.apply(this, args as [never, number?]);
  } as typeof split;
  try {
    run();
  } finally {
    Object.assign(own, { charCodeAt, indexOf, slice, split, startsWith });
  }
  return steps;
}
