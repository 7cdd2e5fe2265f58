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
export { eachSpoiled, NASTY } from "./nasty.ts";
export * from "./network.ts";
export { plainWords } from "./plain-words.ts";
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
