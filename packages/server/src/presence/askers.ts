/**
 * Who asks to see whom, on the way to the disk: written once, however often a subscription is
 * looked at before there is an answer.
 */

/** Whose askers are remembered, and how many of each; who is forgotten is written again. */
const MAX_OWNERS = 1000;
const MAX_ASKERS = 200;

export class Askers {
  readonly #write: (owner: string, who: string) => Promise<unknown>;
  readonly #known = new Map<string, Set<string>>();

  constructor(write: (owner: string, who: string) => Promise<unknown>) {
    this.#write = write;
  }

  asks(owner: string, who: string): void {
    const known = this.#of(owner);
    if (known.has(who)) return;
    if (known.size >= MAX_ASKERS) known.clear();
    known.add(who);
    // What a disk that is too slow cannot take is asked again with the next SUBSCRIBE.
    this.#write(owner, who).catch(() => known.delete(who));
  }

  /** There is an answer, perhaps. */
  forget(owner: string): void {
    this.#known.delete(owner);
  }

  #of(owner: string): Set<string> {
    const known = this.#known.get(owner);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_OWNERS) this.#known.clear();
    const askers = new Set<string>();
    this.#known.set(owner, askers);
    return askers;
  }
}
