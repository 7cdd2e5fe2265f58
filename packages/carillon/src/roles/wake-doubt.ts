/**
 * Phones that are taken to be awake, and may have fallen asleep since: one of which nothing is
 * heard is woken. RFC 8599 §5.6.2.
 */
import { requestUri } from "../dialog/request-uri.ts";
import type { Millis } from "../grammar/millis.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Flow } from "../transport/flow.ts";
import type { Branch, Held } from "./branch.ts";
import type { Binding } from "./location.ts";
import { pushAddress, pushKey } from "./wake-address.ts";

/** Who is awake has said something by then, over a slow network, too. */
export const SILENT_MS: Millis = 2000;

/** Makes the branch that waits for this phone; what waits does not go over `sentOver`. */
export type WakeInDoubt = (binding: Binding, sentOver?: Flow) => readonly Held[];

/** One request, for phones that are taken to be awake. */
export class Doubts {
  readonly #phones = new Map<Octets, Binding>();
  readonly #woken = new Set<string>();
  readonly #wake: WakeInDoubt;

  /** `wake` makes the branch that waits for a phone, and tells the caller. */
  constructor(awake: readonly Binding[], wake: WakeInDoubt) {
    this.#wake = wake;
    for (const one of awake) {
      if (pushAddress(one.contact)) this.#phones.set(requestUri(one.contact), one);
    }
  }

  /** With how much breadth the request goes to this target: what wakes its phone has one, too. */
  breadthFor(uri: Octets, breadth: number): number {
    return this.#mayBeWoken(uri, breadth) ? breadth - 1 : breadth;
  }

  //= RFC 8599 §5.6.2
  //# If the proxy has knowledge that the UA is awake, and that the UA is able to receive the SIP
  //# request without first sending a binding-refresh REGISTER request, the proxy does not need to
  //# request that a push notification be sent to the UA
  // A connection that is open is no such knowledge, nor is a REGISTER of a moment ago: silence says
  // that there was none.
  /**
   * The same branch, beside which its phone is woken where it is silent, or cannot be reached.
   * `flow` is where it goes.
   */
  orWoken(branch: Branch, uri: Octets, breadth: number, flow?: Flow): Branch {
    if (!this.#mayBeWoken(uri, breadth)) return branch;
    const { flowFailed } = branch;
    const beside = () => this.#wakeOnce(uri);
    // A bridge begins another call each time, which no phone could tell to be the same.
    const sentOver = "take" in branch ? flow : undefined;
    return {
      ...branch,
      silent: { afterMs: SILENT_MS, beside: () => this.#wakeOnce(uri, sentOver) },
      flowFailed: () => {
        // One that is being woken registers anew, and is called where it is then.
        if (this.#isWoken(uri)) return [];
        const others = flowFailed?.() ?? [];
        return others.length > 0 ? others : beside();
      },
    };
  }

  #mayBeWoken(uri: Octets, breadth: number): boolean {
    return breadth > 1 && this.#phones.has(uri);
  }

  /** However many flows lead to it. */
  #wakeOnce(uri: Octets, sentOver?: Flow): readonly Held[] {
    const binding = this.#phones.get(uri);
    if (!binding || this.#isWoken(uri)) return [];
    this.#woken.add(keyOf(binding));
    return this.#wake(binding, sentOver);
  }

  #isWoken(uri: Octets): boolean {
    const binding = this.#phones.get(uri);
    return binding !== undefined && this.#woken.has(keyOf(binding));
  }
}

function keyOf({ contact }: Binding): string {
  const push = pushAddress(contact);
  return push ? pushKey(push) : "";
}
