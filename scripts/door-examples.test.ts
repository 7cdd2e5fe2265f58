// The examples with which pages of docs/api begin, each from the comment of its door.
import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PAGES = join(ROOT, "docs/api");

interface Example {
  /** As its page: `carillon-uri`. */
  readonly name: string;
  readonly code: string;
  /** What stands behind each `console.log(…); //`. */
  readonly prints: readonly string[];
}

const examples: readonly Example[] = readdirSync(PAGES).flatMap((page) => {
  const text = readFileSync(join(PAGES, page), "utf8");
  const head = text.slice(0, text.indexOf("\nWritten by"));
  const code = head.split("```ts\n")[1]?.split("```")[0];
  if (code === undefined) return [];
  const prints = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(
    ([, said = ""]) => said,
  );
  return [{ name: page.replace(/\.md$/, ""), code, prints }];
});

/** Outside of the project, where an example finds the packages as its reader's program would. */
const folder = mkdtempSync(join(tmpdir(), "carillon-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));
symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
for (const { name, code } of examples) writeFileSync(join(folder, `${name}.ts`), code);

const WITH_EXAMPLE = [
  ...["xml", "uri", "message", "documents", "sdp", "auth", "transaction", "dialog", "locate"],
  ...["usage", "endpoint", "roles", "state-agent", "messaging", "rtp", "chat", "events", "node"],
  ...["b2bua", "turn"],
  ...["testing", "media"],
];

test("the doors of the library and of its media begin with an example", () => {
  const doors = WITH_EXAMPLE.map((door) => `carillon-${door}`);
  expect(examples.map(({ name }) => name)).toEqual(expect.arrayContaining(doors));
});

test("every example compiles as strictly as the project does", () => {
  const project = { extends: join(ROOT, "tsconfig.json"), include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  expect(stdout).toBe("");
});

test.for(examples.filter(({ prints }) => prints.length > 0))(
  "the example of $name prints what it says",
  ({ name, prints }) => {
    const printed = execFileSync(process.execPath, [join(folder, `${name}.ts`)], {
      encoding: "utf8",
    });
    expect(printed.trimEnd().split("\n")).toEqual(prints);
  },
);
