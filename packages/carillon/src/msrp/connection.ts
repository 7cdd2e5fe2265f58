/**
 * A connection of MSRP at work: what comes is cut into messages and given to whom it is for, what
 * goes takes turns. RFC 4975 §5.1, §5.4, §7.
 */
import { fromBytes, type Octets, toBytes } from "../grammar/octets.ts";
import { type Framing, frame, isWithin, type MsrpFrame, startFraming } from "./framing.ts";
import { TRANSACTION_MS } from "./limits.ts";
import type { MsrpHost, MsrpLink, MsrpLinkUser } from "./link.ts";
import {
  endLine,
  formatHead,
  type MsrpRequest,
  type MsrpResponse,
  type StartLine,
} from "./message.ts";

/** Takes the body of one request. */
export interface BodyTaker {
  /** Some of it; they may be kept. */
  octets(octets: Uint8Array): void;
  /** It is over: whole, to go on in another request, or given up. */
  end(flag: "$" | "+" | "#"): void;
}

/** Whoever has connections. */
export interface ConnectionUser {
  /** A request. Its body goes to the result; with undefined it is passed over. */
  request(request: MsrpRequest, on: MsrpConnection): BodyTaker | undefined;
  /** It is over, for this reason in words. */
  closed(connection: MsrpConnection, why: string): void;
}

/** A message that is sent in chunks, and takes turns with others. */
export interface Sender {
  /** Whether it has octets at hand that may go now. */
  readonly isReady: boolean;
  /** Whether a chunk of it is open. */
  readonly isOpen: boolean;
  /** Writes something: a new chunk may begin. */
  turn(): void;
  /** Ends its chunk, since something else has to be sent. */
  interrupt(): void;
  /** A response to one of its transactions. */
  answered(id: Octets, status: number): void;
  /** The connection is gone. */
  lost(why: string): void;
}

/** Responses and requests without content that wait for a peer who reads nothing. */
const MAX_URGENT = 2048;
/** Requests whose response is waited for. */
const MAX_ASKED = 256;
/** How long a message may take from one octet to the next before nobody waits for it. */
const STALL_MS = 60_000;

/** One connection, of any transport, with all sessions that are on it. RFC 4975 §5.4. */
export class MsrpConnection implements MsrpLinkUser {
  /** Tells it from the others of whoever has it. */
  readonly number: number;
  readonly #link: MsrpLink;
  readonly #host: MsrpHost;
  readonly #user: ConnectionUser;
  readonly #urgent: Uint8Array[] = [];
  readonly #senders: Sender[] = [];
  /** Who waits for the response to a transaction of ours. */
  readonly #asked = new Map<Octets, Asked>();
  #framing: Framing = startFraming;
  #taker: BodyTaker | undefined;
  /** The head that has come last was a response, or its request is passed over. */
  #open: Sender | undefined;
  /** Of a WebSocket: what becomes one message. */
  #parts: Uint8Array[] = [];
  #isPumping = false;
  #isClosed = false;
  #holds = 0;
  #stall: () => void = () => {};

  constructor(number: number, link: MsrpLink, host: MsrpHost, user: ConnectionUser) {
    this.number = number;
    this.#link = link;
    this.#host = host;
    this.#user = user;
  }

  /** Whether nothing can be sent any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether every chunk is a message of its own. RFC 7977. */
  get isFramed(): boolean {
    return this.#link.isFramed;
  }

  /** Whether it takes more now: nothing urgent waits, and the link has room. */
  get hasRoom(): boolean {
    return this.#link.room > 0 && this.#urgent.length === 0;
  }

  /** Closes it, with whatever is on it. */
  close(): void {
    if (!this.#isClosed) this.#link.close();
  }

  /** What has come is for somebody here. */
  known(): void {
    if (!this.#isClosed) this.#link.known?.();
  }

  // ---- what goes out ---------------------------------------------------------------------------

  /** Sends a response. */
  respond(response: MsrpResponse): void {
    this.#push(formatHead(response) + endLine(response.transactionId, "$", false));
  }

  /** Sends a request without a body, for whose response nobody waits. */
  say(request: MsrpRequest): void {
    this.#push(formatHead(request) + endLine(request.transactionId, "$", false));
  }

  /** A whole request with its body, ready to be sent. */
  write(octets: Uint8Array): void {
    if (this.#isClosed) return;
    this.#urgent.push(octets);
    this.#pump();
  }

  /** The same; `done` hears of the response, and of nothing within 30 s or at the end. */
  ask(request: MsrpRequest, done: (response: MsrpResponse | undefined) => void): void {
    if (this.#isClosed || this.#asked.size >= MAX_ASKED) return done(undefined);
    this.expect(request.transactionId, done);
    this.say(request);
  }

  /** Waits for the response to a request that is sent otherwise. */
  expect(id: Octets, done: (response: MsrpResponse | undefined) => void): void {
    const over = (): void => {
      this.#asked.delete(id);
      done(undefined);
    };
    const cancel = this.#host.at(this.#host.now() + TRANSACTION_MS, over);
    this.#asked.set(id, { done, cancel });
  }

  /** Sends a message in chunks: its turn comes until it is removed. */
  add(sender: Sender): void {
    if (this.#isClosed) return sender.lost("the connection is gone");
    this.#senders.push(sender);
    this.pump();
  }

  /** For senders: this one has no more to say. */
  remove(sender: Sender): void {
    const at = this.#senders.indexOf(sender);
    if (at >= 0) this.#senders.splice(at, 1);
    if (this.#open === sender) this.#open = undefined;
  }

  /** For senders: writes a part of a chunk. */
  part(octets: Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#link.isFramed) this.#parts.push(octets);
    else this.#link.write(octets);
  }

  /** For senders: a chunk is whole. */
  partsEnd(): void {
    if (this.#link.isFramed && this.#parts.length > 0) this.#link.write(joined(this.#parts));
    this.#parts = [];
  }

  /** Something may be sent now that could not before. */
  pump(): void {
    this.#pump();
  }

  #push(text: Octets): void {
    this.write(toBytes(text));
    // Whoever asks without ever reading the answers fills our memory, not theirs.
    if (this.#urgent.length > MAX_URGENT) this.close();
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (!this.#isClosed && this.#link.room > 0 && this.#one());
    this.#isPumping = false;
  }

  /** Sends one thing; false if there is none. */
  #one(): boolean {
    //= RFC 4975 §7.1.1
    //# SEND requests larger than 2048 octets MUST be interrupted if the sender needs to send
    //# pending responses or REPORT requests.
    if (this.#urgent.length > 0) {
      this.#interrupt();
      const [first] = this.#urgent.splice(0, 1);
      if (first) this.#link.write(first);
      return true;
    }
    const next = this.#next();
    if (!next) return false;
    if (this.#open !== next) this.#interrupt();
    this.#open = next;
    next.turn();
    // One message of a WebSocket is one chunk, and waits for nobody.
    if (this.#link.isFramed && next.isOpen) next.interrupt();
    if (!next.isOpen) this.#open = undefined;
    return true;
  }

  //= RFC 4975 §7.1.1
  //# If multiple SEND requests from different sessions are concurrently being sent over the same
  //# connection, the device SHOULD implement some scheme to alternate between them such that each
  //# concurrent request gets a chance to send some fair portion of data at regular intervals
  //# suitable to the application.
  #next(): Sender | undefined {
    const at = this.#senders.findIndex(({ isReady }) => isReady);
    if (at < 0) return undefined;
    const [sender] = this.#senders.splice(at, 1);
    if (sender) this.#senders.push(sender);
    return sender;
  }

  #interrupt(): void {
    if (this.#open?.isOpen) this.#open.interrupt();
    this.#open = undefined;
  }

  // ---- what comes in ---------------------------------------------------------------------------

  /** Reads nothing for now: what has come has to be dealt with first. Once for every `release`. */
  hold(): void {
    if (this.#holds++ === 0 && !this.#isClosed) this.#link.pause();
  }

  /** Takes one hold back; with the last one, octets come again. */
  release(): void {
    if (--this.#holds === 0 && !this.#isClosed) this.#link.resume();
  }

  /** For the link: these have come. */
  received(octets: Uint8Array): void {
    if (this.#isClosed) return;
    const [state, ...frames] = frame(this.#framing, octets);
    this.#framing = state;
    for (const one of frames) this.#frame(one);
    this.#stall();
    this.#stall = () => {};
    if (!this.#isClosed && isWithin(state)) this.#watch();
  }

  /** A message that stops in the middle; but not where it is us who do not read. */
  #watch(): void {
    this.#stall = this.#host.at(this.#host.now() + STALL_MS, () => {
      if (this.#holds > 0) this.#watch();
      else this.close();
    });
  }

  /** For the link: there is room again. */
  drained(): void {
    this.#pump();
  }

  /** For the link: it is over, for this reason in words. */
  closed(why: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stall();
    this.#taker?.end("#");
    this.#taker = undefined;
    for (const { done, cancel } of this.#asked.values()) {
      cancel();
      done(undefined);
    }
    this.#asked.clear();
    for (const sender of this.#senders.splice(0)) sender.lost(why);
    this.#urgent.length = 0;
    this.#user.closed(this, why);
  }

  #frame(one: MsrpFrame): void {
    switch (one.kind) {
      case "Head":
        this.#taker = undefined;
        if (one.head.kind === "Response") this.#response(one.head);
        else this.#taker = this.#user.request(one.head, this);
        break;
      case "Octets":
        this.#taker?.octets(one.octets);
        break;
      case "End": {
        const taker = this.#taker;
        this.#taker = undefined;
        taker?.end(one.flag);
        break;
      }
      case "Unread":
        this.#unread(one.start);
        break;
      case "Error":
        this.close();
        break;
    }
  }

  #response({ transactionId, ...response }: MsrpResponse): void {
    const asked = this.#asked.get(transactionId);
    if (asked) {
      this.#asked.delete(transactionId);
      asked.cancel();
      return asked.done({ ...response, transactionId });
    }
    for (const sender of [...this.#senders]) sender.answered(transactionId, response.status);
  }

  /** Nobody knows where it came from: the connection does. */
  #unread(start: StartLine): void {
    if (start.kind === "Response" || start.method === "REPORT") return;
    const nowhere =
      "To-Path: msrp://nowhere.invalid:9;tcp\r\nFrom-Path: msrp://nowhere.invalid:9;tcp";
    const id = start.transactionId;
    this.#push(`MSRP ${id} 400 Bad Request\r\n${nowhere}\r\n${endLine(id, "$", false)}`);
  }
}

interface Asked {
  readonly done: (response: MsrpResponse | undefined) => void;
  readonly cancel: () => void;
}

/** Several as one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * Whether an end-line of this transaction stands in these octets, which go on from `before`.
 * RFC 4975 §7.1.
 */
export function holdsEndLine(before: Uint8Array, octets: Uint8Array, id: Octets): boolean {
  const needle = `-------${id}`;
  const size = needle.length;
  const seam = fromBytes(joined([before.subarray(-size), octets.subarray(0, size)]));
  if (seam.includes(needle)) return true;
  for (let at = octets.indexOf(HYPHEN); at >= 0; at = octets.indexOf(HYPHEN, at + 1)) {
    let same = 1;
    while (same < size && octets[at + same] === needle.charCodeAt(same)) same++;
    if (same === size) return true;
  }
  return false;
}

const HYPHEN = 0x2d;
