import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchEre } from "./ere.ts";

const groups = (pattern: string, text: string): readonly string[] | string => {
  const match = matchEre(pattern, text);
  return match.kind === "Match" ? match.groups : match.kind;
};

test.each<[string, string, readonly string[] | string]>([
  ["^.*$", "+441632960083", ["+441632960083"]],
  ["^(\\+441632960083)$", "+441632960083", ["+441632960083", "+441632960083"]],
  ["^\\+441632960083$", "+441632960084", "NoMatch"],
  ["^\\+44(.*)$", "+441632960083", ["+441632960083", "1632960083"]],
  ["^\\+44([0-9]{4})([0-9]*)$", "+441632960083", ["+441632960083", "1632", "960083"]],
  ["([0-9])([0-9])", "+4412", ["44", "4", "4"]],
  ["32", "+441632", ["32"]],
  ["^32", "+441632", "NoMatch"],
  ["44$", "+441632", "NoMatch"],
  ["1|2|3", "+3", ["3"]],
  ["^(1|\\+4|2)4", "+44", ["+44", "+4"]],
  ["a?b+c*", "xabbz", ["abb"]],
  ["^(a|b)*$", "abab", ["abab", "b"]],
  ["^(a)?b$", "b", ["b", ""]],
  ["x{2}", "xxxxx", ["xx"]],
  ["x{2,}", "xxxxx", ["xxxxx"]],
  ["x{2,3}", "xxxxx", ["xxx"]],
  ["^x{0}y$", "y", ["y"]],
  ["^x{0,1}$", "xx", "NoMatch"],
  ["^[^0-9]x$", "+x", ["+x"]],
  ["^[]x]+$", "]x]", ["]x]"]],
  ["^[^]x]$", "]", "NoMatch"],
  ["^[a-]+$", "a-a", ["a-a"]],
  ["^[+-]$", "-", ["-"]],
  ["^\\+[[:digit:]]+$", "+123", ["+123"]],
  ["^[[:alpha:]]+$", "aZ", ["aZ"]],
  ["^[[:alpha:]]+$", "a1", "NoMatch"],
  ["^[[:alnum:]_]+$", "a1_Z", ["a1_Z"]],
  ["^\\.\\$\\^\\*$", ".$^*", [".$^*"]],
  ["]", "]", ["]"]],
  ["^a.c$", "a\nc", ["a\nc"]],
  ["()", "x", "Declined"],
])("%s on %s", (pattern, text, expected) => {
  expect(groups(pattern, text)).toEqual(expected);
});

test("POSIX: the leftmost match, and of these the longest, whatever stands first", () => {
  expect(groups("a|ab|abc", "xabcd")).toEqual(["abc"]);
  expect(groups("b|abc|a", "xabcb")).toEqual(["abc"]);
  expect(groups("x*", "aax")).toEqual([""]);
});

test.each([
  ["(", "an empty alternative"],
  ["(a", "a ( without )"],
  ["a)", "a ) that closes nothing"],
  ["", "an empty alternative"],
  ["a|", "an empty alternative"],
  ["|a", "an empty alternative"],
  ["*a", "* with nothing to repeat"],
  ["{1}", "{ with nothing to repeat"],
  ["a**", "two repetitions in a row"],
  ["a{2}{3}", "two repetitions in a row"],
  ["a{2", "a repetition that is none"],
  ["a{,2}", "a repetition that is none"],
  ["a{3,2}", "a repetition that is none"],
  ["a{256}", "a repetition that is none"],
  ["a{1,256}", "a repetition that is none"],
  ["a{x}", "a repetition that is none"],
  ["^*", "a repeated anchor"],
  ["$+", "a repeated anchor"],
  ["[a", "a [ without ]"],
  ["[", "a [ without ]"],
  ["[^", "a [ without ]"],
  ["[z-a]", "a bracket expression of another kind"],
  ["[[.a.]]", "a bracket expression of another kind"],
  ["[[=a=]]", "a bracket expression of another kind"],
  ["[[:space:]]", "a bracket expression of another kind"],
  ["[[:constructor:]]", "a bracket expression of another kind"],
  ["(a)\\1", "\\1"],
  ["\\d", "\\d"],
  ["a\\", "\\"],
  ["((a{99}){99}){99}", "repetitions that make it too long"],
  ["(a{255}){2}b{2}", "repetitions that make it too long"],
])("%s is declined: %s", (pattern, why) => {
  expect(matchEre(pattern, "+1")).toEqual({ kind: "Declined", why });
});

test.each([
  ["x{255}y{255}z", "w"],
  ["x{0,255}a", "b"],
  ["x{0,254}a*", "b"],
  ["x{0,252}(a|b)c", "d"],
  ["(x{83}){6}a", "b"],
])("a pattern may be 512 instructions long, as %s is, and not one longer", (pattern, one) => {
  expect(matchEre(pattern, "").kind).not.toBe("Declined");
  expect(matchEre(pattern + one, "").kind).toBe("Declined");
});

test.each([
  ["[[:digit:]]", "0189", "/:a"],
  ["[[:alpha:]]", "azAZ", "@[`{0"],
  ["[[:alnum:]]", "09azAZ", "/:@[`{"],
])("the class %s has its ends and nothing beyond", (pattern, inside, outside) => {
  for (const char of inside) expect(groups(pattern, char)).toEqual([char]);
  for (const char of outside) expect(groups(pattern, char)).toBe("NoMatch");
});

describe("no pattern is slow", () => {
  test.each([
    "^(a*)*$",
    "^(a+)+$",
    "^(a|a)*$",
    "^(a|aa)+$",
    "^(.*)*(.*)*(.*)*x$",
    "^((a*)*)*b$",
    `^${"(a?)".repeat(30)}${"a".repeat(30)}$`,
    "(a{1,20}){1,10}b",
  ])("%s on a thousand characters", (pattern) => {
    const text = `${"a".repeat(1_000)}!`;
    const started = performance.now();
    expect(groups(pattern, text)).toBe("NoMatch");
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  test("parentheses nested as deep as a record can hold are read, not run into the ground", () => {
    expect(matchEre(`${"(".repeat(127)}a${")".repeat(127)}`, "a").kind).toBe("Match");
    expect(matchEre("(".repeat(255), "a").kind).toBe("Declined");
  });
});

test("where both understand a pattern, the match is the engine's of JavaScript", () => {
  // Patterns without alternatives: there, greedy and longest are the same.
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(a)", "(b)", "(ab)", "[a-b]");
  const piece = fc.tuple(atom, fc.constantFrom("", "", "", "{2}", "{1,3}")).map((p) => p.join(""));
  const pattern = fc.tuple(
    fc.constantFrom("", "^"),
    fc.array(piece, { minLength: 1, maxLength: 4 }),
    fc.constantFrom("", ".*", "a*", "b+", "a?"),
    fc.constantFrom("", "$"),
  );
  const text = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
  fc.assert(
    fc.property(pattern, text, ([start, pieces, tail, end], chars) => {
      const written = `${start}${pieces.join("")}${tail}${end}`;
      const ours = matchEre(written, chars.join(""));
      const theirs = new RegExp(written, "s").exec(chars.join(""));
      expect(ours.kind).toBe(theirs === null ? "NoMatch" : "Match");
      if (ours.kind !== "Match" || theirs === null) return;
      // A bounded repetition before the end can make the longest another than the greediest.
      if (!written.includes("{1,3}")) expect(ours.groups[0]).toBe(theirs[0]);
    }),
    { numRuns: 2_000 },
  );
});

test("any pattern on any text is judged, without a throw", () => {
  const char = fc.constantFrom(..."ab+1()[]{}^$.*?|\\,-:!");
  const string = fc.array(char, { maxLength: 60 }).map((chars) => chars.join(""));
  fc.assert(
    fc.property(string, string, (pattern, text) => {
      expect(["Match", "NoMatch", "Declined"]).toContain(matchEre(pattern, text).kind);
    }),
    { numRuns: 3_000 },
  );
});
