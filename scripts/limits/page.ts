/** docs/limits.md, made of the table. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Kept } from "./kept.ts";
import { TABLE } from "./table.ts";

/** The page's text. Throws where the table names a number that a source has not. */
export function limitsPage(packages: string): string {
  const numbers = messageLimits(packages);
  return `# Limits

Everything that a peer can make grow, how far, and what goes first. Made by \`npm run limits\` from
\`scripts/limits\`, whose test finds every map, set and list of the server that is not in it.

## One message

| what | most |
| --- | --- |
${numbers.map(([name, value]) => `| \`${name}\` | ${value} |`).join("\n")}

${TABLE.map(({ who, rows }) => `## ${who}\n\n${tableOf(rows, packages)}\n`).join("\n")}`;
}

function tableOf(rows: readonly Kept[], packages: string): string {
  const lines = rows.map(({ path, fields, most, first }) => {
    const what = fields === "*" ? `\`${path}\`` : `\`${path}\`: \`${fields}\``;
    return `| ${what} | ${withNumbers(most, packages, path)} | ${first} |`;
  });
  return ["| where | most | what goes first |", "| --- | --- | --- |", ...lines].join("\n");
}

const NAMED = /\{(?:(\S+) )?(\w+)\}/g;

/** With the numbers of the sources in place of their names; `own` is the row's source. */
export const withNumbers = (text: string, packages: string, own: string): string =>
  text.replaceAll(NAMED, (_, other: string | undefined, name: string) => {
    const path = other ?? own;
    const value = numberIn(readFileSync(join(packages, path), "utf8"), name);
    if (value === undefined) throw new Error(`${path} has no number called ${name}`);
    return value.toLocaleString("en");
  });

/** `NAME = 10_000;`, `NAME: 256 * 1024,`; undefined where there is none. */
export function numberIn(text: string, name: string): number | undefined {
  const pattern = new RegExp(
    `\\b${name}\\b(?:: number)?(?: =|:) ([\\d_.]+(?:e\\d+)?(?: (?:\\*|<<) [\\d_]+)*)`,
  );
  const found = pattern.exec(text)?.[1];
  if (found === undefined) return undefined;
  if (found.includes("<<")) {
    const [value = 0, by = 0] = found.split(" << ").map(plain);
    return value * 2 ** by;
  }
  return found
    .split(" * ")
    .map(plain)
    .reduce((product, one) => product * one, 1);
}

const plain = (text: string): number => Number(text.replaceAll("_", ""));

function messageLimits(packages: string): readonly (readonly [string, string])[] {
  const text = readFileSync(join(packages, "carillon/src/grammar/limits.ts"), "utf8");
  return [...text.matchAll(/^export const (MAX_\w+)(?:: number)? = ([^;]+);/gm)].map(
    ([, name = "", value = ""]) => [name, value.replaceAll("_", ",")],
  );
}
