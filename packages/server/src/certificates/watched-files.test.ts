import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WatchedFiles } from "./watched-files.ts";

let folder: string;
let watched: WatchedFiles | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carillon-watched-"));
});
afterEach(() => {
  watched?.close();
  rmSync(folder, { recursive: true, force: true });
});

const pause = (ms: number) => new Promise((go) => setTimeout(go, ms));

test("a pair that is written one by one is told of once, a replaced link included", async () => {
  const at = (name: string): string => join(folder, name);
  for (const name of ["cert-1", "cert-2", "key"]) writeFileSync(at(name), name);
  symlinkSync("cert-1", at("cert"));
  const changed = vi.fn();
  watched = new WatchedFiles([at("cert"), at("key")], changed, 200);
  await pause(500);
  expect(changed).not.toHaveBeenCalled();
  symlinkSync("cert-2", at("cert.new"));
  renameSync(at("cert.new"), at("cert"));
  await pause(20);
  writeFileSync(at("key"), "another key");
  await vi.waitFor(() => expect(changed).toHaveBeenCalled(), 3000);
  await pause(700);
  expect(changed).toHaveBeenCalledTimes(1);
});
