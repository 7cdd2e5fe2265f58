/**
 * Wakes phones whose bindings end soon, so that they register again. RFC 8599 §5.5.
 *
 * Accounts are put down by the time at which the first of their bindings is due, and looked at
 * then: what a binding says by that time is what counts.
 */
import type { Millis } from "../transaction/timers.ts";
import { withAnswer } from "./answer.ts";
import type { Binding, Location } from "./location.ts";
import type { Wake } from "./wake.ts";
import { pushAddress, pushKey } from "./wake-address.ts";
import { REFRESH_BEFORE_SECONDS } from "./wake-register.ts";

/** Accounts that are put down at a time; one more is looked at when it registers again. */
export const MAX_PLANNED = 200_000;
const SLOT_MS: Millis = 10_000;
const BEFORE_MS: Millis = REFRESH_BEFORE_SECONDS * 1000;

/** What refreshing needs of its domain. */
export interface RefreshParts {
  readonly location: Location;
  readonly wake: Wake;
  /** Whether they are phones of an edge. */
  readonly isEdge?: boolean;
  /** The push service no longer knows this phone. */
  gone(account: string, binding: Binding): void;
}

export class Refreshes {
  readonly #parts: RefreshParts;
  readonly #slots = new Map<number, Set<string>>();
  #planned = 0;

  constructor(parts: RefreshParts) {
    this.#parts = parts;
  }

  /** Accounts that are put down, each as often as it is. */
  get size(): number {
    return this.#planned;
  }

  /** Puts an account down for the first of these that is still to be due. */
  plan(account: string, bindings: readonly Binding[], now: Millis): void {
    const dues = bindings
      .filter(({ contact }) => pushAddress(contact) !== undefined)
      .map(({ expiresAt }) => expiresAt - BEFORE_MS)
      .filter((at) => at > now);
    if (dues.length === 0 || this.#planned >= MAX_PLANNED) return;
    const slot = Math.ceil(Math.min(...dues) / SLOT_MS);
    const accounts = this.#slots.get(slot) ?? new Set();
    if (accounts.has(account)) return;
    this.#slots.set(slot, accounts.add(account));
    this.#planned++;
  }

  /** Looks at those whose time has come. */
  round(now: Millis): void {
    for (const [slot, accounts] of this.#slots) {
      if (slot * SLOT_MS > now) continue;
      this.#slots.delete(slot);
      this.#planned -= accounts.size;
      for (const account of accounts) this.#look(account, now);
    }
  }

  #look(account: string, now: Millis): void {
    withAnswer(
      this.#parts.location.bindings(account, now),
      (bindings) => {
        const due = bindings.filter(({ expiresAt }) => expiresAt - BEFORE_MS <= now);
        for (const binding of due) this.#refresh(account, binding, bindings, now);
        this.plan(account, bindings, now);
      },
      () => {},
    );
  }

  //= RFC 8599 §5.5
  //# When the proxy receives an indication that the UA needs to send a binding-refresh REGISTER
  //# request, the proxy will request that a push notification be sent to the UA.
  //= RFC 8599 §5.5
  //# If the proxy receives information that a binding associated with a PRID has expired, or that a
  //# binding has been removed, the proxy MUST NOT request that further push notifications are sent
  //# to the UA using that PRID.
  #refresh(account: string, binding: Binding, all: readonly Binding[], now: Millis): void {
    const { wake, gone, isEdge = false } = this.#parts;
    const push = pushAddress(binding.contact);
    if (!push || !wake.canWake(push)) return;
    // The same phone has registered anew by another contact meanwhile.
    const isRenewed = all.some(
      (one) =>
        one.expiresAt > binding.expiresAt &&
        keyOf(one) !== undefined &&
        keyOf(one) === pushKey(push),
    );
    if (isRenewed) return;
    const why = { kind: "Refresh", leftMs: binding.expiresAt - now } as const;
    const { credential } = binding;
    withAnswer(
      wake.wake({
        ...{ account, credential, push, by: account, why },
        ...(isEdge && { isForeign: true }),
      }),
      (woken) => {
        if (woken.kind === "Failed" && woken.isGone) gone(account, binding);
      },
      () => {},
    );
  }
}

function keyOf({ contact }: Binding): string | undefined {
  const push = pushAddress(contact);
  return push && pushKey(push);
}
