/** A message on its way over a connection: drives the machine in `sending.ts`. RFC 4975 §7.1.1. */
import { type Octets, toBytes } from "../grammar/octets.ts";
import { NEVER } from "../transaction/timers.ts";
import { formatByteRange } from "./byte-range.ts";
import { holdsEndLine, type MsrpConnection, type Sender } from "./connection.ts";
import type { MsrpHost } from "./link.ts";
import { endLine, formatHead, type MsrpHeader, type Reporting } from "./message.ts";
import type { MsrpUri } from "./msrp-uri.ts";
import * as sending from "./sending.ts";

/** What is sent. */
export interface Outgoing {
  /** A media type with its parameters. */
  readonly contentType: Octets;
  /** Octets of the whole. */
  readonly size: number;
  /** These octets, counted from 0. */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
  /** Which reports are wanted. Failures, if left out. */
  readonly reporting?: Reporting;
  /** Content-Disposition and the like. */
  readonly headers?: readonly MsrpHeader[];
  /** Its name, if it has one already: the same message on another session. RFC 4975 §5.4. */
  readonly messageId?: Octets;
}

/** Who hears how it goes. */
export interface OutgoingUser {
  /** So many octets from the first on have arrived. */
  arrived?(octets: number): void;
  /** It has arrived, as far as reports were wanted. */
  done(): void;
  /** It has not. As of a response; 0: the connection is gone, or it was given up. */
  failed(status: number, arrived: number): void;
}

export interface OutgoingParts {
  readonly host: MsrpHost;
  readonly connection: MsrpConnection;
  readonly toPath: readonly MsrpUri[];
  readonly own: MsrpUri;
  readonly messageId: Octets;
  /** The longest chunk, if it is not the usual one. */
  readonly chunkOctets?: number | undefined;
}

/** What is read at once, and goes out in one turn. */
const PIECE = 32 * 1024;
/** The longest chunk; over a WebSocket it is as long as a piece. */
const CHUNK = 256 * 1024;
/** What may be out beyond what was answered. */
const WINDOW = 512 * 1024;
/**
 * How long a report is waited for behind the last octet: whoever keeps a file looks at it first.
 */
const REPORT_MS = 120_000;
const USUAL: Reporting = { success: false, failure: "yes" };
const NOTHING: Uint8Array = new Uint8Array(0);

export class OutgoingMessage implements Sender {
  readonly messageId: Octets;
  readonly #parts: OutgoingParts;
  readonly #what: Outgoing;
  readonly #user: OutgoingUser;
  readonly #params: sending.Params;
  #state: sending.State;
  #cancelTick: () => void = () => {};
  /** The next octets, once they are at hand. */
  #piece: Uint8Array = NOTHING;
  #isReading = false;
  /** What was written last of the chunk that is open. */
  #tail: Uint8Array = NOTHING;
  #isOver = false;

  constructor(what: Outgoing, parts: OutgoingParts, user: OutgoingUser) {
    this.#what = what;
    this.#parts = parts;
    this.#user = user;
    this.messageId = parts.messageId;
    this.#params = {
      total: what.size,
      reporting: what.reporting ?? USUAL,
      chunkOctets: Math.min(parts.chunkOctets ?? CHUNK, parts.connection.isFramed ? PIECE : CHUNK),
      windowOctets: WINDOW,
      reportMs: REPORT_MS,
    };
    [this.#state] = sending.start(this.#params, parts.host.now());
  }

  /** Begins. */
  begin(): void {
    this.#parts.connection.add(this);
    this.#fetch();
  }

  pause(): void {
    this.#step({ kind: "Pause" });
  }

  resume(): void {
    this.#step({ kind: "Resume" });
  }

  /** Gives it up, and says so. */
  abort(): void {
    this.#step({ kind: "Abort", id: this.#newId() });
  }

  /** A report on it: octets counted from 0, without the end. */
  report(start: number, end: number, status: number): void {
    this.#step({ kind: "Report", start, end, status });
  }

  // ---- Sender ----------------------------------------------------------------------------------

  get isReady(): boolean {
    if (!sending.isEager(this.#params, this.#state)) return false;
    return this.#piece.length > 0 || this.#params.total === 0;
  }

  get isOpen(): boolean {
    return this.#state.name === "Sending" && this.#state.chunk !== undefined;
  }

  turn(): void {
    const chunk = this.#state.name === "Sending" ? this.#state.chunk : undefined;
    //= RFC 4975 §7.1
    //# If the end-line is present in the body, the sender MUST choose a new transaction identifier
    //# that is not present in the body, and add a CRLF if needed, and the end-line, including the
    //# "$", "#", or "+" character.
    if (chunk && holdsEndLine(this.#tail, this.#piece, chunk.id)) this.interrupt();
    let id = this.#newId();
    while (holdsEndLine(NOTHING, this.#piece, id)) id = this.#newId();
    this.#step({ kind: "Room", octets: this.#piece.length, id });
  }

  interrupt(): void {
    this.#step({ kind: "Interrupt" });
  }

  answered(id: Octets, status: number): void {
    this.#step({ kind: "Response", id, status });
  }

  lost(): void {
    this.#step({ kind: "Lost" });
  }

  //= RFC 4975 §7.1
  //# The transaction identifier MUST NOT collide with that of other transactions that exist at the
  //# same time. Therefore, it MUST contain at least 64 bits of randomness.
  #newId(): Octets {
    return this.#parts.host.random(10);
  }

  #step(input: sending.Input): void {
    if (this.#isOver) return;
    const { host, connection } = this.#parts;
    const before = this.#state;
    const [state, ...outputs] = sending.step(this.#params, before, input, host.now());
    this.#state = state;
    for (const output of outputs) this.#carryOut(output);
    if (this.#isOver) return;
    this.#cancelTick();
    const at = sending.deadline(state);
    this.#cancelTick = at === NEVER ? () => {} : host.at(at, () => this.#step({ kind: "Tick" }));
    this.#fetch();
    if (state !== before && this.isReady) connection.pump();
  }

  #carryOut(output: sending.Output): void {
    const { connection } = this.#parts;
    switch (output.kind) {
      case "Begin":
        this.#tail = NOTHING;
        return connection.part(toBytes(this.#head(output.id, output.start)));
      case "Octets": {
        const octets = this.#piece.subarray(0, output.end - output.start);
        this.#piece = this.#piece.subarray(octets.length);
        this.#tail = octets.subarray(-64);
        return connection.part(octets);
      }
      case "End":
        connection.part(toBytes(endLine(output.id, output.flag, true)));
        return connection.partsEnd();
      case "Arrived":
        return this.#user.arrived?.(output.octets);
      case "Done":
        this.#leave();
        return this.#user.done();
      case "Failed": {
        this.#leave();
        const arrived = this.#state.name === "Failed" ? this.#state.arrived : 0;
        return this.#user.failed(output.status, arrived);
      }
    }
  }

  #leave(): void {
    this.#isOver = true;
    this.#cancelTick();
    this.#parts.connection.remove(this);
  }

  #head(transactionId: Octets, start: number): Octets {
    const { toPath, own } = this.#parts;
    const { size, contentType, headers = [] } = this.#what;
    const { success, failure } = this.#params.reporting;
    //= RFC 4975 §7.1.1
    //# It MUST take the value of "*" if the position is unknown, or if the request needs to be
    //# interruptible.
    const end = size === 0 ? 0 : undefined;
    const range = formatByteRange({ start: start + 1, end, total: size });
    const all: readonly MsrpHeader[] = [
      ["Message-ID", this.messageId],
      ["Byte-Range", range],
      ...(success ? [["Success-Report", "yes"] as const] : []),
      ...(failure === "yes" ? [] : [["Failure-Report", failure] as const]),
      ...headers,
    ];
    const fromPath = [own];
    const parts = { transactionId, toPath, fromPath, headers: all, contentType };
    return formatHead({ kind: "Request", method: "SEND", ...parts });
  }

  /** Reads ahead, one piece at a time. */
  #fetch(): void {
    const { size } = this.#what;
    const { name } = this.#state;
    if (this.#isReading || this.#piece.length > 0 || name !== "Sending") return;
    const length = Math.min(PIECE, size - this.#state.next);
    if (length <= 0) return;
    const octets = this.#what.read(this.#state.next, length);
    if (octets instanceof Uint8Array) return this.#fetched(octets, length);
    this.#isReading = true;
    octets.then(
      (came) => this.#fetched(came, length),
      () => this.#fetched(NOTHING, length),
    );
  }

  #fetched(octets: Uint8Array, length: number): void {
    this.#isReading = false;
    if (this.#isOver) return;
    // What cannot be read is not what was announced.
    if (octets.length !== length) return this.abort();
    this.#piece = octets;
    this.#parts.connection.pump();
  }
}
