#!/usr/bin/env node
/**
 * The command `carillon`. It looks at the Node it runs on before it loads anything that an older
 * one could not, so that the one line about it is all a person sees.
 */
import { fileURLToPath } from "node:url";
import { nodeTooOld } from "./node-version.ts";

const words = nodeTooOld(process.versions.node);
if (words === undefined) {
  // What was compiled once need not be again: a start takes half as long. It does without where it
  // may not write; and never in a folder where others may.
  const cache = new URL("../../../node_modules/.cache/carillon", import.meta.url);
  const { enableCompileCache } = await import("node:module");
  enableCompileCache(fileURLToPath(cache));
  const { runCommand } = await import("./run-command.ts");
  process.exitCode = await runCommand(process.argv.slice(2));
} else {
  process.stderr.write(`${words}\n`);
  process.exitCode = 1;
}
