/** The page docs/rfc-coverage.md. The same sources and the same RFCs give the same bytes. */
import { type Declined, declines } from "./declined.ts";
import type { Quote } from "./quotes.ts";
import { covers, type Requirement } from "./requirements.ts";

export type Status = "tested" | "quoted" | "declined" | "open";

export interface Covered {
  readonly requirement: Requirement;
  readonly status: Status;
  readonly code: readonly string[];
  readonly tests: readonly string[];
  readonly reason: string | undefined;
}

const STATUSES: readonly Status[] = ["tested", "quoted", "declined", "open"];
const SHOWN_CHARACTERS = 160;

const PREAMBLE = `# What the RFCs demand, and where it is obeyed

Written by \`npm run rfc -- --write\`; never by hand. Every sentence with MUST, SHALL or REQUIRED of
the sections listed here, and what became of it:

- **tested**: quoted in a test that shows it
- **quoted**: quoted at the code that obeys it; no test quotes it yet
- **declined**: not obeyed, for the reason given; from [rfc-declined.md](rfc-declined.md)
- **open**: not spoken for yet`;

export function coverage(
  requirements: readonly Requirement[],
  quotes: readonly Quote[],
  declined: readonly Declined[],
): readonly Covered[] {
  return requirements.map((requirement) => {
    const own = quotes.filter((quote) => covers(quote, requirement));
    const code = paths(own.filter(({ isTest }) => !isTest));
    const tests = paths(own.filter(({ isTest }) => isTest));
    const reason = declined.find((entry) => declines(entry, requirement))?.reason;
    return { requirement, status: statusOf(code, tests, reason), code, tests, reason };
  });
}

export function coveragePage(covered: readonly Covered[]): string {
  const parts = [PREAMBLE, totalsTable(covered)];
  for (const group of groupBy(
    covered,
    ({ requirement: { rfc, section } }) => `${rfc} ${section.id}`,
  )) {
    const [first] = group;
    if (first === undefined) continue;
    const { rfc, section } = first.requirement;
    parts.push(`## RFC ${rfc} §${section.id} ${section.title}`, table(group));
  }
  return `${parts.join("\n\n")}\n`;
}

export function totalsLine(covered: readonly Covered[]): string {
  const counts = STATUSES.map((status) => `${count(covered, status)} ${status}`);
  return `${covered.length} requirements: ${counts.join(", ")}`;
}

function statusOf(
  code: readonly string[],
  tests: readonly string[],
  reason: string | undefined,
): Status {
  if (tests.length > 0) return "tested";
  if (code.length > 0) return "quoted";
  return reason === undefined ? "open" : "declined";
}

function totalsTable(covered: readonly Covered[]): string {
  const head = ["Section", ...STATUSES, "all"];
  const rows = groupBy(covered, topSection).map((group) => [
    group[0] === undefined ? "" : topSection(group[0]),
    ...counts(group),
  ]);
  return markdownTable(head, [...rows, ["all", ...counts(covered)]]);
}

function topSection({ requirement: { rfc, section } }: Covered): string {
  return `RFC ${rfc} §${section.id.split(".")[0]}`;
}

function counts(covered: readonly Covered[]): readonly string[] {
  return [...STATUSES.map((status) => `${count(covered, status)}`), `${covered.length}`];
}

function count(covered: readonly Covered[], status: Status): number {
  return covered.filter((each) => each.status === status).length;
}

function table(group: readonly Covered[]): string {
  const rows = group.map(({ requirement, status, code, tests, reason }) => {
    const told = status === "declined" ? (reason ?? "") : links(code);
    return [shortened(requirement.sentence), status, told, links(tests)];
  });
  return markdownTable(["Requirement", "Status", "Code, or the reason", "Tests"], rows);
}

/** Short enough to find the sentence again, and showing what it demands. */
function shortened(sentence: string): string {
  if (sentence.length <= SHOWN_CHARACTERS) return escaped(sentence);
  const cut = sentence.lastIndexOf(" ", SHOWN_CHARACTERS);
  return `${escaped(sentence.slice(0, cut))} …`;
}

function links(paths: readonly string[]): string {
  return paths.map((path) => `[${shortPath(path)}](../${path})`).join("<br>");
}

function shortPath(path: string): string {
  return path.replace(/^packages\/(?:carillon\/)?(src\/)?/, "");
}

function escaped(text: string): string {
  return text.replace(/[\\|<>*_`[\]]/g, "\\$&");
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function paths(quotes: readonly Quote[]): readonly string[] {
  return [...new Set(quotes.map(({ path }) => path))].sort();
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): readonly (readonly T[])[] {
  return [...Map.groupBy(items, key).values()];
}
