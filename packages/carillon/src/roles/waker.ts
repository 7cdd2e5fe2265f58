/** All that a domain's server does about phones that sleep. RFC 8599 §5. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import { elements } from "../message/headers.ts";
import type { Millis } from "../transaction/timers.ts";
import { withAnswer } from "./answer.ts";
import type { Held } from "./branch.ts";
import type { Binding, Location } from "./location.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { Purrs } from "./purr.ts";
import type { SealerOptions } from "./sealed.ts";
import type { Wake } from "./wake.ts";
import { type PushAddress, pushAddress } from "./wake-address.ts";
import { Bucket, type Sleeping } from "./wake-bucket.ts";
import { Refreshes } from "./wake-refresh.ts";
import { type PushTerms, pushTerms } from "./wake-register.ts";

/** What it needs of its domain. */
export interface WakerParts extends SealerOptions {
  readonly endpoint: Endpoint;
  readonly location: Location;
  /** Undefined: nobody is woken here. */
  readonly wake?: Wake | undefined;
  /** Whether they are phones of an edge, whose registrar is another server. */
  readonly isEdge?: boolean;
}

/** A phone that a PURR names, as it is registered now. */
export interface Named {
  readonly account: string;
  readonly binding: Binding;
}

export class Waker {
  readonly #parts: WakerParts;
  readonly #bucket: Bucket | undefined;
  readonly #refreshes: Refreshes | undefined;
  readonly #purrs: Purrs;

  constructor(parts: WakerParts) {
    this.#parts = parts;
    const { endpoint, location, wake, isEdge = false } = parts;
    this.#purrs = new Purrs(parts, isEdge ? "an edge" : "a house");
    if (!wake) return;
    const gone = (account: string, binding: Binding) => this.#gone(account, binding);
    this.#bucket = new Bucket({ endpoint, location, wake, isEdge, gone });
    const refreshes = new Refreshes({ location, wake, isEdge, gone });
    this.#refreshes = refreshes;
    location.asleep?.((account, bindings) => refreshes.plan(account, bindings, endpoint.now));
    // Who is behind an edge has no account here to decline with.
    if (isEdge) return;
    wake.attach?.({ decline: (account, id) => this.#bucket?.decline(account, id) === true });
  }

  /** What a REGISTER of this account hears of push services; `isLast`: nobody else is asked. */
  terms(from: Incoming, account: (push: PushAddress) => string, isLast = true): PushTerms {
    const { wake } = this.#parts;
    return pushTerms(from, {
      ...{ wake, isLast },
      purrOf: (push) => this.#purrs.make(account(push), push),
    });
  }

  //= RFC 8599 §6.2.1
  //# If the proxy supports requesting push notifications triggered by mid-dialog requests being
  //# sent to the registered UA, the proxy MUST store the information (the 'pn-*' SIP URI
  //# parameters) needed to request that push notifications are sent to the UA when a proxy receives
  //# an initial REGISTER request for a binding from the UA.
  // It is in the binding.
  //= RFC 8599 §6.2.3
  //# The proxy only checks for a mid-dialog request that contains the PURR value associated with
  //# the REGISTER 2xx response.
  /** Tells of the phone that the PURR in this URI names, where it is registered and woken here. */
  named(uri: Octets, told: (named: Named | undefined) => void): void {
    const purr = this.#bucket && this.#purrs.read(uri);
    if (!purr) return told(undefined);
    const { endpoint, location } = this.#parts;
    const { account } = purr;
    withAnswer(
      location.bindings(account, endpoint.now),
      (bindings) => {
        const binding = bindings.findLast(({ contact }) => this.#purrs.isOf(purr, contact));
        told(binding && { account, binding });
      },
      () => told(undefined),
    );
  }

  /** A registrar has refused a REGISTER of this account, and no other follows. */
  refused(account: string, from: Incoming, why: string): void {
    this.#bucket?.refused(account, from, why);
  }

  /** A REGISTER of this account was carried out. */
  registered(account: string, from: Incoming): void {
    this.#bucket?.registered(account, from);
    const { endpoint, location } = this.#parts;
    if (!this.#refreshes) return;
    withAnswer(
      location.bindings(account, endpoint.now),
      (bindings) => this.#refreshes?.plan(account, bindings, endpoint.now),
      () => {},
    );
  }

  /** Once in ten seconds or so. */
  round(now: Millis): void {
    this.#refreshes?.round(now);
  }

  /** Those of these devices that have to be woken. */
  sleepers(bindings: readonly Binding[]): readonly Binding[] {
    return this.#bucket?.sleepers(bindings) ?? [];
  }

  /** A branch for one of them; none for what cannot be woken. */
  branch(sleeping: Sleeping): readonly Held[] {
    const push = pushAddress(sleeping.binding.contact);
    if (!push || !this.#bucket || !this.#parts.wake?.canWake(push)) return [];
    return [this.#bucket.branch(sleeping)];
  }

  //= RFC 3261 §21.1.4
  //# The called party is temporarily unavailable, but the server has decided to queue the call
  //# rather than reject it.
  /**
   * The caller of a call hears that a phone is being woken. Not one who takes reliable responses
   * only (RFC 3262 §3): this one is not acknowledged.
   */
  tell(context: ProxyContext, name: string): void {
    const { request } = context.from;
    if (request.method !== "INVITE") return;
    const required = elements(request, "Require");
    if (required.ok && required.value.some((one) => one.toLowerCase() === "100rel")) return;
    context.progress({ status: 182, reasonPhrase: `Waking a phone of ${name}` });
  }

  //= RFC 8599 §5.5
  //# If the proxy receives information that a binding associated with a PRID has expired, or that a
  //# binding has been removed, the proxy MUST NOT request that further push notifications are sent
  //# to the UA using that PRID.
  /** Its push service has said that there is no such phone: nothing could ever reach it. */
  #gone(account: string, { contact }: Binding): void {
    const { endpoint, location } = this.#parts;
    withAnswer(
      location.bindings(account, endpoint.now),
      (bindings) => {
        const left = bindings.filter((one) => one.contact !== contact);
        if (left.length === bindings.length || !pushAddress(contact)) return;
        withAnswer(location.replace(account, left), NOTHING, NOTHING);
      },
      NOTHING,
    );
  }
}

const NOTHING = (): void => {};
