import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromText } from "../grammar/octets.ts";
import { type CpimMessage, extensionsOf, formatCpim, parseCpim } from "./cpim.ts";
import { escapeCpim, unescapeCpim } from "./cpim-escape.ts";

const lines = (...all: string[]) => fromText(all.join("\r\n"));
const CONTENT = ["", "Content-type: text/xml; charset=utf-8", "Content-ID: <1234567890@foo.com>"];

function read(octets: string): CpimMessage {
  const message = parseCpim(octets);
  if (!message.ok) throw new Error(message.error.message);
  return message.value;
}

describe("message/cpim", () => {
  test("RFC 3862 §5.1 has headers from end to end, and content with headers of its own", () => {
    const message = read(
      lines(
        ...["From: MR SANDERS <im:piglet@100akerwood.com>"],
        ...["To: Depressed Donkey <im:eeyore@100akerwood.com>", "To: <im:pooh@100akerwood.com>"],
        ...["DateTime: 2000-12-13T13:40:00-08:00", "Subject: the weather will be fine today"],
        ...["Subject:;lang=fr beau temps prevu pour aujourd'hui"],
        ...["NS: MyFeatures <mid:MessageFeatures@id.foo.com>"],
        ...["Require: MyFeatures.VitalMessageOption"],
        ...["MyFeatures.VitalMessageOption: Confirmation-requested"],
        ...["MyFeatures.WackyMessageOption: Use-silly-font", ...CONTENT, "", "<body>", "</body>"],
      ),
    );
    expect(message).toMatchObject({
      from: { name: "MR SANDERS", uri: "im:piglet@100akerwood.com" },
      to: [
        { name: "Depressed Donkey", uri: "im:eeyore@100akerwood.com" },
        { name: "", uri: "im:pooh@100akerwood.com" },
      ],
      dateTime: new Date(Date.UTC(2000, 11, 13, 21, 40)),
      subject: "the weather will be fine today",
      require: ["MyFeatures.VitalMessageOption"],
      content: "<body>\r\n</body>",
    });
    expect(message.contentHeaders.get("content-type")).toBe("text/xml; charset=utf-8");
    expect(extensionsOf(message, "mid:MessageFeatures@id.foo.com", "WackyMessageOption")).toEqual([
      "Use-silly-font",
    ]);
  });

  test("RFC 3862 §3.4 knows a prefix by what it was declared to be, and only then", () => {
    const message = (...headers: string[]) => parseCpim(lines(...headers, ...CONTENT, "", ""));
    //= RFC 3862 §3.4
    //# A namespace prefix declaration MUST precede any use of that prefix.
    expect(message("a.b: 1", "NS: a <u:1>").ok).toBe(false);
    const redeclared = message("NS: <u:1>", "From: nobody", "NS: a <u:2>", "a.From: 1");
    expect(redeclared).toMatchObject({
      ok: true,
      value: {
        from: undefined,
        extensions: [
          { namespace: "u:1", name: "From", value: "nobody" },
          { namespace: "u:2", name: "From", value: "1" },
        ],
      },
    });
    expect(message("NS: a u:1").ok).toBe(false);
  });

  test("RFC 3862 §2.2 has headers that are strict", () => {
    const whole = (header: string) => parseCpim(lines(header, ...CONTENT, "", "x")).ok;
    expect(whole("To: <im:a@b>")).toBe(true);
    //= RFC 3862 §2.2
    //# There MUST be a single space character (32) following the header name and colon.
    for (const header of ["To:<im:a@b>", " To: <im:a@b>", "T o: x", ": x", "To", "", "a.b.c: x"]) {
      expect([header, whole(header)]).toEqual([header, false]);
    }
    for (const address of ["To: im:a@b", "From: <>", "From: <im:a@b> x"]) {
      expect([address, whole(address)]).toEqual([address, false]);
    }
    expect(parseCpim(lines("To: <im:a@b>", "", "Subject: x", "", "x")).ok).toBe(false);
    expect(parseCpim(lines("To: <im:a@b>")).ok).toBe(false);
    expect(parseCpim(lines(...Array<string>(65).fill("X: 1"), ...CONTENT, "", "")).ok).toBe(false);
  });

  test("RFC 3862 §2.3.1 escapes what no header holds", () => {
    //= RFC 3862 §2.3.1
    //# The special sequences listed above MUST be used to encode any occurrence of the following
    //# characters that appear anywhere in a header: backslash (U+005c), backspace (U+0008), tab
    //# (U+0009), linefeed (U+000a) or carriage return (U+000d).
    //= RFC 3862 §2.3.1
    //# The general escape sequence \uxxxx MUST be used for any other control character (U+0000 to
    //# U+0007, U+000b to U+000c, U+000e to U+001f or u+007f) that appears anywhere in a header.
    expect(escapeCpim("\\\b\t\n\r\0\u007fé")).toBe("\\\\\\b\\t\\n\\r\\u0000\\u007fé");
    //= RFC 3862 §2.3.1
    //# Any unrecognized escape sequence SHOULD be treated as an instance of the character following
    //# the backslash character. An isolated backslash that is the last character of a header SHOULD
    //# be ignored.
    expect(unescapeCpim("\\x\\u12\\'\\\"\\u0041\\")).toBe("xu12'\"A");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(unescapeCpim(escapeCpim(text))).toBe(text);
        expect(escapeCpim(text)).not.toMatch(/[\0-\u001f\u007f]/);
      }),
    );
  });

  test("what is written is read as what it was, whatever names hold", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 12 }).map((one) => one.toWellFormed());
    const name = text.filter((one) => one.trim() === one && !/["<>]/.test(one));
    fc.assert(
      fc.property(name, text, text, (from, value, content) => {
        const message = read(
          formatCpim({
            ...{ from: { name: from, uri: "im:a@b" }, to: { name: "", uri: "im:c@d" } },
            ...{ dateTime: new Date(0), prefixes: { "u:1": "p" } },
            extensions: [{ namespace: "u:1", name: "X", value }],
            contentHeaders: [["Content-Type", "text/plain"]],
            content: fromText(content),
          }),
        );
        expect(message).toMatchObject({
          ...{ from: { name: from, uri: "im:a@b" }, dateTime: new Date(0) },
          ...{ extensions: [{ namespace: "u:1", name: "X", value }], content: fromText(content) },
        });
      }),
    );
  });

  test("nothing that is written ends a line", () => {
    const usual = {
      ...{ from: { name: "", uri: "im:a@b>\r\nTo: <x" }, to: { name: '"\r\nX: y', uri: "im:c@d" } },
      ...{ contentHeaders: [["Content-Type", "text/plain"]] as const, content: "" },
    };
    const message = read(formatCpim(usual));
    expect([message.to.length, message.extensions.length]).toEqual([1, 0]);
    const evil = [["Content-Type", "text/plain\r\nX: y"]] as const;
    expect(() => formatCpim({ ...usual, contentHeaders: evil })).toThrow(RangeError);
    const extensions = [{ namespace: "u:1", name: "X", value: "" }];
    expect(() => formatCpim({ ...usual, extensions })).toThrow(RangeError);
  });

  test("never throws, whatever it is", () => {
    const piece = fc.constantFrom(
      "\r\n",
      ":",
      " ",
      "<",
      ">",
      "NS",
      "a",
      ".",
      "To: ",
      ";",
      "\\",
      '"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        parseCpim(pieces.join(""));
      }),
      { numRuns: 2000 },
    );
  });
});
