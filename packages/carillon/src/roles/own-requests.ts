/** Requests of a domain's server itself: to devices here, into dialogs, to other domains. */
import type { ClientUser } from "../endpoint/client-transaction.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Failure } from "../endpoint/servers.ts";
import type { Octets } from "../grammar/octets.ts";
import { wantedByUri } from "../locate/wanted.ts";
import { composeRequest, type HeaderField } from "../message/compose.ts";
import type { Request, Response } from "../message/message.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import { formatAddress } from "../uri/host.ts";
import type { SipUri } from "../uri/sip-uri.ts";
import type { Binding } from "./location.ts";
import { viaOf } from "./path.ts";
import type { Done, OwnOutcome, OwnRequest } from "./services.ts";
import { asItIs, type Shown } from "./shown.ts";
import { bindingFlow } from "./target.ts";

export class OwnRequests {
  readonly #endpoint: Endpoint;
  readonly #shown: Shown;

  constructor(endpoint: Endpoint, shown: Shown = asItIs) {
    this.#endpoint = endpoint;
    this.#shown = shown;
  }

  /** As a `ServiceHost` has it. */
  overFlow(flow: Flow, what: OwnRequest, done: Done): void {
    const user: ClientUser = {
      response: (_, response) => void (response.status >= 200 && done(answered(response))),
      failed: (_, reason) => done(reason === "timeout" ? SILENCE : NO_WAY),
    };
    const sent = this.#endpoint.send(this.#compose(flow, what), flow, user);
    if (!sent) this.#endpoint.later(() => done(NO_WAY));
  }

  /** As a `ServiceHost` has it. */
  toBinding(binding: Binding, what: OwnRequest, done: Done): void {
    const flow = bindingFlow(this.#endpoint, binding);
    //= RFC 3327 §5.4
    //# With the addition of Path, the home proxy also copies the stored path vector associated with
    //# the specific contact in the registrar database into the Route header field of the outgoing
    //# request as a preloaded route.
    const route = (binding.path ?? []).map((value): HeaderField => ["Route", value]);
    const routed = { ...what, headers: [...route, ...what.headers] };
    if (flow) return this.overFlow(flow, routed, done);
    this.#endpoint.later(() => done(NO_WAY));
  }

  /** As a `ServiceHost` has it. */
  toServers(uri: SipUri, what: OwnRequest, done: Done): void {
    const isSips = /^sips:/i.test(what.uri);
    let isOver = false;
    // A search may fail while it is begun.
    const tell = (outcome: OwnOutcome) => {
      if (isOver) return;
      isOver = true;
      this.#endpoint.later(() => done(outcome));
    };
    this.#endpoint.servers.send(wantedByUri(uri, isSips || uri.scheme === "sips"), what.method, {
      compose: (flow) => this.#compose(flow, what),
      response: (_, response) => void (response.status >= 200 && tell(answered(response))),
      failed: (failure) => tell(isSilent(failure) ? SILENCE : NO_WAY),
    });
  }

  #compose(over: Flow, { method, uri, headers, body, contact }: OwnRequest): Request {
    const flow = this.#shown(over);
    //= RFC 3261 §8.1.1.7
    //# When the UAC creates a request, it MUST insert a Via into that request.
    //= RFC 5365 §7.2
    //# A MESSAGE URI-list service MUST include its own value in the Via header field.
    const via: HeaderField = ["Via", viaOf(flow, this.#endpoint.ids.branch(`${method} ${uri}`))];
    const own: HeaderField[] = contact ? [["Contact", `<${contact(flow)}>`]] : [];
    const { product } = this.#endpoint;
    const about: HeaderField[] = product === "" ? [] : [["User-Agent", product]];
    return composeRequest(method, uri, [via, ...headers, ...own, ...about], body);
  }
}

/**
 * Where the server itself is reached over this flow: what it writes into Contact of a dialog of its
 * own. `user` is a user part as it stands in a URI.
 */
export function contactOn(flow: Flow, user?: Octets, isSips = false): Octets {
  const where = `${user === undefined ? "" : `${user}@`}${formatAddress(flow.local)}`;
  if (isSips) return `sips:${where}${flow.transport === "WSS" ? ";transport=ws" : ""}`;
  return `sip:${where}${isReliable(flow) ? `;transport=${flow.transport.toLowerCase()}` : ""}`;
}

const answered = (response: Response): OwnOutcome => ({ status: response.status, response });
const SILENCE: OwnOutcome = { status: 408, response: undefined };
const NO_WAY: OwnOutcome = { status: 503, response: undefined };
const isSilent = ({ reason }: Failure): boolean => reason === "timeout" || reason === "no-answer";
