/** A network in memory, and what tests need on it: `carillon/testing`. */
export { testAccounts } from "./accounts.ts";
export {
  type Certificate,
  type CertificateOptions,
  certificate,
  revocationList,
} from "./certificate.ts";
export { allFlows, NOT_PLAYED } from "./flows/all-flows.ts";
export { type Flow, type PlayedFlow, playFlow } from "./flows/flow.ts";
export { playInStorm, type StormyEnd } from "./flows/storm.ts";
export { type House, type HouseOptions, house, type PhoneChanges } from "./house.ts";
export { type LadderOptions, ladder } from "./ladder.ts";
export {
  type BoxParams,
  type BurstLoss,
  CONNECTING_GIVES_UP_MS,
  type Cut,
  type Dependence,
  foundOf,
  Host,
  type HostOptions,
  inTurn,
  LyingDns,
  type Machine,
  type MachineOutput,
  NAT_DEFAULTS,
  type NameServer,
  type Names,
  type Nat,
  type NatBox,
  type NatParams,
  Network,
  type NetworkOptions,
  NXDOMAIN,
  Partitions,
  type Reply,
  ROUND_TRIP_MS,
  ScriptedPeer,
  SERVFAIL,
  type Sight,
  type Sleeper,
  STREAM_GIVES_UP_MS,
  type StreamWeather,
  Tape,
  type Told,
  type Weather,
} from "./network.ts";
export { seeded } from "./random.ts";
export { type RequestParts, requestText } from "./request-text.ts";
export { silentMedia } from "./silent-media.ts";
export {
  ask,
  type End,
  newEnd,
  type Pair,
  type TransportCheck,
  transportChecks,
} from "./transport-suite.ts";
export { Wire } from "./wire.ts";
