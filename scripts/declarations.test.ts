// The declarations that are published, as programs of each world compile them: all of them looked
// at, which the `skipLibCheck` of most programs leaves out, and of this project too.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { type Door, emit } from "./api/emitted.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const emitted = emit(ROOT, "packages/carillon");
afterAll(() => emitted.remove());
const folder = dirname(dirname(emitted.doors[0]?.file ?? ""));

/** What the compiler says to a program that imports these doors and knows these libraries. */
function complaints(doors: readonly Door[], options: object, more = ""): string {
  const lines = doors.map(({ file }, n) => {
    const module = file.replace(/\.d\.ts$/, ".js");
    return `import type * as door${n} from ${JSON.stringify(module)};\nexport type { door${n} };`;
  });
  writeFileSync(join(folder, "program.ts"), [...lines, more].join("\n"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const compilerOptions = {
    ...{ target: "es2024", module: "nodenext", noEmit: true, skipLibCheck: false },
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    ...{ lib: ["ES2024", "ESNext.Disposable"], types: [], ...options },
  };
  const project = { compilerOptions, files: ["program.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  return spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" }).stdout;
}

const named = (...names: readonly string[]) =>
  emitted.doors.filter(({ name }) => names.includes(name.replace("carillon/", "")));
const worldly = named("node", "browser", "testing");

test("the doors of the pure part compile where there is neither Node nor a DOM", () => {
  const pure = emitted.doors.filter((door) => !worldly.includes(door));
  expect(pure.length).toBeGreaterThan(15);
  // Every world has it, and no library of the language.
  const signal = "declare global { interface AbortSignal { readonly aborted: boolean } }";
  expect(complaints(pure, {}, signal)).toBe("");
});

test("that of the browser compiles with the DOM alone, and those of Node with Node alone", () => {
  const page = { lib: ["ES2024", "ESNext.Disposable", "DOM"] };
  expect(complaints(named("browser"), page)).toBe("");
  const program = { types: ["node"], typeRoots: [join(ROOT, "node_modules/@types")] };
  expect(complaints(named("node", "testing"), program)).toBe("");
});

test("what a door would need and its world has not is told", () => {
  expect(complaints(named("browser"), {})).toContain("RTCPeerConnection");
  expect(complaints(named("node"), {})).toContain("Buffer");
});
