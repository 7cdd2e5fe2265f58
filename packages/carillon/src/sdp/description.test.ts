import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromBytes } from "../grammar/octets.ts";
import { connectionOf, type Description, formatSdp, originOf, parseSdp } from "./description.ts";
import { MAX_ATTRIBUTES, MAX_CANDIDATES, MAX_FORMATS, MAX_LINE, MAX_MEDIA } from "./limits.ts";
import type { Line } from "./line.ts";

const FOLDER = new URL("./examples/", import.meta.url);
const EXAMPLES = readdirSync(FOLDER).map((name) => {
  const text = fromBytes(readFileSync(new URL(name, FOLDER)));
  return [name, text.replaceAll("\n", "\r\n")] as const;
});

const HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
const parsed = (text: string): Description => {
  const result = parseSdp(text);
  if (!result.ok) throw new Error(`${result.error.message} at ${result.error.offset}`);
  return result.value;
};
/** What is wrong, and what stands there. */
const refusal = (text: string): string => {
  const result = parseSdp(text);
  if (result.ok) return "read";
  const { code, message, offset, source } = result.error;
  return `${code} (${source}): ${message} @ ${text.slice(offset).split(/\r?\n/)[0]}`;
};

describe("format(parse(x)) is x", () => {
  test.each(EXAMPLES)("%s", (_, text) => expect(formatSdp(parsed(text))).toBe(text));

  //= RFC 8866 §5
  //# The sequence CRLF (0x0d0a) is used to end a line, although parsers SHOULD be tolerant and also
  //# accept lines terminated with a single newline character.
  test.each(EXAMPLES)("%s with LF alone, no last line end, or empty lines after it", (_, text) => {
    for (const other of [
      text.replaceAll("\r\n", "\n"),
      text.slice(0, -2),
      `${text}\r\n`,
      `${text}\n\n`,
    ]) {
      expect(formatSdp(parsed(other))).toBe(text);
    }
  });
});

test("RFC 8866 §5: the example, line by line", () => {
  const d = parsed(EXAMPLES.find(([name]) => name === "rfc8866-5.sdp")?.[1] ?? "");
  expect(d.session.map(({ kind }) => kind).join("")).toBe("vosiuepct");
  expect(originOf(d)).toEqual({
    kind: "o",
    username: "jdoe",
    sessionId: "3724394400",
    sessionVersion: "3724394405",
    netType: "IN",
    addressType: "IP4",
    address: "198.51.100.1",
  });
  expect(d.media.map(({ media, port, formats }) => [media, port, formats])).toEqual([
    ["audio", 49_170, ["0"]],
    ["audio", 49_180, ["0"]],
    ["video", 51_372, ["99"]],
  ]);
  const addresses = d.media.map((section) => connectionOf(d, section)?.address);
  expect(addresses).toEqual(["198.51.100.1", "198.51.100.1", "2001:db8::2"]);
});

test("every kind of line", () => {
  const text = [
    "v=0",
    "o=- 18446744073709551615 0 IN IP6 2001:db8::1",
    "s= ",
    "i=\xc3\xa9",
    "u=http://x",
    "e=a (b)",
    "e=c",
    "p=+1 2",
    "b=AS:128",
    "b=X-YZ:0",
    "t=3724394400 3754123200",
    "r=7d 1h 0 25h",
    "z=3730928400 -1h 3749680800 0",
    "k=clear:abc",
    "a=",
    "",
  ];
  const good = text.toSpliced(
    -2,
    1,
    "a=recvonly",
    "a=x:",
    "a=y:z:w",
    "f=1",
    "m=x 9 y z",
    "c=A B c",
  );
  expect(refusal(text.join("\r\n"))).toContain("§5.13): a=: expected an attribute's name @ a=");
  const d = parsed(good.join("\r\n"));
  expect(formatSdp(d)).toBe(`${good.filter((line) => line !== "").join("\r\n")}\r\n`);
  expect(d.session).toContainEqual({ kind: "b", type: "AS", bandwidth: 128 });
  expect(d.session).toContainEqual({
    kind: "r",
    interval: "7d",
    duration: "1h",
    offsets: ["0", "25h"],
  });
  expect(d.session).toContainEqual({
    kind: "z",
    adjustments: [
      { time: "3730928400", offset: "-1h" },
      { time: "3749680800", offset: "0" },
    ],
  });
  expect(d.session).toContainEqual({ kind: "a", name: "x", value: "" });
  expect(d.session).toContainEqual({ kind: "a", name: "y", value: "z:w" });
  expect(d.session).toContainEqual({ kind: "other", type: "f", text: "1" });
});

//= RFC 8866 §5.7
//# The slash notation for multiple addresses described above MUST NOT be used for IP unicast
//# addresses.
//= RFC 8866 §5.7
//# "IP6" multicast does not use TTL scoping, and hence the TTL value MUST NOT be present for
//# "IP6" multicast.
test.each([
  ["IN IP4 233.252.0.1/127", { address: "233.252.0.1", ttl: 127, count: undefined }],
  ["IN IP4 233.252.0.1/127/3", { address: "233.252.0.1", ttl: 127, count: 3 }],
  ["IN IP6 ff00::db8:0:101/3", { address: "ff00::db8:0:101", ttl: undefined, count: 3 }],
  ["IN IP4 192.0.2.1/127", { address: "192.0.2.1", ttl: 127, count: undefined }],
  ["IN IP4 host.example.com", { address: "host.example.com", ttl: undefined, count: undefined }],
  ["IN IP4 0.0.0.0", { address: "0.0.0.0", ttl: undefined, count: undefined }],
  ["IN IP4 192.0.2.1/127/2", undefined],
  ["IN IP4 233.252.0.1/256", undefined],
  ["IN IP4 233.252.0.1/1/0", undefined],
  ["IN IP4 233.252.0.1/1/2/3", undefined],
  ["IN IP6 2001:db8::1/3", undefined],
  ["IN IP6 ff00::1/127/3", undefined],
  ["IN IP4 2001:db8::1", undefined],
  ["IN IP6 192.0.2.1", undefined],
  ["IN IP4 256.0.0.1", undefined],
  ["IN IP4", undefined],
  ["IN IP4 a b", undefined],
  ["IN  IP4 a", undefined],
])("RFC 8866 §5.7: c=%s", (text, expected) => {
  const result = parseSdp(`${HEAD}m=audio 9 RTP/AVP 0\r\nc=${text}\r\n`);
  expect(result.ok && result.value.media[0]?.lines[0]).toEqual(
    expected ? expect.objectContaining(expected) : false,
  );
});

describe("what is met, and read in one way only", () => {
  test.each([
    ["a user name with spaces", HEAD.replace("o=-", "o=Cisco Systems SIP GW")],
    ["no s=, no t=", HEAD.replace("s=-\r\n", "").replace("t=0 0\r\n", "")],
    ["an empty s=", HEAD.replace("s=-", "s=")],
    ["c= after t=", HEAD.replace(/(c=.*\r\n)(t=.*\r\n)/, "$2$1")],
    ["b=AS:-1", `${HEAD}b=AS:-1\r\n`],
    ["lines of cameras", `${HEAD}m=video 9 RTP/AVP 96\r\ny=0100000001\r\nf=v/1/2\r\n`],
    ["an rtpmap that is none", `${HEAD}m=video 9 RTP/AVP 31\r\na=rtpmap:31 LPC\r\n`],
  ])("%s", (_, text) => expect(formatSdp(parsed(text))).toBe(text));

  test("spaces at the end of m=", () => {
    const d = parsed(`${HEAD}m=audio 9 RTP/AVP 0 8 \r\n`);
    expect(d.media[0]?.formats).toEqual(["0", "8"]);
  });
});

//= RFC 8866 §5.7
//# Multiple addresses or "c=" lines MUST NOT be specified at session level.
//= RFC 8866 §5.7
//# A session description MUST contain either at least one "c=" line in each media description
//# or a single "c=" line at the session level.
//= RFC 3264 §5
//# Although the SDP specification allows for multiple session descriptions to be concatenated
//# together into a large SDP message, an SDP message used in the offer/answer model MUST contain
//# exactly one session description.
describe("what is refused, and where", () => {
  test.each([
    ["nothing", "", "v= comes first @ "],
    ["no v=", HEAD.slice(5), "v= comes first @ o=- 1 1 IN IP4 192.0.2.1"],
    ["another version", HEAD.replace("v=0", "v=1"), "expected version 0 @ v=1"],
    ["no o=", "v=0\r\ns=-\r\n", "(RFC 8866 §5.2): o= is missing"],
    ["two descriptions", HEAD + HEAD, "a second v= line @ v=0"],
    [
      "two of o=",
      `${HEAD}o=- 1 1 IN IP4 192.0.2.2\r\n`,
      "a second o= line @ o=- 1 1 IN IP4 192.0.2.2",
    ],
    ["two of c=", `${HEAD}c=IN IP4 192.0.2.2\r\n`, "a second c= that is not multicast"],
    [
      "two of c= in a section",
      `${HEAD}m=audio 9 RTP/AVP 0\r\nc=IN IP4 192.0.2.2\r\nc=IN IP4 192.0.2.3\r\n`,
      "a second c= that is not multicast @ c=IN IP4 192.0.2.3",
    ],
    [
      "no c=",
      `${HEAD.replace(/c=.*\r\n/, "")}m=audio 9 RTP/AVP 0\r\n`,
      "c= is missing @ m=audio 9",
    ],
    ["t= in a section", `${HEAD}m=audio 9 RTP/AVP 0\r\nt=0 0\r\n`, "t= in a media section @ t=0 0"],
    ["a space before =", `${HEAD}m =audio 9 RTP/AVP 0\r\n`, "expected a type letter and = @ m ="],
    ["no letter", `${HEAD}\x00=\r\n`, "expected a type letter and ="],
    ["NUL", `${HEAD}a=x:\x00y\r\n`, "NUL or CR inside a line"],
    ["CR alone", `${HEAD}a=x\rm=audio 9 RTP/AVP 0\r\n`, "NUL or CR inside a line"],
    ["an empty line in between", `${HEAD}\r\na=x\r\n`, "expected a type letter and = @ "],
    ["a wide character", `${HEAD}i=\u20ac\r\n`, "NUL or CR inside a line"],
    ["no time", `${HEAD.replace("t=0 0", "t=0")}`, "§5.9): t=: expected two times @ t=0"],
    ["o= with five words", HEAD.replace("o=-", "o"), "expected a type letter and = @ o 1 1"],
    ["o= with letters", HEAD.replace("1 1 IN", "1 x IN"), "§5.2): o=: expected a name"],
    ["o= with 21 digits", HEAD.replace("1 1 IN", `${"9".repeat(21)} 1 IN`), "§5.2"],
    ["r= too short", `${HEAD}r=7d 1h\r\n`, "§5.10"],
    ["r= with fractions", `${HEAD}r=7d 1.5h 0\r\n`, "§5.10"],
    ["z= that is no pair", `${HEAD}z=1 2 3\r\n`, "§5.11"],
    ["z= with two signs", `${HEAD}z=1 --1h\r\n`, "§5.11"],
    ["k= without method", `${HEAD}k=:x\r\n`, "§5.12"],
    ["b= without number", `${HEAD}b=AS:\r\n`, "§5.8"],
    ["b= without colon", `${HEAD}b=AS\r\n`, "§5.8"],
    ["an attribute's name", `${HEAD}a=a/b:c\r\n`, "§5.13"],
  ])("%s", (_, text, expected) => expect(refusal(text)).toContain(expected));

  test.each([
    "audio 9 RTP/AVP 4294967296",
    "audio 9 RTP/AVP 128",
    "audio 9 RTP/AVP 0 -1",
    "audio 9 RTP/AVP x",
    "audio 9 RTP/AVP",
    "audio 65536 RTP/AVP 0",
    "audio 4294967296 RTP/AVP 0",
    "audio -1 RTP/AVP 0",
    "audio 9/0 RTP/AVP 0",
    "audio 9/2/3 RTP/AVP 0",
    "audio 9 RTP/ 0",
    "audio 9  RTP/AVP 0",
    "",
  ])("ES2018-03: m=%s", (text) => {
    expect(refusal(`${HEAD}m=${text}\r\n`)).toContain(`bad-sdp (RFC 8866 §5.14)`);
  });
});

describe("limits", () => {
  const times = (count: number, line: string) => `${line}\r\n`.repeat(count);
  const section = "m=audio 9 RTP/AVP 0\r\n";

  test.each([
    ["octets", HEAD + times(1000, `a=${"x".repeat(80)}`)],
    ["a line", `${HEAD}a=${"x".repeat(MAX_LINE)}\r\n`],
    ["media sections", HEAD + times(MAX_MEDIA + 1, "m=audio 9 RTP/AVP 0")],
    ["attributes", HEAD + section + times(MAX_ATTRIBUTES + 1, "a=x")],
    ["attributes of the session", HEAD + times(MAX_ATTRIBUTES + 1, "a=x")],
    ["candidates", HEAD + section + times(MAX_CANDIDATES + 1, "a=candidate:x")],
    ["other lines", HEAD + times(100, "b=AS:1")],
  ])("one too many: %s", (_, text) => expect(refusal(text)).toContain("sdp-too-large"));

  test("formats", () => {
    const formats = (count: number) => Array.from({ length: count }, () => "0").join(" ");
    expect(refusal(`${HEAD}m=audio 9 RTP/AVP ${formats(MAX_FORMATS)}\r\n`)).toBe("read");
    expect(refusal(`${HEAD}m=audio 9 RTP/AVP ${formats(MAX_FORMATS + 1)}\r\n`)).toContain("§5.14");
  });

  test("as many as there may be are read", () => {
    expect(refusal(HEAD + times(MAX_MEDIA, "m=audio 9 RTP/AVP 0"))).toBe("read");
    expect(refusal(HEAD + section + times(MAX_ATTRIBUTES, "a=x"))).toBe("read");
    expect(refusal(HEAD + section + times(MAX_CANDIDATES, "a=candidate:x"))).toBe("read");
  });
});

test("a line end in a value is the caller's mistake, and never another line", () => {
  const d = parsed(HEAD);
  for (const value of ["x\r\nm=audio 9 RTP/AVP 0", "x\n", "x\0", "\u20ac"]) {
    const evil: Line = { kind: "a", name: "x", value };
    expect(() => formatSdp({ ...d, session: [...d.session, evil] })).toThrow(RangeError);
  }
  expect(() => originOf({ session: [], media: [] })).toThrow(RangeError);
});

test("names of Object's own are attributes like others", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const text = HEAD + names.map((name) => `a=${name}:x\r\n`).join("");
  expect(formatSdp(parsed(text))).toBe(text);
});

describe("parse(format(x)) is x", () => {
  const word = fc.stringMatching(/^[!-~]{1,9}$/);
  const token = fc.stringMatching(/^[a-zA-Z0-9!#$%&'*+.^_`{|}~-]{1,9}$/);
  const bytes = fc
    .array(
      fc.nat(255).filter((code) => code !== 0 && code !== 10 && code !== 13),
      { maxLength: 20 },
    )
    .map((codes) => String.fromCharCode(...codes));
  const ip = { netType: fc.constant("IN"), addressType: fc.constant("IP4") };
  const none = fc.constant(undefined);
  const digits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
  const time = fc.nat().map(String);
  const origin = fc.record({
    kind: fc.constant("o" as const),
    username: word,
    sessionId: digits,
    sessionVersion: digits,
    ...ip,
    address: word,
  });
  const connection = fc.record({
    kind: fc.constant("c" as const),
    ...ip,
    address: fc.ipV4(),
    ttl: none,
    count: none,
  });
  const attribute = fc.record({
    kind: fc.constant("a" as const),
    name: token,
    value: fc.option(bytes, { nil: undefined }),
  });
  const bandwidth = fc.record({
    kind: fc.constant("b" as const),
    type: token,
    bandwidth: fc.nat(),
  });
  const other = fc.record({
    kind: fc.constant("other" as const),
    type: fc.constantFrom("y", "f", "X"),
    text: bytes,
  });
  const timing = fc.record({ kind: fc.constant("t" as const), start: time, stop: time });
  const repeat = fc.record({
    kind: fc.constant("r" as const),
    interval: fc.nat(99).map((n) => `${n}d`),
    duration: fc.nat(99).map((n) => `${n}h`),
    offsets: fc.array(time, { minLength: 1, maxLength: 3 }),
  });
  const text = fc.record({ kind: fc.constantFrom("e" as const, "p" as const), text: bytes });
  const sessionLine = fc.oneof(attribute, bandwidth, other, timing, repeat, text);
  const section = fc.record({
    kind: fc.constant("m" as const),
    media: token,
    port: fc.nat(65_535),
    portCount: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
    proto: fc.array(token, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
    formats: fc.array(fc.nat(127).map(String), { minLength: 1, maxLength: 9 }),
    lines: fc.array<Line>(fc.oneof(attribute, bandwidth, other), { maxLength: 9 }),
  });
  const description = fc.record({
    session: fc
      .tuple(origin, connection, fc.array<Line>(sessionLine, { maxLength: 9 }))
      .map(([o, c, rest]): readonly Line[] => [{ kind: "v" }, o, c, ...rest]),
    media: fc.array(section, { maxLength: 5 }),
  });

  test("whole descriptions", () => {
    fc.assert(
      fc.property(description, (d) => {
        expect(parseSdp(formatSdp(d))).toEqual({ ok: true, value: d });
      }),
      { numRuns: 500 },
    );
  });
});

describe("what nobody here knows stays as it came", () => {
  const octets = fc
    .array(
      fc.nat(255).filter((code) => ![0, 10, 13].includes(code)),
      { maxLength: 30 },
    )
    .map((codes) => String.fromCharCode(...codes));
  const strange = fc.oneof(
    fc
      .tuple(fc.stringMatching(/^x-[a-z0-9.-]{1,9}$/), octets)
      .map(([name, of]) => `a=${name}:${of}`),
    fc.tuple(fc.constantFrom("y", "f", "X", "q"), octets).map(([type, of]) => `${type}=${of}`),
    // An attribute that is known, with a value that is none.
    fc
      .tuple(fc.constantFrom("rtpmap", "fmtp", "candidate", "crypto", "dcmap"), octets)
      .map(([name, of]) => `a=${name}:${of}`),
  );

  test("lines of any octets anywhere in the RFCs' and browsers' own descriptions", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...EXAMPLES),
        fc.array(fc.tuple(strange, fc.nat()), { minLength: 1, maxLength: 5 }),
        ([, text], more) => {
          const lines = text.split("\r\n");
          // Behind v=, and before the empty piece after the last line end.
          for (const [line, at] of more) lines.splice(1 + (at % (lines.length - 1)), 0, line);
          const whole = lines.join("\r\n");
          const once = formatSdp(parsed(whole));
          expect(once).toBe(whole);
          expect(formatSdp(parsed(once))).toBe(once);
        },
      ),
      { numRuns: 500 },
    );
  });
});
