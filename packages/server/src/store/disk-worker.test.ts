import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DEFAULT_RETENTION } from "carillon/messaging";
import { LONGEST_BAN_MS, MAX_BANS } from "carillon/roles";
import { expect, test } from "vitest";
import { BAN_LIMITS } from "../protection/ban-table.ts";
import { RETENTION } from "./messages/retention.ts";

/** The files that are loaded with this one, by their addresses. */
function loadedWith(file: string): readonly string[] {
  const script = `
    import { registerHooks } from "node:module";
    const all = [];
    registerHooks({ load: (url, context, next) => { all.push(url); return next(url, context); } });
    await import(${JSON.stringify(new URL(file, import.meta.url).href)});
    console.log(JSON.stringify(all));`;
  const args = ["--input-type=module", "--no-warnings", "-e", script];
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  return JSON.parse(execFileSync(process.execPath, args, { cwd, encoding: "utf8" }));
}

test("the disk's thread starts without what speaks SIP, which would take as long again", () => {
  for (const file of ["./apply-batch.ts", "./store.ts"]) {
    const loaded = loadedWith(file);
    expect(loaded.length).toBeGreaterThan(5);
    const much = loaded.filter((url) => /\/(roles|endpoint|messaging|message)\//.test(url));
    expect(much).toEqual([]);
  }
});

test("what is kept by itself is what the library says of it", () => {
  expect(RETENTION).toEqual(DEFAULT_RETENTION);
  expect(BAN_LIMITS).toEqual({ most: MAX_BANS, longestMs: LONGEST_BAN_MS });
});
