/** The calls of one worker: carries out what the program orders, and tells what happens. */
import { performance } from "node:perf_hooks";
import type { MediaEvent } from "carillon/b2bua";
import type { FromWorker, Order, ToWorker } from "./control-message.ts";
import { ClipShelf } from "./local/clip-shelf.ts";
import { MediaCall } from "./media-call.ts";
import { refused } from "./media-refused.ts";
import type { SideParts } from "./media-side.ts";

/** What a worker is made of. */
export interface WorkerOptions {
  readonly parts: Omit<SideParts, "ports">;
  /** To the program. */
  readonly tell: (message: FromWorker) => void;
  /** All is closed; the process may end. */
  readonly onclosed: () => void;
}

/** Verbs without an answer; the rest are asked and answered. */
const TOLD: ReadonlySet<Order["verb"]> = new Set([
  ...(["withdraw", "play", "stop", "echo", "record", "stopRecording", "dtmf", "end"] as const),
]);

export class WorkerEngine {
  readonly #options: WorkerOptions;
  readonly #calls = new Map<string, MediaCall>();
  readonly #shelf = new ClipShelf();
  #ports = { from: 30_000, to: 39_999 };
  #maxCalls = 2000;
  readonly #watching: NodeJS.Timeout;
  #load = performance.eventLoopUtilization();

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#watching = setInterval(() => this.#watch(), WATCHED_EVERY_MS);
    this.#watching.unref();
  }

  get calls(): number {
    return this.#calls.size;
  }

  take(message: ToWorker): void {
    switch (message.kind) {
      case "Begin":
        this.#ports = message.ports;
        this.#maxCalls = message.maxCalls;
        return this.#options.tell({ kind: "Ready" });
      case "Ping":
        return this.#options.tell({ kind: "Pong", load: this.#measured() });
      case "Close":
        return void this.close().then(() => {
          this.#options.tell({ kind: "Closed" });
          this.#options.onclosed();
        });
      case "Order":
        return void this.#carryOut(message);
    }
  }

  /** Ends all calls. What was recorded of them is on the disk once it has resolved. */
  async close(): Promise<void> {
    clearInterval(this.#watching);
    const ended = [...this.#calls.values()].map((call) => call.close());
    this.#calls.clear();
    await Promise.all(ended);
  }

  async #carryOut(order: Order): Promise<void> {
    const call = this.#callFor(order);
    if (TOLD.has(order.verb)) {
      if (call) this.#told(call, order);
      return;
    }
    const { id } = order;
    if (!call) {
      const isFull = this.#calls.size >= this.#maxCalls && opens(order.verb);
      const result = isFull
        ? refused(503, "the media engine is full", { retryAfterSeconds: 10 })
        : order.verb === "statistics"
          ? undefined
          : refused(481, "the media engine does not know the call");
      return this.#options.tell({ kind: "Done", id, result });
    }
    const result = await this.#asked(call, order);
    const state = this.#calls.get(order.call) === call ? call.state : undefined;
    this.#options.tell({ kind: "Done", id, result, ...(state && { state }) });
  }

  async #asked(call: MediaCall, order: Order): Promise<unknown> {
    try {
      switch (order.verb) {
        case "offer": {
          const [from, to, sdp, wish = {}] = order.args;
          return await call.inTurn(() => call.offer(from, to, sdp, wish));
        }
        case "answer": {
          const [from, to, sdp, isEarly = false] = order.args;
          return await call.inTurn(() => call.answer(from, to, sdp, isEarly));
        }
        case "terminate":
          return await call.inTurn(() => call.terminate(order.args[0], order.args[1]));
        case "originate":
          return await call.inTurn(() => call.originate(order.args[0], order.args[1] ?? {}));
        case "accept":
          return await call.inTurn(() => call.accept(...order.args));
        case "reoffer":
          return await call.inTurn(() => call.reoffer(order.args[0], order.args[1] ?? {}));
        case "statistics":
          return call.statistics(performance.now());
        default:
          return undefined;
      }
    } catch (cause) {
      // A defect of ours, and this call's alone: the others must not pay for it.
      return refused(
        500,
        `the media engine failed: ${cause instanceof Error ? cause.message : cause}`,
      );
    }
  }

  #told(call: MediaCall, order: Order): void {
    switch (order.verb) {
      case "end": {
        const [tag] = order.args;
        if (tag !== undefined && !call.end(tag)) return;
        void call.close();
        this.#calls.delete(order.call);
        return;
      }
      case "withdraw":
        return call.afterwards(() => call.withdraw(...order.args));
      case "play":
        return call.afterwards(() => call.play(...order.args));
      case "stop":
        return call.afterwards(() => call.stop(...order.args));
      case "echo":
        return call.afterwards(() => call.echo(...order.args));
      case "record":
        return call.afterwards(() => call.record(...order.args));
      case "stopRecording":
        return call.afterwards(() => void call.stopRecording());
      case "dtmf":
        return call.afterwards(() => call.press(...order.args));
    }
  }

  #callFor({ call: id, verb, state }: Order): MediaCall | undefined {
    const known = this.#calls.get(id);
    if (known || !(opens(verb) || state) || this.#calls.size >= this.#maxCalls) return known;
    const parts = { ...this.#options.parts, ports: this.#ports };
    const onevent = (event: MediaEvent) => this.#options.tell({ kind: "Event", event });
    const onnote = (words: string) => this.#options.tell({ kind: "Note", words });
    const made = new MediaCall({ id, parts, shelf: this.#shelf, onevent, onnote });
    if (state) made.restore(state);
    this.#calls.set(id, made);
    return made;
  }

  #watch(): void {
    const now = performance.now();
    for (const call of this.#calls.values()) call.watch(now);
  }

  #measured(): number {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#load);
    this.#load = now;
    return utilization;
  }
}

const WATCHED_EVERY_MS = 5000;

const opens = (verb: Order["verb"]): boolean =>
  verb === "offer" || verb === "terminate" || verb === "originate";
