import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { putThroughPicture } from "carillon/b2bua";
import { deliveryPicture } from "carillon/messaging";
import { msrpPictures } from "carillon/msrp";
import { outgoingLegPicture, responseContextPicture, wakeHoldPicture } from "carillon/roles";
import { pictures } from "carillon/usage";
import { expect, test } from "vitest";

const SOURCES = join(import.meta.dirname, "../packages/carillon/src");
const DRAWN = [
  ...pictures(),
  ...[responseContextPicture(), wakeHoldPicture(), outgoingLegPicture()],
  ...[putThroughPicture(), deliveryPicture()],
  ...msrpPictures(),
];

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

test("every machine of the library is on the page", () => {
  const machines = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .filter((file) => /^export (?:function|const) step\b/m.test(text(file)));
  expect(machines.length).toBeGreaterThan(15);
  const drawn = new Set(DRAWN.map(({ file }) => file));
  expect(machines.filter((file) => !drawn.has(file))).toEqual([]);
});

test.each(DRAWN.map((picture) => [picture.file, picture] as const))(
  "every state, input and output that %s has is in its picture",
  (file, { start, boxes }) => {
    const source = text(file);
    const missing = (of: "Input" | "Output", seen: readonly string[]) => {
      const [union = ""] = new RegExp(`^export type ${of} =[^]*?;\\n\\n`, "m").exec(source) ?? [];
      const kinds = [...union.matchAll(/\bkind: "(\w+)"/g)].map(([, kind = ""]) => kind);
      return kinds.filter((kind) => !seen.includes(kind));
    };
    const arrows = boxes.flatMap((box) => box.arrows);
    const said = [start, ...arrows].flatMap(({ outputs }) => outputs);
    expect(
      missing(
        "Input",
        arrows.map(({ input: [kind = ""] }) => kind),
      ),
    ).toEqual([]);
    expect(missing("Output", said)).toEqual([]);
    const states = [...source.matchAll(/^ {2}readonly name: "(\w+)";$/gm)].map(([, name]) => name);
    const names = boxes.map(({ name }) => name);
    expect(states.filter((name) => !names.includes(name ?? ""))).toEqual([]);
  },
);

function text(file: string): string {
  return readFileSync(join(SOURCES, file), "utf8");
}
