/**
 * Requests that are too large for UDP: over TCP, and over UDP after all where nobody takes that.
 * RFC 3261 §18.1.1.
 */
import { isTooLargeForUdp } from "../locate/transport-choice.ts";
import { hasHeader } from "../message/headers.ts";
import { parseMessage, type Request } from "../message/message.ts";
import { type Edit, splice } from "../message/splice.ts";
import { topVia } from "../message/via.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import { type Address, formatAddress } from "../uri/host.ts";
import type { Endpoint } from "./endpoint.ts";

//= RFC 3261 §18
//# It has arisen out of the need to handle larger messages, which MUST use TCP, as discussed below.
/** A request, its Via that of the flow. */
export interface Way {
  readonly request: Request;
  readonly flow: Flow;
}

/** How long TCP may take to open: whoever waits hears nothing ringing meanwhile. */
export const TCP_PATIENCE_MS = 1_000;
/** After this long, an address that refused is asked again. */
const REFUSED_MS = 600_000;
const MAX_REFUSED = 1_000;

export class LargeRequests {
  readonly #endpoint: Endpoint;
  /** Addresses that took no TCP, and until when that is believed. */
  readonly #refused = new Map<string, Millis>();

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /**
   * The request as it goes over TCP; undefined where it goes as it is. We have to listen on TCP
   * where the datagram would have come from: the sent-by is the same then, and so the transaction.
   */
  overTcp(request: Request, flow: Flow): Way | undefined {
    const { remote } = flow;
    if (flow.transport !== "UDP" || !isTooLargeForUdp({ bytes: request.text.length })) return;
    if (!this.#endpoint.listening("TCP").some((one) => isSame(one, flow.local))) return;
    const until = this.#refused.get(formatAddress(remote));
    if (until !== undefined && until > this.#endpoint.now) return;
    const inTcp = withTcpVia(request);
    const target = { transport: "TCP", address: remote, name: remote.host } as const;
    const way = inTcp && this.#endpoint.reach(target);
    return way && { request: inTcp, flow: way };
  }

  refused({ remote }: Flow): void {
    const key = formatAddress(remote);
    this.#refused.delete(key);
    for (const oldest of this.#refused.keys()) {
      if (this.#refused.size < MAX_REFUSED) break;
      this.#refused.delete(oldest);
    }
    this.#refused.set(key, this.#endpoint.now + REFUSED_MS);
  }
}

//= RFC 3261 §18.1.1
//# If this causes a change in the transport protocol from the one indicated in the top Via, the
//# value in the top Via MUST be changed.
function withTcpVia(request: Request): Request | undefined {
  const via = topVia(request);
  const start = via.ok ? request.text.indexOf("/UDP", via.value.start) : -1;
  if (!via.ok || start < 0 || start > via.value.paramsStart) return undefined;
  const edits: Edit[] = [{ start, end: start + 4, text: "/TCP" }];
  const { end } = request.headers;
  if (!hasHeader(request, "Content-Length")) {
    edits.push({ start: end, end, text: `Content-Length: ${request.body.length}\r\n` });
  }
  const message = parseMessage(splice(request.text, edits));
  return message.ok && message.value.kind === "Request" ? message.value : undefined;
}

const isSame = (a: Address, b: Address) => a.host === b.host && a.port === b.port;
