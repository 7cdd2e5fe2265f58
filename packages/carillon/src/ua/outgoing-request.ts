/** A request of ours, sent again with credentials when it is challenged. RFC 3261 §8.1, §22.2. */
import type { ClientTransaction, ClientUser } from "../endpoint/client-transaction.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { oneLine } from "../endpoint/reply.ts";
import type { Pursuit } from "../endpoint/servers.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Wanted } from "../locate/wanted.ts";
import { composeRequest, type HeaderField } from "../message/compose.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Request, Response } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import type { Credentials, Shown } from "./credentials.ts";
import { pursue } from "./pursuit.ts";

export interface Outgoing {
  readonly method: string;
  readonly uri: Octets;
  /** Everything but Via and CSeq, which are made anew for each try. */
  readonly headers: readonly HeaderField[];
  /** The URI in its Contact, where that depends on the way it takes. */
  readonly contact?: (flow: Flow) => Octets;
  readonly body?: Octets;
  /** A request that is larger is not sent. */
  readonly maxBytes?: number;
}

export interface Sending {
  readonly endpoint: Endpoint;
  /**
   * The way it takes; or whom to look for, and whichever of their servers answers then has every
   * further try as well: it made the nonce.
   */
  readonly to: Flow | Wanted;
  /** The value of a Via with a branch of its own. */
  readonly via: (about: string, flow: Flow) => Octets;
  readonly credentials: Credentials | undefined;
  /** The CSeq number of the next try. */
  readonly nextSeq: () => number;
}

export interface RequestUser {
  response(response: Response, essentials: Essentials, request: OutgoingRequest): void;
  /** `words` say more where servers had to be found. */
  failed(reason: NoAnswer, words?: string): void;
}

/** `unavailable`: every server answered with 503. `too-large`: it was not sent. */
export type NoAnswer = "timeout" | "transport" | "abandoned" | "unavailable" | "too-large";

/** Credentials that go along, and the header they go in. */
interface Carried {
  readonly name: "Authorization" | "Proxy-Authorization";
  readonly realm: string;
  readonly value: Octets;
  readonly again?: (() => Octets) | undefined;
}

/** A registrar, the proxies before it, and a stale nonce of each: more is a loop. */
const MAX_TRIES = 5;
const MAX_BYTES = Number.POSITIVE_INFINITY;

export class OutgoingRequest implements ClientUser {
  readonly #what: Outgoing;
  readonly #how: Sending;
  readonly #user: RequestUser;
  #carried: readonly Carried[];
  #to: Flow | Wanted;
  #client: ClientTransaction | undefined;
  #pursuit: Pursuit | undefined;
  #cancelled: { reason: Octets | undefined } | undefined;
  #tries = 0;

  constructor(what: Outgoing, how: Sending, user: RequestUser) {
    this.#what = what;
    this.#how = how;
    this.#user = user;
    this.#to = how.to;
    const value = how.credentials?.upFront();
    const name = what.method === "REGISTER" ? "Authorization" : "Proxy-Authorization";
    this.#carried = value === undefined ? [] : [{ name, realm: UP_FRONT, value }];
    this.#send();
  }

  /** The transaction that is under way, or was the last. */
  get client(): ClientTransaction | undefined {
    return this.#client;
  }

  cancel(reason?: Octets): void {
    this.#cancelled = { reason };
    this.#pursuit?.cancel(reason);
    this.#client?.cancel(reason);
  }

  /** Nobody waits for an answer any more: nothing is tried again, and `failed` may be heard. */
  abandon(): void {
    this.#cancelled ??= { reason: undefined };
    this.#pursuit?.abandon();
    this.#client?.abandon();
  }

  response(client: ClientTransaction, response: Response, essentials: Essentials): void {
    if (client !== this.#client) return;
    const { credentials } = this.#how;
    const challenged = response.status === 401 || response.status === 407;
    // Who has no credentials is told so: "anonymous" without a password opens nothing.
    if (!challenged || !credentials || this.#cancelled || this.#tries >= MAX_TRIES) {
      return this.#user.response(response, essentials, this);
    }
    //= RFC 3261 §21.4.8
    //# This code is similar to 401 (Unauthorized), but indicates that the client MUST first
    //# authenticate itself with the proxy.
    const answered = new Set(this.#carried.map(({ realm }) => realm));
    credentials.answer({ request: client.request, response, answered }, (shown) => {
      if (shown && !this.#cancelled && this.#carry(shown, response.status)) this.#send();
      else this.#user.response(response, essentials, this);
    });
  }

  failed(client: ClientTransaction, reason: "timeout" | "transport" | "abandoned"): void {
    if (client === this.#client) this.#user.failed(reason);
  }

  //= RFC 7616 §3.8
  //# The client/proxy MUST then reissue the request with a Proxy-Authorization header field, with
  //# parameters as specified for the Authorization header field in Section 3.4 above.
  //= RFC 3261 §22.1
  //# A UAC MUST NOT re-attempt requests with the credentials that have just been rejected (though
  //# the request may be retried if the nonce was stale).
  #carry({ realm, value, stale, again }: Shown, status: number): boolean {
    const isSame = (one: Carried) => one.realm === realm;
    if (this.#carried.some(isSame) && !stale) return false;
    const name = status === 401 ? "Authorization" : "Proxy-Authorization";
    // Those before on the way have seen their part, and would take it for a replay.
    const others = this.#carried
      .filter((one) => !isSame(one) && one.realm !== UP_FRONT)
      .map((one): Carried => ({ ...one, value: one.again?.() ?? one.value }));
    this.#carried = [...others, { name, realm, value, again }];
    return true;
  }

  //= RFC 3261 §22.2
  //# When a UAC resubmits a request with its credentials after receiving a 401 (Unauthorized) or
  //# 407 (Proxy Authentication Required) response, it MUST increment the CSeq header field value as
  //# it would normally when sending an updated request.
  #send(): void {
    this.#tries++;
    const seq = this.#how.nextSeq();
    if (!("remote" in this.#to)) return this.#pursue(this.#to, seq);
    const { endpoint } = this.#how;
    const request = this.#compose(seq, this.#to);
    this.#client = request && endpoint.send(request, this.#to, this);
    const reason = request ? "transport" : "too-large";
    if (!this.#client) endpoint.later(() => this.#user.failed(reason));
  }

  #pursue(wanted: Wanted, seq: number): void {
    this.#pursuit = pursue(this.#how.endpoint, wanted, this.#what.method, {
      compose: (flow) => this.#compose(seq, flow),
      response: (client, response, essentials) => {
        this.#client = client;
        this.#to = client.flow;
        this.response(client, response, essentials);
      },
      failed: (reason, words) => this.#user.failed(reason, words),
    });
  }

  #compose(seq: number, flow: Flow): Request | undefined {
    const { method, uri, headers, body, contact, maxBytes = MAX_BYTES } = this.#what;
    const { endpoint, via } = this.#how;
    //= RFC 3261 §20
    //# "Not applicable" means that the header field MUST NOT be present in a request.
    const whole: HeaderField[] = [
      //= RFC 3261 §8.1.1.7
      //# When the UAC creates a request, it MUST insert a Via into that request.
      ["Via", via(`${method} ${uri} ${seq}`, flow)],
      ...sendable(headers),
      ...(contact ? [["Contact", `<${contact(flow)}>`] as const] : []),
      ["CSeq", `${seq} ${method}`],
      //= RFC 3261 §20.7
      //# Although not a comma-separated list, this header field name may be present multiple times,
      //# and MUST NOT be combined into a single header line using the usual rules described in
      //# Section 7.3.
      //= RFC 3261 §20.28
      //# Although not a comma-separated list, this header field name may be present multiple times,
      //# and MUST NOT be combined into a single header line using the usual rules described in
      //# Section 7.3.1.
      ...this.#carried.map(({ name, value }): HeaderField => [name, value]),
    ];
    if (endpoint.product !== "") whole.push(["User-Agent", endpoint.product]);
    const request = composeRequest(method, uri, whole, body);
    return request.text.length > maxBytes ? undefined : request;
  }
}

/** Headers in a dialog repeat what the other side wrote: nothing in them may end a line. */
export const sendable = (headers: readonly HeaderField[]): readonly HeaderField[] =>
  headers.map(([name, value]): HeaderField => [name, oneLine(value)]);

/** The realm of what was shown before anybody asked. */
const UP_FRONT = "";
