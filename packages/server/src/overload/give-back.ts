/**
 * Memory that a rush has left is given back once it is over. V8 collects when its heap is full:
 * where nobody allocates any more, what a flood has made of the heap would stay as it is.
 */
import { performance } from "node:perf_hooks";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const LOOK_MS = 5000;
/** Parts of a look in which the loop computed: at least of a rush, and at most of a rest. */
const [RUSH, REST] = [0.4, 0.15];
/** So many looks of rest make sure that it is over. */
const LOOKS = 2;
/** For less than this, in bytes, nobody is to wait for a collection. */
const WORTH = 24 << 20;

/**
 * Percent of what is in use by which the heap may grow before V8 collects. It would let a busy heap
 * have four times as much, which is 280 MB more in a flood and no less work.
 */
const GROWING_PERCENT = 100;

/** When it is time: once after each rush. */
export class Rush {
  #wasRush = false;
  #rested = 0;
  /** The least that it had, which is what it needs. */
  #least = Number.POSITIVE_INFINITY;

  /**
   * The loop has computed for this part of the time since the last look, and the heap has so many
   * bytes of memory, in use or not: what V8 has collected itself is not given back by that. Whether
   * it is to be now.
   */
  look(part: number, held: number): boolean {
    this.#least = Math.min(this.#least, held);
    if (part >= RUSH) this.#wasRush = true;
    this.#rested = part <= REST ? this.#rested + 1 : 0;
    if (!this.#wasRush || this.#rested < LOOKS) return false;
    this.#wasRush = false;
    const isWorth = held - this.#least >= WORTH;
    // More may be needed from now on.
    if (isWorth) this.#least = Number.POSITIVE_INFINITY;
    return isWorth;
  }
}

/**
 * Looks on from now until it is closed, and has V8 keep this program's heap small; `collected`
 * hears how long each collection took, in ms.
 */
export function giveBack(collected: (tookMs: number) => void): { close(): void } {
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
  const rush = new Rush();
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (!rush.look(utilization, getHeapStatistics().total_physical_size)) return;
    const startMs = performance.now();
    collect();
    collected(performance.now() - startMs);
  }, LOOK_MS);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

/** V8's own, which it shows to a context that is made while it is told to. */
function collect(): void {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  if (typeof gc === "function") gc();
}
