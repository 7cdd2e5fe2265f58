/**
 * A call as some gateways make it: an INVITE without an offer, which follows a redirection, and
 * answers in its ACK the offer that comes with the 200. RFC 3261 §8.1.3.4, §13.2.2.4.
 */
import { addressRequest, uacDialog } from "../../dialog/dialog.ts";
import type { Incoming } from "../../endpoint/incoming.ts";
import { fromText, type Octets, toText } from "../../grammar/octets.ts";
import { composeRequest, type HeaderField } from "../../message/compose.ts";
import { type Essentials, readEssentials } from "../../message/essentials.ts";
import { elements } from "../../message/headers.ts";
import type { Response } from "../../message/message.ts";
import type { Agent } from "../../ua/agent.ts";
import { Leg } from "../../ua/leg.ts";
import type { OutgoingRequest, RequestUser } from "../../ua/outgoing-request.ts";
import { type Farewell, type Session, type SessionUser, SILENT } from "../../ua/session.ts";
import { type CallEnd, errorOf } from "../../ua/sip-error.ts";
import { parseNameAddr } from "../../uri/name-addr.ts";

export interface LateOffer {
  readonly target: Octets;
  /** What it answers to the offer. */
  readonly answer: string;
  readonly user: SessionUser;
  /** Called before the INVITE goes to where a 3xx leads. */
  readonly redirected: () => void;
}

export class LateOfferSession implements Session, RequestUser {
  readonly callId: Octets;
  readonly localTag: Octets;
  readonly #agent: Agent;
  readonly #what: LateOffer;
  #user: SessionUser;
  #invite: OutgoingRequest | undefined;
  #accepted: { readonly ack: Octets; readonly leg: Leg } | undefined;
  #seq = 0;

  constructor(agent: Agent, what: LateOffer) {
    this.#agent = agent;
    this.#what = what;
    this.#user = what.user;
    this.callId = agent.endpoint.ids.unique();
    this.localTag = agent.endpoint.ids.unique();
    agent.add(this);
    this.#send(what.target);
  }

  #send(uri: Octets): void {
    const agent = this.#agent;
    const headers: HeaderField[] = [
      ["Max-Forwards", "70"],
      ["From", `${agent.address};tag=${this.localTag}`],
      ["To", `<${this.#what.target}>`],
      ["Call-ID", this.callId],
      ["Contact", `<${agent.contact}>`],
      ["Expires", "180"],
    ];
    this.#invite = agent.send({ method: "INVITE", uri, headers }, this, () => ++this.#seq);
  }

  response(response: Response, essentials: Essentials): void {
    const { status } = response;
    if (status >= 400) return this.#over({ by: "remote", ...errorOf(status), status });
    if (status >= 300) return this.#redirected(response);
    if (status >= 200) return this.#answered(response, essentials);
    if (status > 100) this.#user.ringing();
  }

  failed(): void {
    this.#over({ by: "network", code: "SIP_TIMEOUT", message: "Nobody answered." });
  }

  //= RFC 3261 §8.1.3.4
  //# Upon receipt of a redirection response (for example, a 301 response status code), clients
  //# SHOULD use the URI(s) in the Contact header field to formulate one or more new requests based
  //# on the redirected request.
  #redirected(response: Response): void {
    const contacts = elements(response, "Contact");
    const first = parseNameAddr((contacts.ok && contacts.value[0]) || "");
    if (!first.ok) return this.failed();
    this.#what.redirected();
    this.#send(first.value.uri);
  }

  #answered(response: Response, essentials: Essentials): void {
    if (this.#accepted) return this.#agent.transmit(this.#accepted.ack);
    const invite = this.#invite?.client?.request;
    const sent = invite && readEssentials(invite);
    if (!invite || !sent?.ok) return;
    const dialog = uacDialog(invite, sent.value, response, essentials);
    if (!dialog) return;
    const { uri, headers } = addressRequest(dialog, "ACK", dialog.localSeq);
    const via: HeaderField = ["Via", this.#agent.via("ACK")];
    const type: HeaderField = ["Content-Type", "application/sdp"];
    const body = fromText(this.#what.answer);
    const { text: ack } = composeRequest("ACK", uri, [via, ...headers, type], body);
    this.#agent.transmit(ack);
    const leg = new Leg(this.#agent, dialog, {
      acknowledged() {},
      offered: (_, reply) => reply(undefined),
      ended: (end) => this.#over(end),
      gone: () => this.#agent.remove(this),
    });
    this.#accepted = { ack, leg };
    if (this.#user === SILENT) leg.leave("HungUp");
    else this.#user.answered(toText(response.body));
  }

  #over(end: CallEnd): void {
    const user = this.#user;
    this.#user = SILENT;
    if (!this.#accepted) this.#agent.remove(this);
    user.ended(end);
  }

  hangUp(why: Farewell = "HungUp"): void {
    this.#user = SILENT;
    if (this.#accepted) this.#accepted.leg.leave(why);
    else this.#invite?.cancel();
  }

  request(from: Incoming): void {
    if (this.#accepted) this.#accepted.leg.request(from);
    else this.#agent.endpoint.reply(from, { status: 481 });
  }

  ack(from: Incoming): void {
    this.#accepted?.leg.ack(from);
  }

  cutOff(): void {}
}
