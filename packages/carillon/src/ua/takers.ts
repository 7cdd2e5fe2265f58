/**
 * What a user agent does beside its calls: who takes requests of other methods and in other
 * dialogs, and what else goes on. RFC 3261 §8.2, §12.2.2. What is built on a phone in files of its
 * own puts itself in here.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { type ServerTransaction, UNCONCERNED } from "../endpoint/server-transaction.ts";
import { flat } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";

/** Takes the requests of a method outside of dialogs, and in those of calls: see its To tag. */
export interface MethodTaker {
  /** A request that is wrong in nothing that the method has no say in: not in its body, then. */
  request(from: Incoming): void;
  /** What the answer to OPTIONS says of it beside the method. */
  capabilities?(): readonly HeaderField[];
}

/** Something that goes on until it is left. */
export interface Task {
  /** The way to the server is gone. */
  cutOff(): void;
  /** The server knows this device, perhaps again. */
  back(): void;
  /** The phone is being closed: this is to end, and to say so where it must. */
  leave(): void;
  /** It is closed: nothing is heard or said any more. */
  abandon(): void;
}

/** Takes what comes in dialogs that belong to no call, those that a fork makes among them. */
export interface DialogTaker extends Task {
  readonly callId: string;
  readonly localTag: string;
  request(from: Incoming): void;
}

/** Things beside calls that go on at a time. */
const MAX_TASKS = 1000;
/** Answered requests whose retransmissions may still come: half a minute's. */
const MAX_ANSWERED = 5000;

export class Takers {
  readonly #idle: () => void;
  readonly #methods = new Map<string, MethodTaker>();
  readonly #dialogs = new Map<string, DialogTaker>();
  readonly #tasks = new Set<Task>();
  /** What is answered and whose transaction is not over. */
  readonly #answered = new Set<string>();

  /** `idle` is called when the last task is over. */
  constructor(idle: () => void = () => {}) {
    this.#idle = idle;
  }

  /** Methods that something here takes. */
  get methods(): readonly string[] {
    return [...this.#methods.keys()];
  }

  get capabilities(): readonly HeaderField[] {
    return [...this.#methods.values()].flatMap((one) => one.capabilities?.() ?? []);
  }

  get isBusy(): boolean {
    return this.#tasks.size > 0;
  }

  /** How much there is: for tests and metrics. */
  census(): { readonly tasks: number; readonly dialogs: number; readonly answered: number } {
    const [tasks, dialogs, answered] = [this.#tasks, this.#dialogs, this.#answered];
    return { tasks: tasks.size, dialogs: dialogs.size, answered: answered.size };
  }

  ofMethod(method: string): MethodTaker | undefined {
    return this.#methods.get(method);
  }

  ofDialog(callId: string, localTag: string): DialogTaker | undefined {
    return this.#dialogs.get(`${callId} ${localTag}`);
  }

  /** Throws if somebody takes this method already. */
  addMethod(method: string, taker: MethodTaker): void {
    if (this.#methods.has(method)) throw new Error(`${method} is taken already`);
    this.#methods.set(method, taker);
  }

  /** False if too much goes on already. */
  addTask(task: Task): boolean {
    if (this.#tasks.size >= MAX_TASKS) return false;
    this.#tasks.add(task);
    return true;
  }

  removeTask(task: Task): void {
    if (this.#tasks.delete(task) && !this.isBusy) this.#idle();
  }

  /** As `addTask`. */
  addDialog(taker: DialogTaker): boolean {
    if (!this.addTask(taker)) return false;
    this.#dialogs.set(flat(`${taker.callId} ${taker.localTag}`), taker);
    return true;
  }

  removeDialog(taker: DialogTaker): void {
    this.#dialogs.delete(`${taker.callId} ${taker.localTag}`);
    this.removeTask(taker);
  }

  /** Tells all of them. */
  tell(what: keyof Task): void {
    for (const one of [...this.#tasks]) one[what]();
  }

  /** Whether this request has come before, by another way: RFC 3261 §8.2.2.2. */
  hasAnswered(from: Incoming): boolean {
    return this.#answered.has(keyOf(from));
  }

  /** Answers a request at once. False: it was not, as with `take`. */
  answer(endpoint: Endpoint, from: Incoming, reply: Reply): boolean {
    const server = this.take(endpoint, from);
    server?.reply(reply);
    return server !== undefined;
  }

  /**
   * Takes a request on, to be answered later. Undefined: there is no room, which its sender has
   * been told; or it has been taken on before.
   */
  take(endpoint: Endpoint, from: Incoming): ServerTransaction | undefined {
    if (this.#answered.size >= MAX_ANSWERED) {
      endpoint.reply(from, { status: 503, headers: [["Retry-After", "10"]] });
      return undefined;
    }
    const key = flat(keyOf(from));
    const server = endpoint.accept(from, {
      ...UNCONCERNED,
      terminated: () => void this.#answered.delete(key),
    });
    if (server) this.#answered.add(key);
    return server;
  }
}

const keyOf = ({ essentials: { callId, fromTag, cseq } }: Incoming): string =>
  `${callId} ${fromTag} ${cseq.number} ${cseq.method}`;
