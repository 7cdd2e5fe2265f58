/** One media worker as the program sees it: a child process that is asked, told and supervised. */
import { type ChildProcess, fork, type StdioOptions } from "node:child_process";
import type { MediaEvent } from "carillon/b2bua";
import type { FromWorker, Order, ToWorker } from "./control-message.ts";
import type { CallState } from "./media-call.ts";
import type { TransportOptions } from "./transport.ts";

/** What a worker process is started with. */
export interface WorkerProcessOptions {
  readonly name: string;
  readonly ports: TransportOptions["ports"];
  readonly maxCalls: number;
  /** How often it is asked whether it is well. */
  readonly pingMs: number;
  /** After so long without a word of it, it is ended. */
  readonly hungMs: number;
  /** The same for one that has not begun: a busy machine takes long to load it. */
  readonly startingMs: number;
  readonly onevent: (event: MediaEvent) => void;
  /** Something for the operator, in words. */
  readonly onnote: (words: string) => void;
  /** It has begun. */
  readonly onready: () => void;
  /** What is agreed on in a call has changed. */
  readonly onstate: (call: string, state: CallState) => void;
  /** It is gone, in words; nothing comes of it any more. */
  readonly onexit: (why: string) => void;
}

type Settle = (result: unknown) => void;

interface Asked {
  readonly call: string;
  readonly settle: Settle;
}

/** What it stands beside: TypeScript where it runs unbuilt. */
const CHILD = new URL(
  import.meta.url.endsWith(".ts") ? "./child.ts" : "./child.js",
  import.meta.url,
);
/** After `Close`, until it is ended by force. */
const CLOSING_MS = 3000;

export class WorkerProcess {
  readonly name: string;
  readonly #options: WorkerProcessOptions;
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, Asked>();
  readonly #pinging: NodeJS.Timeout;
  readonly #gone: Promise<void>;
  #heardAt = performance.now();
  #ids = 0;
  #load = 0;
  #isReady = false;
  #isGone = false;

  constructor(options: WorkerProcessOptions) {
    this.#options = options;
    this.name = options.name;
    this.#child = fork(CHILD, [], { serialization: "advanced", execArgv: [], stdio: STDIO });
    this.#gone = new Promise((resolve) => {
      const over = (why: string) => {
        this.#over(why);
        resolve();
      };
      this.#child.once("exit", (code, signal) => over(ending(code, signal)));
      this.#child.once("error", (cause) => over(`it could not be started: ${cause.message}`));
    });
    this.#child.on("message", (message) => this.#heard(message as FromWorker));
    this.#tell({ kind: "Begin", ports: options.ports, maxCalls: options.maxCalls });
    this.#pinging = setInterval(() => this.#ping(), options.pingMs);
    this.#pinging.unref();
  }

  /** Of its process; undefined where none could be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isReady(): boolean {
    return this.#isReady && !this.#isGone;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** How busy it is, 0 to 1. */
  get load(): number {
    return this.#load;
  }

  /** What comes of it; undefined if the worker is gone before it says. */
  ask(order: Omit<Order, "id" | "kind">, settle: Settle): void {
    if (this.#isGone) return settle(undefined);
    const id = ++this.#ids;
    this.#asked.set(id, { call: order.call, settle });
    this.#tell({ ...order, kind: "Order", id } as Order);
  }

  tell(order: Omit<Order, "id" | "kind">): void {
    if (!this.#isGone) this.#tell({ ...order, kind: "Order", id: 0 } as Order);
  }

  /** Ends its calls and then itself. */
  async close(): Promise<void> {
    if (this.#isGone) return;
    // One that has not begun has nothing to finish.
    if (!this.#isReady) this.kill();
    this.#tell({ kind: "Close" });
    const force = setTimeout(() => this.kill(), CLOSING_MS);
    await this.#gone;
    clearTimeout(force);
  }

  /** At once. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #tell(message: ToWorker): void {
    if (!this.#child.connected) return;
    this.#child.send(message, () => {
      // What could not be said is answered for when the worker is found to be gone.
    });
  }

  #heard(message: FromWorker): void {
    this.#heardAt = performance.now();
    switch (message.kind) {
      case "Ready":
        this.#isReady = true;
        return this.#options.onready();
      case "Pong":
        this.#load = message.load;
        return;
      case "Event":
        return this.#options.onevent(message.event);
      case "Note":
        return this.#options.onnote(message.words);
      case "Done": {
        const asked = this.#asked.get(message.id);
        this.#asked.delete(message.id);
        if (asked && message.state) this.#options.onstate(asked.call, message.state);
        return asked?.settle(message.result);
      }
      case "Closed":
        return;
    }
  }

  #ping(): void {
    const { hungMs, startingMs } = this.#options;
    const isLate = performance.now() - this.#heardAt > (this.#isReady ? hungMs : startingMs);
    if (isLate) this.kill();
    else this.#tell({ kind: "Ping" });
  }

  #over(why: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    clearInterval(this.#pinging);
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    this.#options.onexit(why);
    for (const { settle } of asked) settle(undefined);
  }
}

/** Its words are ours. */
const STDIO: StdioOptions = ["ignore", "inherit", "inherit", "ipc"];

const ending = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal ? `it was ended by ${signal}` : `it ended with status ${code}`;
