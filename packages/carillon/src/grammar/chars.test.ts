import { describe, expect, test } from "vitest";
import {
  isAlphanum,
  isBlank,
  isDigits,
  isHex,
  isHostCode,
  isHostname,
  isPassword,
  isSpace,
  isToken,
  isTokenCode,
  isUriHeader,
  isUriParam,
  isUriParamCode,
  isUser,
  isUserCode,
  parseNumber,
  sameIgnoringCase,
  skipSpace,
  trimEnd,
  trimmed,
} from "./chars.ts";

const every = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
const members = (is: (text: string) => boolean) => every.filter((c) => is(c)).join("");

const digits = "0123456789";
const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const lower = upper.toLowerCase();
const sorted = (text: string) => [...text].sort().join("");

describe("RFC 3261 §25.1: character classes hold these octets and no others", () => {
  test.each([
    ["token", isToken, `${digits}${upper}${lower}-.!%*_+\`'~`],
    ["alphanum", isAlphanum, digits + upper + lower],
    ["DIGIT", isDigits, digits],
    ["host name", isHostname, `${digits}${upper}${lower}-.`],
    ["user", isUser, `${digits}${upper}${lower}-_.!~*'()&=+$,;?/`],
    ["password", isPassword, `${digits}${upper}${lower}-_.!~*'()&=+$,`],
    ["paramchar", isUriParam, `${digits}${upper}${lower}-_.!~*'()[]/:&+$`],
    ["hname", isUriHeader, `${digits}${upper}${lower}-_.!~*'()[]/?:+$`],
  ] as const)("%s", (_, is, characters) => {
    expect(members(is)).toBe(sorted(characters));
    expect(is(characters)).toBe(true);
    expect(is("\u0141")).toBe(false);
  });

  test("a code outside one byte belongs to none", () => {
    expect(isTokenCode(0x61)).toBe(true);
    expect([0x20, 0x3a, 0x80, 0x141, Number.NaN].some(isTokenCode)).toBe(false);
    for (const [isCode, is] of [
      [isHostCode, isHostname],
      [isUserCode, isUser],
      [isUriParamCode, isUriParam],
      [isTokenCode, isToken],
    ] as const) {
      expect(every.filter((c) => isCode(c.charCodeAt(0))).join("")).toBe(members(is));
      expect([0x100, 0x141, Number.NaN].some(isCode)).toBe(false);
    }
  });
});

test("a class of 1* wants at least one octet, a class of escapes may be empty", () => {
  for (const is of [isToken, isDigits, isAlphanum, isHostname]) expect(is("")).toBe(false);
  for (const is of [isUser, isPassword, isUriParam, isUriHeader]) expect(is("")).toBe(true);
});

test("a class can be asked about a part of a text", () => {
  expect(isToken("a b c", 2, 3)).toBe(true);
  expect(isToken("a b c", 1, 3)).toBe(false);
  expect(isToken("abc", 2, 2)).toBe(false);
  expect(isHex("xff", 1, 3)).toBe(true);
  expect(isHex("xf", 1, 3)).toBe(false);
  expect(isHex("xgg", 1, 3)).toBe(false);
});

test("RFC 3261 §25.1: an escape is a percent sign and two hexadecimal digits", () => {
  for (const is of [isUser, isPassword, isUriParam, isUriHeader]) {
    expect(["%41", "a%2fb", "%2F%00"].every((text) => is(text))).toBe(true);
    const not = ["%", "%4", "%4g", "a%", "%%41", "%41 ", "%41%", " 41", "\x0041"];
    expect(not.filter((text) => is(text))).toEqual([]);
  }
});

test("white space: LWS has line ends in it, a blank has not", () => {
  expect(every.filter((c) => isSpace(c.charCodeAt(0)))).toEqual(["\t", "\n", "\r", " "]);
  expect(every.filter((c) => isBlank(c.charCodeAt(0)))).toEqual(["\t", " "]);
  expect(skipSpace(" \r\n\tx ", 0, 6)).toBe(4);
  expect(skipSpace("   ", 0, 2)).toBe(2);
  expect(trimEnd("x \r\n ", 0, 5)).toBe(1);
  expect(trimEnd("   ", 1, 3)).toBe(1);
  expect(trimmed(" [ a b\r\n ] ", 2, 9)).toBe("a b");
  expect(trimmed("    ", 0, 4)).toBe("");
});

test("a number is digits alone, and not over its limit", () => {
  expect(parseNumber("0", 10)).toBe(0);
  expect(parseNumber("0068", 255)).toBe(68);
  expect(parseNumber("4294967295", 2 ** 32 - 1)).toBe(2 ** 32 - 1);
  expect(parseNumber(`${"0".repeat(15)}7`, 10)).toBe(7);
  expect(parseNumber(`${"0".repeat(16)}7`, 10)).toBeUndefined();
  const not = ["", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x10", "١", "256", "9".repeat(17)];
  expect(not.map((text) => parseNumber(text, 255))).toEqual(not.map(() => undefined));
});

test("case is ignored in letters only", () => {
  expect(sameIgnoringCase("Content-Type", "CONTENT-TYPE")).toBe(true);
  expect(sameIgnoringCase("a", "b")).toBe(false);
  expect(sameIgnoringCase("a", "aa")).toBe(false);
  expect(sameIgnoringCase("@", "`")).toBe(false);
});
