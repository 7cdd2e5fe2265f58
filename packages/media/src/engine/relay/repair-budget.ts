/**
 * How many packets one side may have sent again, or asked for anew. A datagram of RTCP has room for
 * a hundred NACKs, each of which names dozens of packets: without this, one datagram would have
 * thousands sent, and who sends many would keep a whole worker at it. RFC 4585 §6.2.1
 */
import type { Instant } from "../transport.ts";

/** At once: what is kept of what was sent. */
const BURST = 256;
/** And from then on, more than twice what a loss of 10 % takes of 20 Mbit/s. */
const PER_MS = 0.5;

export class RepairBudget {
  #left = BURST;
  #at: Instant = 0;

  /** Whether one more is done now. */
  take(now: Instant): boolean {
    this.#left = Math.min(BURST, this.#left + Math.max(0, now - this.#at) * PER_MS);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
