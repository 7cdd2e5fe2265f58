/**
 * An MSRP session: two ends that have told each other their URIs, on one connection. RFC 4975 §5.4,
 * §7.3.
 */
import { flat, type Octets } from "../grammar/octets.ts";
import { NEVER } from "../transaction/timers.ts";
import * as binding from "./binding.ts";
import type { BodyTaker, MsrpConnection } from "./connection.ts";
import { IncomingMessage, type MessageAbout, type MessageSink } from "./incoming-message.ts";
import type { MsrpHost } from "./link.ts";
import {
  type MsrpRequest,
  msrpHeader,
  parseStatus,
  type Reporting,
  rangeOf,
  reportingOf,
  reportOn,
  responseTo,
} from "./message.ts";
import type { MsrpUri } from "./msrp-uri.ts";
import { type Outgoing, OutgoingMessage, type OutgoingUser } from "./outgoing-message.ts";

/** Who has a session. */
export interface SessionUser {
  /** A message begins: where its octets go, or the status that refuses it. */
  incoming(about: MessageAbout): MessageSink | number;
  /** It is on a connection now. */
  bound?(): void;
  /** It is over, for this reason in words. Not after `close`. */
  lost(why: string): void;
}

export interface SessionParts {
  readonly host: MsrpHost;
  /** Its own URI: hard to guess, and of no other session. */
  readonly own: MsrpUri;
  /** How long the other side may take to come. */
  readonly waitMs: number;
  /** The largest message that is taken, in octets. */
  readonly maxOctets: number;
  /** The longest chunk that is sent, if it is not the usual one. */
  readonly chunkOctets?: number | undefined;
  /** It is over: nobody needs to find it any more. */
  readonly over: () => void;
}

/** Messages of one session that come in at a time. */
const MAX_INCOMING = 16;

export class MsrpSession {
  readonly own: MsrpUri;
  /** The path to the other end, relays first. */
  toPath: readonly MsrpUri[] = [];
  readonly #parts: SessionParts;
  readonly #user: SessionUser;
  readonly #params: binding.Params;
  #state: binding.State;
  #cancelTick: () => void = () => {};
  #connection: MsrpConnection | undefined;
  readonly #outgoing = new Map<Octets, OutgoingMessage>();
  readonly #incoming = new Map<Octets, IncomingMessage>();
  /** Sent once there is a connection. */
  #waiting: (() => void)[] = [];
  #isOver = false;

  constructor(parts: SessionParts, user: SessionUser) {
    this.own = parts.own;
    this.#parts = parts;
    this.#user = user;
    this.#params = { waitMs: parts.waitMs };
    [this.#state] = binding.start(this.#params, parts.host.now());
    this.#schedule();
  }

  get isBound(): boolean {
    return this.#state.name === "Bound";
  }

  /** We have opened this connection for it. */
  attach(connection: MsrpConnection): void {
    this.#step({ kind: "Opened", connection: connection.number }, connection);
    //= RFC 4975 §5.4
    //# Likewise, the active endpoint MUST immediately issue a SEND request. This initial SEND
    //# request MAY have a body if the sender has content to send, or it MAY have no body at all.
    if (this.#outgoing.size === 0) connection.ask(this.#greeting(), () => {});
  }

  #greeting(): MsrpRequest {
    const { host, own } = this.#parts;
    const headers = [["Message-ID", host.random(10)] as const];
    const paths = { toPath: this.toPath, fromPath: [own], headers, contentType: undefined };
    return { kind: "Request", method: "SEND", transactionId: host.random(10), ...paths };
  }

  /** Sends a message, as soon as there is a connection. */
  send(what: Outgoing, user: OutgoingUser): { readonly message: OutgoingMessage | undefined } {
    const sent: { message: OutgoingMessage | undefined } = { message: undefined };
    const begin = (): void => {
      const connection = this.#connection;
      if (!connection || this.#isOver) return user.failed(0, 0);
      const { host, own } = this.#parts;
      const messageId = what.messageId ?? host.random(10);
      const forget = (): void => void this.#outgoing.delete(messageId);
      const { chunkOctets } = this.#parts;
      const parts = { host, connection, own, toPath: this.toPath, messageId, chunkOctets };
      const message = new OutgoingMessage(what, parts, {
        arrived: (octets) => user.arrived?.(octets),
        done: () => {
          forget();
          user.done();
        },
        failed: (status, arrived) => {
          forget();
          user.failed(status, arrived);
        },
      });
      sent.message = message;
      this.#outgoing.set(messageId, message);
      message.begin();
    };
    if (this.#isOver || this.isBound) begin();
    else this.#waiting.push(begin);
    return sent;
  }

  /** The call is over. */
  close(): void {
    this.#step({ kind: "Leave" });
    this.#finish();
  }

  /** A connection is gone. */
  connectionClosed(connection: MsrpConnection, why: string): void {
    this.#step({ kind: "Closed", connection: connection.number }, connection, why);
  }

  /** A request for this session. */
  request(request: MsrpRequest, connection: MsrpConnection): BodyTaker | undefined {
    const outputs = this.#step({ kind: "Request", connection: connection.number }, connection);
    const refusal = outputs.find((output) => output.kind === "Refuse");
    if (refusal) return refuse(connection, request, refusal.status);
    connection.known();
    if (request.method === "SEND") return this.#send(request, connection);
    if (request.method === "REPORT") this.#report(request);
    else return refuse(connection, request, 501);
    return undefined;
  }

  #step(
    input: binding.Input,
    connection?: MsrpConnection,
    why = "Nobody came.",
  ): readonly binding.Output[] {
    const { host } = this.#parts;
    const [state, ...outputs] = binding.step(this.#params, this.#state, input, host.now());
    this.#state = state;
    this.#schedule();
    for (const output of outputs) {
      if (output.kind === "Bind") {
        this.#connection = connection;
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const begin of waiting) begin();
        this.#user.bound?.();
      } else if (output.kind === "Lost") {
        this.#finish();
        this.#user.lost(why);
      }
    }
    return outputs;
  }

  #schedule(): void {
    this.#cancelTick();
    const at = binding.deadline(this.#state);
    const { host } = this.#parts;
    this.#cancelTick = at === NEVER ? () => {} : host.at(at, () => this.#step({ kind: "Tick" }));
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const begin of this.#waiting.splice(0)) begin();
    for (const message of [...this.#outgoing.values()]) message.abort();
    for (const message of [...this.#incoming.values()]) message.lost();
    this.#parts.over();
  }

  // ---- what comes in ---------------------------------------------------------------------------

  #send(request: MsrpRequest, connection: MsrpConnection): BodyTaker | undefined {
    const messageId = msrpHeader(request, "Message-ID");
    const range = rangeOf(request);
    const reporting = reportingOf(request);
    if (messageId === undefined || messageId.length > 64 || range === "bad" || !reporting) {
      return refuse(connection, request, 400);
    }
    // Without content it only says that somebody is there. RFC 4975 §7.1.
    if (request.contentType === undefined) return answerTo(connection, request, reporting);
    const message =
      this.#incoming.get(messageId) ?? this.#begin(request, connection, messageId, reporting);
    if (typeof message === "number") return refuse(connection, request, message);
    const refusal = message.chunk((range?.start ?? 1) - 1, range?.total);
    if (refusal !== undefined) return refuse(connection, request, refusal);
    return bodyTaker(message, connection, request, reporting);
  }

  #begin(
    request: MsrpRequest,
    connection: MsrpConnection,
    id: Octets,
    reporting: Reporting,
  ): IncomingMessage | number {
    if (this.#incoming.size >= MAX_INCOMING) return 413;
    const messageId = flat(id);
    const { host, own, maxOctets } = this.#parts;
    const range = rangeOf(request);
    const size = typeof range === "object" ? range.total : undefined;
    const contentType = request.contentType ?? "";
    const sink = this.#user.incoming({ messageId, contentType, size, request });
    if (typeof sink === "number") return sink;
    const to = { fromPath: request.fromPath };
    const message = new IncomingMessage(sink, {
      ...{ host, connection, maxOctets, reports: reporting.success },
      report: ({ range: reported, status }) => {
        if (status >= 300 && reporting.failure === "no") return;
        const what = { messageId, range: reported, status };
        connection.say(reportOn(to, own, host.random(10), what));
      },
      over: () => void this.#incoming.delete(messageId),
    });
    this.#incoming.set(messageId, message);
    return message;
  }

  #report(request: MsrpRequest): void {
    //= RFC 4975 §7.1.1
    //# If an MSRP endpoint receives a REPORT for a Message-ID it does not recognize, it SHOULD
    //# silently ignore the REPORT.
    const message = this.#outgoing.get(msrpHeader(request, "Message-ID") ?? "");
    const status = parseStatus(msrpHeader(request, "Status") ?? "");
    const range = rangeOf(request);
    if (!message || status?.namespace !== "000" || range === "bad") return;
    const end = range?.end ?? range?.total ?? Number.MAX_SAFE_INTEGER;
    message.report((range?.start ?? 1) - 1, end, status.code);
  }
}

/** Gives the body to the message, and answers the chunk. */
function bodyTaker(
  message: IncomingMessage,
  connection: MsrpConnection,
  request: MsrpRequest,
  reporting: Reporting,
): BodyTaker {
  let isRefused = false;
  const refused = (status: number | undefined): void => {
    if (status === undefined || isRefused) return;
    isRefused = true;
    refuse(connection, request, status);
  };
  return {
    octets: (octets) => {
      if (!isRefused) refused(message.octets(octets));
    },
    end: (flag) => {
      if (isRefused) return;
      refused(message.end(flag));
      if (!isRefused) answer(connection, request, reporting);
    },
  };
}

//= RFC 4975 §7.1.4
//# If the endpoint receives a SEND request with a Failure-Report header field value of "no", then
//# it MUST NOT send a failure REPORT request, and MUST NOT send a transaction response. If the
//# value is "partial", it MUST NOT send a 200 transaction response to the request, but SHOULD send
//# an appropriate non-200 class response if a failure occurs.
function answer(connection: MsrpConnection, request: MsrpRequest, { failure }: Reporting): void {
  if (failure === "yes") connection.respond(responseTo(request, 200));
}

function answerTo(
  connection: MsrpConnection,
  request: MsrpRequest,
  reporting: Reporting,
): undefined {
  answer(connection, request, reporting);
}

/** Refuses a request, unless it is one that is never answered. Its body is passed over. */
export function refuse(
  connection: MsrpConnection,
  request: MsrpRequest,
  status: number,
): undefined {
  //= RFC 4975 §7.1.2
  //# MSRP nodes MUST NOT send MSRP responses to REPORT requests.
  if (request.method === "REPORT") return undefined;
  if (request.method === "SEND" && reportingOf(request)?.failure === "no") return undefined;
  connection.respond(responseTo(request, status));
  return undefined;
}
