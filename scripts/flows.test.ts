import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

function flows(args: readonly string[], root?: string) {
  const run = spawnSync(process.execPath, [join(import.meta.dirname, "flows.ts"), ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...(root && { CARILLON_ROOT: root }) },
  });
  return { code: run.status, printed: run.stdout + run.stderr };
}

test("docs/flows.md shows the flows as they are", () => {
  expect(flows(["--check"])).toEqual({ code: 0, printed: "" });
});

test("the page is written the same every time, and one that differs is told", () => {
  const root = mkdtempSync(join(tmpdir(), "carillon-flows-"));
  const page = join(root, "docs/flows.md");
  mkdirSync(join(root, "docs"));
  try {
    expect(flows(["--check"], root)).toMatchObject({ code: 1 });
    expect(flows([], root)).toMatchObject({ code: 0 });
    const first = readFileSync(page, "utf8");
    expect(first).toContain("## A new registration\n\nRFC 3665 §2.1.\n");
    expect(first).toContain("|--------- REGISTER --------->|");
    expect(flows(["--check"], root)).toMatchObject({ code: 0 });
    writeFileSync(page, first.replace("REGISTER", "SHOUT"));
    expect(flows(["--check"], root).printed).toContain("docs/flows.md: out of date");
    flows([], root);
    expect(readFileSync(page, "utf8")).toBe(first);
  } finally {
    rmSync(root, { recursive: true });
  }
});
