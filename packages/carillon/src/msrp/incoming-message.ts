/** A message that comes in over a session: drives the machine in `arriving.ts`. RFC 4975 §7.3.1. */
import type { Octets } from "../grammar/octets.ts";
import { NEVER } from "../transaction/timers.ts";
import * as arriving from "./arriving.ts";
import type { MsrpConnection } from "./connection.ts";
import type { MsrpHost } from "./link.ts";
import type { MsrpRequest, Reported } from "./message.ts";

/** Where the octets of a message go. */
export interface MessageSink {
  /** Keeps these octets, counted from 0. Several may come for one place: the last one counts. */
  write(at: number, octets: Uint8Array): void | Promise<void>;
  /**
   * All of it is there, and written. A status as of a response: 200 if it is right. Nobody is told
   * that it has arrived before that.
   */
  complete(size: number): number | Promise<number>;
  /** Nothing more comes: so many octets from the first on were written. */
  abandoned(arrived: number): void;
}

export interface IncomingParts {
  readonly host: MsrpHost;
  readonly connection: MsrpConnection;
  /** Where reports go. */
  readonly report: (reported: Omit<Reported, "messageId">) => void;
  /** Nothing more comes of it. */
  readonly over: () => void;
  readonly maxOctets: number;
  readonly reports: boolean;
}

/** Octets that wait to be written before nothing more is read. */
const HIGH_WATER = 256 * 1024;
/** A report for every so many octets. */
const REPORT_OCTETS = 64 * 1024;
const IDLE_MS = 120_000;

export class IncomingMessage {
  readonly #parts: IncomingParts;
  readonly #sink: MessageSink;
  readonly #params: arriving.Params;
  #state: arriving.State;
  #work: Promise<unknown> | undefined;
  #waiting = 0;
  #isHeld = false;
  #cancelTick: () => void = () => {};
  #octets: Uint8Array = new Uint8Array(0);
  #refusal: number | undefined;

  constructor(sink: MessageSink, parts: IncomingParts) {
    this.#sink = sink;
    this.#parts = parts;
    const { maxOctets, reports } = parts;
    this.#params = { maxOctets, reports, reportOctets: REPORT_OCTETS, idleMs: IDLE_MS };
    [this.#state] = arriving.start(this.#params, parts.host.now());
  }

  /** A chunk begins; the status that refuses it, if it has to be. */
  chunk(start: number, total: number | undefined): number | undefined {
    this.#step({ kind: "Chunk", start, total });
    return this.#refusal;
  }

  octets(octets: Uint8Array): number | undefined {
    this.#octets = octets;
    this.#step({ kind: "Octets", count: octets.length });
    return this.#refusal;
  }

  end(flag: "$" | "+" | "#"): number | undefined {
    this.#step({ kind: "End", flag });
    return this.#refusal;
  }

  lost(): void {
    this.#step({ kind: "Lost" });
  }

  #step(input: arriving.Input): void {
    const { host } = this.#parts;
    const [state, ...outputs] = arriving.step(this.#params, this.#state, input, host.now());
    this.#state = state;
    for (const output of outputs) this.#carryOut(output);
    this.#cancelTick();
    const at = arriving.deadline(state);
    this.#cancelTick = at === NEVER ? () => {} : host.at(at, () => this.#step({ kind: "Tick" }));
  }

  #carryOut(output: arriving.Output): void {
    switch (output.kind) {
      case "Write":
        return this.#write(output.at, this.#octets);
      case "Report": {
        const { start, end, total, status } = output;
        const range = { start: start + 1, end, total };
        // Nothing is said to have arrived before it has been written.
        return this.#then(() => this.#parts.report({ range, status }));
      }
      case "Check":
        return this.#check(output.total);
      case "Refuse":
        this.#refusal = output.status;
        return;
      case "GivenUp":
        this.#then(() => this.#sink.abandoned(output.arrived));
        return this.#parts.over();
      case "Taken":
        return this.#parts.over();
    }
  }

  #write(at: number, octets: Uint8Array): void {
    const written = this.#work
      ? this.#work.then(() => this.#sink.write(at, octets))
      : this.#sink.write(at, octets);
    if (!(written instanceof Promise)) return;
    this.#waiting += octets.length;
    const done = (): void => {
      this.#waiting -= octets.length;
      this.#breathe();
    };
    this.#work = written.then(done, (cause: unknown) => {
      done();
      this.#failed ??= cause;
    });
    this.#breathe();
  }

  #failed: unknown;

  /** A disk that is slower than the network stops the network, and not the memory. */
  #breathe(): void {
    const { connection } = this.#parts;
    if (!this.#isHeld && this.#waiting > HIGH_WATER) {
      this.#isHeld = true;
      connection.hold();
    } else if (this.#isHeld && this.#waiting <= HIGH_WATER / 2) {
      this.#isHeld = false;
      connection.release();
    }
  }

  #then(run: () => void): void {
    if (this.#work) void this.#work.then(run);
    else run();
  }

  #check(total: number): void {
    const checked = (status: number): void => this.#step({ kind: "Checked", status });
    const look = (): number | Promise<number> =>
      this.#failed === undefined ? this.#sink.complete(total) : 413;
    const status = this.#work ? this.#work.then(look) : look();
    if (typeof status === "number") checked(status);
    else status.then(checked, () => checked(413));
  }
}

/** What a SEND says of the message it belongs to. */
export interface MessageAbout {
  readonly messageId: Octets;
  readonly contentType: Octets;
  /** Octets of the whole, where it is told. */
  readonly size: number | undefined;
  /** Its first request. */
  readonly request: MsrpRequest;
}
