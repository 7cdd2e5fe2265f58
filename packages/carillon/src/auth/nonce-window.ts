/**
 * Which counts of which nonces were used: the memory that stops replays. RFC 7616 §3.4 (nc), §5.5.
 *
 * Only a nonce whose response was right gets an entry, so that strangers cannot fill the table.
 * When it is full the oldest entry goes, and the issue time of what went stays behind as a tide
 * mark: a nonce without an entry that was issued no later may have been used, and is stale. Anyone
 * sent away as stale comes back at once with a new nonce, so forgetting costs a round trip and
 * never a replay.
 *
 * What repeats credentials by right is not shown to the window: an ACK (RFC 3261 §22.1), a
 * retransmission (its transaction absorbs it), a request that spirals back through us.
 */
import { flat, type Octets } from "../grammar/octets.ts";
import { NONCE_LIFE_MS, nonceIssuedAt } from "./nonce.ts";

/** Nonces in use at one time: some 4 MB. */
export const MAX_NONCES = 20_000;
/** How far behind the highest count a late one may be: UDP reorders. */
export const NONCE_WINDOW = 64;

interface Used {
  readonly nonce: Octets;
  readonly issuedAt: number;
  /** The one that came after it. Which goes first is asked each time; a map looks long for that. */
  next: Used | undefined;
  highest: number;
  /** Bit n is set when the count `highest - n` was used: n from 0 to 31, then from 32 to 63. */
  recent: number;
  earlier: number;
}

/**
 * The counts of the nonces in use. One for each realm and node; it keeps `capacity` nonces at most.
 */
export class NonceWindow {
  readonly #used = new Map<Octets, Used>();
  readonly #capacity: number;
  #oldest: Used | undefined;
  #newest: Used | undefined;
  /** No nonce issued until then can start an entry any more. */
  #tideMark: number = Number.NEGATIVE_INFINITY;

  constructor(capacity: number = MAX_NONCES) {
    this.#capacity = capacity;
  }

  /** How many nonces are kept now. */
  get size(): number {
    return this.#used.size;
  }

  //= RFC 7616 §3.4
  //# The purpose of this parameter is to allow the server to detect request replays by maintaining
  //# its own copy of this count -- if the same nc value is seen twice, then the request is a
  //# replay.
  /**
   * Uses up a count of a nonce that `checkNonce` called fresh, after the response proved right.
   * `Stale`: used before, too far behind, or no longer known; challenge again with stale=true.
   */
  use(nonce: Octets, nc: number, now: number): "Fresh" | "Stale" {
    const used = this.#used.get(nonce);
    if (used !== undefined)
      return isAlive(used.issuedAt, now) && mark(used, nc) ? "Fresh" : "Stale";
    const issuedAt = nonceIssuedAt(nonce);
    if (issuedAt === undefined || nc < 1) return "Stale";
    if (issuedAt <= this.#tideMark || !isAlive(issuedAt, now)) return "Stale";
    this.#makeRoom(now);
    this.#add({
      nonce: flat(nonce),
      issuedAt,
      next: undefined,
      highest: nc,
      recent: 1,
      earlier: 0,
    });
    return "Fresh";
  }

  #add(used: Used): void {
    this.#used.set(used.nonce, used);
    if (this.#newest) this.#newest.next = used;
    else this.#oldest = used;
    this.#newest = used;
  }

  /** Drops what is too old, and the oldest if that was not enough. */
  #makeRoom(now: number): void {
    for (let one = this.#oldest; one; one = one.next) {
      if (isAlive(one.issuedAt, now) && this.#used.size < this.#capacity) return;
      this.#used.delete(one.nonce);
      this.#oldest = one.next;
      if (!one.next) this.#newest = undefined;
      this.#tideMark = Math.max(this.#tideMark, one.issuedAt);
    }
  }
}

const isAlive = (issuedAt: number, now: number): boolean => now - issuedAt < NONCE_LIFE_MS;

/** Marks a count as used; false if it was, or if it lies behind the window. */
function mark(used: Used, nc: number): boolean {
  const ahead = nc - used.highest;
  if (ahead > 0) {
    advance(used, ahead);
    used.highest = nc;
    used.recent |= 1;
    return true;
  }
  const behind = -ahead;
  if (behind >= NONCE_WINDOW || nc < 1) return false;
  const bit = 1 << (behind & 31);
  const word = behind < 32 ? used.recent : used.earlier;
  if ((word & bit) !== 0) return false;
  if (behind < 32) used.recent |= bit;
  else used.earlier |= bit;
  return true;
}

/** Shifts the window by `count`. JavaScript shifts by count modulo 32, hence the cases. */
function advance(used: Used, count: number): void {
  if (count < 32) {
    used.earlier = (used.earlier << count) | (used.recent >>> (32 - count));
    used.recent <<= count;
  } else {
    used.earlier = count < 64 ? used.recent << (count - 32) : 0;
    used.recent = 0;
  }
}
