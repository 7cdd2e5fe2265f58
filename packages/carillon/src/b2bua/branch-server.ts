/**
 * The server's side of an INVITE whose branch ends here: what a leg answers becomes a response of
 * that branch, and the proxy's response context decides whether the caller hears of it.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { oneLine, type Reply } from "../endpoint/reply.ts";
import type { ServerTransaction } from "../endpoint/server-transaction.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { readEssentials } from "../message/essentials.ts";
import { parseMessage } from "../message/message.ts";
import type { EndedUser } from "../roles/branch.ts";

/** As much of a server transaction as a leg uses. */
export type InviteServer = Pick<ServerTransaction, "incoming" | "reply" | "respond">;

/** What the other side has said, which goes along with what a leg answers. */
export interface Said {
  /** In place of the 180 of a leg. */
  readonly status?: number;
  readonly reasonPhrase?: Octets;
  readonly headers?: readonly HeaderField[];
}

export class BranchServer implements InviteServer {
  readonly incoming: Incoming;
  /** The highest status so far; 0 before any. */
  status = 0;
  /** Goes along with the next response. */
  said: Said = {};
  readonly #endpoint: Endpoint;
  readonly #user: EndedUser;

  constructor(endpoint: Endpoint, incoming: Incoming, user: EndedUser) {
    this.#endpoint = endpoint;
    this.incoming = incoming;
    this.#user = user;
  }

  reply(reply: Reply): void {
    const { status, reasonPhrase } = this.said;
    const isRinging = reply.status === 180 && status !== undefined;
    const words = isRinging ? { status, ...(reasonPhrase !== undefined && { reasonPhrase }) } : {};
    const whole = { ...reply, ...words };
    this.respond(whole.status, this.#endpoint.composeReply(this.incoming, whole));
  }

  respond(status: number, text: Octets): void {
    if (this.status >= 200 && (status < 200 || status >= 300)) return;
    this.status = Math.max(this.status, status);
    const whole = parseMessage(this.#withHeaders(text));
    const essentials = whole.ok ? readEssentials(whole.value) : whole;
    if (!whole.ok || whole.value.kind !== "Response" || !essentials.ok) {
      throw new RangeError("not a response");
    }
    this.#user.response(whole.value, essentials.value);
  }

  /** No final response will come. */
  fail(status: number, why: string): void {
    if (this.status >= 200) return;
    this.status = status;
    this.#user.failed(status, why);
  }

  #withHeaders(text: Octets): Octets {
    const { headers = [] } = this.said;
    if (headers.length === 0) return text;
    const lines = headers.map(([name, value]) => `${name}: ${oneLine(value)}\r\n`).join("");
    const start = text.indexOf("\r\n") + 2;
    return `${text.slice(0, start)}${lines}${text.slice(start)}`;
  }
}
