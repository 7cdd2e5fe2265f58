import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_DEPTH, MAX_PARTS } from "../grammar/limits.ts";
import { fromBytes } from "../grammar/octets.ts";
import { parseContentType } from "./header/content-type.ts";
import { header } from "./headers.ts";
import { parseMessage } from "./message.ts";
import { type BodyPart, formatMultipart, type PartToWrite, parseMultipart } from "./multipart.ts";

const parse = (body: string, type = "multipart/mixed;boundary=b") => {
  const media = parseContentType(type);
  if (!media.ok) throw new Error(media.error.message);
  return parseMultipart(media.value, body);
};
const parts = (body: string, type?: string): readonly BodyPart[] => {
  const result = parse(body, type);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const bodies = (body: string, type?: string) => parts(body, type).map((part) => part.body);

describe("RFC 2046 §5.1.1: the example", () => {
  const text = [
    "This is the preamble.  It is to be ignored, though it",
    "is a handy place for composition agents to include an",
    "explanatory note to non-MIME conformant readers.",
    "",
    "--simple boundary",
    "",
    "This is implicitly typed plain US-ASCII text.",
    "It does NOT end with a linebreak.",
    "--simple boundary",
    "Content-type: text/plain; charset=us-ascii",
    "",
    "This is explicitly typed plain US-ASCII text.",
    "It DOES end with a linebreak.",
    "",
    "--simple boundary--",
    "",
    "This is the epilogue.  It is also to be ignored.",
  ].join("\r\n");

  //= RFC 2046 §5.1.1
  //# If no Content-Type field is present it is assumed to be "message/rfc822" in a
  //# "multipart/digest" and "text/plain" otherwise.
  test("has two parts, one with a line end", () => {
    const [first, second] = parts(text, 'multipart/mixed; boundary="simple boundary"');
    expect(first).toMatchObject({
      headers: [],
      contentType: { type: "text", subtype: "plain" },
      body: expect.stringMatching(/^This is implicitly.*linebreak\.$/s),
    });
    expect(second).toMatchObject({
      headers: [["Content-Type", "text/plain; charset=us-ascii"]],
      body: expect.stringMatching(/^This is explicitly.*linebreak\.\r\n$/s),
    });
    const digest = parts("--b\r\n\r\nx\r\n--b--", "multipart/digest;boundary=b");
    expect(digest[0]?.contentType).toMatchObject({ type: "message", subtype: "rfc822" });
  });
});

test("RFC 4475 §3.1.1.11: mpart01 holds a text and a signature in octets", () => {
  const file = new URL("../testing/torture/rfc4475/mpart01.dat", import.meta.url);
  const message = parseMessage(fromBytes(readFileSync(file)));
  if (!message.ok) throw new Error(message.error.message);
  const [text, signature] = parts(message.value.body, header(message.value, "Content-Type"));
  expect(text).toMatchObject({ contentType: { type: "text", subtype: "plain" }, body: "Hello" });
  expect(signature?.contentType).toMatchObject({ subtype: "octet-stream" });
  expect(signature?.headers.map(([name]) => name)).toContain("content-transfer-encoding");
  expect(signature?.body.startsWith("0\x82\x01R")).toBe(true);
});

describe("boundaries", () => {
  //= RFC 2046 §5.1.1
  //# The boundary delimiter MUST occur at the beginning of a line, i.e., following a CRLF
  test("RFC 2046 §5.1.1: stand at the start of a line", () => {
    expect(bodies("--b\r\n\r\nx--b\r\ny\n--b\r\n--b--")).toEqual(["x--b\r\ny\n--b"]);
  });

  test("RFC 2046 §5.1.1: may have padding behind them; what follows the last is ignored", () => {
    expect(bodies("--b \t\r\n\r\nx\r\n--b--\t \r\n--b\r\n\r\nnot read")).toEqual(["x"]);
    expect(bodies("--b\r\n\r\n\r\n--b\r\n\r\n--b--")).toEqual(["", ""]);
  });

  test("RFC 2046 §5.1.1: a part may be empty, or headers alone", () => {
    expect(parts("--b\r\n--b\r\nSubject: x\r\n--b\r\nSubject: y\r\n\r\n--b--")).toMatchObject([
      { headers: [], body: "" },
      { headers: [["Subject", "x"]], body: "" },
      { headers: [["Subject", "y"]], body: "" },
    ]);
  });

  //= RFC 2046 §5.1
  //# The boundary delimiter MUST NOT appear inside any of the encapsulated parts, on a line by
  //# itself or as the prefix of any line.
  test("RFC 2046 §5.1: a line that starts as one and goes on is refused", () => {
    for (const line of ["--bc", "--b c", "--b--c", "--b-"]) {
      expect(parse(`--b\r\n\r\n${line}\r\n--b--`)).toMatchObject({
        error: { code: "bad-multipart", status: 400 },
      });
    }
  });

  //= RFC 2046 §5.1.1
  //# Boundary delimiters must not appear within the encapsulated material, and must be no longer
  //# than 70 characters, not counting the two leading hyphens.
  test("RFC 2046 §5.1.1: are up to 70 characters of those allowed", () => {
    const long = "b".repeat(70);
    expect(bodies(`--${long}\r\n\r\nx\r\n--${long}--`, `multipart/x;boundary=${long}`)).toEqual([
      "x",
    ]);
    for (const boundary of [`${long}b`, '"a "', '""', '"a;b"', '"a\\"b"']) {
      expect(parse("--a\r\n\r\n--a--", `multipart/x;boundary=${boundary}`).ok).toBe(false);
    }
  });

  test("that are missing are an error, and so is another type", () => {
    for (const body of ["", "x", "--b", "--b--", "--b\r\n\r\nx", "--b\r\n\r\nx\r\n--b", "--a--"]) {
      expect([body, parse(body).ok]).toEqual([body, false]);
    }
    expect(parse("--b\r\n\r\nx\r\n--b--", "text/plain;boundary=b").ok).toBe(false);
    expect(parse("--b\r\n\r\nx\r\n--b--", "multipart/mixed").ok).toBe(false);
  });
});

test("a part's own headers are read as strictly as a message's", () => {
  for (const head of ["no colon", "Content-Type: text", "c: a/b\r\nc: a/b", "X: a\nb", "X: \0"]) {
    expect([head, parse(`--b\r\n${head}\r\n\r\nx\r\n--b--`).ok]).toEqual([head, false]);
  }
  expect(parts("--b\r\nx-a:\r\n b\r\nC: a/b\r\n\r\nx\r\n--b--")[0]?.headers).toEqual([
    ["x-a", "b"],
    ["Content-Type", "a/b"],
  ]);
});

describe("parts within parts", () => {
  /** `levels` multiparts, one in another. */
  const nested = (levels: number): string => {
    const boundary = `b${levels}`;
    const type = `Content-Type: multipart/mixed;boundary=b${levels - 1}\r\n`;
    const inner = levels === 1 ? "\r\nx" : `${type}\r\n${nested(levels - 1)}`;
    return `--${boundary}\r\n${inner}\r\n--${boundary}--`;
  };
  const type = (levels: number) => `multipart/mixed;boundary=b${levels}`;

  test(`go ${MAX_DEPTH} levels deep and no deeper`, () => {
    let [part] = parts(nested(MAX_DEPTH), type(MAX_DEPTH));
    for (let level = 1; level < MAX_DEPTH; level++) part = part?.parts[0];
    expect(part).toMatchObject({ body: "x", parts: [] });
    expect(parse(nested(MAX_DEPTH + 1), type(MAX_DEPTH + 1))).toMatchObject({
      error: { code: "bad-multipart" },
    });
  });

  test(`are ${MAX_PARTS} in all and no more`, () => {
    const flat = (count: number) => `${"--b\r\n\r\nx\r\n".repeat(count)}--b--`;
    expect(parts(flat(MAX_PARTS))).toHaveLength(MAX_PARTS);
    expect(parse(flat(MAX_PARTS + 1)).ok).toBe(false);
    const inner = (count: number) =>
      `--o\r\nc: multipart/x;boundary=b\r\n\r\n${flat(count)}\r\n--o--`;
    expect(parse(inner(MAX_PARTS - 1), "multipart/x;boundary=o").ok).toBe(true);
    expect(parse(inner(MAX_PARTS), "multipart/x;boundary=o").ok).toBe(false);
  });
});

describe("writing", () => {
  test("what was written is read", () => {
    const octets = fc
      .uint8Array({ maxLength: 30 })
      .map((bytes) => String.fromCharCode(...bytes).replaceAll("--", "-x"));
    const value = fc.stringMatching(/^[!-~]{0,8}$/);
    const part: fc.Arbitrary<PartToWrite> = fc.record({
      headers: fc.array(fc.tuple(fc.constantFrom("Content-ID", "x-a"), value), { maxLength: 2 }),
      body: octets,
    });
    const list = fc.array(part, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(list, (written) => {
        expect(parts(formatMultipart(written, "b"))).toMatchObject(written);
      }),
    );
  });

  test("throws on what could not be read, or would be read as something else", () => {
    const part = (body: string, name = "x-a", value = "") => [
      { headers: [[name, value] as const], body },
    ];
    expect(formatMultipart(part("x"), "b")).toBe("--b\r\nx-a: \r\n\r\nx\r\n--b--\r\n");
    for (const bad of [[], part("a--b"), part("", "x a"), part("", "x", "a\r\nb")]) {
      expect(() => formatMultipart(bad, "b")).toThrow(RangeError);
    }
    for (const boundary of ["", "a ", "a\r\n", "é", "b".repeat(71)]) {
      expect(() => formatMultipart(part("x"), boundary)).toThrow(RangeError);
    }
  });
});

test("64 KB of near-boundaries are gone through once", () => {
  const hostile = [
    "\r\n--".repeat(16_000),
    `${"\r\n--b".repeat(12_000)}x`,
    `--${"b".repeat(69)}\r\n`.repeat(900),
    "b".repeat(65_000),
  ];
  for (const body of hostile) {
    const startMs = performance.now();
    parse(body, `multipart/x;boundary=${"b".repeat(70)}`);
    parse(body);
    expect(performance.now() - startMs).toBeLessThan(100);
  }
});
