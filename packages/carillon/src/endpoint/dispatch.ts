/** To whom a message belongs: a transaction, or the role above them. RFC 3261 §17, §9.2. */
import type { Endpoint } from "./endpoint.ts";
import type { Incoming } from "./incoming.ts";
import type { Role } from "./role.ts";
import type { ServerUser } from "./server-transaction.ts";
import type { TransactionTable } from "./transaction-table.ts";

export class Dispatch {
  readonly #endpoint: Endpoint;
  readonly #table: TransactionTable;
  readonly #role: Role;

  constructor(endpoint: Endpoint, table: TransactionTable, role: Role) {
    this.#endpoint = endpoint;
    this.#table = table;
    this.#role = role;
  }

  request(from: Incoming): void {
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
    if (known) known.step(RETRANSMISSION, now);
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
    if (!invite) return endpoint.reply(from, { status: isInVain ? 200 : 481 });
    //= RFC 3261 §9.2
    //# Regardless of the method of the original request, as long as the CANCEL matched an existing
    //# transaction, the UAS answers the CANCEL request itself with a 200 (OK) response.
    endpoint.accept(from, UNCONCERNED)?.reply({
      status: 200,
      toTag: endpoint.tagFor(invite.incoming.essentials),
    });
    if (invite.status < 200) invite.user.cancelled(invite, from);
  }
}

const ACK = { kind: "Ack" } as const;
const RETRANSMISSION = { kind: "Retransmission" } as const;

const UNCONCERNED: ServerUser = { cancelled() {}, failed() {} };
