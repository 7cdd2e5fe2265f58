// Pages that show code show it as it is. Below such a line stands what is in a file, all of it or
// from a line on to the next "}" that begins one; or what a program prints:
//
//   <!-- file examples/tested/answering-machine.ts -->
//   <!-- file examples/tested/answering-machine.test.ts, from "test(\"a message" -->
//   <!-- printed by examples/tested/failure.ts -->
//
//   node scripts/quoted.ts            puts in what there is now
//   node scripts/quoted.ts --check    tells which pages are out of date

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(
  process.env["CARILLON_ROOT"] ?? dirname(dirname(fileURLToPath(import.meta.url))),
);
const QUOTE =
  /^<!-- (file|printed by) (\S+?)(?:, from ("[^\n]*"))? -->$(?:\n\n```\w+\n[\s\S]*?\n```$)?/gm;

for (const name of readdirSync(join(ROOT, "docs")).sort()) {
  if (!name.endsWith(".md")) continue;
  const path = join(ROOT, "docs", name);
  const page = readFileSync(path, "utf8");
  const current = page.replace(QUOTE, quoted);
  if (current === page) continue;
  if (!process.argv.includes("--check")) {
    writeFileSync(path, current);
    console.log(`wrote docs/${name}`);
  } else {
    console.log(`docs/${name}: out of date: node scripts/quoted.ts`);
    process.exitCode = 1;
  }
}

function quoted(_: string, how: string, file: string, from: string | undefined): string {
  const marker = `<!-- ${how} ${file}${from === undefined ? "" : `, from ${from}`} -->`;
  const [kind, text] =
    how === "file"
      ? ["ts", part(file, readFileSync(join(ROOT, file), "utf8"), from)]
      : ["text", printed(file)];
  return `${marker}\n\n\`\`\`${kind}\n${text.trimEnd()}\n\`\`\``;
}

function part(file: string, text: string, from: string | undefined): string {
  if (from === undefined) return text;
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.startsWith(JSON.parse(from)));
  const last = lines.findIndex((line, at) => at > first && line.startsWith("}"));
  if (first < 0 || last < 0) throw new Error(`${file}: nothing begins with ${from} and ends`);
  return lines.slice(first, last + 1).join("\n");
}

function printed(file: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, file)], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], NO_COLOR: "1" },
  });
  if (status !== 0) throw new Error(`${file} failed:\n${stderr}`);
  return stdout;
}
