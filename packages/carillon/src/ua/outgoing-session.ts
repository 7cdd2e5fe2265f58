/** A call that goes out: its INVITE, and every dialog that its answers make. RFC 3261 §13.2. */
import type { Incoming } from "../endpoint/incoming.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Response } from "../message/message.ts";
import type { UriRequest } from "../message/request-of-uri.ts";
import { NEVER } from "../transaction/timers.ts";
import type { TimerAsked } from "../usage/session-interval.ts";
import type { Agent } from "./agent.ts";
import { type Elsewhere, nowhereElse } from "./elsewhere.ts";
import { type Farewell, NOT_UNDERSTOOD } from "./farewell.ts";
import { firstInvite } from "./first-invite.ts";
import { Forks } from "./forks.ts";
import { invitationTo } from "./invitation.ts";
import type { Leg } from "./leg.ts";
import type { LegUser } from "./leg-user.ts";
import type { Done } from "./modification.ts";
import type { OutgoingRequest, RequestUser } from "./outgoing-request.ts";
import { type Session, type SessionUser, SILENT } from "./session.ts";
import { type CallEnd, errorOf } from "./sip-error.ts";
import type { Way } from "./way.ts";

type State =
  /** No final response yet. */
  | { readonly name: "Inviting" }
  /** Taken back, but a 2xx may cross the CANCEL. */
  | { readonly name: "Cancelling" }
  | { readonly name: "Talking"; readonly leg: Leg }
  | { readonly name: "Over" };

/**
 * How long somebody is called. Three minutes are more than anybody lets it ring, and a proxy may
 * give up then by itself (RFC 3261 §16.6, timer C). What rings at a device whose every word to us
 * was lost ends with it, too: a CANCEL must not be sent to who has not been heard (§9.1).
 */
const RING_SECONDS = 180;

/** Every proxy on the way may want a longer session interval; a server that always does is mad. */
const MAX_RAISES = 5;

export class OutgoingSession implements Session, RequestUser, Timed {
  readonly callId: Octets;
  readonly localTag: Octets;
  readonly way: Way;
  #user: SessionUser;
  readonly #agent: Agent;
  #invitation: UriRequest;
  readonly #elsewhere: Elsewhere;
  readonly #offer: string;
  readonly #forks: Forks;
  #invite: OutgoingRequest | undefined;
  #asked: TimerAsked;
  #raises = 0;
  #seq = 0;
  readonly #timer: Timer = newTimer(this);
  #answeredBy: Leg | undefined;
  /** Why the last try came to nothing. */
  #why: CallEnd | undefined;
  #state: State = { name: "Inviting" };

  /** Sends an INVITE with this offer, or without one: the other side has to make it then. */
  constructor(
    agent: Agent,
    target: Octets,
    offer: string,
    user: SessionUser,
    way: Way = agent.wayOut(),
    headers: readonly HeaderField[] = [],
  ) {
    const { ids } = agent.endpoint;
    this.way = way;
    this.#agent = agent;
    const { timing, requestOf, elsewhere } = agent.abilities;
    this.#asked = timing.first();
    const invitation = invitationTo(target, requestOf);
    this.#invitation = { ...invitation, headers: [...invitation.headers, ...headers] };
    const next = {
      invite: (invitation: UriRequest) => this.#inviteInstead(invitation),
      giveUp: (status: number) => this.#giveUp(status),
    };
    this.#elsewhere = elsewhere?.(this.#invitation, next) ?? nowhereElse(next);
    this.#offer = offer;
    this.#user = user;
    this.#forks = new Forks(agent, way, offer, (leg) => this.#legUser(leg));
    //= RFC 3261 §8.1.1.4
    //# In a new request created by a UAC outside of any dialog, the Call-ID header field MUST be
    //# selected by the UAC as a globally unique identifier over space and time unless overridden by
    //# method-specific behavior.
    this.callId = ids.unique();
    this.localTag = ids.unique();
    agent.add(this);
    this.#send();
    agent.endpoint.schedule(this.#timer, agent.endpoint.now + 1000 * RING_SECONDS);
  }

  #send(): void {
    const agent = this.#agent;
    const { callId, localTag } = this;
    const what = firstInvite(agent, this.#invitation, {
      ...{ callId, localTag, ringSeconds: RING_SECONDS },
      ...{ offer: this.#offer, asked: this.#asked },
    });
    this.#invite = this.way.send(what, this, () => ++this.#seq);
    if (!this.#invite) agent.endpoint.later(() => this.failed("transport"));
  }

  hangUp(why: Farewell = "HungUp"): void {
    this.#user = SILENT;
    const state = this.#state;
    if (state.name === "Inviting") this.#takeBack();
    else if (state.name === "Talking") {
      this.#state = { name: "Over" };
      state.leg.leave(why);
    }
  }

  //= RFC 3261 §13.2.1
  //# If the time indicated in the Expires header field is reached and no final answer for the
  //# INVITE has been received, the UAC core SHOULD generate a CANCEL request for the INVITE, as per
  //# Section 9.
  due(): void {
    if (this.#state.name !== "Inviting") return;
    const user = this.#user;
    this.#user = SILENT;
    this.#takeBack();
    user.ended({ by: "local", code: "SIP_TIMEOUT", status: 408, message: NOBODY });
  }

  #takeBack(): void {
    if (this.#elsewhere.isAsking) return this.#elsewhere.decided(false);
    this.#become({ name: "Cancelling" });
    this.#invite?.cancel();
  }

  /** Whatever comes of it, the wait for an answer is over. */
  #become(state: State): void {
    this.#state = state;
    this.#agent.endpoint.schedule(this.#timer, NEVER);
  }

  readonly begun = "Local";

  legOf(remoteTag: string): Leg | undefined {
    return this.#forks.of(remoteTag);
  }

  get leg(): Leg | undefined {
    return this.#answeredBy ?? (this.#state.name === "Inviting" ? this.#forks.only : undefined);
  }

  modify(done: Done): void {
    const { leg } = this;
    if (leg) leg.modify(done);
    else done({ name: "Unchanged", status: 481 });
  }

  trickle(fragment: string): void {
    this.#forks.trickle(fragment);
  }

  request(from: Incoming): void {
    const leg = this.#forks.of(from.essentials.fromTag);
    if (leg) return leg.request(from);
    //= RFC 3261 §14.2
    //# A UAS that receives an INVITE on a dialog while an INVITE it had sent on that dialog is in
    //# progress MUST return a 491 (Request Pending) response to the received INVITE.
    const pending = this.#state.name === "Inviting" && from.request.method === "INVITE";
    this.#agent.endpoint.reply(from, { status: pending ? 491 : 481 });
  }

  ack(from: Incoming): void {
    this.#forks.of(from.essentials.fromTag)?.ack(from);
  }

  /** Its transaction says so, too, if it still waits for an answer. */
  cutOff(why: string): void {
    this.#answeredBy?.cutOff(why);
  }

  back(): void {
    this.#answeredBy?.back();
  }

  restore(why: string): void {
    this.#answeredBy?.restore(why);
  }

  // ---- what the INVITE's transaction says ------------------------------------------------------

  response(response: Response, essentials: Essentials): void {
    const { status } = response;
    if (status >= 300) return this.#refused(response);
    if (status >= 200) return this.#answered(response, essentials);
    //= RFC 3261 §8.1.3.2
    //# A UAC MUST treat any provisional response different than 100 that it does not recognize as
    //# 183 (Session Progress). A UAC MUST be able to process 100 and 183 responses.
    if (status > 100) this.#progressed(response, essentials);
  }

  failed(reason: "timeout" | "transport" | "abandoned"): void {
    //= RFC 3261 §8.1.3.1
    //# When a timeout error is received from the transaction layer, it MUST be treated as if a 408
    //# (Request Timeout) status code has been received. If a fatal transport error is reported by
    //# the transport layer (generally, due to fatal ICMP errors in UDP or connection failures in
    //# TCP), the condition MUST be treated as a 503 (Service Unavailable) status code.
    const isWay = reason !== "transport";
    this.#why = isWay
      ? { by: "network", code: "SIP_TIMEOUT", status: 408, message: NOBODY }
      : { by: "network", code: "SIP_TRANSPORT", status: 503, message: this.#noWay };
    if (this.#state.name === "Inviting") this.#elsewhere.failed(isWay ? 408 : 503);
    else this.#giveUp(isWay ? 408 : 503);
  }

  #progressed(response: Response, essentials: Essentials): void {
    if (this.#state.name !== "Inviting" && this.#state.name !== "Cancelling") return;
    const leg = this.#legFor(response, essentials);
    // Where no dialog can be made of it, it still rings.
    if (!leg || leg.provisional(response, essentials)) this.#user.progress(response.status);
  }

  #refused(response: Response): void {
    const { status } = response;
    if (status === 422 && this.#state.name === "Inviting" && this.#raised(response)) return;
    const { code, message } = errorOf(status, this.#agent.reasonIn(response));
    this.#why = {
      by: "remote",
      code,
      message,
      status,
      ...this.#agent.abilities.moreAt?.(response),
      response,
    };
    if (this.#state.name === "Inviting") this.#elsewhere.refused(response);
    else this.#giveUp(status);
  }

  // ---- elsewhere -------------------------------------------------------------------------------

  #inviteInstead(invitation: UriRequest): void {
    this.#invitation = invitation;
    this.#forks.abandon();
    this.#user.trying(invitation.uri);
    this.#send();
  }

  #giveUp(status: number): void {
    const { code, message } = errorOf(status);
    this.#over(this.#why ?? { by: "remote", code, message, status });
  }

  //= RFC 4028 §7.3
  //# If the response to a session refresh request is a 422 (Session Interval Too Small) response
  //# message, then the UAC MAY retry the request.
  #raised(response: Response): boolean {
    const raised = this.#agent.abilities.timing.raised(this.#asked, response);
    if (!raised || ++this.#raises > MAX_RAISES) return false;
    this.#asked = raised;
    this.#forks.abandon();
    this.#send();
    return true;
  }

  //= RFC 3261 §13.2.2.4
  //# The UAC core MUST generate an ACK request for each 2xx received from the transaction layer.
  #answered(response: Response, essentials: Essentials): void {
    const invite = this.#invite?.client?.request;
    if (!invite) return;
    const leg = this.#legFor(response, essentials);
    if (!leg) return this.#notUnderstood();
    const isFirst = this.#state.name === "Inviting";
    if (isFirst) {
      this.#become({ name: "Talking", leg });
      this.#answeredBy = leg;
      this.#forks.abandon(leg);
    }
    leg.accepted(response, essentials, invite, () => {
      if (this.#isTalking(leg)) return this.#user.established();
      //= RFC 3261 §13.2.2.4
      //# If, after acknowledging any 2xx response to an INVITE, the UAC does not want to continue
      //# with that dialog, then the UAC MUST terminate the dialog by sending a BYE request as
      //# described in Section 15.
      leg.leave("HungUp");
    });
    if (this.#state.name === "Cancelling") this.#state = { name: "Over" };
    this.#forgetIfDone();
  }

  /** A 2xx without a Contact, or with one that no request can be sent to. */
  #notUnderstood(): void {
    if (this.#state.name === "Inviting" || this.#state.name === "Cancelling") {
      this.#over(NOT_UNDERSTOOD);
    }
  }

  // ---- its dialogs -----------------------------------------------------------------------------

  /** The dialog that a response belongs to, or makes; undefined if it makes none of use. */
  #legFor(response: Response, essentials: Essentials): Leg | undefined {
    const invite = this.#invite?.client?.request;
    const made = invite && this.#forks.legFor(response, essentials, invite, this.#asked);
    if (made?.isNew) this.#agent.add(this);
    return made?.leg;
  }

  #isTalking(leg: Leg): boolean {
    return this.#state.name === "Talking" && this.#state.leg === leg;
  }

  /** Of a dialog that is not the call's, nothing is heard once there is one. */
  #legUser(leg: () => Leg): LegUser {
    const user = (): SessionUser =>
      this.#state.name === "Inviting" || this.#isTalking(leg()) ? this.#user : SILENT;
    return {
      previewed: (answer) => user().previewed(answer),
      agreed: (answer) => user().agreed(answer),
      withdrawn: () => user().withdrawn(),
      offered: (offer, reply) => user().offered(offer, reply),
      beside: (what) => user().beside(what),
      describe: (reply) => user().describe(reply),
      fragment: (fragment) => user().fragment(fragment),
      cutOff: (why) => user().cutOff(why),
      restored: () => user().restored(),
      acknowledged() {},
      ended: (end) => {
        if (this.#isTalking(leg())) this.#over(end);
      },
      gone: () => this.#forgetIfDone(),
    };
  }

  #over(end: CallEnd): void {
    const user = this.#user;
    const talking = this.#state.name === "Talking" ? this.#state.leg : undefined;
    this.#user = SILENT;
    this.#become({ name: "Over" });
    user.ended(end);
    if (!talking) this.#forks.abandon();
    this.#forgetIfDone();
  }

  get #noWay(): string {
    return this.#agent.hasServer ? NO_WAY : NOT_THERE;
  }

  #forgetIfDone(): void {
    const isDone = this.#state.name === "Over" || this.#state.name === "Talking";
    if (isDone && this.#forks.areGone) this.#agent.remove(this);
  }
}

const NO_WAY = "There is no connection to the server.";
const NOT_THERE = "Nobody can be reached at that address.";
const NOBODY = "Nobody answered.";
