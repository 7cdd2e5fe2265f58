// The page docs/flows.md: every call flow as a ladder, with what each message means beside it.
//
//   node scripts/flows.ts            writes the page
//   node scripts/flows.ts --check    tells whether it is current
//   node scripts/flows.ts --full     plays every flow a thousand times in bad weather
//   node scripts/flows.ts --full "RFC 5589 §7" hold
//                                    the same for flows with one of these in their source or title

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { allFlows, type Flow, NOT_PLAYED, playFlow, playInStorm } from "carillon/testing";
import { offersAndAnswers } from "./flows/offers-and-answers.ts";

const ROOT = resolve(
  process.env["CARILLON_ROOT"] ?? dirname(dirname(fileURLToPath(import.meta.url))),
);
const PAGE = "docs/flows.md";
const SEEDS = 1000;
/** Failures of one flow are mostly one failure. */
const MOST_TOLD = 5;

const PREAMBLE = `# Call flows

Written by \`node scripts/flows.ts\`; never by hand. Each is a script of a few lines in
\`packages/carillon/src/testing/flows\`, played on the simulated network: what stands here is what
the phones and the server said, and \`npm test\` sees to it that it stays so.

The same scripts are played with every fifth datagram lost, every tenth doubled, and all of them
late by chance, so that they overtake each other: in \`npm test\` with 40 seeds each, and with 1,000
by \`npm run flows -- --full\`. Each has to come to the same end, and in the end no call and no
transaction may be left anywhere. Where so much is lost that a transaction runs out of time, which
RFC 3261 §17 has it do after 32 seconds, the caller calls again, as people do. A caller that has
heard nothing must not send a CANCEL (§9.1); a phone that rings for it all the same stops by itself,
when the time is over that the INVITE gave it (Expires).

The flows of RFC 5359 and RFC 5589 go as they are drawn there. In all of them a server stands
between the phones, wants to know who asks (407), and passes everything on; who is called rings
(180); a REFER is answered with 200 and never 202 (RFC 7647 §5), and NOTIFYs tell of 180, too;
addresses are sip and not sips, and sound is not drawn. What else is other than there is said with
each flow.

Times are in seconds; \`x\` is a message that never arrives.`;

const path = join(ROOT, PAGE);
if (process.argv.includes("--full")) await playAll();
else if (process.argv.includes("--check")) await check();
else await write();

async function check(): Promise<void> {
  if (existsSync(path) && readFileSync(path, "utf8") === (await flowsPage())) return;
  console.log(`${PAGE}: out of date: node scripts/flows.ts`);
  process.exitCode = 1;
}

async function write(): Promise<void> {
  writeFileSync(path, await flowsPage());
  console.log(`wrote ${PAGE}`);
}

async function flowsPage(): Promise<string> {
  const chapters: string[] = [];
  for (const flow of allFlows) chapters.push(await chapter(flow));
  const contents = allFlows.map(
    ({ title, source }) => `- [${title}](#${anchor(title)}), ${source}`,
  );
  const more = "- [Offers and answers](#offers-and-answers), RFC 6337";
  const parts = [[...contents, more].join("\n"), ...chapters, offersAndAnswers(), notPlayed()];
  return `${[PREAMBLE, ...parts].join("\n\n")}\n`;
}

async function chapter(flow: Flow): Promise<string> {
  const { title, source, words, differs = [], ends, ladder } = await playFlow(flow);
  const end = `Ends with ${ends.map((one) => `\`${one}\``).join(", ")}.`;
  const drawn = `\`\`\`text\n${ladder({ explained: true })}\n\`\`\``;
  const other = differs.length === 0 ? [] : [`Other than in the RFC: ${differs.join("\n")}`];
  return [`## ${title}`, `${source}.`, words.join("\n"), ...other, drawn, end].join("\n\n");
}

function notPlayed(): string {
  const lines = NOT_PLAYED.map(([source, why]) => `- ${source}: ${why}.`);
  return ["## Not played", lines.join("\n")].join("\n\n");
}

/** As the sites that show Markdown make it of a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replace(/ /g, "-");
}

async function playAll(): Promise<void> {
  const flows = allFlows.filter(isWanted);
  let failed = 0;
  for (const flow of flows) failed += await playThousand(flow);
  const verdict = failed === 0 ? "All of them ended as they should." : `${failed} did not.`;
  console.log(`${flows.length} flows, ${SEEDS} seeds each. ${verdict}`);
  if (failed > 0 || flows.length === 0) process.exitCode = 1;
}

/** Whether the command line names it, or none at all. */
function isWanted({ source, title }: Flow): boolean {
  const named = process.argv.slice(2).filter((one) => !one.startsWith("--"));
  return named.length === 0 || named.some((one) => `${source}, ${title}`.includes(one));
}

/** Plays one flow with every seed and says how it went; returns how many did not end well. */
async function playThousand(flow: Flow): Promise<number> {
  let [failed, again, messages] = [0, 0, 0];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const end = await playInStorm(flow, seed);
    again += end.again;
    messages += end.messages;
    if (end.failures.length === 0) continue;
    if (++failed <= MOST_TOLD)
      console.log(`  ${flow.title}, seed ${seed}: ${end.failures.join("; ")}`);
  }
  const well = `${SEEDS - failed} of ${SEEDS} as they should`;
  const more = `${again} tries more, ${messages} messages`;
  console.log(`${flow.source}, ${flow.title}: ${well}; ${more}`);
  return failed;
}
