// What a page loads: phones with and without what few ask for, beside jssip and sip.js; minified
// and gzipped. --modules [ENTRY] says which sources the bytes come from, --check holds the phone to
// scripts/size-ratchet.json, --write tightens that.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, gzipped } from "./size/bundle.ts";
import { shares } from "./size/shares.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LIBRARY = join(ROOT, "packages/carillon");
const PEERS = join(ROOT, "bench");
const RATCHET = join(ROOT, "scripts/size-ratchet.json");

interface Entry {
  readonly name: string;
  readonly code: string;
  readonly folder: string;
}

const PHONE = 'export { Phone } from "carillon/browser";';
const ours = (name: string, more = ""): Entry => ({
  ...{ name, code: `${PHONE}\n${more}`, folder: LIBRARY },
});
const peer = (name: string, code: string): Entry => ({ name, code, folder: PEERS });

const ENTRIES: readonly Entry[] = [
  ours("Phone"),
  ours("Phone and carillon/transfer", 'export * from "carillon/transfer";'),
  ours(
    "Phone and carillon/calling but wholePhone",
    `export { answering, autoAnswer, failover, followRedirects, honourUris, keysByInfo, outbound,
      reliably, sessionTimers, trickles } from "carillon/calling";`,
  ),
  ours("Phone and carillon/chat", 'export * from "carillon/chat";'),
  ours("Phone and carillon/events", 'export * from "carillon/events";'),
  ours("the whole of carillon/browser", 'export * from "carillon/browser";'),
];
const OTHERS: readonly Entry[] = [
  peer("jssip: UA, WebSocketInterface", 'export { UA, WebSocketInterface } from "jssip";'),
  peer(
    "sip.js: UserAgent, Registerer, Inviter, Messager",
    'export { UserAgent, Registerer, Inviter, Messager } from "sip.js";',
  ),
  peer("sip.js, all of it", 'export * from "sip.js";'),
];

const [mode, named] = process.argv.slice(2);
if (mode === "--check" || mode === "--write") await check(mode === "--write");
else if (mode === "--modules") await modules(named ?? "Phone");
else if (mode === undefined) await table();
else throw new Error(`unknown argument ${mode}`);

async function table(): Promise<void> {
  for (const { name, code, folder } of [...ENTRIES, ...OTHERS]) {
    const { code: text } = await bundle(name, code, folder);
    console.log(row(name, text.length, gzipped(text)));
  }
}

async function modules(name: string): Promise<void> {
  const entry = [...ENTRIES, ...OTHERS].find((one) => one.name === name);
  if (!entry) throw new Error(`no entry ${name}: ${ENTRIES.map((one) => one.name).join("; ")}`);
  const made = await bundle(entry.name, entry.code, entry.folder);
  const pathOf = (source: string): string => source.replace(/^(?:\.\.?\/)*(?:src\/)?/, "");
  console.log(row(name, made.code.length, gzipped(made.code)));
  console.log("\nfolders");
  for (const one of shares(made, (source) => dirname(pathOf(source)))) print(one);
  console.log("\nmodules");
  for (const one of shares(made, pathOf)) print(one);
}

function print(one: { source: string; minified: number; gzipped: number }): void {
  console.log(row(one.source, one.minified, one.gzipped));
}

/** Kilobytes of a thousand octets, as people say them. */
function row(name: string, minified: number, zipped: number): string {
  const kB = (octets: number): string => `${(octets / 1000).toFixed(1)} kB`.padStart(9);
  return `${name.padEnd(50)} ${kB(minified)} ${kB(zipped)} gzipped`;
}

/** What is listed may shrink and never grow. */
async function check(isWritten: boolean): Promise<void> {
  const ratchet: Record<string, number> = JSON.parse(readFileSync(RATCHET, "utf8"));
  for (const [name, most] of Object.entries(ratchet)) {
    const entry = ENTRIES.find((one) => one.name === name);
    if (!entry) throw new Error(`scripts/size-ratchet.json: no entry ${name}`);
    const size = gzipped((await bundle(name, entry.code, entry.folder)).code);
    if (isWritten) ratchet[name] = Math.min(most, size);
    else if (size <= most) console.log(`${name}: ${size} octets gzipped, of ${most}`);
    else {
      console.log(`${name}: ${size} octets gzipped; it was ${most}, and may shrink but not grow.`);
      console.log("`npm run size -- --modules` says where they are.");
      process.exitCode = 1;
    }
  }
  if (isWritten) writeFileSync(RATCHET, `${JSON.stringify(ratchet, undefined, 2)}\n`);
}
