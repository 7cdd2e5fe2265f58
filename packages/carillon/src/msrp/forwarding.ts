/**
 * SEND requests that go on to a next hop, in pieces of a relay's own, with no more of them waiting
 * than their sender may have waiting. RFC 4976 §6.4.1.
 */
import { type Octets, toBytes } from "../grammar/octets.ts";
import { formatByteRange } from "./byte-range.ts";
import {
  type BodyTaker,
  holdsEndLine,
  joined,
  type MsrpConnection,
  type Sender,
} from "./connection.ts";
import { INTERRUPTIBLE } from "./limits.ts";
import type { MsrpHost } from "./link.ts";
import {
  type Continuation,
  endLine,
  formatHead,
  type MsrpHeader,
  type MsrpRequest,
  msrpHeader,
  rangeOf,
  reportingOf,
  reportOn,
  responseTo,
} from "./message.ts";
import type { MsrpUri } from "./msrp-uri.ts";
import { refuse } from "./session.ts";

/** URIs of the relay that a request has passed, in their order, and those it has before it. */
export interface Path {
  readonly moved: readonly MsrpUri[];
  readonly rest: readonly MsrpUri[];
}

/** What goes on at once. */
const PIECE = 32 * 1024;
/** What one sender may have waiting here, and unanswered at its next hops. */
const HIGH_WATER = 1024 * 1024;
const NOTHING: Uint8Array = new Uint8Array(0);

/** A piece that waits for its turn. */
interface Waiting {
  readonly octets: Uint8Array;
  readonly id: Octets;
  readonly sent: () => void;
  readonly failed: (status: number) => void;
}

export class Forwarding {
  readonly #host: MsrpHost;
  readonly #lanes = new WeakMap<MsrpConnection, Lane>();
  readonly #accounts = new WeakMap<MsrpConnection, Account>();

  constructor(host: MsrpHost) {
    this.#host = host;
  }

  /** Takes a SEND on: its body goes to the result. */
  send(
    request: MsrpRequest,
    on: MsrpConnection,
    path: Path,
    to: MsrpConnection | Promise<MsrpConnection>,
  ): BodyTaker | undefined {
    const reporting = reportingOf(request);
    const range = rangeOf(request);
    const messageId = msrpHeader(request, "Message-ID");
    if (!reporting || range === "bad" || messageId === undefined) return refuse(on, request, 400);
    const account = this.#accountOf(on);
    const { fromPath, contentType, headers } = request;
    const kept = headers.filter(([name]) => name.toLowerCase() !== "byte-range");
    const piece = (octets: Uint8Array, at: number, flag: Continuation): void => {
      const id = this.#idFor(octets);
      const size = octets.length;
      const end = size > INTERRUPTIBLE ? undefined : at + size;
      const told: MsrpHeader = [
        "Byte-Range",
        formatByteRange({ start: at + 1, end, total: range?.total }),
      ];
      const head = formatHead({
        ...{ kind: "Request", method: "SEND", transactionId: id, contentType },
        //= RFC 4976 §6.4.1
        //# If it indicates this relay, the relay removes this URI from the To-Path header and
        //# inserts this URI in the From-Path header before any other URIs.
        ...{ toPath: path.rest, fromPath: [...path.moved.toReversed(), ...fromPath] },
        headers: contentType === undefined ? kept : [...kept, told],
      });
      const tail = endLine(id, flag, contentType !== undefined);
      const whole = joined([toBytes(head), octets, toBytes(tail)]);
      account.add(whole.length);
      const settle = (): void => account.take(whole.length);
      const failed = (status: number): void => {
        if (reporting.failure === "no" || on.isClosed) return;
        //= RFC 4976 §6.4.1
        //# If the Failure-Report header is "yes" or "partial", and if there is a problem processing
        //# the SEND request or if an error response is received for that SEND request, then the
        //# relay MUST respond with an appropriate error response in a REPORT back to the original
        //# source of the message.
        const reported = { start: at + 1, end: at + size, total: range?.total };
        const [own] = path.moved;
        const what = { messageId, range: reported, status };
        if (own) on.say(reportOn({ fromPath }, own, this.#host.random(10), what));
      };
      this.#enqueue(to, { octets: whole, id }, reporting.failure, settle, failed);
    };
    return new Cutter(piece, (range?.start ?? 1) - 1, contentType !== undefined, () => {
      //= RFC 4976 §6.4.1
      //# If an incoming SEND request contains a Failure-Report header with a value of "yes", an
      //# MSRP relay that receives that SEND request MUST respond with a final response immediately.
      if (reporting.failure === "yes") on.respond(responseTo(request, 200));
    });
  }

  #idFor(octets: Uint8Array): Octets {
    let id = this.#host.random(10);
    while (holdsEndLine(NOTHING, octets, id)) id = this.#host.random(10);
    return id;
  }

  #enqueue(
    to: MsrpConnection | Promise<MsrpConnection>,
    what: Pick<Waiting, "octets" | "id">,
    failure: "yes" | "no" | "partial",
    settle: () => void,
    failed: (status: number) => void,
  ): void {
    const put = (connection: MsrpConnection): void => {
      const sent = (): void => {
        if (failure !== "yes") settle();
        if (failure === "no") return;
        //= RFC 4976 §6.4.1
        //# If the Failure-Report header is "yes", then the relay MUST run a timer to detect if
        //# transmission to the next hop fails.
        connection.expect(what.id, (response) => {
          if (failure === "yes") settle();
          //= RFC 4976 §6.4.1
          //# If after 30 seconds the next hop has not sent any response, then the relay MUST
          //# construct a REPORT with a status code of 408 to indicate a timeout error happened
          //# sending the message, and send the REPORT to the original sender of the message.
          if (!response && failure === "yes") failed(408);
          else if (response && response.status >= 300) failed(response.status);
        });
      };
      const lost = (status: number): void => {
        settle();
        failed(status);
      };
      this.#laneOf(connection).put({ ...what, sent, failed: lost });
    };
    if (!(to instanceof Promise)) return put(to);
    to.then(put, () => {
      settle();
      failed(408);
    });
  }

  #laneOf(connection: MsrpConnection): Lane {
    const known = this.#lanes.get(connection);
    if (known) return known;
    const lane = new Lane(connection);
    this.#lanes.set(connection, lane);
    return lane;
  }

  #accountOf(connection: MsrpConnection): Account {
    const known = this.#accounts.get(connection);
    if (known) return known;
    const account = new Account(connection);
    this.#accounts.set(connection, account);
    return account;
  }
}

/** What one connection has waiting; it is not read where that is too much. */
class Account {
  readonly #connection: MsrpConnection;
  #octets = 0;
  #isHeld = false;

  constructor(connection: MsrpConnection) {
    this.#connection = connection;
  }

  add(octets: number): void {
    this.#octets += octets;
    if (this.#isHeld || this.#octets < HIGH_WATER) return;
    this.#isHeld = true;
    this.#connection.hold();
  }

  take(octets: number): void {
    this.#octets -= octets;
    if (!this.#isHeld || this.#octets > HIGH_WATER / 2) return;
    this.#isHeld = false;
    this.#connection.release();
  }
}

/** Cuts a body into pieces. */
class Cutter implements BodyTaker {
  readonly #piece: (octets: Uint8Array, at: number, flag: Continuation) => void;
  readonly #hasBody: boolean;
  readonly #done: () => void;
  #at: number;
  #waiting: Uint8Array[] = [];
  #size = 0;

  constructor(
    piece: (octets: Uint8Array, at: number, flag: Continuation) => void,
    start: number,
    hasBody: boolean,
    done: () => void,
  ) {
    this.#piece = piece;
    this.#at = start;
    this.#hasBody = hasBody;
    this.#done = done;
  }

  octets(octets: Uint8Array): void {
    if (!this.#hasBody) return;
    for (let at = 0; at < octets.length; ) {
      const some = octets.subarray(at, at + PIECE - this.#size);
      this.#waiting.push(some);
      this.#size += some.length;
      at += some.length;
      if (this.#size === PIECE && at < octets.length) this.#cut("+");
    }
  }

  end(flag: Continuation): void {
    this.#cut(flag);
    this.#done();
  }

  #cut(flag: Continuation): void {
    const octets = joined(this.#waiting);
    this.#waiting = [];
    this.#size = 0;
    this.#piece(octets, this.#at, flag);
    this.#at += octets.length;
  }
}

/** Pieces that go over one connection, in the order in which they came. */
class Lane implements Sender {
  readonly #connection: MsrpConnection;
  readonly #queue: Waiting[] = [];
  readonly isOpen = false;
  #isIn = false;

  constructor(connection: MsrpConnection) {
    this.#connection = connection;
  }

  get isReady(): boolean {
    return this.#queue.length > 0;
  }

  put(waiting: Waiting): void {
    if (this.#connection.isClosed) return waiting.failed(481);
    this.#queue.push(waiting);
    if (this.#isIn) return this.#connection.pump();
    this.#isIn = true;
    this.#connection.add(this);
  }

  turn(): void {
    const next = this.#queue.shift();
    if (!next) return;
    this.#connection.part(next.octets);
    this.#connection.partsEnd();
    next.sent();
  }

  interrupt(): void {}

  answered(): void {}

  lost(): void {
    for (const one of this.#queue.splice(0)) one.failed(481);
  }
}
