/** Which devices ask for their owner's journal themselves, and so are no plain phones. */
import { type Flow, isSamePeer } from "../transport/flow.ts";

export class LiveJournals {
  readonly #flows = new Map<string, Set<Flow>>();

  /** Somebody reads on over this flow, until what this gives back is called. */
  begin(account: string, flow: Flow): () => void {
    const flows = this.#flows.get(account) ?? new Set();
    this.#flows.set(account, flows);
    // Each its own, though two came the same way.
    const own = { ...flow };
    flows.add(own);
    return () => {
      flows.delete(own);
      if (flows.size === 0 && this.#flows.get(account) === flows) this.#flows.delete(account);
    };
  }

  /** Whether the device there does. */
  has(account: string, flow: Flow): boolean {
    for (const one of this.#flows.get(account) ?? []) if (isSamePeer(one, flow)) return true;
    return false;
  }
}
