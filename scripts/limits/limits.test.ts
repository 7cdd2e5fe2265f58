import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fieldsOf, foundIn } from "./found.ts";
import type { Kept } from "./kept.ts";
import { limitsPage, numberIn } from "./page.ts";
import { TABLE } from "./table.ts";

const PACKAGES = fileURLToPath(new URL("../../packages", import.meta.url));
const ROWS = TABLE.flatMap(({ rows }) => rows);
const FOUND = foundIn(PACKAGES);

const isAbout = ({ path, fields }: Kept, found: { path: string; field: string }): boolean =>
  (path.endsWith("/") ? found.path.startsWith(path) : found.path === path) &&
  (fields === "*" || fields.split(" ").includes(found.field));

test("whatever the server keeps of peers has a row: how much, and what goes first", () => {
  const missing = FOUND.filter((found) => !ROWS.some((row) => isAbout(row, found)));
  expect(missing.map(({ path, field }) => `${path} ${field}`)).toEqual([]);
});

test("every row is about something that is there", () => {
  // A folder may keep nothing today: its row is about all that it ever does.
  const own = ROWS.filter(({ path }) => !path.endsWith("/"));
  const idle = own.flatMap((row) =>
    (row.fields === "*" ? ["*"] : row.fields.split(" "))
      .filter((field) => !FOUND.some((found) => isAbout({ ...row, fields: field }, found)))
      .map((field) => `${row.path} ${field}`),
  );
  expect(idle).toEqual([]);
  for (const { most, first } of ROWS) expect([most, first]).not.toContain("");
});

test("docs/limits.md says what the table and the sources say: npm run limits", () => {
  const page = readFileSync(new URL("../../docs/limits.md", import.meta.url), "utf8");
  expect(page).toBe(limitsPage(PACKAGES));
});

test("maps, sets and lists are found where they outlive a call", () => {
  const text = `
const NONE: readonly X[] = [];
const next = new Map<string, number>();
class A {
  readonly #all = new Map<string, X>();
  #queue: readonly X[] = [];
  static known: Set<X> = new Set();
  readonly name = "";
  run(): void {
    const within = new Map();
  }
}
function f() {
  const open = new Set<X>();
  const made = new Set(all);
}
`;
  const fields = (path: string) => fieldsOf(text, path).map(({ field }) => field);
  expect(fields("carillon/src/roles/a.ts")).toEqual(["next", "#all", "#queue", "known"]);
  expect(fields("server/src/a.ts")).toEqual(["next", "#all", "#queue", "known", "open"]);
});

test("numbers are read as the sources write them", () => {
  const text =
    "const MAX_A = 10_000;\nexport const MAX_B: number = 256 * 1024;\n  size: 1 << 20,\n";
  expect(["MAX_A", "MAX_B", "size", "MAX"].map((name) => numberIn(text, name))).toEqual([
    ...[10_000, 262_144, 1_048_576, undefined],
  ]);
});
