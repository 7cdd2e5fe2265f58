/**
 * Who may come in when there is more to do than can be done. Asked before a message is read, with
 * how long it has waited: what is turned away has to cost next to nothing.
 */
import type { Octets } from "../../grammar/octets.ts";
import type { Millis } from "../../transaction/timers.ts";
import type { Flow } from "../../transport/flow.ts";

/** What becomes of a message: it goes its way, nobody hears of it, or it is answered at once. */
export type Verdict = "go" | "drop" | Answer;

/** A whole response with all that its next hop is to be told, and the way on which it goes. */
export interface Answer {
  /** As it is on the wire. */
  readonly octets: Octets;
  /** Where to. RFC 3261 §18.2.2. */
  readonly flow: Flow;
}

/** What of a topmost Via tells one request from others. RFC 3261 §17.2.3. */
export interface ViaName {
  /** As it stands there; empty where there is none. */
  readonly branch: Octets;
  /** `host:port` in lower case, with nothing behind the colon where it names no port. */
  readonly sentBy: string;
}

/** What an admission asks of the endpoint that it stands before. */
export interface AdmissionWorld {
  /** Whether this request, whose topmost Via this is, repeats one that is being worked on. */
  isKnown(octets: Octets, method: string, via: ViaName, flow: Flow): boolean;
  /** A keyed hash that only this endpoint can make: 16 hexadecimal digits. */
  mac(octets: Octets): string;
}

/** Stands before an endpoint: `EndpointOptions.admission`. `overloadControl` makes one. */
export interface Admission {
  /** Called once, before anything else. */
  attach(world: AdmissionWorld): void;
  /**
   * Decides about one whole message. `waitedMs` is how long it lay in the socket or elsewhere, as
   * far as the driver knows; `now` is the endpoint's time, in ms.
   */
  judge(octets: Octets, flow: Flow, waitedMs: Millis, now: Millis): Verdict;
  /** A response as it is to leave: with what its next hop is to be told (RFC 7339 §5.2). */
  leaving(response: Octets, flow: Flow, now: Millis): Octets;
}
