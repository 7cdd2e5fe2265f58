/**
 * What one call asks of its engine, one thing after the other, whatever the engine takes for each:
 * an answer that comes late does not overtake the next one, and one that does not come is a
 * refusal.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { Pending } from "../roles/answer.ts";
import { NEVER } from "../transaction/timers.ts";
import type { MediaAnswer, MediaRefusal, MediaResult } from "./media-engine.ts";

/** Longer than a worker takes to start: over 5 s on two cores with six times their work. */
const PATIENCE_MS = 15_000;
/** A worker that has died is there again in less. */
const AGAIN_MS = 250;
/** A call that asks for more at a time is not served. */
const MAX_WAITING = 64;

export class MediaTurns implements Timed {
  readonly #endpoint: Endpoint;
  readonly #timer: Timer = newTimer(this);
  #waiting: (() => void)[] = [];
  /** Refuses what is asked at the moment. */
  #giveUp: (() => void) | undefined;
  #isOver = false;
  /** What is to be tried again, and when. */
  readonly #again: Timer = newTimer({ due: () => this.#tryAgain() });
  #tries: (() => void)[] = [];

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** Asks in its turn, now if nothing is before it; `then` hears once, unless it is over. */
  ask<T>(make: () => MediaAnswer<T>, then: (result: MediaResult<T>) => void): void {
    if (this.#isOver) return;
    if (!this.#giveUp) return this.#begin(make, then);
    if (this.#waiting.length >= MAX_WAITING) return then({ ok: false, error: TOO_MUCH });
    this.#waiting.push(() => this.#begin(make, then));
  }

  /** Runs it a moment later, unless all is over by then. */
  later(run: () => void): void {
    if (this.#isOver) return;
    this.#tries.push(run);
    if (this.#again.at === NEVER) {
      this.#endpoint.schedule(this.#again, this.#endpoint.now + AGAIN_MS);
    }
  }

  #tryAgain(): void {
    const all = this.#tries;
    this.#tries = [];
    for (const run of all) run();
  }

  /** Nothing is heard any more. */
  stop(): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#giveUp = undefined;
    this.#tries = [];
    this.#endpoint.schedule(this.#timer, NEVER);
    this.#endpoint.schedule(this.#again, NEVER);
  }

  /** For the wheel only. */
  due(): void {
    this.#giveUp?.();
  }

  #begin<T>(make: () => MediaAnswer<T>, then: (result: MediaResult<T>) => void): void {
    const settle = (result: MediaResult<T>): void => {
      if (this.#giveUp !== giveUp) return;
      this.#giveUp = undefined;
      this.#endpoint.schedule(this.#timer, NEVER);
      then(result);
      if (!this.#giveUp) this.#waiting.shift()?.();
    };
    const giveUp = (): void => settle({ ok: false, error: SILENT });
    this.#giveUp = giveUp;
    const answer = make();
    if (!(answer instanceof Pending)) return settle(answer);
    this.#endpoint.schedule(this.#timer, this.#endpoint.now + PATIENCE_MS);
    answer.whenSettled(settle, () => settle({ ok: false, error: BROKEN }));
  }
}

const SILENT: MediaRefusal = { status: 503, why: "the media engine does not answer" };
const BROKEN: MediaRefusal = { status: 500, why: "the media engine failed" };
const TOO_MUCH: MediaRefusal = { status: 500, why: "too many changes at once" };
