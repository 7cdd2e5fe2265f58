#!/usr/bin/env node
/**
 * The command `carillon`. It looks at the Node it runs on before it loads anything that an older
 * one could not, so that the one line about it is all a person sees.
 */
import { nodeTooOld } from "./node-version.ts";

const words = nodeTooOld(process.versions.node);
if (words === undefined) {
  const { runCommand } = await import("./run-command.ts");
  process.exitCode = await runCommand(process.argv.slice(2));
} else {
  process.stderr.write(`${words}\n`);
  process.exitCode = 1;
}
