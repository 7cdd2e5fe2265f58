/** What is said of a request: to its sender, and to the operator's log. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { explanation } from "../endpoint/refusal.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { ServerUser } from "../endpoint/server-transaction.ts";
import type { Millis } from "../transaction/timers.ts";
import { formatFlow } from "../transport/flow.ts";
import type { ProxyContext } from "./proxy-context.ts";

/** What an operator may want to read later. Holds no credentials. */
export interface LogEntry {
  /** What became of the request. */
  readonly kind: "Refused" | "Registered" | "Forwarded" | "Redirected";
  /** In ms of the endpoint's clock. */
  readonly at: Millis;
  /** As it stands in the request, whatever a stranger wrote there. */
  readonly method: string;
  /** The URI in From, which a stranger may have made up. */
  readonly from: string;
  /** Transport and address that it came from: `udp 192.0.2.1:5060`. */
  readonly source: string;
  /** As it stands in the request. */
  readonly callId: string;
  /** Of the response; left out where the request went on. */
  readonly status?: number;
  /** In words: why it was refused, or where it went. */
  readonly why: string;
}

export class Words {
  readonly #endpoint: Endpoint;
  readonly #log: ((entry: LogEntry) => void) | undefined;

  constructor(endpoint: Endpoint, log: ((entry: LogEntry) => void) | undefined) {
    this.#endpoint = endpoint;
    this.#log = log;
  }

  /** To somebody we know: the reason in words goes along, and is said again until it is heard. */
  explain(from: Incoming, status: number, why: string, headers: Reply["headers"] = []): void {
    this.log(from, "Refused", why, status);
    this.reply(from, this.#inWords(status, why, headers));
  }

  /** The same for a request that was taken on. */
  refuse(context: ProxyContext, status: number, why: string, headers: Reply["headers"] = []): void {
    this.log(context.from, "Refused", why, status);
    context.refuse(this.#inWords(status, why, headers));
  }

  /** Answers from here, and does so again when the request comes again. */
  reply(from: Incoming, reply: Reply): void {
    this.#endpoint.accept(from, UNCONCERNED)?.reply(reply);
  }

  log(from: Incoming, kind: LogEntry["kind"], why: string, status?: number): void {
    const { request, essentials, flow } = from;
    this.#log?.({
      kind,
      at: this.#endpoint.now,
      method: request.method,
      from: essentials.from.uri,
      source: formatFlow(flow),
      callId: essentials.callId,
      why,
      ...(status !== undefined && { status }),
    });
  }

  #inWords(status: number, why: string, headers: Reply["headers"] = []): Reply {
    return { status, headers: [...headers, explanation(this.#endpoint.product, why)] };
  }
}

const UNCONCERNED: ServerUser = { cancelled() {}, failed() {} };
