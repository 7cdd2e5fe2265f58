/**
 * Waiting a moment under load, so that one turn serves many datagrams: what network cards call
 * interrupt moderation, and Linux's drivers NAPI.
 *
 * Waking up costs more than a small datagram does: the loop, an event, a system call to receive and
 * one to send. At some thousand datagrams a second nearly each of them has a turn of its own.
 * So when enough are sure to come within the time that may be waited, the turn sleeps that long in
 * the middle, and takes them all together. It sleeps and does not spin: the time costs no CPU.
 *
 * Nobody waits on a machine that has little to do, nor on one that is so busy that datagrams gather
 * by themselves; and other transports wait for one such pause a turn at most.
 */

import { performance } from "node:perf_hooks";

/** Over how long is counted. */
const WINDOW_MS = 20;
/** A pause that is expected to bring fewer is not made. */
const WORTH = 3;
/** And one that brings so many is long enough. */
const ENOUGH = 16;
/** From this share of the time at work, there is none to be given away. */
const BUSY = 0.75;

/** The world that it measures and waits in. */
export interface Time {
  /** Milliseconds. */
  now(): number;
  /** How many of them this thread was at work, or waited in `sleep`, since it started. */
  active(): number;
  sleep(ms: number): void;
}

export class Gathering {
  readonly #maxMs: number;
  readonly #time: Time;
  #startedAt: number;
  #activeAt: number;
  #taken = 0;
  #slept = 0;
  #pauseMs = 0;
  #wokenAt = Number.NEGATIVE_INFINITY;

  /** `maxMs`: the longest pause, in milliseconds; 0 for none ever. */
  constructor(maxMs: number, time: Time = thisThread) {
    this.#maxMs = maxMs;
    this.#time = time;
    this.#startedAt = time.now();
    this.#activeAt = time.active();
  }

  /** So many datagrams came in a turn. */
  took(count: number): void {
    this.#taken += count;
  }

  /** Sleeps, if that is worth it now. */
  wait(): void {
    if (this.#maxMs === 0) return;
    const now = this.#time.now();
    if (now - this.#startedAt >= WINDOW_MS) this.#judge(now);
    // Where another socket's turn has just waited, what it waited for has come here as well.
    if (this.#pauseMs === 0 || now - this.#wokenAt < this.#pauseMs) return;
    this.#time.sleep(this.#pauseMs);
    this.#wokenAt = this.#time.now();
    this.#slept += this.#wokenAt - now;
  }

  #judge(now: number): void {
    const elapsed = now - this.#startedAt;
    const active = this.#time.active();
    const perMs = this.#taken / elapsed;
    const atWork = (active - this.#activeAt - this.#slept) / elapsed;
    const isWorth = perMs * this.#maxMs >= WORTH && atWork < BUSY;
    this.#pauseMs = isWorth ? Math.min(this.#maxMs, ENOUGH / perMs) : 0;
    this.#startedAt = now;
    this.#activeAt = active;
    this.#taken = 0;
    this.#slept = 0;
  }
}

const cell = new Int32Array(new SharedArrayBuffer(4));

const thisThread: Time = {
  now: () => performance.now(),
  active: () => performance.eventLoopUtilization().active,
  sleep: (ms) => {
    Atomics.wait(cell, 0, 0, ms);
  },
};
