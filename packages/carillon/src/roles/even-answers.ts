/**
 * Answers that leave at even times. Looking a name up and comparing it with each of somebody's
 * passwords takes microseconds that depend on who it is; said at once, the time of a refusal would
 * tell strangers who lives here and how many phones they have.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { newTimer, type Timer } from "../endpoint/wheel.ts";

/** Much more than the work takes, and nothing to a phone. */
export const EVEN_MS = 20;
/** That many wait at a time; over it they leave at once, as nobody could measure anything then. */
const MAX_WAITING = 1000;

export class EvenAnswers {
  readonly #endpoint: Endpoint;
  readonly #timer: Timer = newTimer({ due: () => this.#due() });
  #waiting: { readonly from: Incoming; readonly reply: Reply }[] = [];

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** Answers at the next even time. */
  put(from: Incoming, reply: Reply): void {
    if (this.#waiting.length >= MAX_WAITING) return this.#endpoint.reply(from, reply);
    if (this.#waiting.length === 0) {
      const next = (Math.floor(this.#endpoint.now / EVEN_MS) + 1) * EVEN_MS;
      this.#endpoint.schedule(this.#timer, next);
    }
    this.#waiting.push({ from, reply });
  }

  #due(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { from, reply } of waiting) this.#endpoint.reply(from, reply);
  }
}
