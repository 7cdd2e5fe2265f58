/**
 * How late the event loop is, by two clocks: the wall's, which counts what other programs take of
 * the processor as well, and that of this thread, which counts what it computed itself.
 */
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";

/** A timer is due this often; what computes for longer holds up everybody else. */
const DUE_MS = 10;
/** What a turn of the loop may take at most in a histogram: an hour. */
const HIGHEST_MICROSECONDS = 3.6e9;
/** What is longer is counted: nobody in a call should notice. */
const LONG_MS = 50;

/** Milliseconds since it was last asked. */
export interface OwnDelay {
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** How often it was looked at, and how often it was over 50 ms. */
  readonly looks: number;
  readonly long: number;
  /** The share of the time in which the thread computed, 0 to 1. */
  readonly busy: number;
}

/**
 * Records how long this thread computed without coming back to its timers. Two programs on one
 * processor wait for each other; how long they did is not the fault of either.
 */
export class LoopDelay {
  readonly #histogram: RecordableHistogram = createHistogram({
    lowest: 1,
    highest: HIGHEST_MICROSECONDS,
  });
  readonly #timer: NodeJS.Timeout;
  #atMs = performance.now();
  #computed = computedMicroseconds();
  #sinceMs = this.#atMs;
  #sinceComputed = this.#computed;
  #long = 0;

  constructor() {
    this.#timer = setInterval(() => this.#due(), DUE_MS).unref();
  }

  /** What was recorded; it begins anew. */
  take(): OwnDelay {
    const [now, computed] = [performance.now(), computedMicroseconds()];
    const passedMs = Math.max(1, now - this.#sinceMs);
    const busy = Math.min(1, (computed - this.#sinceComputed) / 1000 / passedMs);
    const { max, count } = this.#histogram;
    const ms = (microseconds: number) => Math.round(microseconds / 10) / 100;
    const own: OwnDelay = {
      p99: count === 0 ? 0 : ms(this.#histogram.percentile(99)),
      p999: count === 0 ? 0 : ms(this.#histogram.percentile(99.9)),
      max: count === 0 ? 0 : ms(max),
      looks: Number(count),
      long: this.#long,
      busy: Math.round(busy * 1000) / 1000,
    };
    this.#histogram.reset();
    this.#long = 0;
    [this.#sinceMs, this.#sinceComputed] = [now, computed];
    return own;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** What passed since the timer was last due, as far as this thread computed in it. */
  #due(): void {
    const [now, computed] = [performance.now(), computedMicroseconds()];
    const passed = (now - this.#atMs) * 1000;
    const own = Math.min(passed, computed - this.#computed) - DUE_MS * 1000;
    if (own > LONG_MS * 1000) this.#long++;
    [this.#atMs, this.#computed] = [now, computed];
    this.#histogram.record(Math.max(1, Math.round(own)));
  }
}

function computedMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
