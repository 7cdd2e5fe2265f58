// Tests of types (`typed-*.test.ts`) are the compiler's to fail, and it has to look at them.
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Where `vitest` and the library are found from. */
const folder = mkdtempSync(join(ROOT, "node_modules", ".typed-"));
afterAll(() => rmSync(folder, { recursive: true }));

function tsc(...args: readonly string[]): string {
  const program = join(ROOT, "node_modules/typescript/bin/tsc");
  return spawnSync(process.execPath, [program, ...args], { cwd: ROOT, encoding: "utf8" }).stdout;
}

/** What the compiler says of a file, by the settings that all the others are compiled with. */
function complaints(source: string): readonly string[] {
  writeFileSync(join(folder, "one.test.ts"), source);
  const project = { extends: join(ROOT, "tsconfig.json"), include: [], files: ["one.test.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  const said = tsc("-p", folder, "--pretty", "false");
  return said
    .split("\n")
    .flatMap((line) => /one\.test\.ts\((\d+),.*error (TS\d+)/.exec(line)?.slice(1).join(" ") ?? []);
}

test("the compiler looks at every test of types", () => {
  const typed = globSync("packages/*/src/**/typed-*.test.ts", { cwd: ROOT });
  expect(typed.length).toBeGreaterThan(10);
  const seen = new Set(tsc("-p", "tsconfig.json", "--listFilesOnly").split("\n"));
  const unseen = typed.filter((file) => !seen.has(join(ROOT, file).replaceAll("\\", "/")));
  expect(unseen).toEqual([]);
});

test("a type that is another than was expected, and a mistake that is none, do not compile", () => {
  const lines = [
    'import { expectTypeOf } from "vitest";',
    'import type { Call, CorePhone } from "carillon/ua";',
    'expectTypeOf<CorePhone["aor"]>().toEqualTypeOf<string>();',
    'expectTypeOf<CorePhone["aor"]>().toEqualTypeOf<string | undefined>();',
    'expectTypeOf<Call["media"]>().toBeAny();',
    "// @ts-expect-error: there is no such member",
    'type Sent = Call["sent"];',
    "// @ts-expect-error: nothing is wrong with it",
    'type State = Call["state"];',
    "export type Both = [Sent, State];",
  ];
  expect(complaints(lines.join("\n"))).toEqual(["4 TS2344", "5 TS2349", "8 TS2578"]);
});
