/** How datagrams come and go here: in batches where the system can, else one by one. */
import { type Runner, type UdpSocket, udp } from "carillon/node";
import type { Address } from "carillon/uri";
import { BatchedUdp } from "./batched/batched-udp.ts";
import { loadSystem } from "./batched/system.ts";

export interface Datagrams {
  /** Why one by one, in words; undefined where they go in batches. */
  readonly whyNot: string | undefined;
  /** As `udp` of `carillon/node`. */
  bind(runner: Runner, at: Address): Promise<UdpSocket>;
}

export interface DatagramOptions {
  /** How many milliseconds a turn may wait under load, so that it serves many: 0 for none. */
  readonly gatherMs?: number | undefined;
  /** False is for comparing the two. */
  readonly inBatches?: boolean;
}

/** None: on a quiet machine it cost more than it saved. See docs/speed.md. */
const GATHER_MS = 0;

export async function datagrams(options: DatagramOptions = {}): Promise<Datagrams> {
  const { inBatches = true, gatherMs = GATHER_MS } = options;
  const system = inBatches ? await loadSystem() : "switched off";
  if (typeof system === "string") return { whyNot: system, bind: udp };
  const batched = new BatchedUdp(system, gatherMs);
  // Link-local addresses carry the name of an interface, which only Node writes.
  const bind = (runner: Runner, at: Address) =>
    at.host.includes("%") ? udp(runner, at) : batched.bind(runner, at);
  return { whyNot: undefined, bind };
}
