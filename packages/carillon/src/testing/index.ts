/**
 * A network in memory, and what tests need on it: `carillon/testing`. Phones and servers on it are
 * the real ones; the network between them and the clock are made up, so that a call of a minute
 * takes milliseconds, and goes the same way every time. docs/testing.md shows how an application is
 * tested.
 *
 * ```ts
 * import { house } from "carillon/testing";
 *
 * const { network, signedIn, talk, hostOf } = house({ seed: 7, loss: 0.2 });
 * const [alice, bob] = [await signedIn("alice"), await signedIn("bob", "ws")];
 * const { from, to } = await talk(alice, bob);
 * hostOf(bob).disconnect();
 * await network.run(10_000);
 * console.log(from.state.name, to.state.name); // Established Established
 * to.hangUp();
 * console.log((await network.until(from.ended)).message); // They hung up.
 * ```
 */
export { testAccounts } from "./accounts.ts";
export {
  type Certificate,
  type CertificateOptions,
  certificate,
  revocationList,
} from "./certificate.ts";
export { type EdgeOutcome, playEdge } from "./edge/edge-story.ts";
export { allFlows, NOT_PLAYED } from "./flows/all-flows.ts";
export { type Flow, type PlayedFlow, playFlow } from "./flows/flow.ts";
export { playInStorm, type StormyEnd } from "./flows/storm.ts";
export { type Healed, playHealing } from "./healing/story.ts";
export { HOSTILE_STRINGS, type HostileString } from "./hostile-strings.ts";
export {
  type House,
  type HouseOptions,
  type HouseWay,
  house,
  type PhoneChanges,
} from "./house.ts";
export { type LadderOptions, ladder } from "./ladder.ts";
export {
  type CallersOptions,
  type CallersPlaces,
  type CallersWorld,
  contactOf,
  ManyCallers,
  type PlacedCall,
} from "./many-callers.ts";
export { MsrpWires } from "./msrp-wires.ts";
export {
  type BoxParams,
  type BurstLoss,
  type Chance,
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
export {
  type OfferAnswerExample,
  type OfferAnswerTable,
  offerAnswerTables,
} from "./offer-answer/examples.ts";
export { PlainEngine, plainEngine } from "./plain-engine.ts";
export { seeded } from "./random.ts";
export { type RequestParts, requestText } from "./request-text.ts";
export { silentMedia } from "./silent-media.ts";
export { type SpokenMedia, spokenMedia } from "./spoken-media.ts";
export { CountingGateway, type GatewayOptions, type Manner } from "./toll/gateway.ts";
export { Swindler, type SwindlerOptions, TRICKS, type Trick } from "./toll/swindler.ts";
export {
  ask,
  type End,
  newEnd,
  type Pair,
  type TransportCheck,
  transportChecks,
} from "./transport-suite.ts";
export { Wire } from "./wire.ts";
