/** The network in memory, and all that can go wrong on it. Each file of `network` is one thing. */
export type { Sleeper } from "./network/clock.ts";
export { CONNECTING_GIVES_UP_MS } from "./network/diallers.ts";
export { Host, type HostOptions } from "./network/host.ts";
export {
  aboutOther,
  foundOf,
  inTurn,
  LyingDns,
  manySrv,
  type NameServer,
  NXDOMAIN,
  type Reply,
  ROUND_TRIP_MS,
  SERVFAIL,
  type Told,
} from "./network/lying-dns.ts";
export type { Machine, MachineOutput } from "./network/machine.ts";
export { type Dependence, NAT_DEFAULTS, type NatParams } from "./network/nat.ts";
export { type Nat, Network, type NetworkOptions, type Sight } from "./network/network.ts";
export { type Cut, type Names, Partitions } from "./network/partitions.ts";
export type { BurstLoss, Chance, Copy, Piece } from "./network/pieces.ts";
export { type BoxParams, NatBox } from "./network/realm.ts";
export { ScriptedPeer } from "./network/scripted-peer.ts";
export { STREAM_GIVES_UP_MS, type StreamWeather } from "./network/stream.ts";
export { Tape } from "./network/tape.ts";
export type { Weather } from "./network/weather.ts";
