import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

function machines(args: readonly string[], root?: string) {
  const run = spawnSync(process.execPath, [join(import.meta.dirname, "machines.ts"), ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...(root && { CARILLON_ROOT: root }) },
  });
  return { code: run.status, printed: run.stdout + run.stderr };
}

test("docs/machines.md shows the machines as they are", () => {
  expect(machines(["--check"])).toEqual({ code: 0, printed: "" });
});

test("the page is written the same every time, and one that differs is told", () => {
  const root = mkdtempSync(join(tmpdir(), "carillon-machines-"));
  const page = join(root, "docs/machines.md");
  mkdirSync(join(root, "docs"));
  try {
    expect(machines(["--check"], root)).toMatchObject({ code: 1 });
    expect(machines([], root)).toMatchObject({ code: 0 });
    const first = readFileSync(page, "utf8");
    expect(first).toContain("## INVITE client transaction\n");
    expect(first).toContain("```mermaid\nstateDiagram-v2\n");
    expect(machines(["--check"], root)).toMatchObject({ code: 0 });
    writeFileSync(page, first.replace("Calling", "Shouting"));
    expect(machines(["--check"], root).printed).toContain("docs/machines.md: out of date");
    machines([], root);
    expect(readFileSync(page, "utf8")).toBe(first);
  } finally {
    rmSync(root, { recursive: true });
  }
});
