import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eachElement, findOutside, quote, skipQuoted, unfold, unquote } from "./quoted.ts";

describe("RFC 3261 §25.1: quoted strings", () => {
  test("end at the first quote that is not escaped", () => {
    expect(skipQuoted('"ab"c', 0, 5)).toBe(4);
    expect(skipQuoted('x"a\\"b" ', 1, 8)).toBe(7);
    expect(skipQuoted('"a\\\\"', 0, 5)).toBe(5);
    expect(skipQuoted('""', 0, 2)).toBe(2);
  });

  test("that do not end are -1, also where the text goes on behind the end", () => {
    for (const open of ['"', '"a', '"a\\"', '"a\\']) {
      expect(skipQuoted(open, 0, open.length)).toBe(-1);
    }
    expect(skipQuoted('"ab" "', 0, 3)).toBe(-1);
  });

  test("say what they say without escapes and folds", () => {
    expect(unquote('"J Rosenberg \\\\\\""')).toBe('J Rosenberg \\"');
    expect(unquote('"two\r\n  lines"')).toBe("two lines");
    expect(unquote('"\\a\\\0"')).toBe("a\0");
    expect(unquote('""')).toBe("");
  });

  test("hold a control character as a quoted-pair, and everything else as it is", () => {
    expect(quote("\x01\x1f\x7f")).toBe('"\\\x01\\\x1f\\\x7f"');
    expect(quote("a\tb \xff!")).toBe('"a\tb \xff!"');
  });

  test("read back as what was quoted", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const sayable = String.fromCharCode(...bytes).replace(/[\0\r\n]/g, "");
        const quoted = quote(sayable);
        expect(skipQuoted(quoted, 0, quoted.length)).toBe(quoted.length);
        expect(unquote(quoted)).toBe(sayable);
      }),
    );
  });

  test("cannot hold a NUL or a line end", () => {
    const message = "a quoted string cannot hold NUL or a line end";
    for (const text of ["\0", "a\rb", "a\nb"]) {
      expect(() => quote(text)).toThrow(new RangeError(message));
    }
  });
});

test("a delimiter counts outside quotes and angle brackets only", () => {
  const find = (text: string, code = ",") => findOutside(text, 0, text.length, code.charCodeAt(0));
  expect(find('"a,b" <sip:c,d>, e')).toBe(15);
  expect(find("a;b,c", ";")).toBe(1);
  expect(find("abc")).toBe(3);
  expect(find('<sip:a"b>,"')).toBe(9);
  expect(find('a">"')).toBe(4);
  expect(find('"a,')).toBe(-1);
  expect(find("<a,b")).toBe(-1);
  expect(findOutside("a,b", 0, 1, 0x2c)).toBe(1);
});

describe("RFC 3261 §7.3.1: comma-separated elements", () => {
  const split = (text: string, max = 64): string[] | false => {
    const found: string[] = [];
    const push = (start: number, end: number) => void found.push(text.slice(start, end));
    return eachElement(text, 0, text.length, max, push) && found;
  };

  test("come without the white space around them", () => {
    expect(split(" a , b\r\n ,\tc ")).toEqual(["a", "b", "c"]);
    expect(split('"x, y" <sip:z>, <sip:w,v>')).toEqual(['"x, y" <sip:z>', "<sip:w,v>"]);
  });

  test("are not empty, and no quote or bracket in them is open", () => {
    for (const text of ["", " ", "a,", ",a", "a,,b", "a, ,b", '"a', "<a, b"]) {
      expect(split(text)).toBe(false);
    }
  });

  test("are as many as allowed", () => {
    expect(split("a,b", 2)).toEqual(["a", "b"]);
    expect(split("a,b,c", 2)).toBe(false);
    expect(split("a", 0)).toBe(false);
  });
});

//= RFC 3261 §7.3.1
//# The line break and the whitespace at the beginning of the next line are treated as a single SP
//# character.
test("RFC 3261 §7.3.1: a folded value is one line", () => {
  const folded = "I know you're there,\r\n         pick up the phone\r\n         and talk to me!";
  expect(unfold(folded)).toBe("I know you're there, pick up the phone and talk to me!");
  expect(unfold("a \t\r\n\tb\r\n \r\n c")).toBe("a b c");
  expect(unfold("not folded  at all")).toBe("not folded  at all");
  expect(unfold("a\r\n ")).toBe("a ");
});
