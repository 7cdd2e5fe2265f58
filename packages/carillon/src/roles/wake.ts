/**
 * What wakes phones that sleep: the port between a domain's server and push services. RFC 8599.
 */
import type { Octets } from "../grammar/octets.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Answer } from "./answer.ts";
import type { PushAddress } from "./wake-address.ts";

/** A type of push service that this server can ask. */
export interface PushService {
  /** As `pn-provider` has it, in lower case: `webpush`, `apns`, `fcm`. RFC 8599 §14.5. */
  readonly provider: string;
  //= RFC 8599 §5.6.1.1
  //# The proxy MUST determine whether the PNS provider supports the VAPID mechanism before it
  //# indicates support of it.
  /** The public key by which it knows us, where it does (RFC 8292): base64url. */
  readonly vapid?: string;
}

/** Why a phone is woken. */
export type WakeReason =
  /** A request for it is held. `id` names the hold; a phone that declines says it. */
  | {
      readonly kind: "Request";
      readonly method: string;
      readonly id: string;
      /** The URI in From. */
      readonly from: Octets;
      /** The name in From; empty where there is none. */
      readonly fromName: Octets;
      /** Whether a picture is offered. */
      readonly video: boolean;
      /** How long it is held, in ms: a push that comes later is of no use. */
      readonly heldMs: Millis;
    }
  /** Its binding ends soon: it has to register again. */
  | { readonly kind: "Refresh"; readonly leftMs: Millis }
  /** What was held is over, and the phone has not come. */
  | {
      readonly kind: "Over";
      readonly id: string;
      /** The caller gave up, or nobody came in time. Else somebody answered elsewhere. */
      readonly isMissed: boolean;
      readonly from: Octets;
      readonly fromName: Octets;
    };

/** One phone that is to be woken. */
export interface WakeAsked {
  /** Whose it is. */
  readonly account: string;
  /** It is a phone of an edge, and `account` a name that says nothing: it lives elsewhere. */
  readonly isForeign?: boolean;
  /** What it registered with: a session's or device's id. */
  readonly credential: string | undefined;
  /** Where it is woken. */
  readonly push: PushAddress;
  /** Who causes it, an account or the URI in From: pushes are counted for it. */
  readonly by: string;
  /** What for. */
  readonly why: WakeReason;
}

/** What came of asking a push service. */
export type Woken =
  | { readonly kind: "Sent" }
  /** In words; `isGone`: the service knows this phone no more, and never will again. */
  | { readonly kind: "Failed"; readonly why: string; readonly isGone: boolean };

/** Push services, as a domain's server sees them. Called on the path of a request: none throws. */
export interface Wake {
  /** Which there are now. */
  services(): readonly PushService[];
  /** Whether this phone can be woken: its service is there, and its parameters say all it needs. */
  canWake(push: PushAddress): boolean;
  /** Asks the service; answers once that has taken it, or not. */
  wake(asked: WakeAsked): Answer<Woken>;
  /** How long a call is held for a phone to wake, in ms. 30 s if left out. */
  holdMs?(): Millis;
  /** Called once, before anything else: what may be done with requests that are held. */
  attach?(held: HeldRequests): void;
}

/** Requests that are held for phones to wake. */
export interface HeldRequests {
  /**
   * Its owner says no to one without opening it: the caller hears 603. `id` is that of the
   * `WakeReason`. False: nothing for this account is held by that name. From a `Call` input.
   */
  decline(account: string, id: string): boolean;
}
