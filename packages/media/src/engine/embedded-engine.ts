/**
 * The media engine that comes with the program: child processes, one for each core, each with its
 * own calls. One that dies costs the calls it had, which are told of as `Lost`, and is started
 * again; a call that is offered anew after that goes on in another one.
 */
import { availableParallelism } from "node:os";
import type {
  CallStatistics,
  Described,
  MediaAnswer,
  MediaEngine,
  MediaEvent,
  MediaResult,
  OfferWish,
  Playable,
  Recording,
  Side,
} from "carillon/b2bua";
import { type Answer, Pending } from "carillon/roles";
import type { ArgumentsOf, Verb } from "./control-message.ts";
import type { CallState } from "./media-call.ts";
import { refused } from "./media-refused.ts";
import { slicesOf } from "./port-slices.ts";
import type { TransportOptions } from "./transport.ts";
import { WorkerProcess } from "./worker-process.ts";

/** How the engine runs. */
export interface EmbeddedEngineOptions {
  /** UDP ports for media, both ends included; each worker has its share. 30000 to 39999. */
  readonly ports?: TransportOptions["ports"];
  /** Child processes; one for each core if left out. */
  readonly workers?: number;
  /** Of one worker; 2000 if left out. More are refused with 503. */
  readonly maxCallsPerWorker?: number;
  /**
   * Runs what an answer or an event sets off: `runner.call` where an endpoint hears of it. At once
   * if left out.
   */
  readonly inTurn?: (run: () => void) => void;
  /** A worker has begun or ended, in words for the operator. */
  readonly onnote?: (words: string) => void;
  /** How often workers are asked whether they are well; 2000 if left out. */
  readonly pingMs?: number;
  /** How long one may say nothing before it is ended; 10,000 if left out. */
  readonly hungMs?: number;
  /** The same for one that has not begun yet; 60,000 if left out. */
  readonly startingMs?: number;
  /**
   * Before a worker that died again soon is started again; 100 if left out. It doubles each time,
   * up to half a minute; after the first time there is no pause.
   */
  readonly restartMs?: number;
  /** A call with which two workers in a row died within so long is thought to be why; 10,000. */
  readonly suspectMs?: number;
}

interface Call {
  worker: WorkerProcess | undefined;
  /** As of the last that its worker said. */
  state: CallState | undefined;
  /** How many workers in a row have ended soon after it came to them. */
  deaths: number;
  /** When it came to its worker, by `performance.now()`. */
  cameAt: number;
  /** When that ended, where there is none. */
  lostAt: number;
  /** What is asked about it and not answered yet. */
  asked: number;
  /** Something of it has succeeded: it lasts until it is ended. */
  isOpen: boolean;
}

interface Place {
  readonly name: string;
  readonly ports: TransportOptions["ports"];
  worker: WorkerProcess | undefined;
  /** Undefined before the first time. */
  startedAt: number | undefined;
  pauseMs: number;
  restarting: NodeJS.Timeout | undefined;
  /** When it will be there again, while it is not. */
  startsAt: number | undefined;
}

/** A worker, for the operator. */
export interface WorkerStatus {
  /** As `CallStatistics.worker`. */
  readonly name: string;
  /** Of its process; undefined while it is being started again. */
  readonly pid: number | undefined;
  /** How many calls it has. */
  readonly calls: number;
  /** How busy its thread is, 0 to 1. */
  readonly load: number;
}

/** Engine of media in child processes of this one. */
export class EmbeddedEngine implements MediaEngine {
  /** As of `MediaEngine`. */
  onevent: ((event: MediaEvent) => void) | undefined;
  readonly #options: EmbeddedEngineOptions;
  readonly #places: readonly Place[];
  readonly #calls = new Map<string, Call>();
  readonly #inTurn: (run: () => void) => void;
  /** Asked while there was no worker. */
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;

  /** Starts its workers. They are asked for nothing before they are needed. */
  constructor(options: EmbeddedEngineOptions = {}) {
    const { workers = availableParallelism(), ports = USUAL_PORTS } = options;
    this.#options = options;
    this.#inTurn = options.inTurn ?? ((run) => run());
    this.#places = slicesOf(ports, Math.max(1, workers)).map((slice, n) => ({
      ...{ name: `media-${n + 1}`, ports: slice, worker: undefined, startedAt: undefined },
      ...{ pauseMs: 0, restarting: undefined, startsAt: undefined },
    }));
    this.#startNext();
  }

  /** For the operator. */
  get workers(): readonly WorkerStatus[] {
    return this.#places.map(({ name, worker }) => ({
      ...{ name, pid: worker?.pid, load: worker?.load ?? 0 },
      calls: worker ? this.#callsOf(worker).length : 0,
    }));
  }

  /** As of `MediaEngine`. */
  offer(call: string, from: Side, to: Side, sdp: string, wish?: OfferWish): MediaAnswer<Described> {
    return this.#ask(call, "offer", [from, to, sdp, wish]);
  }

  /** As of `MediaEngine`. */
  answer(
    call: string,
    from: Side,
    to: Side,
    sdp: string,
    isEarly?: boolean,
  ): MediaAnswer<Described> {
    return this.#ask(call, "answer", [from, to, sdp, isEarly]);
  }

  /** As of `MediaEngine`. */
  withdraw(call: string, from: string): void {
    this.#tell(call, "withdraw", [from]);
  }

  /** As of `MediaEngine`. */
  terminate(call: string, side: Side, offer: string): MediaAnswer<Described> {
    return this.#ask(call, "terminate", [side, offer]);
  }

  /** As of `MediaEngine`. */
  originate(call: string, side: Side, wish?: OfferWish): MediaAnswer<Described> {
    return this.#ask(call, "originate", [side, wish]);
  }

  /** As of `MediaEngine`. */
  accept(call: string, side: Side, answer: string): MediaAnswer<Described> {
    return this.#ask(call, "accept", [side, answer]);
  }

  /** As of `MediaEngine`. */
  reoffer(call: string, to: Side, wish?: OfferWish): MediaAnswer<Described> {
    const known = this.#calls.get(call);
    if (known && !known.worker && known.deaths >= MAX_DEATHS) {
      return refused(503, `${known.deaths} media workers ended as soon as they had this call`);
    }
    const ask = (): MediaAnswer<Described> => this.#ask(call, "reoffer", [to, wish]);
    const waitMs = known && !known.worker ? known.lostAt + LOOK_MS - performance.now() : 0;
    return waitMs > 0 ? this.#once((run) => void setTimeout(run, waitMs), ask) : ask();
  }

  /** As of `MediaEngine`. */
  play(call: string, tag: string, what: Playable): void {
    this.#tell(call, "play", [tag, what]);
  }

  /** As of `MediaEngine`. */
  stop(call: string, tag: string): void {
    this.#tell(call, "stop", [tag]);
  }

  /** As of `MediaEngine`. */
  echo(call: string, tag: string, delayMs: number): void {
    this.#tell(call, "echo", [tag, delayMs]);
  }

  /** As of `MediaEngine`. */
  record(call: string, what: Recording): void {
    this.#tell(call, "record", [what]);
  }

  /** As of `MediaEngine`. */
  stopRecording(call: string): void {
    this.#tell(call, "stopRecording", []);
  }

  /** As of `MediaEngine`. */
  dtmf(call: string, tag: string, tones: string): void {
    this.#tell(call, "dtmf", [tag, tones]);
  }

  /** As of `MediaEngine`. */
  statistics(call: string): Answer<CallStatistics | undefined> {
    const known = this.#calls.get(call);
    const worker = known?.worker;
    if (!worker) return undefined;
    const pending = new Pending<CallStatistics | undefined>();
    worker.ask({ call, verb: "statistics", args: [] }, (result) => {
      const found = result as CallStatistics | undefined;
      this.#inTurn(() => pending.resolve(found && { ...found, worker: worker.name }));
    });
    return pending;
  }

  /** As of `MediaEngine`. */
  end(call: string, tag?: string): void {
    this.#tell(call, "end", [tag]);
    if (tag === undefined) this.#calls.delete(call);
  }

  /** Ends all calls and all workers: none of their processes is left once it has resolved. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { restarting } of this.#places) clearTimeout(restarting);
    for (const ask of this.#waiting.splice(0)) ask();
    await Promise.all(this.#places.map(({ worker }) => worker?.close()));
    this.#calls.clear();
  }

  #ask<V extends Verb, T>(call: string, verb: V, args: ArgumentsOf<V>): MediaAnswer<T> {
    const known = this.#calls.get(call);
    if (!known && !OPENING.has(verb))
      return refused(481, "the media engine does not know the call");
    const isLost = known !== undefined && !known.worker;
    if (isLost && verb !== "reoffer") return refused(481, "the media of the call were lost");
    const worker = known?.worker ?? this.#freest();
    if (!worker) return this.#asWorkersStart(() => this.#ask<V, T>(call, verb, args));
    const cameAt = performance.now();
    const entry = known ?? { ...NEW, worker, cameAt };
    const state = isLost ? entry.state : undefined;
    if (isLost) entry.cameAt = cameAt;
    entry.worker = worker;
    entry.asked++;
    this.#calls.set(call, entry);
    const pending = new Pending<MediaResult<T>>();
    worker.ask({ call, verb, args, ...(state && { state }) } as never, (result) => {
      const said = (result as MediaResult<T> | undefined) ?? DIED;
      entry.asked--;
      entry.isOpen ||= said.ok;
      // What never came about is not kept.
      const isNothing = !entry.isOpen && entry.asked === 0;
      if (isNothing && this.#calls.get(call) === entry) this.end(call);
      this.#inTurn(() => pending.resolve(said));
    });
    return pending;
  }

  /** Once one is there, where that is soon: an only worker that ended is missed for a moment. */
  #asWorkersStart<T>(ask: () => MediaAnswer<T>): MediaAnswer<T> {
    const soonest = Math.min(...this.#places.map(({ startsAt }) => startsAt ?? Infinity));
    const isSoon = soonest - performance.now() < SOON_MS;
    if (this.#isClosed || !isSoon || this.#waiting.length >= MAX_WAITING) return NO_WORKER;
    return this.#once((run) => void this.#waiting.push(run), ask);
  }

  /** The answer of what is asked when it is run. */
  #once<T>(until: (run: () => void) => void, ask: () => MediaAnswer<T>): Pending<MediaResult<T>> {
    const pending = new Pending<MediaResult<T>>();
    const settle = (value: MediaResult<T>) => this.#inTurn(() => pending.resolve(value));
    until(() => {
      const answer = ask();
      if (answer instanceof Pending) answer.whenSettled(settle, () => settle(DIED));
      else settle(answer);
    });
    return pending;
  }

  #tell<V extends Verb>(call: string, verb: V, args: ArgumentsOf<V>): void {
    this.#calls.get(call)?.worker?.tell({ call, verb, args } as never);
  }

  /** Whose calls are fewest, by how busy it is; one that is starting rather than none. */
  #freest(): WorkerProcess | undefined {
    const all = this.#places.flatMap(({ worker }) => worker ?? []);
    const ready = all.filter(({ isReady }) => isReady);
    const weights = new Map((ready.length > 0 ? ready : all).map((one) => [one, one.load * 10]));
    for (const { worker } of this.#calls.values()) {
      const weight = worker && weights.get(worker);
      if (worker && weight !== undefined) weights.set(worker, weight + 1);
    }
    const [best] = [...weights].sort(([, a], [, b]) => a - b)[0] ?? [];
    return best;
  }

  /** One after the other: the first one is there for a first call the sooner. */
  #startNext(): void {
    const next = this.#places.find(({ startedAt }) => startedAt === undefined);
    if (next && !this.#isClosed) this.#start(next);
  }

  #start(place: Place): void {
    const { pingMs = 2000, hungMs = 10_000, startingMs = 60_000 } = this.#options;
    const { maxCallsPerWorker: maxCalls = 2000 } = this.#options;
    place.startedAt = performance.now();
    const worker: WorkerProcess = new WorkerProcess({
      ...{ name: place.name, ports: place.ports, maxCalls, pingMs, hungMs, startingMs },
      onevent: (event) => this.#inTurn(() => this.onevent?.(event)),
      onstate: (call, state) => {
        const known = this.#calls.get(call);
        if (known?.worker === worker) known.state = state;
      },
      onnote: (words) => this.#options.onnote?.(`media worker ${place.name}: ${words}`),
      onready: () => this.#startNext(),
      onexit: (why) => this.#died(place, worker, why),
    });
    place.worker = worker;
    place.startsAt = undefined;
    for (const ask of this.#waiting.splice(0)) ask();
  }

  #died(place: Place, worker: WorkerProcess, why: string): void {
    place.worker = undefined;
    const calls = this.#callsOf(worker);
    for (const call of calls) {
      const known = this.#calls.get(call);
      if (!known) continue;
      known.worker = undefined;
      known.lostAt = performance.now();
      const isSoon = performance.now() - known.cameAt < (this.#options.suspectMs ?? SUSPECT_MS);
      known.deaths = isSoon ? known.deaths + 1 : 0;
    }
    if (this.#isClosed) return;
    const { onnote, restartMs = RESTART_MS } = this.#options;
    onnote?.(`media worker ${place.name}: ${why}, with ${calls.length} calls`);
    const wasWell = performance.now() - (place.startedAt ?? 0) > WELL_MS;
    const pause = wasWell ? 0 : place.pauseMs;
    place.pauseMs = Math.min(MAX_RESTART_MS, Math.max(restartMs, pause * 2));
    // At once the first time, so that its calls can be offered anew even where it was the only one.
    if (pause === 0) this.#start(place);
    else {
      place.startsAt = performance.now() + pause;
      place.restarting = setTimeout(() => this.#start(place), pause);
    }
    if (calls.length === 0) return;
    this.#inTurn(() => this.onevent?.({ kind: "Lost", calls, why: `${place.name}: ${why}` }));
  }

  #callsOf(worker: WorkerProcess): readonly string[] {
    return [...this.#calls].flatMap(([call, of]) => (of.worker === worker ? [call] : []));
  }
}

const USUAL_PORTS = { from: 30_000, to: 39_999 };
const OPENING: ReadonlySet<Verb> = new Set(["offer", "terminate", "originate"]);
const RESTART_MS = 100;
const MAX_RESTART_MS = 30_000;
/** Who lived so long did not die of how it starts. */
const WELL_MS = 60_000;
/** A call that so many workers in a row ended with, so soon after it came, is thought to be why. */
const MAX_DEATHS = 2;
const SUSPECT_MS = 10_000;
/**
 * Before a lost call goes to another worker: what ended its own may have ended that one, too, which
 * is not known in the same moment, and is not the call's fault.
 */
const LOOK_MS = 100;
const NEW = { state: undefined, deaths: 0, lostAt: 0, asked: 0, isOpen: false };
/** Whoever asks waits so long for a worker to be there again. */
const SOON_MS = 2000;
const MAX_WAITING = 10_000;
const NO_WORKER = refused(503, "no media worker is there", { retryAfterSeconds: 2 });
const DIED = refused(503, "the media worker ended", { retryAfterSeconds: 1 });
