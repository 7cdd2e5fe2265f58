// The page docs/machines.md: every machine of the library as a diagram, and all that it does.
//
//   node scripts/machines.ts            writes the page
//   node scripts/machines.ts --check    tells whether it is current

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { putThroughPicture } from "carillon/b2bua";
import { deliveryPicture } from "carillon/messaging";
import { msrpPictures } from "carillon/msrp";
import { outgoingLegPicture, responseContextPicture, wakeHoldPicture } from "carillon/roles";
import { mermaid, type Picture, pictures, printPicture } from "carillon/usage";

const ROOT = resolve(
  process.env["CARILLON_ROOT"] ?? dirname(dirname(fileURLToPath(import.meta.url))),
);
const PAGE = "docs/machines.md";

const PREAMBLE = `# The machines

Written by \`node scripts/machines.ts\`; never by hand. What has states in SIP is a function of
its state, an input and the time, and pure; its outputs are what others then do. A state holds the
deadlines that exist in it, so that leaving it is what stops its timers.

Each diagram is made by running the machine: an arrow says what was fed and, behind the slash, the
kinds of what came out. What neither changes the state nor says anything has no arrow. Below each
stands all of it: every state with every input, at a time in milliseconds, with the deadlines in
parentheses and the outputs behind the bars. The machines' tests hold the same lines. A dialog
has no deadlines and ends with its call; it is here because it has states, and a request moves it.`;

const path = join(ROOT, PAGE);
if (process.argv.includes("--check")) check();
else write();

function check(): void {
  if (existsSync(path) && readFileSync(path, "utf8") === machinesPage(allPictures())) return;
  console.log(`${PAGE}: out of date: node scripts/machines.ts`);
  process.exitCode = 1;
}

function write(): void {
  writeFileSync(path, machinesPage(allPictures()));
  console.log(`wrote ${PAGE}`);
}

function allPictures(): readonly Picture[] {
  const others = [
    responseContextPicture(),
    wakeHoldPicture(),
    outgoingLegPicture(),
    putThroughPicture(),
    deliveryPicture(),
  ];
  return [...pictures(), ...others, ...msrpPictures()];
}

function machinesPage(all: readonly Picture[]): string {
  const contents = all.map(({ title, source }) => `- [${title}](#${anchor(title)}), ${source}`);
  return `${[PREAMBLE, contents.join("\n"), ...all.map(chapter)].join("\n\n")}\n`;
}

function chapter(picture: Picture): string {
  const { title, source } = picture;
  return [
    `## ${title}`,
    `${source}.`,
    fenced("mermaid", mermaid(picture)),
    "<details><summary>Every state with every input</summary>",
    fenced("text", printPicture(picture)),
    "</details>",
  ].join("\n\n");
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

/** As the sites that show Markdown make it of a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replace(/ /g, "-");
}
