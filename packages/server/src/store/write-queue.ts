/**
 * Grouped commits: what is asked for in one turn of the loop goes to the disk as one batch, and the
 * next batch starts when the last is on the disk. The slower the disk, the larger the batches, so
 * that it is kept busy and nothing else. Where it is quick and little comes, a batch waits a moment
 * for company: a transaction costs far more than a row of it does. When the disk falls too far
 * behind, new writes are refused.
 */
import { Pending, StoreBusy } from "carillon/roles";
import type { Change } from "./change.ts";
import type { Disk, Written } from "./disk.ts";

export interface QueueLimits {
  /** Changes that wait for the disk. Each is a few hundred bytes, held twice. */
  readonly waiting: number;
  /** A batch that takes longer than this has everybody who comes meanwhile turned away. */
  readonly behindMs: number;
  /** Changes in one batch, so that one is not long when many wait. */
  readonly batch: number;
  /** How long after its last one a batch starts at the earliest, unless many wait. */
  readonly gapMs: number;
  /** How many do not wait for that. */
  readonly many: number;
  /** What those who are turned away are told. */
  readonly retryAfterSeconds: number;
}

/** A phone sends its REGISTER again after 500 ms, 1 s, 2 s: by then it should know. */
const defaults: QueueLimits = {
  waiting: 10_000,
  behindMs: 1000,
  batch: 2000,
  gapMs: 8,
  many: 64,
  retryAfterSeconds: 5,
};

export interface QueueWorld {
  readonly disk: Disk;
  /** Milliseconds that never jump. */
  now(): number;
  /** Runs something at the end of this turn of the loop, or so many milliseconds later. */
  defer(run: () => void, waitMs: number): void;
}

interface Entry {
  readonly change: Change;
  readonly answer: Pending<unknown>;
}

export class WriteQueue {
  readonly #world: QueueWorld;
  readonly #limits: QueueLimits;
  #waiting: Entry[] = [];
  #writing: readonly Entry[] = [];
  #writingSince = Number.NEGATIVE_INFINITY;
  #isOpen: boolean;
  #isDeferred = false;
  #inTurn: (run: () => void) => void = (run) => run();
  #idle: (() => void)[] = [];

  constructor(world: QueueWorld, limits: Partial<QueueLimits> = {}) {
    this.#world = world;
    this.#limits = { ...defaults, ...limits };
    const { opened } = world.disk;
    this.#isOpen = opened === undefined;
    void opened?.then(() => {
      this.#isOpen = true;
      this.#writingSince = world.now();
    });
  }

  /** From now on answers come in a turn of this, as those to an endpoint have to. */
  answerIn(turn: (run: () => void) => void): void {
    this.#inTurn = turn;
  }

  /**
   * Rejected with StoreBusy at once if the disk is too far behind. A patient one is for a person,
   * who would rather wait for a slow disk than try again: it is turned away by a full queue only.
   */
  write(change: Change, patience: "Patient" | "Impatient" = "Impatient"): Pending<unknown> {
    const answer = new Pending<unknown>();
    if (patience === "Patient" ? this.#isFull : this.isBehind) {
      answer.reject(new StoreBusy(this.#limits.retryAfterSeconds));
      return answer;
    }
    this.#waiting.push({ change, answer });
    if (this.#writing.length === 0) this.#postSoon();
    return answer;
  }

  #postSoon(): void {
    if (this.#isDeferred) return;
    this.#isDeferred = true;
    const passed = this.#world.now() - this.#writingSince;
    this.#world.defer(() => this.#post(), Math.max(0, this.#limits.gapMs - passed));
  }

  /** Changes that are not on the disk yet. */
  get length(): number {
    return this.#waiting.length + this.#writing.length;
  }

  get isBehind(): boolean {
    const { behindMs } = this.#limits;
    if (this.#isFull) return true;
    if (this.#writing.length === 0 || !this.#isOpen) return false;
    return this.#world.now() - this.#writingSince > behindMs;
  }

  /** The last batch took longer than there is to be between two. */
  get #isLate(): boolean {
    return this.#world.now() - this.#writingSince >= this.#limits.gapMs;
  }

  get #isFull(): boolean {
    return this.#waiting.length >= this.#limits.waiting;
  }

  /** Resolves once all that was asked for is on the disk, or has failed. */
  drained(): Promise<void> {
    return this.length === 0 ? Promise.resolve() : new Promise((idle) => this.#idle.push(idle));
  }

  #post(): void {
    this.#isDeferred = false;
    if (this.#writing.length > 0) return;
    const batch = this.#waiting.splice(0, this.#limits.batch);
    if (batch.length === 0) return;
    this.#writing = batch;
    this.#writingSince = this.#world.now();
    this.#world.disk.write(
      batch.map(({ change }) => change),
      (written) => this.#written(batch, written),
    );
  }

  #written(batch: readonly Entry[], written: Written): void {
    this.#writing = [];
    // The disk first: it works while we tell.
    if (this.#waiting.length >= this.#limits.many || this.#isLate) this.#post();
    else if (this.#waiting.length > 0) this.#postSoon();
    for (const [i, { answer }] of batch.entries()) {
      // A turn each: a defect in one must not keep the others from hearing.
      this.#inTurn(() => {
        if (written.ok) answer.resolve(written.values[i]);
        else answer.reject(written.cause);
      });
    }
    if (this.length > 0) return;
    for (const idle of this.#idle.splice(0)) idle();
  }
}
