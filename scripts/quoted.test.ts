import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const PROGRAM = join(import.meta.dirname, "quoted.ts");

function quoted(args: readonly string[], root?: string) {
  const run = spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...(root && { CARILLON_ROOT: root }) },
  });
  return { code: run.status, printed: run.stdout + run.stderr };
}

const CODE = `const before = 1;
function ring(times) {
  return times;
}
console.log(ring(before + 2));
`;

function inBox(page: string, then: (root: string, page: () => string) => void): void {
  const root = mkdtempSync(join(tmpdir(), "carillon-quoted-"));
  try {
    mkdirSync(join(root, "docs"));
    writeFileSync(join(root, "bell.ts"), CODE);
    writeFileSync(join(root, "docs/bells.md"), page);
    then(root, () => readFileSync(join(root, "docs/bells.md"), "utf8"));
  } finally {
    rmSync(root, { recursive: true });
  }
}

test("the code on our pages is that of the files, and what it prints is what it prints", () => {
  expect(quoted(["--check"])).toEqual({ code: 0, printed: "" });
});

test("a whole file, a part of one and what it prints are put below their lines", () => {
  const page = `# Bells

<!-- file bell.ts -->

Then:

<!-- file bell.ts, from "function ring" -->

\`\`\`ts
what stood here before
\`\`\`

<!-- printed by bell.ts -->
`;
  inBox(page, (root, now) => {
    expect(quoted(["--check"], root)).toEqual({
      code: 1,
      printed: "docs/bells.md: out of date: node scripts/quoted.ts\n",
    });
    expect(now()).toBe(page);
    expect(quoted([], root)).toEqual({ code: 0, printed: "wrote docs/bells.md\n" });
    expect(now()).toBe(`# Bells

<!-- file bell.ts -->

\`\`\`ts
${CODE}\`\`\`

Then:

<!-- file bell.ts, from "function ring" -->

\`\`\`ts
function ring(times) {
  return times;
}
\`\`\`

<!-- printed by bell.ts -->

\`\`\`text
3
\`\`\`
`);
    expect(quoted(["--check"], root)).toEqual({ code: 0, printed: "" });
  });
});

test("a part that is not there is told, and nothing is written", () => {
  inBox('<!-- file bell.ts, from "class Bell" -->\n', (root, now) => {
    const { code, printed } = quoted([], root);
    expect(code).toBe(1);
    expect(printed).toContain('bell.ts: nothing begins with "class Bell" and ends');
    expect(now()).toBe('<!-- file bell.ts, from "class Bell" -->\n');
  });
});
