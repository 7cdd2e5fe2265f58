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
import { flat } from "../grammar/octets.ts";
import type { ParseError } from "../grammar/result.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import { parseMessage, type Request, type Response } from "../message/message.ts";
import type { Millis } from "../transaction/timers.ts";
import { type Flow, isReliable, responseFlow } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";
import { ClientTransaction, type ClientUser } from "./client-transaction.ts";
import { Ids } from "./ids.ts";
import { type Incoming, incoming, serverKey } from "./incoming.ts";
import type { Input, Output } from "./input-output.ts";
import { answerable, warning } from "./refusal.ts";
import { composeReply, type Reply } from "./reply.ts";
import { ServerTransaction, type ServerUser } from "./server-transaction.ts";
import { type Timer, Wheel } from "./wheel.ts";

/** What an element does with requests: the part above the transactions. */
export interface Role {
  /** Called once, before anything else. */
  attach(endpoint: Endpoint): void;
  /** A new request. Nothing is kept of it unless the role accepts it. */
  request(incoming: Incoming): void;
  /** An ACK that belongs to no transaction here: that of a 2xx. */
  ack(incoming: Incoming): void;
  opened?(flow: Flow, dial: number | undefined): void;
  notOpened?(dial: number, cause: unknown): void;
  closed?(flow: Flow, cause: unknown): void;
}

/** A message that came or went, for ladders and logs. */
export interface TraceEntry {
  readonly at: Millis;
  readonly direction: "in" | "out";
  readonly flow: Flow;
  readonly octets: Octets;
}

export interface EndpointOptions {
  readonly role: Role;
  readonly crypto: Crypto;
  /** 32 bytes that sign branches and tags; kept over restarts by a server. Random if left out. */
  readonly key?: Uint8Array;
  /** This node's id: a few letters or digits. */
  readonly node?: string;
  /** `Carillon/0.1.0`; empty says nothing. */
  readonly product?: string;
  readonly trace?: (entry: TraceEntry) => void;
}

/** Transactions of one kind that may exist at a time; over it, new requests get a 503. */
const MAX_TRANSACTIONS = 200_000;

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
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #connections = new Map<number, Flow>();
  readonly #locals: Address[] = [];
  #wheel: Wheel | undefined;
  #outputs: Output[] = [];
  #queue: (() => void)[] = [];
  #busy = false;
  #dials = 0;

  constructor({ role, crypto, key, node = "", product = "", trace }: EndpointOptions) {
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
      servers: this.#servers.size,
      clients: this.#clients.size,
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

  /** Answers without keeping anything; a retransmission will be answered the same way again. */
  reply(to: Incoming, reply: Reply): void {
    this.transmit(responseFlow(to.flow, to.essentials.via), this.composeReply(to, reply));
  }

  /** Takes a request on: from here its retransmissions are dealt with. Undefined when full. */
  accept(from: Incoming, user: ServerUser): ServerTransaction | undefined {
    if (this.#servers.size >= MAX_TRANSACTIONS) {
      this.reply(from, { status: 503, headers: [["Retry-After", "10"]] });
      return undefined;
    }
    const key = serverKey(from, from.request.method);
    const server = new ServerTransaction(this, from, key, user);
    this.#servers.set(key, server);
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
    if (this.#clients.size >= MAX_TRANSACTIONS) return undefined;
    const essentials = readEssentials(request);
    if (!essentials.ok) throw new RangeError(essentials.error.message);
    const key = clientKey(essentials.value, request.method);
    const client = new ClientTransaction(this, request, flow, key, user);
    this.#clients.set(key, client);
    client.start(this.now);
    return client;
  }

  /** Puts octets on the wire. False if the connection is gone. */
  transmit(flow: Flow, octets: Octets): boolean {
    if (isReliable(flow)) {
      if (!this.#connections.has(flow.connection)) return false;
      this.#outputs.push({ kind: "Send", connection: flow.connection, octets });
    } else {
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
  open(url: string): number {
    const dial = ++this.#dials;
    this.#outputs.push({ kind: "Open", dial, url });
    return dial;
  }

  close(connection: number): void {
    this.#outputs.push({ kind: "Close", connection });
  }

  /** A response's text; a request without a To tag gets one that is always the same for it. */
  composeReply({ request, essentials, viaEdit }: Incoming, reply: Reply): Octets {
    //= RFC 3261 §8.2.6.2
    //# If a request contained a To tag in the request, the To header field in the response MUST
    //# equal that of the request.
    //= RFC 3261 §8.2.6.2
    //# However, if the To header field in the request did not contain a tag, the URI in the To
    //# header field in the response MUST equal the URI in the To header field; additionally, the
    //# UAS MUST add a tag to the To header field in the response (with the exception of the 100
    //# (Trying) response, in which a tag MAY be present).
    const named =
      this.product === ""
        ? reply.headers
        : [...(reply.headers ?? []), ["Server", this.product] as const];
    const whole = named ? { ...reply, headers: named } : reply;
    if (essentials.toTag !== "" || reply.status === 100)
      return composeReply(request, viaEdit, { ...whole, toTag: "" });
    return composeReply(request, viaEdit, {
      ...whole,
      toTag: reply.toTag ?? this.tagFor(essentials),
    });
  }

  //= RFC 3261 §8.2.6.2
  //# The same tag MUST be used for all responses to that request, both final and provisional (again
  //# excepting the 100 (Trying)).
  tagFor({ callId, fromTag, via }: Essentials): string {
    return this.ids.tag(`${callId} ${fromTag} ${via.branch}`);
  }

  forgetServer(server: ServerTransaction): void {
    this.#servers.delete(server.key);
  }

  forgetClient(client: ClientTransaction): void {
    this.#clients.delete(client.key);
  }

  // ---- inputs ----------------------------------------------------------------------------------

  #take(input: Input): void {
    switch (input.kind) {
      case "Datagram": {
        const { local, remote } = input;
        return this.#message({ transport: "UDP", local, remote, connection: 0 }, input.octets);
      }
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
        this.#locals.push(input.local);
        return;
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
    const message = parseMessage(octets);
    if (!message.ok) return this.#refuse(flow, octets, message.error);
    const essentials = readEssentials(message.value);
    if (message.value.kind === "Response") {
      if (essentials.ok) this.#response(message.value, essentials.value);
    } else if (essentials.ok) {
      this.#request(incoming(message.value, essentials.value, flow));
    } else {
      this.#refuseRead(flow, message.value, essentials.error);
    }
  }

  #request(from: Incoming): void {
    const { request } = from;
    const key = serverKey(from, request.method);
    const known = this.#servers.get(key);
    if (request.method === "ACK") {
      // The ACK of a 2xx is a request of its own: its INVITE's transaction has no part in it.
      if (known && known.status >= 300) known.step({ kind: "Ack" }, this.now);
      else this.#role.ack(from);
    } else if (known) {
      known.step({ kind: "Retransmission" }, this.now);
    } else if (request.method === "CANCEL") {
      this.#cancel(from);
    } else {
      this.#role.request(from);
    }
  }

  /** RFC 3261 §9.2: a CANCEL is answered here; what is cancelled hears of it. */
  #cancel(from: Incoming): void {
    const invite = this.#servers.get(serverKey(from, "INVITE"));
    //= RFC 3261 §9.2
    //# If the UAS did not find a matching transaction for the CANCEL according to the procedure
    //# above, it SHOULD respond to the CANCEL with a 481 (Call Leg/Transaction Does Not Exist).
    if (!invite) return this.reply(from, { status: 481 });
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
    //= RFC 3261 §17.1.3
    //# If the response has the same value of the branch parameter in the top Via header field as
    //# the branch parameter in the top Via header field of the request that created the
    //# transaction.
    const client = this.#clients.get(clientKey(essentials, essentials.cseq.method));
    //= RFC 6026 §8.9
    //# Otherwise, any element other than a stateless proxy MUST silently discard the response.
    client?.received(response, essentials);
  }

  #closed(connection: number, cause: unknown): void {
    const flow = this.#connections.get(connection);
    if (!flow) return;
    this.#connections.delete(connection);
    this.#fail((client) => client.flow.connection === connection, cause);
    this.#role.closed?.(flow, cause);
  }

  #unreachable({ host, port }: Address, cause: unknown): void {
    const hit = ({ flow }: ClientTransaction) =>
      flow.connection === 0 && flow.remote.port === port && flow.remote.host === host;
    this.#fail(hit, cause);
  }

  #fail(hit: (client: ClientTransaction) => boolean, cause: unknown): void {
    for (const client of [...this.#clients.values()]) if (hit(client)) client.transportError(cause);
  }

  #refuse(flow: Flow, octets: Octets, error: ParseError): void {
    const request = answerable(octets, error);
    if (request) this.#refuseRead(flow, request, error);
  }

  /** Says what was wrong, statelessly, if the request can be answered at all. */
  #refuseRead(flow: Flow, request: Request, error: ParseError): void {
    if (request.method === "ACK") return;
    const essentials = readEssentials(request);
    const status = error.status;
    const agent = this.product.split("/")[0] || "sip";
    const headers = [["Warning", warning(agent, error.message)] as const];
    if (essentials.ok) {
      this.reply(incoming(request, essentials.value, flow), { status, headers });
    }
  }
}

const clientKey = ({ via }: Essentials, method: string): string => flat(`${method} ${via.branch}`);

/** CRLFs that keep a flow alive (RFC 5626 §3.5.1), and STUN or other things that are not SIP. */
const isKeepAlive = (octets: Octets): boolean =>
  octets.length < 20 ? octets.trim() === "" : octets.charCodeAt(0) < 2;

const UNCONCERNED: ServerUser = { cancelled() {}, failed() {} };
