/** All transactions of an endpoint, and which of them a message belongs to. RFC 3261 §17. */
import type { Essentials } from "../message/essentials.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";
import type { ClientTransaction } from "./client-transaction.ts";
import type { Incoming } from "./incoming.ts";
import type { ServerTransaction } from "./server-transaction.ts";
import { loadOf, SpentClient, SpentQueue, SpentServer } from "./spent.ts";
import { clientKey, hasCookie, serverKey } from "./transaction-key.ts";
import type { Timer } from "./wheel.ts";

type Transaction = ClientTransaction | ServerTransaction;

/** All methods but those of RFC 3261 §9.2 that a CANCEL may be about, or belongs to. */
const UNCANCELLABLE: readonly string[] =
  "BYE INFO MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE UPDATE".split(" ");

export class TransactionTable {
  readonly #servers = new Map<string, ServerTransaction | SpentServer>();
  readonly #clients = new Map<string, ClientTransaction | SpentClient>();
  /** Servers, and clients of INVITE, stay 64*T1; other clients T4. */
  readonly #spentServers: SpentQueue<SpentServer>;
  readonly #spentInvites: SpentQueue<SpentClient>;
  readonly #spentOthers: SpentQueue<SpentClient>;
  /** Those of each connection, so that its end does not cost a look at all of them. */
  readonly #byConnection = new Map<number, Set<Transaction>>();
  /** The request that was looked for last, and its key: who takes it on wants it again. */
  #sought: Incoming | undefined;
  #soughtKey = "";

  constructor(user: { schedule(timer: Timer, at: Millis): void }) {
    const clientOver = (one: SpentClient): void => {
      if (this.#clients.get(one.key) === one) this.#clients.delete(one.key);
    };
    this.#spentServers = new SpentQueue(user, (one) => {
      if (this.#servers.get(one.key) === one) this.#servers.delete(one.key);
    });
    this.#spentInvites = new SpentQueue(user, clientOver);
    this.#spentOthers = new SpentQueue(user, clientOver);
  }

  get servers(): number {
    return this.#servers.size;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** How much of what may be there is, where one that is spent counts a part. */
  get serverLoad(): number {
    return loadOf(this.#servers, this.#spentServers);
  }

  get clientLoad(): number {
    return loadOf(this.#clients, this.#spentInvites, this.#spentOthers);
  }

  addServer(server: ServerTransaction): void {
    this.#servers.set(server.key, server);
    this.#connect(server.flow.connection, server);
  }

  addClient(client: ClientTransaction): void {
    this.#clients.set(client.key, client);
    this.#connect(client.flow.connection, client);
  }

  /** In the place of the one that it is left of. */
  spendServer(left: SpentServer): void {
    this.#servers.set(left.key, left);
    this.#spentServers.add(left);
  }

  spendClient(left: SpentClient, method: string): void {
    this.#clients.set(left.key, left);
    (method === "INVITE" ? this.#spentInvites : this.#spentOthers).add(left);
  }

  /** False if it had been removed before. */
  removeServer(server: ServerTransaction): boolean {
    this.#disconnect(server.flow.connection, server);
    return this.#servers.delete(server.key);
  }

  removeClient(client: ClientTransaction): void {
    this.#disconnect(client.flow.connection, client);
    this.#clients.delete(client.key);
  }

  /** From here what it sends goes over another flow. */
  move(transaction: Transaction, flow: Flow): void {
    this.#disconnect(transaction.flow.connection, transaction);
    transaction.flow = flow;
    this.#connect(flow.connection, transaction);
  }

  hasServer(key: string): boolean {
    return this.#servers.has(key);
  }

  /** The transaction of which this request is a retransmission. */
  server(from: Incoming): ServerTransaction | SpentServer | undefined {
    return this.#servers.get(this.keyOf(from));
  }

  /** The key of the transaction that this request starts, or repeats. */
  keyOf(from: Incoming): string {
    if (this.#sought !== from) {
      this.#soughtKey = serverKey(from, from.request.method);
      this.#sought = from;
    }
    return this.#soughtKey;
  }

  /** The INVITE that this CANCEL takes back. */
  cancelled(cancel: Incoming): ServerTransaction | SpentServer | undefined {
    //= RFC 3261 §9.2
    //# The TU determines the transaction to be cancelled by taking the CANCEL request, and then
    //# assuming that the request method is anything but CANCEL or ACK and applying the transaction
    //# matching procedures of Section 17.2.3.
    return this.#servers.get(serverKey(cancel, "INVITE"));
  }

  /** Whether this CANCEL names a transaction that no CANCEL takes back: a SUBSCRIBE, a BYE. */
  uncancellable(cancel: Incoming): boolean {
    return UNCANCELLABLE.some((method) => this.#servers.has(serverKey(cancel, method)));
  }

  /** The INVITE whose final response this ACK is for. */
  acknowledged(ack: Incoming): ServerTransaction | undefined {
    //= RFC 3261 §17.2.3
    //# the method of the request matches the one that created the transaction, except for ACK,
    //# where the method of the request that created the transaction is INVITE.
    const known = this.#servers.get(serverKey(ack, "INVITE"));
    // What is left of one has been accepted, which this ACK is not about.
    if (known || hasCookie(ack)) return known instanceof SpentServer ? undefined : known;
    //= RFC 3261 §17.2.3
    //# The ACK request matches a transaction if the Request- URI, From tag, Call-ID, CSeq number
    //# (not the method), and top Via header field match those of the INVITE request which created
    //# the transaction, and the To tag of the ACK matches the To tag of the response sent by the
    //# server transaction.
    const first = this.#servers.get(serverKey(ack, "INVITE", ""));
    if (!first || first instanceof SpentServer) return undefined;
    return first.refusedWithTag(ack.essentials.toTag) ? first : undefined;
  }

  client(response: Essentials): ClientTransaction | SpentClient | undefined {
    return this.#clients.get(clientKey(response.via, response.cseq.method));
  }

  /** Whether any transaction needs this connection. */
  needs(connection: number): boolean {
    return this.#byConnection.has(connection);
  }

  /** A copy: whoever goes through it may end them. */
  onConnection(connection: number): readonly Transaction[] {
    return [...(this.#byConnection.get(connection) ?? [])];
  }

  /** Client transactions whose datagrams go to this address. */
  clientsTo({ host, port }: Address): readonly ClientTransaction[] {
    return [...this.#clients.values()].filter((one): one is ClientTransaction => {
      if (one instanceof SpentClient) return false;
      const { connection, remote } = one.flow;
      return connection === 0 && remote.port === port && remote.host === host;
    });
  }

  #connect(connection: number, transaction: Transaction): void {
    if (connection === 0) return;
    const known = this.#byConnection.get(connection);
    if (known) known.add(transaction);
    else this.#byConnection.set(connection, new Set([transaction]));
  }

  #disconnect(connection: number, transaction: Transaction): void {
    const known = this.#byConnection.get(connection);
    known?.delete(transaction);
    if (known?.size === 0) this.#byConnection.delete(connection);
  }
}
