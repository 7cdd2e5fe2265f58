import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

/** Stands for npm: writes down how it was called, and does as npm would. */
const NPM = `
const { appendFileSync, mkdirSync, writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
appendFileSync("calls", args.slice(0, 2).join(" ") + "\\n");
if (process.env.OFFLINE) {
  console.error("npm error code EAI_AGAIN");
  process.exit(1);
}
if (args[0] === "ci") {
  mkdirSync("node_modules/.bin", { recursive: true });
  writeFileSync("node_modules/.package-lock.json", "{}");
  writeFileSync("node_modules/.bin/node", "");
}
if (args[0] === "run") {
  if (process.env.BROKEN) {
    console.log("the page does not compile");
    process.exit(1);
  }
  mkdirSync("packages/web/dist", { recursive: true });
  writeFileSync("packages/web/dist/index.html", "");
}
`;

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "carillon-ensure-"));
  cpSync(join(import.meta.dirname, "ensure.mjs"), join(root, "scripts/ensure.mjs"));
  write("npm-cli.cjs", NPM);
  write("package-lock.json", "{}");
  write("packages/web/index.html", "<main>");
  write("packages/carillon/src/uri/uri.ts", "export {};");
});

afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function ensure(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  rmSync(join(root, "calls"), { force: true });
  const run = spawnSync(process.execPath, [join(root, "scripts/ensure.mjs"), ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], npm_execpath: join(root, "npm-cli.cjs"), ...env },
  });
  const calls = join(root, "calls");
  const asked = existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [];
  return { code: run.status, asked, printed: run.stdout + run.stderr };
}

function touchLock(secondsFromNow: number): void {
  const at = Date.now() / 1000 + secondsFromNow;
  utimesSync(join(root, "package-lock.json"), at, at);
}

test("packages are installed once, and again when the lock file has changed", () => {
  expect(ensure()).toMatchObject({ code: 0, asked: ["ci --ignore-scripts"] });
  expect(ensure()).toMatchObject({ code: 0, asked: [], printed: "" });
  write("package-lock.json", '{ "other": 1 }');
  touchLock(10);
  expect(ensure().asked).toEqual(["ci --ignore-scripts"]);
});

test("a lock file with a new date and the old content installs nothing", () => {
  ensure();
  touchLock(10);
  expect(ensure().asked).toEqual([]);
});

test("with nothing installed and no network it says what to do", () => {
  const { code, printed } = ensure([], { OFFLINE: "1" });
  expect(code).toBe(1);
  expect(printed).toContain("the npm registry cannot be reached");
  expect(printed).toContain("connect, and run the command again");
});

test("the page is built when its sources have changed, and only then", () => {
  expect(ensure(["--page"]).asked).toEqual(["ci --ignore-scripts", "run build"]);
  expect(ensure(["--page"]).asked).toEqual([]);
  write("packages/carillon/src/uri/uri.test.ts", "a test changes nothing in the page");
  expect(ensure(["--page"]).asked).toEqual([]);
  write("packages/carillon/src/uri/uri.ts", "export const a = 1;");
  expect(ensure(["--page"]).asked).toEqual(["run build"]);
  rmSync(join(root, "packages/web/dist"), { recursive: true });
  expect(ensure(["--page"]).asked).toEqual(["run build"]);
});

test("a page that does not build stops the start, with the reason, and is tried again", () => {
  const broken = ensure(["--page"], { BROKEN: "1" });
  expect(broken.code).toBe(1);
  expect(broken.printed).toContain("the page does not compile");
  expect(ensure(["--page"]).asked).toEqual(["run build"]);
});

test("without the network an installed and built clone starts", () => {
  ensure(["--page"]);
  expect(ensure(["--page"], { OFFLINE: "1" })).toMatchObject({ code: 0, asked: [] });
});
