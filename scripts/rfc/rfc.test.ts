import { expect, test } from "vitest";
import { coverage, coveragePage, totalsLine } from "./coverage-page.ts";
import { readDeclined } from "./declined.ts";
import { readQuotes } from "./quotes.ts";
import { isVerbatim, partingOf, requirementsOf, sentencesOf } from "./requirements.ts";
import { parseRfc, subtree } from "./rfc-text.ts";

const RFC = `
                         A Protocol

   1 Start ............................................ 2
   1.1 Bells .......................................... 2

1 Start

   A bell MUST ring.  Its name, e.g. "Call-
   ID", is OPTIONAL (see Section 2.
   1).  A ringer SHALL pull



Somebody, et. al.           Standards Track                     [Page 1]
\f
RFC 9999                    A Protocol                        March 2020


   the rope twice.  Silence is REQUIRED afterwards.

1.1 Bells

   The ringer:

      o  MUST count
         the bells

      o  MUST NOT sleep

   1. The first bell MUST be the lowest.
   2. The last need not be.

10.  Towers

   A tower MUST stand.

Appendix A. Ropes

   A rope MUST hold.
`;

const sections = parseRfc(RFC);
const at = (id: string) => subtree(sections, id);
const quotesOf = (path: string, text: string) => readQuotes(path, text).quotes;

test("an RFC is its sections, without the table of contents", () => {
  expect(sections.map(({ id, title }) => `${id} ${title}`)).toEqual([
    "1 Start",
    "1.1 Bells",
    "10 Towers",
    "A Ropes",
  ]);
  expect(at("1").map(({ id }) => id)).toEqual(["1", "1.1"]);
});

test("paragraphs go on over a page, and lose bullets and line-end hyphens", () => {
  expect(sections[0]?.paragraphs).toEqual([
    'A bell MUST ring. Its name, e.g. "Call-ID", is OPTIONAL (see Section 2. 1). ' +
      "A ringer SHALL pull the rope twice. Silence is REQUIRED afterwards.",
  ]);
  expect(sections[1]?.paragraphs).toEqual([
    "The ringer:",
    "MUST count the bells",
    "MUST NOT sleep",
    "1. The first bell MUST be the lowest.",
    "2. The last need not be.",
  ]);
});

test("a sentence does not end at an abbreviation or a number of a list", () => {
  const text = 'Use e.g. TLS. 1. Send it (i.e. "now.") Then stop.';
  expect(sentencesOf(text)).toEqual(["Use e.g. TLS.", '1. Send it (i.e. "now.")', "Then stop."]);
});

test("the sentences that demand something are listed, in order", () => {
  const all = at("1").flatMap((section) => requirementsOf(9999, section));
  expect(all.map(({ section, sentence }) => `${section.id}: ${sentence}`)).toEqual([
    "1: A bell MUST ring.",
    "1: A ringer SHALL pull the rope twice.",
    "1: Silence is REQUIRED afterwards.",
    "1.1: MUST count the bells",
    "1.1: MUST NOT sleep",
    "1.1: 1. The first bell MUST be the lowest.",
  ]);
});

test("a key word that is only spoken of demands nothing", () => {
  const demands = (text: string) =>
    requirementsOf(9999, { id: "1", title: "", paragraphs: [text], text }).length;
  expect(demands("It is a SHOULD, and not a MUST.")).toBe(0);
  expect(demands('Words such as "MUST" and "SHALL NOT" are in capitals.')).toBe(0);
  expect(demands("The 'MUST' of old is gone; a bell MUST ring.")).toBe(1);
});

test("a quote is read with its place; several lines are one quote", () => {
  const text = "const a = 1;\n  //= RFC 9999 §1.1\n  //# MUST count\n  //# the bells\n  ring();\n";
  expect(readQuotes("a.test.ts", text)).toEqual({
    quotes: [
      {
        path: "a.test.ts",
        line: 2,
        rfc: 9999,
        section: "1.1",
        text: "MUST count the bells",
        isTest: true,
      },
    ],
    faults: [],
  });
});

test("a malformed quote is a fault at its line", () => {
  const faults = (text: string) => readQuotes("a.ts", text).faults.map(({ line }) => line);
  expect(faults("//= RFC 9999 §1\nring();")).toEqual([1]);
  expect(faults("\n//# MUST ring")).toEqual([2]);
  expect(faults("//= RFC9999 1.1\n//# MUST ring")).toEqual([1, 2]);
  expect(faults("//= RFC 9999 §1.\n")).toEqual([1]);
  expect(faults("//= RFC 9999 §1\n//#MUST ring\n")).toEqual([2, 1]);
  expect(faults("//= RFC 9999 §1\n//# MUST ring\n//= RFC 9999 §1\n//# twice\n")).toEqual([]);
});

test("a quote stands word for word in its section or below, whatever the white space", () => {
  const [first, second, third, fourth, fifth] = quotesOf(
    "a.ts",
    [
      '//= RFC 9999 §1\n//# Its name, e.g.   "Call-ID",',
      "//= RFC 9999 §1\n//# o  MUST NOT sleep",
      "//= RFC 9999 §1.1\n//# A bell MUST ring.",
      "//= RFC 9999 §1.1\n//# The ringer: o MUST count the bells o MUST NOT sleep",
      "//= RFC 9999 §1.1\n//# The ringer: MUST count the bells MUST NOT sleep",
    ].join("\n"),
  );
  expect(fourth && isVerbatim(fourth, at("1.1"))).toBe(true);
  expect(fifth && isVerbatim(fifth, at("1.1"))).toBe(true);
  expect(first && isVerbatim(first, at("1"))).toBe(true);
  expect(second && isVerbatim(second, at("1"))).toBe(true);
  expect(third && isVerbatim(third, at("1.1"))).toBe(false);
});

test("where a wrong quote parts from the RFC is told", () => {
  const [quote] = quotesOf("a.ts", "//= RFC 9999 §1\n//# A ringer SHALL pull the rope once.");
  expect(quote && partingOf(quote, at("1"))).toBe(
    'after "… SHALL pull the rope" the RFC goes on "twice. Silence is REQUIRED afterwards. …"',
  );
});

test("the page tells tested, quoted, declined and open, and is the same every time", () => {
  const requirements = at("1").flatMap((section) => requirementsOf(9999, section));
  const quotes = [
    ...quotesOf("packages/carillon/src/b.ts", "//= RFC 9999 §1\n//# MUST ring. Its name"),
    ...quotesOf("packages/carillon/src/a.ts", "//= RFC 9999 §1\n//# A bell MUST ring.\n"),
    ...quotesOf("packages/carillon/src/a.ts", "//= RFC 9999 §1.1\n//# MUST NOT sleep\n"),
    ...quotesOf("packages/carillon/src/a.test.ts", "//= RFC 9999 §1.1\n//# MUST NOT sleep\n"),
    ...quotesOf("packages/carillon/src/c.ts", "//= RFC 9999 §1\n//# the rope twice. Silence is\n"),
  ];
  const { declined, faults } = readDeclined(
    "d.md",
    '- RFC 9999 §1.1: "1. The first":\n  no bells.\n',
  );
  expect(faults).toEqual([]);
  const covered = coverage(requirements, quotes, declined);
  expect(covered.map(({ status }) => status)).toEqual([
    "quoted",
    "open",
    "open",
    "open",
    "tested",
    "declined",
  ]);
  expect(totalsLine(covered)).toBe("6 requirements: 1 tested, 1 quoted, 1 declined, 3 open");
  const page = coveragePage(covered);
  expect(page).toBe(coveragePage(coverage(requirements, [...quotes].reverse(), declined)));
  expect(page).toContain(
    "| A bell MUST ring. | quoted | [a.ts](../packages/carillon/src/a.ts)<br>[b.ts]",
  );
  expect(page).toContain("| 1. The first bell MUST be the lowest. | declined | no bells. |  |");
  expect(page).toContain("| RFC 9999 §1 | 1 | 1 | 1 | 3 | 6 |");
});

test("a declined item that cannot be read is a fault, and * declines a section", () => {
  expect(readDeclined("d.md", "- RFC 9999 1.1 no bells").faults).toHaveLength(1);
  const { declined } = readDeclined("d.md", '- RFC 9999 §1.1: "*": no bells');
  const requirements = at("1").flatMap((section) => requirementsOf(9999, section));
  expect(totalsLine(coverage(requirements, [], declined))).toContain("3 declined, 3 open");
});
