/** Packets through a TURN server: ours and coturn, in turns; one line each. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeStunCrypto } from "carillon/node";
import { turnCredentials } from "carillon/turn";
import { openPort, TurnCaller, type UdpPort } from "carillon-server/turn-caller";
import { Child } from "../../interop/child.ts";
import { until } from "../../interop/until.ts";
import { cpuSeconds, isBound } from "../proxy/server.ts";
import { type Costing, inTurns } from "../turns.ts";

const HERE = "127.0.0.1";
const PORT = 3478;
const SECRET = "the bench's";
/** RTP with 20 ms of G.711. */
const PACKET = new Uint8Array(172).fill(0x80);
const INTERVAL_MS = 20;
const WARM_MS = 2000;
const CHANNEL = 0x4000;
/** coturn may have less; it relays to no loopback address unless it is told to. */
const COTURN = [
  ...["-n", "--no-cli", "--no-tls", "--no-dtls", "--allow-loopback-peers", "--log-file=stdout"],
  ...["--use-auth-secret", `--static-auth-secret=${SECRET}`, "--realm=house.example"],
  ...[`--listening-ip=${HERE}`, `--relay-ip=${HERE}`, `--listening-port=${PORT}`],
  ...["--relay-threads=1", "--min-port=49152", "--max-port=50175"],
];

export interface RelayedWish {
  /** Each with a peer of its own. */
  readonly clients: number;
  readonly seconds: number;
  readonly rounds: number;
}

interface Measured extends Costing {
  readonly perSecond: number;
  /** Of one core. */
  readonly percent: number;
  readonly lost: number;
}

type Name = "carillon" | "coturn";

/** Prints what a packet costs in either. Where nothing but a loopback interface is in reach. */
export async function relayedPackets({ clients, seconds, rounds }: RelayedWish): Promise<void> {
  const names: readonly Name[] = ["carillon", "coturn"];
  const all = await inTurns(names, rounds, (name) => once(name as Name, clients, seconds));
  for (const [name, { microseconds, perSecond, percent, lost }] of all) {
    const figures = [
      `${microseconds.toFixed(2)} µs a packet`,
      `${perSecond.toFixed(0)} packets/s`,
      `${percent.toFixed(0)} % of a core`,
      `${Math.floor((clients * 100) / percent)} calls a core`,
      `${(100 * lost).toFixed(1)} % lost`,
    ];
    console.log(`turn   ${clients} clients  ${name.padEnd(9)} ${figures.join(", ")}`);
  }
}

async function once(name: Name, clients: number, seconds: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "carillon-turn-"));
  const log = join(folder, `${name}.log`);
  const command =
    name === "coturn"
      ? ["turnserver", ...COTURN, `--userdb=${join(folder, "db")}`, `--pidfile=${folder}/pid`]
      : [process.execPath, fileURLToPath(new URL("serve.ts", import.meta.url)), SECRET];
  const server = new Child("taskset", ["-c", "0", ...command], { log, cwd: folder });
  try {
    await until("the server listens", () => isBound(PORT) || undefined, 10_000);
    const pairs = await Promise.all(Array.from({ length: clients }, (_, nth) => Pair.open(nth)));
    const measured = await run(pairs, server.pid, seconds);
    await Promise.all(pairs.map((pair) => pair.close()));
    return measured;
  } finally {
    await server.stop(5000);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A client with its relay, and its peer. */
class Pair {
  sent = 0;
  received = 0;
  readonly #caller: TurnCaller;
  readonly #peer: UdpPort;
  readonly #relayed: { readonly host: string; readonly port: number };

  private constructor(caller: TurnCaller, peer: UdpPort, relayed: Pair["relayed"]) {
    this.#caller = caller;
    this.#peer = peer;
    this.#relayed = relayed;
    caller.onheard = () => void this.received++;
  }

  get relayed(): { readonly host: string; readonly port: number } {
    return this.#relayed;
  }

  static async open(nth: number): Promise<Pair> {
    const user = { expiresSeconds: Date.now() / 1000 + 600, account: `client${nth}` };
    const credentials = turnCredentials(Buffer.from(SECRET), user, nodeStunCrypto());
    const caller = await TurnCaller.open({ host: HERE, port: PORT }, credentials);
    const relayed = await caller.allocate();
    if (typeof relayed === "number") throw new Error(`no relay: ${relayed}`);
    const peer = await openPort({ host: HERE, port: 0 }, () => void pair.received++);
    const code = await caller.bind(CHANNEL, peer.address);
    if (code !== 0) throw new Error(`no channel: ${code}`);
    const pair: Pair = new Pair(caller, peer, relayed);
    return pair;
  }

  /** One packet each way. */
  talk(): void {
    this.sent += 2;
    this.#caller.sendOn(CHANNEL, PACKET);
    this.#peer.send(PACKET, this.#relayed);
  }

  async close(): Promise<void> {
    await Promise.all([this.#caller.close(), this.#peer.close()]);
  }
}

async function run(pairs: readonly Pair[], pid: number, seconds: number): Promise<Measured> {
  const sum = (which: "sent" | "received") => pairs.reduce((all, pair) => all + pair[which], 0);
  const look = () => ({
    ...{ at: performance.now(), cpu: cpuSeconds(pid) },
    ...{ sent: sum("sent"), received: sum("received") },
  });
  const start = performance.now();
  let first: ReturnType<typeof look> | undefined;
  for (let nth = 0; nth * INTERVAL_MS < WARM_MS + seconds * 1000; nth++) {
    const due = start + nth * INTERVAL_MS;
    await new Promise((go) => setTimeout(go, Math.max(0, due - performance.now())));
    if (!first && performance.now() - start > WARM_MS) first = look();
    for (const pair of pairs) pair.talk();
  }
  await new Promise((go) => setTimeout(go, 150));
  const last = look();
  if (!first) throw new Error("it was over before it was warm");
  const [sent, received] = [last.sent - first.sent, last.received - first.received];
  const [elapsed, cpu] = [(last.at - first.at) / 1000, last.cpu - first.cpu];
  return {
    microseconds: (1e6 * cpu) / Math.max(1, received),
    perSecond: received / elapsed,
    percent: (100 * cpu) / elapsed,
    lost: Math.max(0, 1 - received / sent),
  };
}
