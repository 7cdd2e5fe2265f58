/**
 * Servers, as roles of an endpoint: `carillon/roles`. Proxy and registrar of a domain (RFC 3261
 * §10, §16). Stores answer at once or with a `Pending`, so that everything that is in memory is
 * done in the turn in which it was asked for.
 *
 * ```ts
 * import { portableCrypto } from "carillon/auth";
 * import { createEndpoint } from "carillon/endpoint";
 * import { domain, MemoryLocation } from "carillon/roles";
 * import { requestText, testAccounts, Wire } from "carillon/testing";
 *
 * const randomBytes = (count: number) => globalThis.crypto.getRandomValues(new Uint8Array(count));
 * const crypto = portableCrypto(randomBytes);
 * const role = domain({
 *   ...{ domain: "example.com", aliases: [], realm: "example.com", node: "n1", crypto },
 *   ...{ key: randomBytes(32), tokenKey: randomBytes(32), location: new MemoryLocation() },
 *   accounts: testAccounts(crypto, "example.com", { alice: "a secret" }),
 * });
 *
 * // A stranger is asked who they are, and nothing is kept of them.
 * const wire = new Wire(createEndpoint({ role, crypto }));
 * const [answer] = wire.datagram(requestText("REGISTER", { uri: "sip:example.com" }));
 * console.log(answer?.split("\r\n")[0]); // SIP/2.0 401 Unauthorized
 * console.log(wire.endpoint.census().servers); // 0
 * ```
 */

export { sourceOf } from "../transport/source.ts";
export type { Accounts, Device } from "./accounts.ts";
export { type Answer, Pending, StoreBusy, withAnswer } from "./answer.ts";
export {
  type Ban,
  Bans,
  FIRST_BAN_MS,
  LONGEST_BAN_MS,
  MAX_BANS,
} from "./bans.ts";
export type { Ended, EndedUser } from "./branch.ts";
export type { Bridge, BridgeAsked, BridgeDecision } from "./bridge.ts";
export { Budgets, type Leak } from "./budgets.ts";
export type {
  CallAnswered,
  CallBegan,
  CallEnded,
  CallName,
  CallProgress,
  CallRated,
  Calls,
} from "./calls-told.ts";
export { CONTACT_KINDS, type ContactKind, REFUSED_CONTACTS } from "./contact-kinds.ts";
export { GONE } from "./cookie.ts";
export { type DomainRole, domain } from "./domain.ts";
export type { DomainOptions } from "./domain-options.ts";
export type { EdgePolicy } from "./edge.ts";
export { MAX_EDGE_PHONES } from "./edge-wake.ts";
export {
  type Forwarding,
  forwardRequest,
  forwardResponse,
  type ResponseForwarding,
} from "./forward.ts";
export {
  type Binding,
  isAwake,
  type Location,
  MemoryLocation,
  withoutConnection,
} from "./location.ts";
export {
  MemoryOutgoing,
  type OutgoingStore,
  type SavedBook,
  type SavedDialogs,
  type SavedLeg,
} from "./outgoing/kept-calls.ts";
export {
  type AtLimit,
  OUTGOING_LIMITS,
  type OutgoingLimits,
} from "./outgoing/ledger.ts";
/** A leg of a call that leaves the house, as a machine. RFC 3261 §15. */
export * as outgoingLeg from "./outgoing/leg.ts";
export { outgoingLeg as outgoingLegPicture } from "./outgoing/leg-picture.ts";
export {
  NUMBER_KINDS,
  type NumberKind,
  type NumberPlan,
  type NumberReading,
  numberKinds,
  numberReadings,
  PREMIUM,
  userDialled,
} from "./outgoing/number-plan.ts";
export type { Counted, HeldLeg } from "./outgoing/outgoing-call.ts";
export type { OutgoingCensus } from "./outgoing/outgoing-calls.ts";
export type { HangUp } from "./outgoing/outgoing-leg.ts";
export type { OutgoingPolicy } from "./outgoing/outgoing-policy.ts";
export { contactOn } from "./own-requests.ts";
export type { Alternative, Asked, Decision, Policy, Route } from "./policy.ts";
export { MAX_ASLEEP_SECONDS, MAX_EXPIRES_SECONDS } from "./registered-contact.ts";
/** The response context of a forking proxy, as a machine. RFC 3261 §16.7. */
export * as responseContext from "./response-context.ts";
export { responseContext as responseContextPicture } from "./response-context-picture.ts";
export type {
  Done,
  HostNames,
  HostWords,
  OwnOutcome,
  OwnRequest,
  Service,
  ServiceHost,
  ServiceRequest,
} from "./services.ts";
export {
  KNOWN_MS,
  MAX_REMEMBERED,
  SHIELD_LIMITS,
  Shield,
  type ShieldCensus,
  type ShieldLimits,
  type ShieldOptions,
} from "./shield.ts";
export type { Advertise, Shown } from "./shown.ts";
export type { Attempt, Strangers } from "./strangers.ts";
export { canBeFound } from "./target.ts";
export type { HeldRequests, PushService, Wake, WakeAsked, WakeReason, Woken } from "./wake.ts";
export { type PushAddress, type PushAsked, pushAddress, pushKey } from "./wake-address.ts";
export { MAX_AWAKE, MAX_HELD, MAX_HELD_PER_ACCOUNT } from "./wake-bucket.ts";
/** A request that waits for its phone to wake, as a machine. RFC 8599 §5.2. */
export * as wakeHold from "./wake-hold.ts";
export { wakeHold as wakeHoldPicture } from "./wake-hold-picture.ts";
export { MAX_PLANNED } from "./wake-refresh.ts";
export type { LogEntry } from "./words.ts";
