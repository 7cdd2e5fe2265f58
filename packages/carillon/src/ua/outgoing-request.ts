/** A request of ours, sent again with credentials when it is challenged. RFC 3261 §8.1, §22.2. */
import type { ClientTransaction, ClientUser } from "../endpoint/client-transaction.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Octets } from "../grammar/octets.ts";
import { composeRequest, type HeaderField } from "../message/compose.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Response } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import type { Credentials } from "./credentials.ts";

export interface Outgoing {
  readonly method: string;
  readonly uri: Octets;
  /** Everything but Via and CSeq, which are made anew for each try. */
  readonly headers: readonly HeaderField[];
  readonly body?: Octets;
}

export interface Sending {
  readonly endpoint: Endpoint;
  readonly flow: Flow;
  /** sent-by of the Via. */
  readonly sentBy: Octets;
  readonly credentials: Credentials | undefined;
  /** The CSeq number of the next try. */
  readonly nextSeq: () => number;
}

export interface RequestUser {
  response(response: Response, essentials: Essentials, request: OutgoingRequest): void;
  failed(reason: "timeout" | "transport" | "abandoned"): void;
}

export class OutgoingRequest implements ClientUser {
  readonly #what: Outgoing;
  readonly #how: Sending;
  readonly #user: RequestUser;
  #client: ClientTransaction | undefined;
  #cancelled: { reason: Octets | undefined } | undefined;
  #tries = 0;

  constructor(what: Outgoing, how: Sending, user: RequestUser) {
    this.#what = what;
    this.#how = how;
    this.#user = user;
    this.#send(how.credentials?.upFront());
  }

  /** The transaction that is under way, or was the last. */
  get client(): ClientTransaction | undefined {
    return this.#client;
  }

  cancel(reason?: Octets): void {
    this.#cancelled = { reason };
    this.#client?.cancel(reason);
  }

  response(client: ClientTransaction, response: Response, essentials: Essentials): void {
    if (client !== this.#client) return;
    const { credentials } = this.#how;
    const challenged = response.status === 401 || response.status === 407;
    //= RFC 3261 §22.2
    //# If no credentials for a realm can be located, UACs MAY attempt to retry the request with a
    //# username of "anonymous" and no password (a password of "").
    // Nothing of the kind is tried here: who has no credentials is told so.
    if (!challenged || !credentials || this.#cancelled || this.#tries > 2) {
      return this.#user.response(response, essentials, this);
    }
    credentials.answer(client.request, response, (value) => {
      if (value === undefined || this.#cancelled) this.#user.response(response, essentials, this);
      else this.#send(value);
    });
  }

  failed(client: ClientTransaction, reason: "timeout" | "transport" | "abandoned"): void {
    if (client === this.#client) this.#user.failed(reason);
  }

  //= RFC 3261 §22.2
  //# When a UAC resubmits a request with its credentials after receiving a 401 (Unauthorized) or
  //# 407 (Proxy Authentication Required) response, it MUST increment the CSeq header field value as
  //# it would normally when sending an updated request.
  #send(authorization: Octets | undefined): void {
    const { method, uri, headers, body } = this.#what;
    const { endpoint, flow, sentBy } = this.#how;
    this.#tries++;
    const seq = this.#how.nextSeq();
    const branch = endpoint.ids.branch(`${method} ${uri} ${seq}`);
    const rport = flow.transport === "UDP" ? ";rport" : "";
    const name = method === "REGISTER" ? "Authorization" : "Proxy-Authorization";
    const whole: HeaderField[] = [
      ["Via", `SIP/2.0/${flow.transport} ${sentBy};branch=${branch}${rport}`],
      ...headers,
      ["CSeq", `${seq} ${method}`],
    ];
    if (authorization !== undefined) whole.push([name, authorization]);
    if (endpoint.product !== "") whole.push(["User-Agent", endpoint.product]);
    this.#client = endpoint.send(composeRequest(method, uri, whole, body), flow, this);
    if (!this.#client) endpoint.later(() => this.#user.failed("transport"));
  }
}
