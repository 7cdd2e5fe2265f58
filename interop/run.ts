// Calls with programs that were not written here, through the real program, where nothing but a
// loopback interface is in reach. A program that is missing is a failure.
//
//   npm run interop                    every check once
//   npm run interop -- --full          ten rounds, each with a new house
//   npm run interop -- bridge sippCalls   those of these names alone

import { mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isAlone, runAlone } from "../trial/alone.ts";
import { baresipCalls } from "./baresip-calls.ts";
import { bothFamilies } from "./both-families.ts";
import { bridge } from "./bridge.ts";
import { bridgedEdges } from "./bridged-edges.ts";
import { certificates } from "./certificates.ts";
import { killChildren } from "./child.ts";
import { clientAsks } from "./client-asks.ts";
import { connected } from "./connected.ts";
import { doctorAsks } from "./doctor-asks.ts";
import { edgeSleepers } from "./edge-sleepers.ts";
import { edges } from "./edges.ts";
import { exchangeAsks } from "./exchange-asks.ts";
import { gruuCalls } from "./gruu-calls.ts";
import { gruuSipp } from "./gruu-sipp.ts";
import { hep } from "./hep.ts";
import { House } from "./house.ts";
import { houseEvents } from "./house-events.ts";
import { houseLines } from "./house-lines.ts";
import { houseMessages } from "./house-messages.ts";
import { kamailioCalls } from "./kamailio-calls.ts";
import { kamailioFlows } from "./kamailio-flows.ts";
import { kamailioGruus } from "./kamailio-gruus.ts";
import { lanCalls } from "./lan-calls.ts";
import { messageAsks } from "./message-asks.ts";
import { msrpRelay } from "./msrp-relay.ts";
import { outbound } from "./outbound.ts";
import { pageLines } from "./page-lines.ts";
import { pageLinks } from "./page-links.ts";
import { missingPeers } from "./peers.ts";
import { phoneCalls } from "./phone-calls.ts";
import { presenceAsks } from "./presence-asks.ts";
import { reachable } from "./reachable.ts";
import { relayTurn } from "./relay-turn.ts";
import { Report } from "./report.ts";
import { sippCalls } from "./sipp-calls.ts";
import { sippPeerCalls } from "./sipp-peer-calls.ts";
import { sippPeerEvents } from "./sipp-peer-events.ts";
import { sippTransfers } from "./sipp-transfers.ts";
import { sipsakAsks } from "./sipsak-asks.ts";
import { terminalCalls } from "./terminal-calls.ts";
import { voiceCalls } from "./voice-calls.ts";

const ROUNDS_IN_FULL = 10;
const ROUND_MS = 1_200_000;

const { values, positionals } = parseArgs({
  options: { full: { type: "boolean", default: false } },
  allowPositionals: true,
});
/** With one house for all of them. */
const IN_A_HOUSE = [
  ...[baresipCalls, phoneCalls, voiceCalls, messageAsks, houseMessages, houseEvents],
  ...[terminalCalls, gruuCalls, gruuSipp, houseLines, sipsakAsks, sippCalls, sippTransfers],
];
/** Each with what it needs. */
const APART = [
  ...[clientAsks, bothFamilies, lanCalls, sippPeerCalls, reachable, kamailioCalls, kamailioFlows],
  ...[
    certificates,
    hep,
    outbound,
    edges,
    edgeSleepers,
    msrpRelay,
    pageLinks,
    pageLines,
    doctorAsks,
  ],
  ...[relayTurn, connected, bridge, bridgedEdges, kamailioGruus],
];
/** These share no port. */
const AT_ONCE = [sippPeerEvents, presenceAsks, exchangeAsks];

const rounds = values.full ? ROUNDS_IN_FULL : 1;

process.exitCode = isAlone() ? await runRounds(tmpdir()) : await begin();
// A peer that hangs, or a check that was given up, must not keep us.
if (isAlone()) process.exit();

/** Outside: everything that can be killed at once is started from here. */
async function begin(): Promise<number> {
  const missing = missingPeers();
  for (const sentence of missing) console.log(`FAILED: ${sentence}`);
  if (missing.length > 0) return 1;
  const folder = await mkdtemp(join(tmpdir(), "carillon-interop-"));
  const args = process.argv.slice(2);
  const code = await runAlone(import.meta.filename, args, folder, rounds * ROUND_MS);
  if (code === 0) await rm(folder, { recursive: true, force: true });
  else console.log(`What everybody said: ${folder}`);
  return code;
}

async function runRounds(folder: string): Promise<number> {
  const startMs = performance.now();
  const unknown = positionals.filter(
    (word) => ![...IN_A_HOUSE, ...APART, ...AT_ONCE].some(({ name }) => name === word),
  );
  if (unknown.length > 0) {
    console.log(`FAILED: there are no checks called ${unknown.join(", ")}`);
    return 1;
  }
  let [passed, failed] = [0, 0];
  for (let nth = 1; nth <= rounds; nth++) {
    const report = new Report(rounds > 1 ? ` ${nth}/${rounds}` : "");
    const own = join(folder, `round-${nth}`);
    mkdirSync(own);
    // What is thrown outside of a check, such as a phone that does not start, is one that failed.
    await runRound(own, report).catch((error: Error) =>
      report.check("the round comes to its end", () => Promise.reject(error)),
    );
    passed += report.passed;
    failed += report.failed;
  }
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  console.log(`${passed} ok, ${failed} failed (${seconds} s)`);
  return failed === 0 ? 0 : 1;
}

async function runRound(folder: string, report: Report): Promise<void> {
  const inAHouse = IN_A_HOUSE.filter(isWanted);
  if (inAHouse.length > 0) await runInAHouse(inAHouse, folder, report);
  await Promise.all(AT_ONCE.filter(isWanted).map((asks) => asks(folder, report)));
  killChildren();
  for (const asks of APART.filter(isWanted)) await asks(folder, report).finally(killChildren);
}

function isWanted({ name }: { readonly name: string }): boolean {
  return positionals.length === 0 || positionals.includes(name);
}

type InAHouse = (typeof IN_A_HOUSE)[number];

async function runInAHouse(all: readonly InAHouse[], folder: string, report: Report) {
  const house = await House.start(folder);
  try {
    for (const asks of all) await asks(house, folder, report);
  } finally {
    await report.check("the server ran without a fault, and stops when told to", async () => {
      const code = await house.stop();
      const [fault] = house.faults;
      if (fault !== undefined) throw new Error(`in its log: ${fault}`);
      if (code !== 0) throw new Error(`exit code ${code}`);
      return "exit code 0";
    });
    killChildren();
  }
}
