/** Asking to be told: `subscribe(phone, presence, "sip:bob@example.com")`. RFC 6665 §4.1. */
import { NO_PARAMS } from "../grammar/params.ts";
import { DEFAULT_TIMERS } from "../transaction/timers.ts";
import { targetOf } from "../ua/outside-request.ts";
import { partsOf } from "../ua/phone-parts.ts";
import { SipError } from "../ua/sip-error.ts";
import type { EventPackage } from "./event-package.ts";
import { Subscription } from "./subscription.ts";

/** How long, and how often again. */
export interface SubscribeOptions {
  /** For how long each time; the package's own if left out. */
  readonly expiresSeconds?: number;
  /** Whether to subscribe again when it ends for no fault of the request; true if left out. */
  readonly again?: boolean;
  /** Unsubscribes. */
  readonly signal?: AbortSignal;
  /** What the Event header has beside the package; asked for at each SUBSCRIBE. RFC 6665 §8.2.1. */
  readonly eventParams?: () => ReadonlyMap<string, string>;
}

/** How long to wait where the notifier does not say. */
const RETRY_SECONDS = 30;

/**
 * Subscribes to the state of `target`, a SIP URI, and keeps that up until it is ended, refused, or
 * not to be had any more. Throws a RangeError on a target that is no address, a TypeError for what
 * is no phone, and a SipError on a phone that is closed.
 */
export function subscribe<T>(
  phone: object,
  pack: EventPackage<T>,
  target: string,
  options: SubscribeOptions = {},
): Subscription<T> {
  const parts = partsOf(phone);
  const { agent } = parts;
  const { expiresSeconds = pack.expiresSeconds, again = true, signal } = options;
  const { eventParams = () => NO_PARAMS } = options;
  const subscription = new Subscription<T>(
    {
      ...{ agent, pack },
      wanted: {
        target: targetOf(parts.agent, target, "SUBSCRIBE"),
        // Anew each time: where a client goes on may be another place than where it began.
        get event() {
          return { type: pack.event, id: undefined, params: eventParams() };
        },
        accept: pack.accept,
        supported: pack.supported ?? [],
      },
      params: {
        expiresSeconds,
        t1: DEFAULT_TIMERS.t1,
        forks: pack.forks,
        retrySeconds: again ? RETRY_SECONDS : undefined,
      },
    },
    parts,
  );
  const leave = (): void => void subscription.end().catch(() => {});
  if (signal?.aborted) leave();
  else signal?.addEventListener("abort", leave, { once: true });
  return subscription;
}

//= RFC 6665 §4.4.3
//# A natural consequence of the behavior described in the preceding sections is that an immediate
//# fetch without a persistent subscription may be effected by sending a SUBSCRIBE with an "Expires"
//# of 0.
/** The state of `target` as it is now, once. Rejects with a SipError if it is not to be had. */
export async function fetchState<T>(
  phone: object,
  pack: EventPackage<T>,
  target: string,
  options: Pick<SubscribeOptions, "signal" | "eventParams"> = {},
): Promise<T> {
  const once = subscribe(phone, pack, target, { ...options, expiresSeconds: 0, again: false });
  for await (const { value } of once.notifications()) return value;
  const { state } = once;
  // It ends by itself: that it did, is no reason.
  if (state.name === "Ended" && state.reason !== "timeout" && state.error) throw state.error;
  throw new SipError("SIP_UNAVAILABLE", "They told nothing.");
}
