/**
 * One dialog of a call and what goes on in it: who may change the session and when, that both
 * sides are still there, and how it ends. RFC 3261 §12.2, §14, §15.
 *
 * What belongs to one INVITE is in `received-invite.ts` and `sent-invite.ts`, what we change in
 * `sent-change.ts`, the machines in `negotiation.ts`, `modification.ts` and `session-timer.ts`.
 */
import type { Dialog } from "../dialog/dialog.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { type ServerTransaction, UNCONCERNED } from "../endpoint/server-transaction.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Request, Response } from "../message/message.ts";
import type { Change } from "../usage/glare.ts";
import type { TimerAnswer, TimerAsked } from "../usage/session-interval.ts";
import type { Agent } from "./agent.ts";
import { descriptionIn } from "./described.ts";
import { DialogSide } from "./dialog-side.ts";
import { endOf, type Farewell, reasonHeaders, SILENCE } from "./farewell.ts";
import type { LegParts } from "./leg-parts.ts";
import type { LegUser } from "./leg-user.ts";
import { type Done, Modification } from "./modification.ts";
import { Negotiation } from "./negotiation.ts";
import { contentObjection, methodObjection, requireObjection } from "./objection.ts";
import type { RequestUser } from "./outgoing-request.ts";
import { ReceivedChanges } from "./received-changes.ts";
import { sendInvite, sendUpdate } from "./sent-change.ts";
import { SentInvite } from "./sent-invite.ts";
import { SessionTimer } from "./session-timer.ts";
import type { CallEnd } from "./sip-error.ts";

type State =
  | { readonly name: "Open" }
  /** To be left, as soon as the ACK has come that a BYE has to wait for. */
  | { readonly name: "Closing"; readonly why: Farewell }
  /** Their INVITE was refused; a PRACK of theirs may still be on its way. */
  | { readonly name: "Refused" }
  /** Our BYE is on its way. */
  | { readonly name: "Leaving" }
  | { readonly name: "Gone" };

/** Our INVITE that makes the dialog: whether it offers, and what it says of the session timer. */
export interface FirstInvite {
  readonly offer: string;
  readonly asked: TimerAsked;
}

export class Leg {
  readonly #parts: LegParts;
  readonly #user: LegUser;
  #state: State = { name: "Open" };
  readonly #theirs: ReceivedChanges;
  /** Ours that makes the dialog. */
  #first: SentInvite | undefined;
  /** Their answer, which is told only once it is sure that the call is with them. */
  #earlyAnswer: string | undefined;

  private constructor(agent: Agent, dialog: Dialog, user: LegUser, initial: Initial) {
    const { endpoint } = agent;
    const side = new DialogSide(agent, dialog);
    this.#user = user;
    this.#parts = {
      side,
      negotiation: new Negotiation(),
      modification: new Modification(
        endpoint,
        { ownsCallId: initial.by === "Local", initial },
        {
          send: (change) => this.#send(change),
          tooLate: (status) => this.#theirs.tooLate(status),
          silence: () => this.#fail(SILENCE, "Silence"),
        },
      ),
      timer: new SessionTimer(endpoint, {
        get allowsUpdate() {
          return side.allowsUpdate;
        },
        refresh: (method) => this.#change({ method, offer: method === "INVITE" }),
        expired: () => this.#fail(SILENCE, "Silence"),
      }),
      user: {
        ...user,
        offered: (offer, reply) => {
          this.#commit();
          user.offered(offer, reply);
        },
        describe: (reply) => {
          this.#commit();
          user.describe(reply);
        },
      },
      isOpen: () => this.#state.name === "Open",
      answeredEarly: (answer) => this.#answeredEarly(answer),
      fail: (end, why) => this.#fail(end, why),
    };
    this.#theirs = new ReceivedChanges(this.#parts, () => {
      if (this.#state.name === "Open") user.acknowledged();
    });
  }

  /** The dialog that their INVITE asks for. `timer` is what its session timer is granted. */
  static incoming(
    agent: Agent,
    dialog: Dialog,
    user: LegUser,
    { invite, timer }: { readonly invite: ServerTransaction; readonly timer: TimerAnswer },
  ): Leg {
    const offer = descriptionIn(invite.incoming.request) !== "";
    const leg = new Leg(agent, dialog, user, { by: "Remote", offer });
    leg.#theirs.begin(invite, timer, () => leg.#unheard());
    return leg;
  }

  /** A dialog that an answer to our INVITE makes. */
  static outgoing(agent: Agent, dialog: Dialog, user: LegUser, first: FirstInvite): Leg {
    const { offer, asked } = first;
    const leg = new Leg(agent, dialog, user, { by: "Local", offer: offer !== "" });
    leg.#parts.negotiation.sent("INVITE", offer);
    leg.#first = new SentInvite(leg.#parts, offer !== "", asked);
    return leg;
  }

  get isGone(): boolean {
    return this.#state.name === "Gone";
  }

  /** The tag that tells whether a request is for this dialog or for another of the same call. */
  get remoteTag(): string {
    return this.#parts.side.remoteTag;
  }

  // ---- the INVITE that makes it: theirs --------------------------------------------------------

  /** Tells that somebody is being looked for. */
  ring(): void {
    this.#theirs.invite?.ring();
  }

  /** Answers its offer, or offers, before the call is answered. False: they cannot hear it. */
  early(description: string): boolean {
    return this.#theirs.invite?.early(description) ?? false;
  }

  /** Accepts it, with a description unless that was told early. */
  accept(description: string): void {
    this.#theirs.invite?.accept(description);
  }

  /** Refuses it. That ends the dialog. */
  refuse(reply: Reply): void {
    this.#state = { name: "Refused" };
    this.#stop();
    this.#theirs.invite?.refuse(reply, () => this.#end());
  }

  #unheard(): void {
    const message = "The caller's phone did not confirm that it heard of the ringing.";
    this.refuse({ status: 504 });
    this.#user.ended({ by: "network", code: "SIP_TIMEOUT", message });
  }

  // ---- the INVITE that makes it: ours ----------------------------------------------------------

  /** A provisional response to it. False: it came before, or one before it is missing. */
  provisional(response: Response, essentials: Essentials): boolean {
    return this.#first?.provisional(response, essentials) ?? false;
  }

  /** A 2xx to it, the first or the same again. `done` is called once it is acknowledged. */
  accepted(response: Response, essentials: Essentials, invite: Request, done: () => void): void {
    this.#first?.accepted(response, essentials, invite, () => {
      this.#commit();
      done();
    });
  }

  /** Another dialog has the call, or none: this one never comes to be. */
  abandon(): void {
    this.#end();
  }

  #answeredEarly(answer: string): void {
    if (this.#parts.side.isConfirmed) return this.#user.agreed(answer);
    this.#earlyAnswer = answer;
    this.#user.previewed(answer);
  }

  /** From here on media are with this dialog and no other. */
  #commit(): void {
    const answer = this.#earlyAnswer;
    this.#earlyAnswer = undefined;
    if (answer !== undefined) this.#user.agreed(answer);
  }

  // ---- what our side does ----------------------------------------------------------------------

  /** Offers anew, as soon as it may. `done` hears once what became of it. */
  modify(done: Done): void {
    const { side } = this.#parts;
    //= RFC 3311 §5.1
    //# Although UPDATE can be used on confirmed dialogs, it is RECOMMENDED that a re-INVITE be used
    //# instead.
    const method = side.isConfirmed || !side.allowsUpdate ? "INVITE" : "UPDATE";
    this.#change({ method, offer: true }, done);
  }

  #change(change: Change, done?: Done): void {
    if (this.#state.name === "Open") this.#parts.modification.want(change, done);
    else done?.({ name: "Unchanged", status: 481 });
  }

  #send({ method, offer }: Change): void {
    if (this.#state.name !== "Open") return;
    if (method === "INVITE") sendInvite(this.#parts);
    else sendUpdate(this.#parts, offer);
  }

  //= RFC 3261 §15
  //# A UA MUST NOT send a BYE outside of a dialog.
  /** Leaves a dialog whose INVITE has been accepted. */
  leave(why: Farewell): void {
    if (this.#state.name !== "Open") return;
    const invite = this.#theirs.invite;
    //= RFC 3261 §15
    //# However, the callee's UA MUST NOT send a BYE on a confirmed dialog until it has received an
    //# ACK for its 2xx response or until the server transaction times out.
    if (invite?.awaitsAck) {
      this.#state = { name: "Closing", why };
      return;
    }
    // Its 2xx waits for a PRACK.
    if (invite?.isOpen && invite.isFirst) return this.refuse({ status: 603 });
    this.#bye(why);
  }

  //= RFC 3261 §15.1.1
  //# The UAC MUST consider the session terminated (and therefore stop sending or listening for
  //# media) as soon as the BYE request is passed to the client transaction.
  #bye(why: Farewell): void {
    this.#theirs.stop();
    this.#first?.giveUp();
    this.#state = { name: "Leaving" };
    this.#stop();
    //= RFC 3261 §15.1.1
    //# If the response for the BYE is a 481 (Call/Transaction Does Not Exist) or a 408 (Request
    //# Timeout) or no response at all is received for the BYE (that is, a timeout is returned by
    //# the client transaction), the UAC MUST consider the session and the dialog terminated.
    const user: RequestUser = {
      response: ({ status }) => void (status >= 200 && this.#end()),
      failed: () => this.#end(),
    };
    if (!this.#parts.side.send("BYE", reasonHeaders(why), "", user)) this.#end();
  }

  //= RFC 3261 §13.3.1.4
  //# If the server retransmits the 2xx response for 64*T1 seconds without receiving an ACK, the
  //# dialog is confirmed, but the session SHOULD be terminated.
  /** It cannot go on. */
  #fail(end: CallEnd, why: Farewell): void {
    const state = this.#state;
    if (state.name !== "Open" && state.name !== "Closing") return;
    const invite = this.#theirs.invite;
    if (invite?.isOpen && invite.isFirst) this.refuse({ status: 488 });
    else this.#bye(state.name === "Closing" ? state.why : why);
    if (state.name === "Open") this.#user.ended(end);
  }

  // ---- what the other side does ----------------------------------------------------------------

  /** A request in this dialog. */
  request(from: Incoming): void {
    const { side } = this.#parts;
    const { endpoint } = side.agent;
    const { request, essentials } = from;
    // Two BYEs that cross are both right; anything else comes too late.
    if (!this.#takes(request.method)) return endpoint.reply(from, { status: 481 });
    const received = side.received(request, essentials.cseq.number);
    if (!received) return endpoint.reply(from, { status: 500 });
    const taker = side.agent.takers.ofMethod(request.method);
    const wrong =
      methodObjection(request, side.agent.allow) ??
      requireObjection(request) ??
      (taker ? undefined : contentObjection(request));
    if (wrong) return endpoint.reply(from, wrong);
    //= RFC 3261 §8.2
    //# If a request is accepted, all state changes associated with it MUST be performed. If it is
    //# rejected, all state changes MUST NOT be performed.
    received.note();
    switch (request.method) {
      case "BYE":
        return this.#theyLeave(from);
      case "INVITE":
        return this.#theirs.invited(from, received.accept);
      case "UPDATE":
        return this.#theirs.updated(from, received.accept);
      case "PRACK":
        if (this.#theirs.invite) return this.#theirs.invite.prack(from);
        return endpoint.reply(from, { status: 481 });
      default: {
        if (taker) return taker.request(from);
        const headers = side.agent.capabilities;
        endpoint.accept(from, UNCONCERNED)?.reply({ status: 200, headers });
      }
    }
  }

  #takes(method: string): boolean {
    const { name } = this.#state;
    if (method === "BYE" || name === "Open" || name === "Closing") return true;
    return method === "PRACK" && name === "Refused";
  }

  /** An ACK in this dialog. */
  ack(from: Incoming): void {
    if (!this.#theirs.ack(from)) return;
    if (this.#state.name === "Closing") this.#bye(this.#state.why);
  }

  //= RFC 3261 §15.1.2
  //# A UAS core receiving a BYE request for an existing dialog MUST follow the procedures of
  //# Section 12.2.2 to process the request. Once done, the UAS SHOULD terminate the session (and
  //# therefore stop sending and listening for media).
  #theyLeave(from: Incoming): void {
    //= RFC 3261 §15.1.2
    //# Whether or not it ends its participation on the session, the UAS core MUST generate a 2xx
    //# response to the BYE, and MUST pass that to the server transaction for transmission.
    this.#parts.side.agent.endpoint.accept(from, UNCONCERNED)?.reply({ status: 200 });
    //= RFC 3261 §15.1.2
    //# The UAS MUST still respond to any pending requests received for that dialog.
    this.#theirs.stop();
    // Our own BYE, if there is one, still waits for its answer.
    if (this.#state.name !== "Leaving") this.#end();
    this.#user.ended(endOf(from.request));
  }

  // ---- the end ---------------------------------------------------------------------------------

  #stop(): void {
    this.#parts.timer.stop();
    this.#parts.modification.abandon();
  }

  #end(): void {
    if (this.#state.name === "Gone") return;
    this.#state = { name: "Gone" };
    this.#stop();
    this.#user.gone();
  }
}

interface Initial {
  readonly by: "Local" | "Remote";
  readonly offer: boolean;
}
