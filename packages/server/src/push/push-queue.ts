/**
 * Pushes on their way: so many wait, so many are sent at a time, and what a service does not take
 * now is tried again a little later, as long as it is worth it. Nobody can have us bombard one:
 * each account may cause so many, and each phone gets so many.
 */
import { Budgets, type Leak } from "carillon/roles";
import { type Push, type PushDriver, type Sent, wayOf } from "./push-driver.ts";

/** Pushes that wait at a time; one more is refused. */
export const MAX_WAITING = 1000;
const AT_A_TIME = 16;
const TRIES = 3;
/** A first try again after so long, then twice and four times that. */
const BACK_OFF_MS = 500;
const MAX_AFTER_MS = 30_000;

/** What one account may cause: 20 at once, and one more every six seconds. */
export const BY_SENDER: Leak = { burst: 20, drainMs: 6000 };
/** What one phone may get: 30 at once, and one more every four seconds. */
export const BY_PHONE: Leak = { burst: 30, drainMs: 4000 };
/** Accounts and phones that are counted; the one that was heard of least lately is forgotten. */
export const MAX_COUNTED = 50_000;

export interface QueueParts {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** For a little chance in when it is tried again: in [0, 1). */
  readonly random?: () => number;
}

export class PushQueue {
  readonly #parts: QueueParts;
  readonly #waiting: (() => void)[] = [];
  readonly #senders: Budgets = new Budgets(BY_SENDER, MAX_COUNTED);
  readonly #phones: Budgets = new Budgets(BY_PHONE, MAX_COUNTED);
  readonly #timers = new Set<NodeJS.Timeout>();
  #open = 0;
  #isClosed = false;

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  /** Pushes that wait, and those that are being sent. */
  census(): { readonly waiting: number; readonly open: number } {
    return { waiting: this.#waiting.length, open: this.#open };
  }

  /** Sends it, now or in its turn. Never rejects. */
  async send(driver: PushDriver, push: Push): Promise<Sent> {
    const refused = this.#refusal(push);
    if (refused !== undefined) return { kind: "Refused", why: refused };
    const { now } = this.#parts;
    const worthUntil = now() + Math.max(10_000, Math.min(60_000, wayOf(push).ttlSeconds * 1000));
    for (let tried = 1; ; tried++) {
      await this.#turn();
      const sent = await driver.send(push).finally(() => this.#next());
      if (sent.kind !== "Later" || tried === TRIES || this.#isClosed) return sent;
      const afterMs = Math.max(sent.afterMs, BACK_OFF_MS * 2 ** (tried - 1));
      const jitterMs = afterMs * 0.5 * (this.#parts.random?.() ?? Math.random());
      if (afterMs > MAX_AFTER_MS || now() + afterMs + jitterMs > worthUntil) return sent;
      await this.#wait(afterMs + jitterMs);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const go of this.#waiting.splice(0)) go();
  }

  #refusal({ asked: { by, account, push, why } }: Push): string | undefined {
    const now = this.#parts.now();
    if (this.#isClosed) return "this server is closing";
    if (this.#waiting.length >= MAX_WAITING) return "too many phones are being woken";
    // What ends a notification does not count: there is one for each that began it.
    if (why.kind === "Over") return undefined;
    if (!this.#senders.take(by, now)) return "the caller wakes phones too often";
    const isFree = this.#phones.take(`${account} ${push.prid}`, now);
    return isFree ? undefined : "this phone is woken too often";
  }

  #turn(): Promise<void> {
    if (this.#open < AT_A_TIME) {
      this.#open++;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Whoever waits takes over the place. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#open--;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, ms);
      this.#timers.add(timer);
      timer.unref();
    });
  }
}
