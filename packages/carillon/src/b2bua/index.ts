/**
 * Back-to-back agent: `carillon/b2bua`. Two dialogs with a media engine between them, so that a
 * browser and a desk phone understand each other. RFC 7092 calls such an element a B2BUA.
 *
 * The engine is a port: whoever moves packets implements `MediaEngine`.
 *
 * ```ts
 * import type { MediaEngine, MediaResult, Described } from "carillon/b2bua";
 *
 * // An engine that has no worker left says so, and does not throw.
 * const full: MediaResult<Described> = {
 *   ok: false,
 *   error: { status: 503, why: "all workers are full", retryAfterSeconds: 5 },
 * };
 * const offer: MediaEngine["offer"] = () => full;
 * const side = { tag: "a", address: "192.0.2.1", transport: "any", isBehindNat: false } as const;
 * const answer = offer("call-1", side, { ...side, tag: "b" }, "v=0\r\n");
 * if ("ok" in answer && !answer.ok) console.log(answer.error.why); // all workers are full
 * ```
 */

export type { SessionUser } from "../ua/session.ts";
export {
  type BridgeEntry,
  type BridgeView,
  type Bridging,
  type BridgingOptions,
  bridging,
} from "./bridging.ts";
export type { Connecting, ConnectOptions, ConnectState } from "./connected-call.ts";
export { createInnerLineEndpoint } from "./inner-line.ts";
export { type Inside, type InsideCall, type InsideUser, inside, UNHEARD } from "./inside.ts";
export type { BridgedStore, SavedBridged, SavedEnd } from "./left-calls.ts";
export type {
  CallStatistics,
  Described,
  MediaAnswer,
  MediaEngine,
  MediaEvent,
  MediaRefusal,
  MediaResult,
  OfferWish,
  OwnAddress,
  Playable,
  Recording,
  Side,
  SideMedia,
  SideStatistics,
  SideTransport,
} from "./media-engine.ts";
export type { BridgeMode } from "./need.ts";
export { putThrough as putThroughPicture } from "./put-through-picture.ts";
export type { RecordAsked, RecordOptions, RecordState } from "./recorded-call.ts";
