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
import type { Question } from "../locate/naming.ts";
import type { Target } from "../locate/target.ts";
import type { HeaderField } from "../message/compose.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import { parseMessage, type Request } from "../message/message.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Destination } from "../transport/destination.ts";
import { type Flow, responseFlow } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";
import { ClientTransaction, type ClientUser } from "./client-transaction.ts";
import { Dispatch } from "./dispatch.ts";
import { Ids } from "./ids.ts";
import type { Incoming } from "./incoming.ts";
import type { Input, Output } from "./input-output.ts";
import { LargeRequests } from "./large-request.ts";
import { composeReply, type Reply } from "./reply.ts";
import type { EndpointOptions } from "./role.ts";
import { ServerTransaction, type ServerUser } from "./server-transaction.ts";
import type { Servers, ServersOptions } from "./servers.ts";
import { type Passing, type Remains, SpentClient, SpentServer } from "./spent.ts";
import { targetBack } from "./target-back.ts";
import { clientKey, type OwnVia } from "./transaction-key.ts";
import { TransactionTable } from "./transaction-table.ts";
import { TransportLayer } from "./transport-layer.ts";
import { type Timer, Wheel } from "./wheel.ts";

export type { EndpointOptions, Role, TraceEntry } from "./role.ts";

const MAX_TRANSACTIONS = 200_000;
/** Seconds that whoever comes when everything is full is asked to stay away. */
const RETRY_AFTER_SECONDS = 10;

/** An element that is ready for its first input. Draws random bytes, sends nothing. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  return new Endpoint(options);
}

/** One element: its transactions, connections and timers. `createEndpoint` makes it. */
export class Endpoint {
  /** Where branches, tags and Call-IDs come from. */
  readonly ids: Ids;
  /** As it was given in the options. */
  readonly crypto: Crypto;
  /** What Server and User-Agent say; empty says nothing. */
  readonly product: string;
  /** How other elements' servers are found, by whoever wants them found. */
  readonly serversOptions: ServersOptions;
  /** The time of the input that is being handled. */
  now: Millis = 0;
  readonly #max: number;
  readonly #table = new TransactionTable(this);
  readonly #transport: TransportLayer;
  readonly #large = new LargeRequests(this);
  #wheel: Wheel | undefined;
  #servers: Servers | undefined;
  #queue: (() => void)[] = [];
  #busy = false;

  constructor(options: EndpointOptions) {
    const { role, crypto, key, node = "", product = "" } = options;
    this.#max = options.maxTransactions ?? MAX_TRANSACTIONS;
    this.crypto = crypto;
    this.ids = new Ids(crypto, key ?? crypto.randomBytes(32), node);
    this.product = product;
    const dispatch = new Dispatch(this, this.#table, role);
    this.#transport = new TransportLayer(dispatch, options, this.#table);
    this.serversOptions = options.servers ?? {};
    role.attach(this);
  }

  /**
   * Other elements' servers: how a request gets to whoever serves a URI. A phone has one server and
   * brings none, which keeps everything that knows of names out of a page. Throws without.
   */
  get servers(): Servers {
    if (!this.#servers) throw new Error("this endpoint finds no servers: give it some first");
    return this.#servers;
  }

  /** Takes these, unless there are some already. */
  find(servers: () => Servers): void {
    this.#servers ??= servers();
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
    return this.#transport.takeOutputs();
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
      connections: this.#transport.connections.size,
      timers: this.#wheel?.size ?? 0,
    };
  }

  /** The addresses that datagrams can leave from. */
  get locals(): readonly Address[] {
    return this.#transport.locals;
  }

  /** Every address that something of ours listens at, whatever the transport. */
  get addresses(): readonly Address[] {
    return this.#transport.addresses;
  }

  /** Where others reach us with a connection of this kind. */
  listening(transport: "TCP" | "TLS"): readonly Address[] {
    return this.#transport.connections.listening(transport);
  }

  /** The flow of a connection, while it is open. */
  connection(id: number): Flow | undefined {
    return this.#transport.connections.flow(id);
  }

  /** The SIP domains that the certificate of a connection's peer proved. RFC 5922 §7.1. */
  identities(id: number): readonly string[] {
    return this.#transport.connections.identities(id);
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
    if (this.#table.serverLoad >= this.#max) {
      this.reply(from, { status: 503, headers: [["Retry-After", `${RETRY_AFTER_SECONDS}`]] });
      return undefined;
    }
    const key = this.#table.keyOf(from);
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

  /**
   * The same with a request that is read already. Undefined when there are too many client
   * transactions. Throws a RangeError on a request without what each must have (RFC 3261 §8.1.1).
   */
  send(request: Request, flow: Flow, user: ClientUser): ClientTransaction | undefined {
    const essentials = readEssentials(request);
    if (!essentials.ok) throw new RangeError(essentials.error.message);
    return this.sendAs(request, essentials.value.via, flow, user);
  }

  /** The same for whoever wrote that Via and knows what it says: it is not read again. */
  sendAs(
    request: Request,
    via: OwnVia,
    flow: Flow,
    user: ClientUser,
  ): ClientTransaction | undefined {
    if (this.#table.clientLoad >= this.#max) return undefined;
    const key = clientKey(via, request.method);
    const usual = { request, flow };
    const large = this.#large.overTcp(request, flow);
    const client = new ClientTransaction(this, large ?? usual, key, user, large && usual);
    this.#table.addClient(client);
    client.start(this.now);
    return client;
  }

  /** Puts octets on the wire. False if the connection is gone or no datagram holds so much. */
  transmit(flow: Flow, octets: Octets): boolean {
    return this.#transport.transmit(flow, octets);
  }

  /** Runs something after what is being handled now. */
  later(run: () => void): void {
    this.#queue.push(run);
  }

  /**
   * Calls `timer.due` in the input at this time, in ms of `now`, or the next; NEVER takes it back.
   */
  schedule(timer: Timer, at: Millis): void {
    this.#wheel?.schedule(timer, at);
  }

  /** Asks for a connection; the role hears `opened` or `notOpened` with this number. */
  open(to: Destination): number {
    return -(this.#transport.connections.dial(to)?.connection ?? 0);
  }

  /**
   * The flow to a target: with UDP at once; else over a connection that is open to it, or over one
   * that is asked for now, where what is sent waits. Undefined when none of our addresses leads
   * there or too many connections are asked for. `owner` is the domain of ours on whose behalf.
   */
  reach(target: Target, owner?: string): Flow | undefined {
    return this.#transport.reach(target, owner);
  }

  /** Its peer is known: silence alone does not end it any more. */
  keep(connection: number): void {
    this.#transport.connections.keep(connection);
  }

  /** Closes a connection; whatever goes over it fails, and the role hears `closed`. */
  close(connection: number): void {
    this.#transport.connections.close(connection);
  }

  /** Asks the DNS; `servers` hears what it says. */
  query(question: Question): void {
    this.#transport.put({ kind: "Query", question });
  }

  /** A response's text; a request without a To tag gets one that is always the same for it. */
  composeReply({ request, essentials, viaEdit }: Incoming, reply: Reply): Octets {
    const product: readonly HeaderField[] = this.product === "" ? [] : [["Server", this.product]];
    const headers = [...(reply.headers ?? []), ...product];
    // 100 needs none.
    const isTagged = essentials.toTag === "" && reply.status > 100;
    const toTag = isTagged ? (reply.toTag ?? this.tagFor(essentials)) : "";
    return composeReply(request, viaEdit, { ...reply, headers, toTag });
  }

  //= RFC 3261 §8.2.6.2
  //# The same tag MUST be used for all responses to that request, both final and provisional (again
  //# excepting the 100 (Trying)).
  //= RFC 3261 §8.2.7
  //# To header tags MUST be generated for responses in a stateless manner - in a manner that will
  //# generate the same tag for the same request consistently.
  /** The To tag of our responses to a request: always the same for it, so nothing is kept. */
  tagFor({ callId, fromTag, via }: Essentials): string {
    return this.ids.tag(`${callId} ${fromTag} ${via.branch}`);
  }

  /** For the transactions only: this one has ended. False if that is no news. */
  forgetServer(server: ServerTransaction): boolean {
    return this.#table.removeServer(server);
  }

  /** For the transactions only: one has been answered, and stays as this. */
  spendServer(left: Remains, status: number): void {
    this.#table.spendServer(new SpentServer(this, left, status));
  }

  /** The same for one that has its answer; `pass` as of `SpentClient`. */
  spendClient(left: Remains, method: string, pass?: Passing): void {
    this.#table.spendClient(new SpentClient(this, left, pass), method);
  }

  /** For the transactions only: the response goes on a new connection. False if none can be had. */
  wayBack(server: ServerTransaction): boolean {
    const target = targetBack(server.incoming);
    const flow = target && this.reach(target);
    if (flow) this.#table.move(server, flow);
    return flow !== undefined;
  }

  /** For the transactions only: TCP was not taken, and the request goes over this flow instead. */
  fallBack(client: ClientTransaction, flow: Flow): void {
    this.#transport.connections.takeBack(client.flow.connection, client.request.text);
    this.#large.refused(flow);
    this.#table.move(client, flow);
  }

  /** For the transactions only: this one has ended. */
  forgetClient(client: ClientTransaction): void {
    this.#table.removeClient(client);
  }

  // ---- inputs ----------------------------------------------------------------------------------

  #take(input: Input): void {
    if (input.kind === "Call") input.run();
    else if (input.kind === "Answered") this.#servers?.answered(input);
    else if (input.kind !== "Tick") this.#transport.take(input);
  }
}
