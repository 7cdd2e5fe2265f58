// The quotes of RFCs in the sources, held against the RFCs' texts, and the page about them.
//
//   node scripts/rfc-coverage.ts                     the forms of the quotes only
//   RFC_DIR=folder node scripts/rfc-coverage.ts      their words too, and that the page is current
//   RFC_DIR=folder npm run rfc -- --write            writes docs/rfc-coverage.md
//
// RFC_DIR holds rfc3261.txt and its like, as https://www.rfc-editor.org/rfc/rfc3261.txt gives them.
// They are not part of the project.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Covered, coverage, coveragePage, totalsLine } from "./rfc/coverage-page.ts";
import { type Declined, declines, readDeclined } from "./rfc/declined.ts";
import { type Fault, type Quote, readQuotes } from "./rfc/quotes.ts";
import { isVerbatim, partingOf, type Requirement, requirementsOf } from "./rfc/requirements.ts";
import { parseRfc, type Section, subtree } from "./rfc/rfc-text.ts";

/** The sections whose every MUST is listed. */
const LISTED: readonly { readonly rfc: number; readonly sections: readonly string[] }[] = [
  { rfc: 3261, sections: "7 8 9 10 12 13 14 15 16 17 18 19 20 21 22 25".split(" ") },
  { rfc: 3262, sections: "3 4 5 8".split(" ") },
  { rfc: 3263, sections: ["4", "5"] },
  { rfc: 3264, sections: "4 5 6 7 8 9 11".split(" ") },
  { rfc: 3311, sections: ["5"] },
  { rfc: 3327, sections: ["4", "5", "6"] },
  { rfc: 3608, sections: ["5", "6"] },
  { rfc: 3428, sections: ["4", "5", "7", "8"] },
  { rfc: 3994, sections: ["3", "4"] },
  { rfc: 3515, sections: ["2"] },
  { rfc: 3891, sections: ["3", "4", "6"] },
  { rfc: 3892, sections: ["2"] },
  { rfc: 3857, sections: ["4"] },
  { rfc: 3858, sections: ["3", "4"] },
  { rfc: 3903, sections: ["4", "6"] },
  { rfc: 3911, sections: ["4", "5", "7"] },
  { rfc: 3959, sections: ["4"] },
  { rfc: 3966, sections: ["3", "4", "5"] },
  { rfc: 4028, sections: "4 5 6 7 8 9".split(" ") },
  { rfc: 4320, sections: ["4"] },
  { rfc: 4488, sections: ["4", "5"] },
  { rfc: 4662, sections: ["4", "5"] },
  { rfc: 5365, sections: ["7"] },
  { rfc: 5373, sections: ["4"] },
  { rfc: 5393, sections: ["4", "5"] },
  { rfc: 5438, sections: ["7", "8", "12"] },
  { rfc: 5626, sections: "3 4 5 6 7 8".split(" ") },
  { rfc: 5627, sections: ["3", "4", "5", "6"] },
  { rfc: 6026, sections: ["7", "8"] },
  { rfc: 6446, sections: "4 5 6 7 8".split(" ") },
  { rfc: 6665, sections: "3 4 5 6 8".split(" ") },
  { rfc: 7339, sections: ["4", "5", "7"] },
  { rfc: 7415, sections: ["3"] },
  { rfc: 7616, sections: ["3", "4"] },
  { rfc: 7647, sections: ["3", "4", "5"] },
  { rfc: 8489, sections: ["9.2.4", "14.7"] },
  { rfc: 8599, sections: ["4", "5", "6"] },
  { rfc: 8656, sections: ["5", "7.2", "8.2", "9", "10.2", "11.2", "11.3", "12.2", "12.5", "12.6"] },
  { rfc: 8760, sections: ["2"] },
  { rfc: 8898, sections: ["2", "3", "4"] },
];

const ROOT = resolve(
  process.env["CARILLON_ROOT"] ?? dirname(dirname(fileURLToPath(import.meta.url))),
);
const DECLINED = "docs/rfc-declined.md";
const PAGE = "docs/rfc-coverage.md";
const RFC_DIR = process.env["RFC_DIR"];

const { quotes, faults: formFaults } = quotesInSources();
const { declined, faults: declinedFaults } = readDeclined(DECLINED, textOf(DECLINED) ?? "");
const faults = [...formFaults, ...declinedFaults];

if (RFC_DIR === undefined || RFC_DIR === "") {
  const counted = `${quotes.length} quotes`;
  console.log(
    `note: RFC_DIR is not set: only the forms of ${counted} were checked, not their words`,
  );
} else {
  checkAgainst(resolve(RFC_DIR));
}
for (const { path, line, what } of faults) console.log(`${path}${line ? `:${line}` : ""}: ${what}`);
if (faults.length > 0) process.exitCode = 1;

function checkAgainst(folder: string): void {
  const sectionsOf = rfcReader(folder);
  for (const quote of quotes) faults.push(...wordFaults(quote, sectionsOf(quote.rfc)));
  const requirements = listedRequirements(sectionsOf);
  faults.push(...emptyDeclined(declined, requirements));
  const covered = coverage(requirements, quotes, declined);
  faults.push(...doneDeclined(declined, covered));
  checkPage(covered);
  console.log(`note: ${quotes.length} quotes; ${totalsLine(covered)}`);
}

function checkPage(covered: readonly Covered[]): void {
  const page = coveragePage(covered);
  if (textOf(PAGE) === page) return;
  if (process.argv.includes("--write")) {
    writeFileSync(join(ROOT, PAGE), page);
    console.log(`wrote ${PAGE}`);
  } else {
    faults.push({ path: PAGE, line: 0, what: "out of date: npm run rfc -- --write, with RFC_DIR" });
  }
}

function wordFaults(quote: Quote, sections: readonly Section[] | undefined): readonly Fault[] {
  const fault = (what: string): readonly Fault[] => [{ path: quote.path, line: quote.line, what }];
  const name = `RFC ${quote.rfc}`;
  if (sections === undefined) return fault(`no text of ${name} in RFC_DIR`);
  const own = subtree(sections, quote.section);
  if (own.length === 0) return fault(`${name} has no section ${quote.section}`);
  if (isVerbatim(quote, own)) return [];
  const elsewhere = sections.find(({ text }) => text.includes(quote.text));
  if (elsewhere !== undefined) return fault(`these words stand in ${name} §${elsewhere.id}`);
  return fault(`${name} §${quote.section} does not say so: ${partingOf(quote, own)}`);
}

function emptyDeclined(
  entries: readonly Declined[],
  requirements: readonly Requirement[],
): readonly Fault[] {
  return entries
    .filter((entry) => !requirements.some((requirement) => declines(entry, requirement)))
    .map(({ path, line, start }) => ({ path, line, what: `no listed MUST starts: ${start}` }));
}

/** What is quoted in code and shown by a test is not declined: the reason is older than that. */
function doneDeclined(entries: readonly Declined[], covered: readonly Covered[]): readonly Fault[] {
  return entries.flatMap((entry) => {
    const own = covered.filter(({ requirement }) => declines(entry, requirement));
    const isDone = own.length > 0 && own.every(({ status }) => status === "tested");
    const [shown] = own.flatMap(({ tests }) => tests);
    const what = `obeyed by now, and to be taken out: ${entry.start} is quoted in ${shown}`;
    return isDone ? [{ path: entry.path, line: entry.line, what }] : [];
  });
}

function listedRequirements(
  sectionsOf: (rfc: number) => readonly Section[] | undefined,
): readonly Requirement[] {
  return LISTED.flatMap(({ rfc, sections }) => {
    const all = sectionsOf(rfc);
    if (all === undefined) {
      faults.push({ path: PAGE, line: 0, what: `no text of RFC ${rfc} in RFC_DIR` });
      return [];
    }
    const listed = sections.flatMap((id) => subtree(all, id));
    return listed.flatMap((section) => requirementsOf(rfc, section));
  });
}

function rfcReader(folder: string): (rfc: number) => readonly Section[] | undefined {
  const known = new Map<number, readonly Section[] | undefined>();
  return (rfc) => {
    const path = join(folder, `rfc${rfc}.txt`);
    if (!known.has(rfc)) {
      known.set(rfc, existsSync(path) ? parseRfc(readFileSync(path, "utf8")) : undefined);
    }
    return known.get(rfc);
  };
}

function quotesInSources(): { readonly quotes: readonly Quote[]; readonly faults: Fault[] } {
  const read = sourcesUnder("packages").map((path) => readQuotes(path, textOf(path) ?? ""));
  return {
    quotes: read.flatMap((each) => each.quotes),
    faults: read.flatMap((each) => each.faults),
  };
}

function sourcesUnder(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.name === "node_modules" || entry.name === "dist") return [];
      if (entry.isDirectory()) return sourcesUnder(path);
      return /\.tsx?$/.test(path) ? [path] : [];
    });
}

function textOf(path: string): string | undefined {
  const full = join(ROOT, path);
  return existsSync(full) ? readFileSync(full, "utf8") : undefined;
}
