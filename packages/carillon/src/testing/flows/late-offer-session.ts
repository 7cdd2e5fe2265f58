/**
 * A call as some gateways make it: an INVITE without an offer, which follows a redirection, and
 * answers in its ACK the offer that comes with the 200. RFC 3261 §8.1.3.4, §13.2.2.4.
 */
import { uacDialog } from "../../dialog/dialog.ts";
import type { Incoming } from "../../endpoint/incoming.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { HeaderField } from "../../message/compose.ts";
import { type Essentials, readEssentials } from "../../message/essentials.ts";
import { elements } from "../../message/headers.ts";
import type { Request, Response } from "../../message/message.ts";
import type { Agent } from "../../ua/agent.ts";
import { Leg } from "../../ua/leg.ts";
import type { LegUser } from "../../ua/leg-user.ts";
import type { Done } from "../../ua/modification.ts";
import type { OutgoingRequest, RequestUser } from "../../ua/outgoing-request.ts";
import { type Farewell, type Session, type SessionUser, SILENT } from "../../ua/session.ts";
import { type CallEnd, errorOf } from "../../ua/sip-error.ts";
import type { Way } from "../../ua/way.ts";
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
  readonly way: Way;
  readonly #agent: Agent;
  readonly #what: LateOffer;
  #user: SessionUser;
  #invite: OutgoingRequest | undefined;
  #leg: Leg | undefined;
  #seq = 0;

  constructor(agent: Agent, what: LateOffer) {
    this.#agent = agent;
    this.way = agent.wayOut();
    this.#what = what;
    this.#user = what.user;
    this.callId = agent.endpoint.ids.unique();
    this.localTag = agent.endpoint.ids.unique();
    agent.add(this);
    this.#send(what.target);
  }

  readonly begun = "Local";

  legOf(remoteTag: string): Leg | undefined {
    return this.#leg?.remoteTag === remoteTag ? this.#leg : undefined;
  }

  get leg(): Leg | undefined {
    return this.#leg;
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
    if (status >= 400) {
      const { code, message } = errorOf(status);
      return this.#over({ by: "remote", code, message, status, response });
    }
    if (status >= 300) return this.#redirected(response);
    if (status >= 200) return this.#answered(response, essentials);
    if (status > 100) this.#user.progress(status);
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
    const invite = this.#invite?.client?.request;
    if (!invite) return;
    this.#leg ??= this.#legFor(invite, response, essentials);
    this.#leg?.accepted(response, essentials, invite, () => this.#user.established());
  }

  #legFor(invite: Request, response: Response, essentials: Essentials): Leg | undefined {
    const sent = readEssentials(invite);
    const dialog = sent.ok ? uacDialog(invite, sent.value, response, essentials) : undefined;
    if (!dialog) return undefined;
    const user: LegUser = {
      ...this.#user,
      offered: (_, reply) => reply(this.#what.answer),
      acknowledged() {},
      ended: (end) => this.#over(end),
      gone: () => this.#agent.remove(this),
    };
    const asked = { supported: true, sessionExpires: undefined, minSeSeconds: undefined };
    return Leg.outgoing(this.#agent, dialog, user, { offer: "", asked, way: this.way });
  }

  #over(end: CallEnd): void {
    const user = this.#user;
    this.#user = SILENT;
    if (!this.#leg) this.#agent.remove(this);
    user.ended(end);
  }

  hangUp(why: Farewell = "HungUp"): void {
    this.#user = SILENT;
    if (this.#leg) this.#leg.leave(why);
    else this.#invite?.cancel();
  }

  request(from: Incoming): void {
    if (this.#leg) this.#leg.request(from);
    else this.#agent.endpoint.reply(from, { status: 481 });
  }

  ack(from: Incoming): void {
    this.#leg?.ack(from);
  }

  modify(done: Done): void {
    this.#leg?.modify(done);
  }

  cutOff(): void {}
}
