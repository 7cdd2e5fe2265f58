/** To whom a message belongs: a transaction, or the role above them. RFC 3261 §17, §9.2. */
import type { Octets } from "../grammar/octets.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Incoming } from "./incoming.ts";
import type { Arrival } from "./read-message.ts";
import { explanation } from "./refusal.ts";
import type { Role } from "./role.ts";
import type { ServerUser } from "./server-transaction.ts";
import { SpentServer } from "./spent.ts";
import type { TransactionTable } from "./transaction-table.ts";
import type { TransportUser } from "./transport-layer.ts";
import type { Timer } from "./wheel.ts";

export class Dispatch implements TransportUser {
  readonly #endpoint: Endpoint;
  readonly #table: TransactionTable;
  readonly #role: Role;

  constructor(endpoint: Endpoint, table: TransactionTable, role: Role) {
    this.#endpoint = endpoint;
    this.#table = table;
    this.#role = role;
  }

  get now(): Millis {
    return this.#endpoint.now;
  }

  schedule(timer: Timer, at: Millis): void {
    this.#endpoint.schedule(timer, at);
  }

  isBusy(connection: number): boolean {
    return this.#table.needs(connection);
  }

  arrived(arrival: Arrival): void {
    switch (arrival.kind) {
      case "Request":
        return this.#request(arrival.from);
      //= RFC 3261 §18.1.2
      //# If there is a match, the response MUST be passed to that transaction.
      //= RFC 6026 §7.3
      //# When receiving any SIP response, a transaction-stateful proxy MUST compare the transaction
      //# identifier in that response against its existing transaction state machines. The proxy
      //# MUST NOT forward the response if there is no matching transaction state machine.
      //= RFC 6026 §8.2
      //# If none is found, the element MUST NOT forward the response.
      //= RFC 6026 §8.9
      //# If there is a match, the response MUST be passed to that transaction.
      //= RFC 6026 §8.9
      //# Otherwise, any element other than a stateless proxy MUST silently discard the response.
      //= RFC 3261 §18.1.1
      //# To handle this case, the transport layer MUST also be prepared to receive an incoming
      //# connection on the source IP address from which the request was sent and port number in the
      //# "sent-by" field. It also MUST be prepared to receive incoming connections on any address
      //# and port that would be selected by a server based on the procedures described in Section 5
      //# of [4].
      // Wherever it comes in: its branch tells whose it is.
      case "Response": {
        const { response, essentials } = arrival;
        const client = this.#table.client(essentials);
        if (client) client.received(response, essentials);
        else this.#role.response?.(response, essentials);
        return;
      }
      //= RFC 3261 §20
      //# A "mandatory" header field MUST be present in a request, and MUST be understood by the UAS
      //# receiving the request.
      case "Refused": {
        const { status, message } = arrival.error;
        const headers = [explanation(this.#endpoint.product, message)];
        return this.#endpoint.reply(arrival.from, { status, headers });
      }
    }
  }

  opened(flow: Flow, dial: number | undefined): void {
    this.#role.opened?.(flow, dial);
  }

  notOpened(connection: number, cause: unknown): void {
    for (const one of this.#table.onConnection(connection)) one.notOpened(cause);
    this.#role.notOpened?.(-connection, cause);
  }

  closed(flow: Flow, cause: unknown): void {
    for (const one of this.#table.onConnection(flow.connection)) one.lost(cause);
    this.#role.closed?.(flow, cause);
  }

  keptAlive(flow: Flow, octets: Octets): void {
    this.#role.keptAlive?.(flow, octets);
  }

  unreachable(remote: Address, cause: unknown): void {
    for (const client of this.#table.clientsTo(remote)) client.transportError(cause);
  }

  #request(from: Incoming): void {
    const { now } = this.#endpoint;
    const { method } = from.request;
    //= RFC 3261 §22.1
    //# Servers MUST NOT attempt to challenge an ACK.
    // Nor can a role: it hears of it in a function that has no way to answer.
    if (method === "ACK") {
      const acknowledged = this.#table.acknowledged(from);
      //= RFC 6026 §7.1
      //# Any ACKs received from the network while in the "Accepted" state MUST be passed directly
      //# to the TU and not absorbed.
      // The ACK of a 2xx is a request of its own: its INVITE's transaction has no part in it.
      if (acknowledged && acknowledged.status >= 300) acknowledged.step(ACK, now);
      else this.#role.ack(from);
      return;
    }
    const known = this.#table.server(from);
    if (known) known.repeat();
    else if (method === "CANCEL") this.#cancel(from);
    //= RFC 3261 §17.2.1
    //# The request MUST be passed to the TU.
    else this.#role.request(from);
  }

  //= RFC 3261 §22.1
  //# Although the CANCEL method does take a response (a 2xx), servers MUST NOT attempt to challenge
  //# CANCEL requests since these requests cannot be resubmitted.
  /** RFC 3261 §9.2: a CANCEL is answered here; what is cancelled hears of it. */
  #cancel(from: Incoming): void {
    const endpoint = this.#endpoint;
    const invite = this.#table.cancelled(from);
    //= RFC 3261 §9.2
    //# If the UAS did not find a matching transaction for the CANCEL according to the procedure
    //# above, it SHOULD respond to the CANCEL with a 481 (Call Leg/Transaction Does Not Exist).
    //= RFC 6665 §4.6
    //# If a User Agent Server (UAS) receives a CANCEL request that matches a known SUBSCRIBE or
    //# NOTIFY transaction, it MUST respond to the CANCEL request, but otherwise ignore it. In
    //# particular, the CANCEL request MUST NOT affect processing of the SUBSCRIBE or NOTIFY request
    //# in any way.
    const isInVain = !invite && this.#table.uncancellable(from);
    if (!invite && !isInVain && this.#role.cancel?.(from)) return;
    if (!invite) return endpoint.reply(from, { status: isInVain ? 200 : 481 });
    //= RFC 3261 §9.2
    //# Regardless of the method of the original request, as long as the CANCEL matched an existing
    //# transaction, the UAS answers the CANCEL request itself with a 200 (OK) response.
    endpoint.accept(from, UNCONCERNED)?.reply({
      status: 200,
      // The INVITE's own: they are alike in everything that it is made of.
      toTag: endpoint.tagFor(from.essentials),
    });
    if (invite instanceof SpentServer || invite.status >= 200) return;
    invite.user.cancelled(invite, from);
  }
}

const ACK = { kind: "Ack" } as const;

const UNCONCERNED: ServerUser = { cancelled() {}, failed() {} };
