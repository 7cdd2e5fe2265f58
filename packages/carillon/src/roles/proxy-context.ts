/**
 * One request on its way through a stateful proxy: its server transaction, the client transaction
 * of each branch, and the response context that decides between them. RFC 3261 §16.2, §16.7.
 */
import type { ClientTransaction, ClientUser } from "../endpoint/client-transaction.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { ServerTransaction, ServerUser } from "../endpoint/server-transaction.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Octets } from "../grammar/octets.ts";
import { unfold } from "../grammar/quoted.ts";
import type { Essentials } from "../message/essentials.ts";
import { findHeader, header, lineSpan } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import { splice } from "../message/splice.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import { forwardResponse } from "./forward.ts";
import * as responseContext from "./response-context.ts";

/** A request ready to go: its text with our Via on top, and where to. */
export interface Branch {
  readonly text: Octets;
  readonly flow: Flow;
}

interface Received {
  readonly response: Response;
  readonly essentials: Essentials;
}

export class ProxyContext implements ServerUser, ClientUser, Timed {
  readonly #endpoint: Endpoint;
  readonly #server: ServerTransaction | undefined;
  readonly #clients: (ClientTransaction | undefined)[] = [];
  readonly #finals: (Received | undefined)[] = [];
  readonly #params: responseContext.Params;
  readonly #timer: Timer = newTimer(this);
  #state: responseContext.State;
  /** The response that is being handled, for "forward this one". */
  #current: Received | undefined;
  /** The Reason of the CANCEL that ends it, to be handed on. */
  #reason: Octets | undefined;

  constructor(endpoint: Endpoint, from: Incoming, branches: readonly Branch[]) {
    this.#endpoint = endpoint;
    this.#params = { method: from.request.method, branches: branches.length };
    [this.#state] = responseContext.start(this.#params, endpoint.now);
    this.#server = endpoint.accept(from, this);
    if (!this.#server) return;
    this.#schedule();
    for (const { text, flow } of branches) {
      const client = endpoint.sendText(text, flow, this);
      const branch = this.#clients.push(client) - 1;
      if (!client) endpoint.later(() => this.#step({ kind: "Failed", branch, status: 503 }));
    }
  }

  // ---- what the transactions say ---------------------------------------------------------------

  response(client: ClientTransaction, response: Response, essentials: Essentials): void {
    const branch = this.#clients.indexOf(client);
    const { status } = response;
    this.#current = { response, essentials };
    if (status >= 300) this.#finals[branch] = this.#current;
    this.#step({ kind: "Response", branch, status });
    this.#current = undefined;
  }

  failed(party: ClientTransaction | ServerTransaction, reason: string): void {
    // That nobody takes our answer changes nothing: RFC 3261 §16.9 has a proxy do nothing about it.
    if (!("request" in party)) return;
    const branch = this.#clients.indexOf(party);
    this.#step({ kind: "Failed", branch, status: reason === "transport" ? 503 : 408 });
  }

  //= RFC 3261 §16.10
  //# If a matching response context is found, the element MUST immediately return a 200 (OK)
  //# response to the CANCEL request.
  cancelled(_: ServerTransaction, cancel: Incoming): void {
    this.#reason = header(cancel.request, "Reason");
    this.#step({ kind: "Cancelled" });
  }

  due(): void {
    this.#step({ kind: "Tick" });
  }

  // ---- what the response context says ----------------------------------------------------------

  #step(input: responseContext.Input): void {
    const now: Millis = this.#endpoint.now;
    const [state, ...outputs] = responseContext.step(this.#params, this.#state, input, now);
    this.#state = state;
    for (const output of outputs) this.#carryOut(output);
    this.#schedule();
  }

  #carryOut(output: responseContext.Output): void {
    switch (output.kind) {
      case "Forward":
        if (this.#current) this.#forward(this.#current, []);
        return;
      case "ForwardBest":
        return this.#forwardBest(output.branch, output.status);
      case "CancelOpen": {
        const reason = output.cause === undefined ? this.#reason : completedElsewhere(output.cause);
        for (const client of this.#clients) client?.cancel(reason);
        return;
      }
      case "GiveUp":
        return this.#giveUp(output.branch);
    }
  }

  #forward({ response, essentials }: Received, more: readonly Octets[]): void {
    const end = response.headers.end;
    const text =
      more.length === 0
        ? response
        : { ...response, text: splice(response.text, [{ start: end, end, text: more.join("") }]) };
    this.#server?.respond(response.status, forwardResponse(text, essentials.via));
  }

  #forwardBest(branch: number, status: number): void {
    const best = this.#finals[branch];
    //= RFC 3261 §16.7
    //# A proxy which receives a 503 (Service Unavailable) response SHOULD NOT forward it upstream
    //# unless it can determine that any subsequent requests it might proxy will also generate a
    //# 503.
    if (!best || status === 503) {
      // 480 and not 500: the person is not to be reached, which is no fault of this server.
      this.#server?.reply({ status: status === 503 ? 480 : status });
      return;
    }
    this.#forward(best, status === 401 || status === 407 ? this.#otherChallenges(branch) : []);
  }

  //= RFC 3261 §16.7
  //# If the selected response is a 401 (Unauthorized) or 407 (Proxy Authentication Required), the
  //# proxy MUST collect any WWW-Authenticate and Proxy-Authenticate header field values from all
  //# other 401 (Unauthorized) and 407 (Proxy Authentication Required) responses received so far in
  //# this response context and add them to this response without modification before forwarding.
  #otherChallenges(chosen: number): Octets[] {
    const lines: Octets[] = [];
    for (const [branch, received] of this.#finals.entries()) {
      const status = received?.response.status;
      if (!received || branch === chosen || (status !== 401 && status !== 407)) continue;
      for (const name of ["WWW-Authenticate", "Proxy-Authenticate"]) {
        const { response } = received;
        for (let i = findHeader(response, name); i >= 0; i = findHeader(response, name, i + 1)) {
          const { start, end } = lineSpan(response, i);
          lines.push(`${unfold(response.text.slice(start, end - 2))}\r\n`);
        }
      }
    }
    return lines;
  }

  //= RFC 3261 §16.8
  //# If the client transaction has received a provisional response, the proxy MUST generate a
  //# CANCEL request matching that transaction. If the client transaction has not received a
  //# provisional response, the proxy MUST behave as if the transaction received a 408 (Request
  //# Timeout) response.
  #giveUp(branch: number): void {
    const client = this.#clients[branch];
    if (client && client.status >= 100) client.cancel();
    else client?.abandon();
  }

  #schedule(): void {
    this.#endpoint.schedule(this.#timer, responseContext.deadline(this.#state));
  }
}

/** RFC 3326: a phone that stops ringing is told that somebody answered. */
const completedElsewhere = (status: number): Octets =>
  status < 300
    ? `SIP;cause=200;text="Call completed elsewhere"`
    : `SIP;cause=${status};text="Declined elsewhere"`;
