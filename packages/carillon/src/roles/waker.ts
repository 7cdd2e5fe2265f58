/** All that a domain's server does about phones that sleep. RFC 8599 §5. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { elements } from "../message/headers.ts";
import type { Millis } from "../transaction/timers.ts";
import { withAnswer } from "./answer.ts";
import type { Held } from "./branch.ts";
import type { Binding, Location } from "./location.ts";
import type { ProxyContext } from "./proxy-context.ts";
import type { Wake } from "./wake.ts";
import { pushAddress } from "./wake-address.ts";
import { Bucket, type Sleeping } from "./wake-bucket.ts";
import { Refreshes } from "./wake-refresh.ts";
import { type PushTerms, pushTerms } from "./wake-register.ts";

/** What it needs of its domain. */
export interface WakerParts {
  readonly endpoint: Endpoint;
  readonly location: Location;
  /** Undefined: nobody is woken here. */
  readonly wake: Wake | undefined;
}

export class Waker {
  readonly #parts: WakerParts;
  readonly #bucket: Bucket | undefined;
  readonly #refreshes: Refreshes | undefined;

  constructor(parts: WakerParts) {
    this.#parts = parts;
    const { endpoint, location, wake } = parts;
    if (!wake) return;
    const gone = (account: string, binding: Binding) => this.#gone(account, binding);
    this.#bucket = new Bucket({ endpoint, location, wake, gone });
    const refreshes = new Refreshes({ location, wake, gone });
    this.#refreshes = refreshes;
    location.asleep?.((account, bindings) => refreshes.plan(account, bindings, endpoint.now));
    wake.attach?.({ decline: (account, id) => this.#bucket?.decline(account, id) === true });
  }

  /** What a REGISTER hears of push services. */
  terms(from: Incoming): PushTerms {
    return pushTerms(from, this.#parts.wake);
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
  tell(context: ProxyContext, account: string): void {
    const { request } = context.from;
    if (request.method !== "INVITE") return;
    const required = elements(request, "Require");
    if (required.ok && required.value.some((one) => one.toLowerCase() === "100rel")) return;
    context.progress({ status: 182, reasonPhrase: `Waking a phone of ${account}` });
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
