/** Messages that have been shown: what comes again is not shown again. */

import { flat } from "../grammar/octets.ts";

/** The last of them. */
const MAX_SEEN = 5000;

export class Seen {
  readonly #keys = new Set<string>();

  /** Whether this is the first time. */
  isNew(from: string, messageId: string): boolean {
    const key = `${from} ${messageId}`;
    if (this.#keys.has(key)) return false;
    this.#keys.add(flat(key));
    const [oldest] = this.#keys;
    if (oldest !== undefined && this.#keys.size > MAX_SEEN) this.#keys.delete(oldest);
    return true;
  }
}
