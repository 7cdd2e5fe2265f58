/** How much each sender may send, and what is said where it is too much. */
import type { Millis } from "../grammar/millis.ts";
import { Budget, type Rate } from "./budget.ts";
import type { Sender } from "./post-office.ts";
import { type Refusal, refusal } from "./refusal.ts";

const DEFAULT_RATE: Rate = { burst: 30, perSecond: 10 };
/** Receipts, read marks, and word that somebody is writing: so many times more than messages. */
const ASIDES = 4;
/** A message from somebody in another domain costs that domain so much of one. */
const SHARE_OF_DOMAIN = 0.1;

export class SenderBudgets {
  readonly #messages: Budget;
  /** What devices send by themselves does not stand in the way of what people write. */
  readonly #asides: Budget;
  readonly #now: () => Millis;

  constructor(rate: Rate = DEFAULT_RATE, now: () => Millis) {
    this.#messages = new Budget(rate);
    const asides = { burst: ASIDES * rate.burst, perSecond: ASIDES * rate.perSecond };
    this.#asides = new Budget(asides);
    this.#now = now;
  }

  //= RFC 3428 §8
  //# Congestion control in general is an issue that should be addressed at the SIP specification
  //# level rather than for an individual method.
  /** Why it is too much; undefined: it has been charged. */
  charge({ address, account }: Sender, what: "message" | "aside", cost = 1): Refusal | undefined {
    const budget = what === "aside" ? this.#asides : this.#messages;
    // Another domain can make up as many names as it likes.
    const domain = account === undefined ? address.slice(address.lastIndexOf("@")) : undefined;
    const seconds =
      budget.take(address, cost, this.#now()) ||
      (domain === undefined ? 0 : budget.take(domain, cost * SHARE_OF_DOMAIN, this.#now()));
    if (seconds === 0) return undefined;
    const retry = [["Retry-After", `${seconds}`]] as const;
    return refusal(503, `so many messages at once: again in ${seconds} s`, retry);
  }
}
