/**
 * What a relayed packet costs, beside coturn.
 *
 *   npm run bench:turn
 *   npm run bench:turn -- --clients=50 --rounds=3 --seconds=5
 *
 * Each client has an allocation and a channel to a peer of its own, and both send 50 packets of 172
 * octets a second: a voice call in G.711. Each server has one core, and whoever sends the other
 * one. CPU is the server's, medians of the rounds.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { relayedPackets } from "./turn/relayed-packets.ts";
import { besideOthers } from "./turns.ts";

const PROGRAMS = [
  { path: "/usr/bin/turnserver", debianPackage: "coturn" },
  { path: "/usr/bin/taskset", debianPackage: "util-linux" },
];

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "100" },
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
  },
});

process.exitCode = await besideOthers(
  { script: fileURLToPath(import.meta.url), programs: PROGRAMS, deadlineMs: 600_000 },
  async () => {
    const [clients, seconds, rounds] = [values.clients, values.seconds, values.rounds].map(Number);
    await relayedPackets({ clients: clients ?? 100, seconds: seconds ?? 5, rounds: rounds ?? 3 });
  },
);
process.exit();
