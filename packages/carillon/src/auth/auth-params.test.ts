import fc from "fast-check";
import { expect, test } from "vitest";
import { type AuthParam, formatAuth, readAuthParams, readAuthScheme } from "./auth-params.ts";

function read(octets: string) {
  const params = readAuthParams(octets, 0);
  return params.ok
    ? Object.fromEntries(params.value)
    : `${params.error.offset}: ${params.error.message}`;
}

test("RFC 3261 §25.1: tokens and quoted strings, with white space and folds between them", () => {
  expect(read('realm = "a, b" ,\r\n\tnc=00000001 , Qop="auth"')).toEqual({
    realm: "a, b",
    nc: "00000001",
    qop: "auth",
  });
});

test("RFC 7616 §3.3: a value is what the quoted string says, quotes and slashes removed", () => {
  expect(read('a="say \\"hi\\" \\\\ \\x", b=""')).toEqual({ a: 'say "hi" \\ x', b: "" });
});

test("RFC 3261 §7.3.1: a fold inside a quoted string is one space", () => {
  expect(read('a="one \r\n  two"')).toEqual({ a: "one two" });
});

test("RFC 3261 §7.3.1: a parameter may be given once, whatever its case", () => {
  //= RFC 3261 §7.3.1
  //# any given parameter-name MUST NOT appear more than once.
  expect(read('nonce="a", NONCE="a"')).toBe("10: a parameter is given twice");
});

test("RFC 3261 §7.3.1: one line holds one challenge; a second scheme is an error", () => {
  //= RFC 3261 §7.3.1
  //# Multiple header field rows with these names MAY be present in a message, but since their
  //# grammar does not follow the general form listed in Section 7.3, they MUST NOT be combined into
  //# a single header field row.
  expect(read('realm="a", Digest realm="b"')).toBe("10: expected an equals sign after the name");
});

test("names that objects are born with are names like others", () => {
  const params = readAuthParams("__proto__=a, constructor=b, hasOwnProperty=c", 0);
  expect(params.ok && [...params.value]).toEqual([
    ["__proto__", "a"],
    ["constructor", "b"],
    ["hasownproperty", "c"],
  ]);
});

test.each([
  ["", "0: expected a parameter name"],
  ["realm", "0: expected an equals sign after the name"],
  ["realm=", "0: expected a value"],
  ["realm=,a=b", "0: expected a value"],
  ['realm="', "0: a quoted string does not end"],
  ['realm="a\\"', "0: a quoted string does not end"],
  ["a=b,", "4: expected a parameter name"],
  ["a=b,,c=d", "4: expected a parameter name"],
  ["a=b c=d", "4: expected a comma"],
  ['a="b"c', "5: expected a comma"],
  ["a=b; c=d", "3: expected a comma"],
  ['a="b\nc"', "0: NUL or a line end in a quoted string"],
  ['a="b\rc"', "0: NUL or a line end in a quoted string"],
  ['a="\\\0"', "0: NUL or a line end in a quoted string"],
])("%j: %s", (octets, error) => {
  expect(read(octets)).toBe(error);
});

test("a hundred parameters are read, one more is refused", () => {
  const list = (count: number) => Array.from({ length: count }, (_, i) => `p${i}=1`).join(",");
  expect(Object.keys(read(list(100)))).toHaveLength(100);
  expect(read(list(101))).toContain("more than 100 parameters");
});

test("a scheme stands before white space or at the end", () => {
  expect(readAuthScheme("  Digest  a=b")).toEqual({
    ok: true,
    value: { name: "Digest", next: 10 },
  });
  expect(readAuthScheme("Negotiate")).toEqual({ ok: true, value: { name: "Negotiate", next: 9 } });
  expect(readAuthScheme("").ok).toBe(false);
  expect(readAuthScheme("Digest,a=b").ok).toBe(false);
  expect(readAuthScheme('"Digest" a=b').ok).toBe(false);
});

const octets = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) });
const writable = octets.filter((text) => !/[\0\r\n]/.test(text));

test("whatever is written quoted is read back", () => {
  fc.assert(
    fc.property(writable, writable, (a, b) => {
      const written = formatAuth("X", [
        ["a", "quoted", a],
        ["left-out", "token", undefined],
        ["b", "quoted", b],
      ]);
      const params = readAuthParams(written, 2);
      expect(params.ok && [...params.value]).toEqual([
        ["a", a],
        ["b", b],
      ]);
    }),
  );
});

test("any octets end in a value or an error with an offset inside; a value can be written", () => {
  const piece = fc.constantFrom(
    "a",
    "realm",
    "=",
    ",",
    '"',
    "\\",
    " ",
    "\r\n ",
    "\0",
    "\xe9",
    "\n",
  );
  const text = fc.array(piece, { maxLength: 40, size: "max" }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(fc.oneof(text, octets), (input) => {
      const params = readAuthParams(input, 0);
      if (params.ok) {
        const all = [...params.value].map(([name, value]): AuthParam => [name, "quoted", value]);
        const again = readAuthParams(formatAuth("X", all), 2);
        expect(again).toEqual(params);
      } else {
        expect(params.error.offset).toBeGreaterThanOrEqual(0);
        expect(params.error.offset).toBeLessThanOrEqual(input.length);
      }
    }),
    { numRuns: 2000 },
  );
});

test("twice as long takes about twice as long: nothing is read again and again", () => {
  const hostile = [
    (n: number) => `a="${"\\".repeat(2 * n)}`,
    (n: number) => `a="${" \r\n ".repeat(n)}"`,
    (n: number) => " \r\n\t".repeat(n),
    (n: number) => `a${" ".repeat(n)}`,
    (n: number) => `a=b${",".repeat(n)}`,
    (n: number) => "a".repeat(n),
    (n: number) => `a="${'\\"'.repeat(n)}"`,
  ];
  for (const generate of hostile) {
    const started = performance.now();
    readAuthParams(generate(100_000), 0);
    // Linear, this is a few ms; squared it would be minutes.
    expect(performance.now() - started).toBeLessThan(1000);
  }
});

test.each([
  ["a line end", "a\r\nContact: <sip:eve@evil.example>"],
  ["a bare LF", "a\nb"],
  ["NUL", "a\0b"],
  ["text that is not octets", "Ł"],
])("writing %s throws", (_, value) => {
  expect(() => formatAuth("Digest", [["realm", "quoted", value]])).toThrow(RangeError);
  expect(() => formatAuth("Digest", [["qop", "token", value]])).toThrow(RangeError);
});

test("a token that is none throws", () => {
  expect(() => formatAuth("Digest", [["qop", "token", ""]])).toThrow("qop has to be a token");
  expect(() => formatAuth("Digest", [["qop", "token", "auth, a=b"]])).toThrow(RangeError);
});
