// The public names of the packages, with their signatures and comments: docs/api, one page for each
// door.
// A change of what users see is then a change in a page that somebody reads before it lands.
//
//   node scripts/api.ts                  writes the pages, and lowers scripts/api-ratchet.json
//   node scripts/api.ts --check          tells whether they are current
//   node scripts/api.ts --undocumented   lists what has no comment; behind it, doors to look at

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { emit } from "./api/emitted.ts";
import { overview } from "./api/overview.ts";
import { apiPage, type DoorNames, pageName } from "./api/page.ts";
import { Surface } from "./api/surface.ts";
import { undocumented } from "./api/undocumented.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PACKAGES = ["packages/carillon", "packages/media"];
const PAGES = "docs/api";
const RATCHET = "scripts/api-ratchet.json";

type Counts = Readonly<Record<string, number>>;

const doors = PACKAGES.flatMap(doorsOf);
const pages = new Map([
  ...doors.map((one) => [pageName(one.door), apiPage(one, doors)] as const),
  ["README.md", overview(doors)],
]);
const bare = new Map(doors.map(({ door, names }) => [door.name, undocumented(names)]));

if (process.argv.includes("--check")) check();
else if (process.argv.includes("--undocumented")) list(process.argv.slice(3));
else write();

function doorsOf(folder: string): readonly DoorNames[] {
  const emitted = emit(ROOT, folder);
  try {
    const surface = new Surface();
    return emitted.doors.map((door) => ({
      door,
      about: surface.aboutOf(door.file),
      names: surface.namesOf(door.file),
    }));
  } finally {
    emitted.remove();
  }
}

function check(): void {
  const there = new Set(written());
  const stale = [...pages].filter(([name, page]) => !there.has(name) || page !== read(name));
  const gone = [...there].filter((name) => !pages.has(name));
  const differ = [...stale.map(([name]) => name), ...gone].sort();
  for (const name of differ) console.log(`${PAGES}/${name}: not what the sources say`);
  if (differ.length > 0) {
    console.log("Public names or their signatures have changed: run `npm run api`, read what it");
    console.log("changes in docs/api as a user of the library would, and commit it.");
  }
  const grown = tooMany();
  for (const line of grown) console.log(line);
  if (differ.length + grown.length > 0) process.exitCode = 1;
}

function tooMany(): readonly string[] {
  const allowed = ratchet();
  return [...bare].flatMap(([door, names]) => {
    const most = allowed[door] ?? 0;
    if (names.length <= most) return [];
    return [
      `${door}: ${names.length} public names without a doc comment, and ${most} are allowed ` +
        `(${RATCHET}): node scripts/api.ts --undocumented ${door}`,
    ];
  });
}

function write(): void {
  mkdirSync(join(ROOT, PAGES), { recursive: true });
  for (const name of written()) if (!pages.has(name)) rmSync(join(ROOT, PAGES, name));
  for (const [name, page] of pages) writeFileSync(join(ROOT, PAGES, name), page);
  const allowed = ratchet();
  const lowered = Object.entries(allowed).flatMap(([door, most]): [string, number][] => {
    const left = Math.min(most, bare.get(door)?.length ?? 0);
    return left > 0 ? [[door, left]] : [];
  });
  writeFileSync(join(ROOT, RATCHET), `${JSON.stringify(Object.fromEntries(lowered), null, 2)}\n`);
  console.log(`wrote ${pages.size} pages of ${PAGES}`);
  for (const line of tooMany()) console.log(line);
}

function list(only: readonly string[]): void {
  for (const [door, names] of bare) {
    if (only.length > 0 && !only.includes(door)) continue;
    console.log(`${door}: ${names.length}`);
    for (const name of names) console.log(`  ${name}`);
  }
}

function written(): readonly string[] {
  return readdirSync(join(ROOT, PAGES)).filter((name) => name.endsWith(".md"));
}

function read(name: string): string {
  return readFileSync(join(ROOT, PAGES, name), "utf8");
}

function ratchet(): Counts {
  return JSON.parse(readFileSync(join(ROOT, RATCHET), "utf8")) as Counts;
}
