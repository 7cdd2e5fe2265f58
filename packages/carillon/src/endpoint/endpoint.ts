/**
 * A whole SIP element, deterministic: octets in, octets out. RFC 3261 §17, §18.
 *
 * It owns no socket, clock or random source. A driver calls `handle` with what happened and the
 * time, carries out the outputs, and comes back with a Tick at `deadline()`. What arrives while
 * something is being handled waits for its turn, so that no role is ever called in the middle of
 * its own work.
 */
import type { Crypto } from "../auth/crypto.ts";
import type { Octets } from "../grammar/octets.ts";
import type { ParseError } from "../grammar/result.ts";
import type { Answered, Question } from "../locate/naming.ts";
import type { HeaderField } from "../message/compose.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import { parseMessage, type Request, type Response } from "../message/message.ts";
import { parseWebSocketMessage } from "../message/web-socket-message.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Destination } from "../transport/destination.ts";
import { type Flow, isReliable, responseFlow } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";
import { ClientTransaction, type ClientUser } from "./client-transaction.ts";
import { Ids } from "./ids.ts";
import { type Incoming, incoming } from "./incoming.ts";
import type { Input, Output } from "./input-output.ts";
import { answerable, answerableEssentials, explanation } from "./refusal.ts";
import { composeReply, type Reply } from "./reply.ts";
import type { EndpointOptions, Role, TraceEntry } from "./role.ts";
import { ServerTransaction, type ServerUser } from "./server-transaction.ts";
import { clientKey, serverKey } from "./transaction-key.ts";
import { TransactionTable } from "./transaction-table.ts";
import { type Timer, Wheel } from "./wheel.ts";

export type { EndpointOptions, Role, TraceEntry } from "./role.ts";

const MAX_TRANSACTIONS = 200_000;
//= RFC 3261 §18.1.1
//# However, implementations MUST be able to handle messages up to the maximum datagram packet size.
//# For UDP, this size is 65,535 bytes, including IP and UDP headers.
const MAX_DATAGRAM = 65_507;
/** Seconds that whoever comes when everything is full is asked to stay away. */
const RETRY_AFTER_SECONDS = 10;

export function createEndpoint(options: EndpointOptions): Endpoint {
  return new Endpoint(options);
}

export class Endpoint {
  readonly ids: Ids;
  readonly crypto: Crypto;
  readonly product: string;
  /** The time of the input that is being handled. */
  now: Millis = 0;
  readonly #role: Role;
  readonly #trace: ((entry: TraceEntry) => void) | undefined;
  readonly #max: number;
  readonly #table = new TransactionTable();
  readonly #connections = new Map<number, Flow>();
  readonly #locals: Address[] = [];
  #wheel: Wheel | undefined;
  #outputs: Output[] = [];
  #queue: (() => void)[] = [];
  #busy = false;
  #dials = 0;
  #answered: (answered: Answered) => void = () => {};

  constructor(options: EndpointOptions) {
    const { role, crypto, key, node = "", product = "", trace } = options;
    this.#max = options.maxTransactions ?? MAX_TRANSACTIONS;
    this.crypto = crypto;
    this.ids = new Ids(crypto, key ?? crypto.randomBytes(32), node);
    this.product = product;
    this.#role = role;
    this.#trace = trace;
    role.attach(this);
  }

  /** Takes in what happened; returns what is to be done, in order. */
  handle(input: Input, now: Millis): readonly Output[] {
    if (this.#busy) throw new Error("handle was called from inside handle: use a Call input later");
    this.#busy = true;
    this.now = Math.max(now, this.now);
    this.#wheel ??= new Wheel(this.now);
    try {
      this.#wheel.advance(this.now);
      this.#take(input);
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) next();
    } finally {
      this.#busy = false;
    }
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** When the next Tick is wanted; Infinity if nothing waits. */
  deadline(): Millis {
    return this.#wheel?.deadline() ?? Number.POSITIVE_INFINITY;
  }

  /** How much is being kept: for tests and metrics. */
  census(): { servers: number; clients: number; connections: number; timers: number } {
    return {
      servers: this.#table.servers,
      clients: this.#table.clients,
      connections: this.#connections.size,
      timers: this.#wheel?.size ?? 0,
    };
  }

  /** The addresses that datagrams can leave from. */
  get locals(): readonly Address[] {
    return this.#locals;
  }

  connection(id: number): Flow | undefined {
    return this.#connections.get(id);
  }

  // ---- for roles -------------------------------------------------------------------------------

  //= RFC 3261 §8.2.7
  //# A stateless UAS MUST NOT send provisional (1xx) responses.
  //= RFC 3261 §8.2.7
  //# A stateless UAS MUST NOT retransmit responses.
  /** Answers without keeping anything; a retransmission will be answered the same way again. */
  reply(to: Incoming, reply: Reply): void {
    this.transmit(responseFlow(to.flow, to.essentials.via), this.composeReply(to, reply));
  }

  /**
   * Takes a request on: from here its retransmissions are dealt with. Undefined when there are too
   * many, which the sender has been told, or when it has been taken on already.
   */
  accept(from: Incoming, user: ServerUser): ServerTransaction | undefined {
    if (this.#table.servers >= this.#max) {
      this.reply(from, { status: 503, headers: [["Retry-After", `${RETRY_AFTER_SECONDS}`]] });
      return undefined;
    }
    const key = serverKey(from, from.request.method);
    if (this.#table.hasServer(key)) return undefined;
    const server = new ServerTransaction(this, from, key, user);
    this.#table.addServer(server);
    server.start(this.now);
    return server;
  }

  /**
   * Sends a request whose topmost Via is ours, as a client transaction of its own. Undefined when
   * there are too many.
   */
  sendText(text: Octets, flow: Flow, user: ClientUser): ClientTransaction | undefined {
    const message = parseMessage(text);
    if (!message.ok || message.value.kind !== "Request") throw new RangeError("not a request");
    return this.send(message.value, flow, user);
  }

  send(request: Request, flow: Flow, user: ClientUser): ClientTransaction | undefined {
    if (this.#table.clients >= this.#max) return undefined;
    const essentials = readEssentials(request);
    if (!essentials.ok) throw new RangeError(essentials.error.message);
    const key = clientKey(essentials.value, request.method);
    const client = new ClientTransaction(this, request, flow, key, user);
    this.#table.addClient(client);
    client.start(this.now);
    return client;
  }

  /** Puts octets on the wire. False if the connection is gone or no datagram holds so much. */
  transmit(flow: Flow, octets: Octets): boolean {
    if (isReliable(flow)) {
      //= RFC 3261 §18.2.2
      //# If the "sent-protocol" is a reliable transport protocol such as TCP or SCTP, or TLS over
      //# those, the response MUST be sent using the existing connection to the source of the
      //# original request that created the transaction, if that connection is still open.
      if (!this.#connections.has(flow.connection)) return false;
      this.#outputs.push({ kind: "Send", connection: flow.connection, octets });
    } else {
      if (octets.length > MAX_DATAGRAM || flow.remote.port === 0) return false;
      this.#outputs.push({ kind: "Datagram", local: flow.local, remote: flow.remote, octets });
    }
    this.#trace?.({ at: this.now, direction: "out", flow, octets });
    return true;
  }

  /** Runs something after what is being handled now. */
  later(run: () => void): void {
    this.#queue.push(run);
  }

  schedule(timer: Timer, at: Millis): void {
    this.#wheel?.schedule(timer, at);
  }

  /** Asks for a connection; the role hears `opened` or `notOpened` with this number. */
  open(to: Destination): number {
    const dial = ++this.#dials;
    this.#outputs.push({ kind: "Open", dial, to });
    return dial;
  }

  /** Asks the DNS; whoever listens with `onAnswered` hears what it says. */
  query(question: Question): void {
    this.#outputs.push({ kind: "Query", question });
  }

  onAnswered(listener: (answered: Answered) => void): void {
    this.#answered = listener;
  }

  close(connection: number): void {
    this.#outputs.push({ kind: "Close", connection });
  }

  /** A response's text; a request without a To tag gets one that is always the same for it. */
  composeReply({ request, essentials, viaEdit }: Incoming, reply: Reply): Octets {
    const product: readonly HeaderField[] = this.product === "" ? [] : [["Server", this.product]];
    const headers = [...(reply.headers ?? []), ...product];
    const toTag = essentials.toTag === "" ? (reply.toTag ?? this.tagFor(essentials)) : "";
    return composeReply(request, viaEdit, { ...reply, headers, toTag });
  }

  //= RFC 3261 §8.2.6.2
  //# The same tag MUST be used for all responses to that request, both final and provisional (again
  //# excepting the 100 (Trying)).
  //= RFC 3261 §8.2.7
  //# To header tags MUST be generated for responses in a stateless manner - in a manner that will
  //# generate the same tag for the same request consistently.
  tagFor({ callId, fromTag, via }: Essentials): string {
    return this.ids.tag(`${callId} ${fromTag} ${via.branch}`);
  }

  /** For the transactions only: this one has ended. False if that is no news. */
  forgetServer(server: ServerTransaction): boolean {
    return this.#table.removeServer(server);
  }

  forgetClient(client: ClientTransaction): void {
    this.#table.removeClient(client);
  }

  // ---- inputs ----------------------------------------------------------------------------------

  #take(input: Input): void {
    switch (input.kind) {
      case "Datagram": {
        const { local, remote } = input;
        return this.#message({ transport: "UDP", local, remote, connection: 0 }, input.octets);
      }
      //= RFC 3261 §18.1.1
      //# Therefore, the client transport MUST be prepared to receive the response on the same
      //# connection used to send the request.
      case "Received": {
        const flow = this.#connections.get(input.connection);
        if (flow) this.#message(flow, input.octets);
        return;
      }
      case "Opened": {
        const { transport, local, remote, connection } = input;
        const flow: Flow = { transport, local, remote, connection };
        this.#connections.set(connection, flow);
        return this.#role.opened?.(flow, input.dial);
      }
      case "NotOpened":
        return this.#role.notOpened?.(input.dial, input.cause);
      case "Closed":
        return this.#closed(input.connection, input.cause);
      case "Unreachable":
        return this.#unreachable(input.remote, input.cause);
      case "Listening":
        if (input.transport === "UDP") this.#locals.push(input.local);
        return;
      case "Answered":
        return this.#answered(input);
      case "Call":
        return input.run();
      case "Tick":
        return;
    }
  }

  #message(flow: Flow, octets: Octets): void {
    if (isKeepAlive(octets)) {
      //= RFC 5626 §4.4.1
      //# the server "pong" is a single CRLF
      if (isReliable(flow) && octets === "\r\n\r\n") this.transmit(flow, "\r\n");
      return;
    }
    this.#trace?.({ at: this.now, direction: "in", flow, octets });
    const message = isReliable(flow) ? parseWebSocketMessage(octets) : parseMessage(octets);
    if (!message.ok) {
      const request = answerable(octets, message.error);
      if (request) this.#refuse(flow, request, message.error);
      return;
    }
    const essentials = readEssentials(message.value);
    if (message.value.kind === "Response") {
      if (essentials.ok) this.#response(message.value, essentials.value);
    } else if (essentials.ok) {
      this.#request(incoming(message.value, essentials.value, flow));
    } else {
      this.#refuse(flow, message.value, essentials.error);
    }
  }

  #request(from: Incoming): void {
    const { request } = from;
    //= RFC 3261 §22.1
    //# Servers MUST NOT attempt to challenge an ACK.
    // Nor can a role: it hears of it in a function that has no way to answer.
    if (request.method === "ACK") {
      const acknowledged = this.#table.acknowledged(from);
      //= RFC 6026 §7.1
      //# Any ACKs received from the network while in the "Accepted" state MUST be passed directly
      //# to the TU and not absorbed.
      // The ACK of a 2xx is a request of its own: its INVITE's transaction has no part in it.
      if (acknowledged && acknowledged.status >= 300) acknowledged.step(ACK, this.now);
      else this.#role.ack(from);
      return;
    }
    const known = this.#table.server(from);
    if (known) known.step(RETRANSMISSION, this.now);
    else if (request.method === "CANCEL") this.#cancel(from);
    //= RFC 3261 §17.2.1
    //# The request MUST be passed to the TU.
    else this.#role.request(from);
  }

  //= RFC 3261 §22.1
  //# Although the CANCEL method does take a response (a 2xx), servers MUST NOT attempt to challenge
  //# CANCEL requests since these requests cannot be resubmitted.
  /** RFC 3261 §9.2: a CANCEL is answered here; what is cancelled hears of it. */
  #cancel(from: Incoming): void {
    const invite = this.#table.cancelled(from);
    //= RFC 3261 §9.2
    //# If the UAS did not find a matching transaction for the CANCEL according to the procedure
    //# above, it SHOULD respond to the CANCEL with a 481 (Call Leg/Transaction Does Not Exist).
    //= RFC 6665 §4.6
    //# If a User Agent Server (UAS) receives a CANCEL request that matches a known SUBSCRIBE or
    //# NOTIFY transaction, it MUST respond to the CANCEL request, but otherwise ignore it. In
    //# particular, the CANCEL request MUST NOT affect processing of the SUBSCRIBE or NOTIFY request
    //# in any way.
    if (!invite) return this.reply(from, { status: this.#table.uncancellable(from) ? 200 : 481 });
    //= RFC 3261 §9.2
    //# Regardless of the method of the original request, as long as the CANCEL matched an existing
    //# transaction, the UAS answers the CANCEL request itself with a 200 (OK) response.
    this.accept(from, UNCONCERNED)?.reply({
      status: 200,
      toTag: this.tagFor(invite.incoming.essentials),
    });
    if (invite.status < 200) invite.user.cancelled(invite, from);
  }

  #response(response: Response, essentials: Essentials): void {
    //= RFC 3261 §18.1.2
    //# If there is a match, the response MUST be passed to that transaction.
    //= RFC 6026 §7.3
    //# When receiving any SIP response, a transaction-stateful proxy MUST compare the transaction
    //# identifier in that response against its existing transaction state machines. The proxy MUST
    //# NOT forward the response if there is no matching transaction state machine.
    //= RFC 6026 §8.2
    //# If none is found, the element MUST NOT forward the response.
    //= RFC 6026 §8.9
    //# If there is a match, the response MUST be passed to that transaction.
    //= RFC 6026 §8.9
    //# Otherwise, any element other than a stateless proxy MUST silently discard the response.
    this.#table.client(essentials)?.received(response, essentials);
  }

  #closed(connection: number, cause: unknown): void {
    const flow = this.#connections.get(connection);
    if (!flow) return;
    this.#connections.delete(connection);
    for (const one of this.#table.onConnection(connection)) one.transportError(cause);
    this.#role.closed?.(flow, cause);
  }

  #unreachable(remote: Address, cause: unknown): void {
    for (const client of this.#table.clientsTo(remote)) client.transportError(cause);
  }

  /** Says what was wrong, statelessly, if the request can be answered at all. */
  #refuse(flow: Flow, request: Request, { status, message }: ParseError): void {
    //= RFC 3261 §8.2.7
    //# A stateless UAS MUST ignore ACK requests.
    if (request.method === "ACK") return;
    const essentials = answerableEssentials(request);
    if (!essentials) return;
    const headers = [explanation(this.product, message)];
    this.reply(incoming(request, essentials, flow), { status, headers });
  }
}

const ACK = { kind: "Ack" } as const;
const RETRANSMISSION = { kind: "Retransmission" } as const;

/** CRLFs that keep a flow alive (RFC 5626 §3.5.1), and STUN or other things that are not SIP. */
const isKeepAlive = (octets: Octets): boolean =>
  octets.length < 20 ? octets.trim() === "" : octets.charCodeAt(0) < 2;

const UNCONCERNED: ServerUser = { cancelled() {}, failed() {} };
