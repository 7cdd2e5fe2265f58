/**
 * The way back of one request on its way through a proxy: its server transaction, and what goes to
 * the sender over it. RFC 3261 §16.7.
 */

import type { Incoming } from "../endpoint/incoming.ts";
import { explanation } from "../endpoint/refusal.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { ServerTransaction } from "../endpoint/server-transaction.ts";
import type { Passing } from "../endpoint/spent.ts";
import type { Octets } from "../grammar/octets.ts";
import { type Flow, isStream } from "../transport/flow.ts";
import { forwardResponse } from "./forward.ts";
import type { OpenBranch } from "./open-branch.ts";
import { otherChallenges } from "./other-challenges.ts";
import { passing } from "./passed-back.ts";
import type { Listener, Received } from "./received.ts";

export class Upstream {
  readonly #server: ServerTransaction;
  /** Who answers where nobody else does. */
  readonly #product: string;
  #heard: Listener | undefined;
  readonly #forks: Listener | undefined;

  /**
   * `heard` hears of provisional responses that go to the sender, and once of the final one;
   * `forks` of all of them, every 2xx that goes back among them.
   */
  constructor(
    server: ServerTransaction,
    product: string,
    heard: Listener | undefined,
    forks: Listener | undefined,
  ) {
    this.#server = server;
    this.#product = product;
    this.#heard = heard;
    this.#forks = forks;
  }

  /** The request that was taken on. */
  get from(): Incoming {
    return this.#server.incoming;
  }

  /** Of the last response that went back; 0 before the first. */
  get status(): number {
    return this.#server.status;
  }

  /** No 2xx can go back any more. */
  get isClosed(): boolean {
    return this.status >= 300 || this.#server.state === "Terminated";
  }

  /** Where a 2xx that comes again goes, and how; undefined where none has gone back. */
  get accepted(): { readonly flow: Flow; readonly pass: Passing } | undefined {
    const { flow, status } = this.#server;
    if (status >= 300 || status < 200) return undefined;
    return { flow, pass: passing(this.#forks) };
  }

  /** Answers it from here. */
  reply(reply: Reply): void {
    this.#server.reply(reply);
    this.#tell(reply.status);
  }

  /** Tells the sender how it stands, while nothing but that can be told. */
  progress(reply: Reply): void {
    if (this.#server.status < 180) this.#server.reply(reply);
  }

  //= RFC 3261 §16.7
  //# Any response chosen for immediate forwarding MUST be processed as described in steps
  //# "Aggregate Authorization Header Field Values" through "Record-Route".
  //= RFC 3261 §16.7
  //# The forwarded response MUST be processed as described in steps "Aggregate Authorization Header
  //# Field Values" through "Record-Route".
  //= RFC 3261 §16.7
  //# The following processing MUST be performed on each response that is forwarded.
  //= RFC 3261 §16.7
  //# The proxy MUST pass the response to the server transaction associated with the response
  //# context.
  //= RFC 4320 §4.2
  //# A transaction-stateful SIP proxy MUST NOT send any response to a non-INVITE request unless it
  //# has a matching server transaction that is not in the Terminated state.
  //= RFC 6026 §8.3
  //# If the server transaction is no longer available to handle the transmission, the response is
  //# simply discarded.
  forward(received: Received, more: readonly Octets[] = []): void {
    const server = this.#server;
    const { response, essentials, isOwn, added = [] } = received;
    const stream = isStream(server.flow);
    const text = isOwn
      ? response.text
      : forwardResponse(response, essentials.via, { more: [...more, ...added], stream });
    if (text === undefined) return;
    server.respond(response.status, text);
    this.#tell(response.status, received);
  }

  /** The answer of a context that comes down to this branch, as if it had this status. */
  answer(branches: readonly OpenBranch[], branch: number, status: number): void {
    const best = branches[branch]?.final;
    //= RFC 4320 §4.2
    //# A transaction-stateful SIP element MUST NOT send a response with Status-Code of 408 to a
    //# non-INVITE request.
    // The client has given up at the same moment: such an answer could only come too late.
    if (status === 408 && this.#server.incoming.request.method !== "INVITE")
      return this.#server.abandon();
    //= RFC 3261 §16.7
    //# A proxy which receives a 503 (Service Unavailable) response SHOULD NOT forward it upstream
    //# unless it can determine that any subsequent requests it might proxy will also generate a
    //# 503.
    if (!best || status === 503) {
      // 480 and not 500: the person is not to be reached, which is no fault of this server.
      //= RFC 3261 §16.7
      //# If there are no final responses in the context, the proxy MUST send a 408 (Request
      //# Timeout) response to the server transaction.
      const usual =
        status === 503 ? "none of their devices can be reached" : "none of their devices answered";
      const why = branches[branch]?.why ?? usual;
      const headers = [explanation(this.#product, why)];
      this.reply({ status: status === 503 ? 480 : status, headers });
      return;
    }
    //= RFC 3261 §16.7
    //# Otherwise, the proxy MUST forward a response from the responses stored in the response
    //# context.
    const isChallenge = status === 401 || status === 407;
    const finals = isChallenge ? branches.map(({ final }) => final) : [];
    this.forward(best, otherChallenges(finals, branch));
  }

  #tell(status: number, received?: Received): void {
    this.#heard?.(status, received);
    this.#forks?.(status, received);
    if (status >= 200) this.#heard = undefined;
  }
}
