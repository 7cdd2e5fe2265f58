import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const PROJECT = join(import.meta.dirname, "..");
const PATH = "packages/carillon/src/sample/sample.ts";

/** A project with one file and its tests; what the program says to it. */
function mutate(source: string, body: string) {
  const root = mkdtempSync(join(tmpdir(), "carillon-mutate-test-"));
  try {
    mkdirSync(join(root, PATH, ".."), { recursive: true });
    symlinkSync(join(PROJECT, "node_modules"), join(root, "node_modules"));
    cpSync(join(PROJECT, "tsconfig.base.json"), join(root, "tsconfig.base.json"));
    writeFileSync(join(root, "packages/carillon/src/ambient.d.ts"), "export {};\n");
    writeFileSync(join(root, PATH), source);
    const head = 'import { expect, test } from "vitest";\nimport { isBig } from "./sample.ts";\n';
    const test = `${head}test("sample", () => {\n${body}\n});\n`;
    writeFileSync(join(root, PATH.replace(".ts", ".test.ts")), test);
    const run = spawnSync(process.execPath, [join(PROJECT, "scripts/mutate.ts"), PATH], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], CARILLON_ROOT: root },
    });
    return { code: run.status, printed: run.stdout + run.stderr };
  } finally {
    rmSync(root, { recursive: true });
  }
}

const SOURCE = "export const isBig = (n: number): boolean => n > 7;\n";

test("tests that know the boundary notice every fault", () => {
  const { code, printed } = mutate(
    SOURCE,
    "expect([6, 7, 8, 9].map(isBig)).toEqual([false, false, true, true]);",
  );
  expect(printed).toContain(
    `${PATH}: 100.0% of 4 faults are noticed, 100.0% of the 4 that compile`,
  );
  expect(code).toBe(0);
});

test("tests that do not are told what they let through, and that is a failure", () => {
  const { code, printed } = mutate(
    SOURCE,
    "expect(isBig(7)).toBe(false);\nexpect(isBig(9)).toBe(true);",
  );
  expect(printed).toContain(": 75.0% of 4 faults are noticed");
  expect(printed).toContain(
    `  ${PATH}:1: ${SOURCE.trim()} -> ${SOURCE.trim().replace("7", "8")}\n`,
  );
  expect(code).toBe(1);
});

test("tests that fail on the file as it is show nothing", () => {
  const { code, printed } = mutate(SOURCE, "expect(isBig(7)).toBe(true);");
  expect(printed).toContain("the tests fail on the file as it is");
  expect(code).toBe(1);
});
