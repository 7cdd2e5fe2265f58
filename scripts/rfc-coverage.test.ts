import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const RFC = "8 User Agents\n\n   A bell MUST ring.\n\n9 Towers\n\n   A tower MUST stand.\n";

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "carillon-rfc-"));
  for (const rfc of listed()) write(`rfc/rfc${rfc}.txt`, "");
  write("rfc/rfc3261.txt", RFC);
  write("docs/rfc-declined.md", '- RFC 3261 §9: "A tower": no towers\n');
  write("packages/a/src/ring.ts", "//= RFC 3261 §8\n//# A bell MUST ring.\nring();\n");
});

afterEach(() => rmSync(root, { recursive: true }));

/** The RFCs that the script wants the texts of. */
function listed(): readonly string[] {
  const script = readFileSync(join(import.meta.dirname, "rfc-coverage.ts"), "utf8");
  return [...script.matchAll(/\{ rfc: (\d+), sections/g)].map(([, rfc = ""]) => rfc);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function coverage(args: readonly string[], rfcDir: string | undefined) {
  const script = join(import.meta.dirname, "rfc-coverage.ts");
  const run = spawnSync(process.execPath, [script, ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], CARILLON_ROOT: root, ...(rfcDir && { RFC_DIR: rfcDir }) },
  });
  return { code: run.status, printed: run.stdout + run.stderr };
}

const withTexts = (...args: readonly string[]) => coverage(args, join(root, "rfc"));

test("without the texts only the forms are checked, and it says so", () => {
  write("packages/a/src/wrong.ts", "//= RFC 3261 §8\n//# A bell MUST NOT ring.\n");
  const { code, printed } = coverage([], undefined);
  expect(code).toBe(0);
  expect(printed).toContain("only the forms of 2 quotes");
  write("packages/a/src/wrong.ts", "//= RFC 3261 §8\n");
  expect(coverage([], undefined)).toMatchObject({ code: 1 });
});

test("the page is written when asked, and a page that is out of date fails", () => {
  expect(withTexts()).toMatchObject({ code: 1 });
  expect(withTexts("--write")).toMatchObject({ code: 0 });
  expect(withTexts()).toMatchObject({ code: 0 });
  expect(readFileSync(join(root, "docs/rfc-coverage.md"), "utf8")).toContain("no towers");
  write("packages/a/src/ring.test.ts", "//= RFC 3261 §8\n//# A bell MUST ring.\n");
  expect(withTexts().printed).toContain("docs/rfc-coverage.md: out of date");
});

test("wrong words, sections and texts are told with their place", () => {
  write("packages/a/src/words.ts", "\n//= RFC 3261 §8\n//# A bell MUST swing.\n");
  write("packages/a/src/section.ts", "//= RFC 3261 §9\n//# A bell MUST ring.\n");
  write("packages/a/src/nowhere.ts", "//= RFC 3261 §99\n//# A bell MUST ring.\n");
  write("packages/a/src/text.ts", "//= RFC 9999 §1\n//# A bell MUST ring.\n");
  const { code, printed } = withTexts("--write");
  expect(code).toBe(1);
  expect(printed).toContain("packages/a/src/words.ts:2: RFC 3261 §8 does not say so");
  expect(printed).toContain("packages/a/src/section.ts:1: these words stand in RFC 3261 §8");
  expect(printed).toContain("packages/a/src/nowhere.ts:1: RFC 3261 has no section 99");
  expect(printed).toContain("packages/a/src/text.ts:1: no text of RFC 9999");
});

test("a declined sentence that a test shows to be obeyed is an error", () => {
  write("docs/rfc-declined.md", '- RFC 3261 §8: "A bell": no bells\n');
  write("packages/a/src/bell.test.ts", "//= RFC 3261 §8\n//# A bell MUST ring.\n");
  const { code, printed } = withTexts("--write");
  expect(code).toBe(1);
  expect(printed).toContain("docs/rfc-declined.md:1: obeyed by now, and to be taken out: A bell");
  expect(printed).toContain("packages/a/src/bell.test.ts");
});

test("a declined sentence that no RFC has is an error", () => {
  write("docs/rfc-declined.md", '- RFC 3261 §9: "A spire": no spires\n');
  expect(withTexts("--write").printed).toContain("no listed MUST starts: A spire");
});
