/** How datagrams come and go here: in batches where the system can, else one by one. */
import { type Runner, type UdpSocket, udp } from "carillon/node";
import type { Address } from "carillon/uri";
import { loadSystem } from "carillon-media/system";
import { systemClock } from "../clock.ts";
import { BatchedUdp } from "./batched/batched-udp.ts";

export interface Datagrams {
  /** Why one by one, in words; undefined where they go in batches. */
  readonly whyNot: string | undefined;
  /** As `udp` of `carillon/node`. */
  bind(runner: Runner, at: Address): Promise<UdpSocket>;
}

export interface DatagramOptions {
  /** False is for comparing the two. */
  readonly inBatches?: boolean;
}

export async function datagrams(options: DatagramOptions = {}): Promise<Datagrams> {
  const { inBatches = true } = options;
  const system = inBatches ? await loadSystem() : "switched off";
  if (typeof system === "string") return { whyNot: system, bind: udp };
  const batched = new BatchedUdp(system, systemClock.wall);
  // Link-local addresses carry the name of an interface, which only Node writes.
  const bind = (runner: Runner, at: Address) =>
    at.host.includes("%") ? udp(runner, at) : batched.bind(runner, at);
  return { whyNot: undefined, bind };
}
