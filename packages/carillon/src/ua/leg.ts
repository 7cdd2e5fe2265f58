/**
 * One dialog of a call and what goes on in it: who may change the session and when, that both
 * sides are still there, and how it ends. RFC 3261 §12.2, §14, §15.
 *
 * What belongs to one INVITE is in `received-invite.ts` and `sent-invite.ts`, what we change in
 * `sent-change.ts`, the end in `leg-ending.ts`, the machines in `negotiation.ts`,
 * `modification.ts` and `session-timer.ts`.
 */
import type { Dialog } from "../dialog/dialog.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { UNCONCERNED } from "../endpoint/server-transaction.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Request, Response } from "../message/message.ts";
import type { Change } from "../usage/glare.ts";
import type { TimerAnswer, TimerAsked } from "../usage/session-interval.ts";
import type { BesideProgress, DialogUse } from "./abilities.ts";
import type { Agent } from "./agent.ts";
import type { Beside } from "./beside.ts";
import type { CallDialog } from "./call-state.ts";
import { descriptionIn } from "./described.ts";
import { DialogSide } from "./dialog-side.ts";
import { type Farewell, NOT_BACK, SILENCE } from "./farewell.ts";
import { Keeping } from "./keeping.ts";
import { LegEnding } from "./leg-ending.ts";
import type { LegParts } from "./leg-parts.ts";
import type { LegUser } from "./leg-user.ts";
import { type Done, Modification } from "./modification.ts";
import { Negotiation } from "./negotiation.ts";
import { contentObjection, methodObjection, requireObjection } from "./objection.ts";
import { ReceivedChanges } from "./received-changes.ts";
import type { InviteServer } from "./received-invite.ts";
import { sendInvite, sendUpdate } from "./sent-change.ts";
import { SentInvite } from "./sent-invite.ts";
import type { Way } from "./way.ts";

/** Our INVITE that makes the dialog: whether it offers, and what it says of the session timer. */
export interface FirstInvite {
  readonly offer: string;
  readonly asked: TimerAsked;
  readonly way: Way;
}

/** Theirs, what its session timer is granted, and the way that the dialog has. */
export interface TheirInvite {
  readonly invite: InviteServer;
  readonly timer: TimerAnswer;
  readonly way: Way;
}

export class Leg {
  readonly #parts: LegParts;
  readonly #user: LegUser;
  readonly #ending: LegEnding;
  readonly #keeping: Keeping;
  readonly #theirs: ReceivedChanges;
  /** Ours that makes the dialog. */
  #first: SentInvite | undefined;
  /** Their answer, which is told only once it is sure that the call is with them. */
  #earlyAnswer: string | undefined;

  private constructor(agent: Agent, dialog: Dialog, user: LegUser, initial: Initial) {
    const { endpoint } = agent;
    const side = new DialogSide(agent, dialog, initial.way);
    side.trickle = agent.abilities.trickle?.begin(side, initial.by, user);
    const fail: LegParts["fail"] = (end, why) => this.#ending.fail(end, why);
    this.#user = user;
    const uses: DialogUse[] = [];
    this.#parts = {
      side,
      uses,
      negotiation: new Negotiation(),
      modification: new Modification(
        endpoint,
        { ownsCallId: initial.by === "Local", initial },
        {
          send: (change) => this.#send(change),
          tooLate: (status) => this.#theirs.tooLate(status),
          silence: () => fail(SILENCE, "Silence"),
        },
      ),
      timer: agent.abilities.timing.begin(endpoint, {
        get allowsUpdate() {
          return side.allows("UPDATE");
        },
        refresh: (method) => this.#change({ method, offer: method === "INVITE" }),
        expired: () => fail(SILENCE, "Silence"),
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
      isOpen: () => this.#ending.isOpen,
      isRestoring: () => this.#keeping.isRestoring,
      answeredEarly: (answer) => this.#answeredEarly(answer),
      fail,
    };
    for (const make of agent.abilities.uses) {
      uses.push(make(this.#parts, () => this.#ending.idle()));
    }
    this.#theirs = new ReceivedChanges(this.#parts, () => {
      if (this.#ending.isOpen) user.acknowledged();
    });
    this.#keeping = new Keeping(endpoint, initial.by === "Local", {
      modify: (done) => this.modify(done),
      lost: (why) => user.cutOff(why),
      restored: () => user.restored(),
      giveUp: () => fail(NOT_BACK, "Silence"),
    });
    this.#ending = new LegEnding(this.#parts, this.#theirs, () => {
      this.#first?.giveUp();
      this.#keeping.stop();
    });
  }

  /** The dialog that their INVITE asks for. */
  static incoming(
    agent: Agent,
    dialog: Dialog,
    user: LegUser,
    { invite, timer, way }: TheirInvite,
  ): Leg {
    const offer = descriptionIn(invite.incoming.request) !== "";
    const leg = new Leg(agent, dialog, user, { by: "Remote", offer, way });
    leg.#theirs.begin(invite, timer, () => leg.#unheard());
    return leg;
  }

  /** A dialog that an answer to our INVITE makes. */
  static outgoing(agent: Agent, dialog: Dialog, user: LegUser, first: FirstInvite): Leg {
    const { offer, asked, way } = first;
    const leg = new Leg(agent, dialog, user, { by: "Local", offer: offer !== "", way });
    leg.#parts.side.trickle?.offered(offer);
    leg.#parts.negotiation.sent("INVITE", offer);
    leg.#first = new SentInvite(leg.#parts, offer !== "", asked);
    return leg;
  }

  get isGone(): boolean {
    return this.#ending.isGone;
  }

  /** The tag that tells whether a request is for this dialog or for another of the same call. */
  get remoteTag(): string {
    return this.#parts.side.remoteTag;
  }

  get standing(): "Early" | "Confirmed" | "Over" {
    if (!this.#ending.isOpen) return "Over";
    return this.#parts.side.isConfirmed ? "Confirmed" : "Early";
  }

  /** Somebody asks or tells something about the dialog from outside of it. */
  told(what: Beside): void {
    this.#user.beside(what);
  }

  /** For abilities: what it is made of. */
  get parts(): LegParts {
    return this.#parts;
  }

  get dialog(): CallDialog {
    const { callId, localTag, remoteTag, remoteTarget } = this.#parts.side;
    return { callId, localTag, remoteTag, remoteTarget };
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

  /** Says something else while it rings. True: they take that, and now. */
  beside(what: BesideProgress): boolean | undefined {
    return this.#theirs.invite?.beside(what);
  }

  /** Accepts it, with a description unless that was told early. */
  accept(description: string): void {
    this.#theirs.invite?.accept(description);
  }

  /** Refuses it. That ends the dialog. */
  refuse(reply: Reply): void {
    this.#ending.refuse(reply);
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
    this.#ending.abandon();
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
    const method = side.isConfirmed || !side.allows("UPDATE") ? "INVITE" : "UPDATE";
    this.#change({ method, offer: true }, done);
  }

  #change(change: Change, done?: Done): void {
    if (this.#ending.isOpen) this.#parts.modification.want(change, done);
    else done?.({ name: "Unchanged", status: 481 });
  }

  #send({ method, offer }: Change): void {
    if (!this.#ending.isOpen) return;
    if (method === "INVITE") sendInvite(this.#parts);
    else sendUpdate(this.#parts, offer);
  }

  /** Tells of candidates that our last description does not have. */
  trickle(fragment: string): void {
    if (this.#ending.isOpen) this.#parts.side.trickle?.send(fragment);
  }

  /** Whether our next description may leave before its candidates. */
  get mayTrickle(): boolean {
    const { trickle } = this.#parts.side;
    if (!trickle) return false;
    // An answer in a 2xx is acknowledged; one that is told earlier need not have arrived.
    return trickle.mayTrickle || (this.#theirs.invite?.isFirst === true && trickle.isTaken);
  }

  /** The way to the other side is gone. A dialog that is not confirmed has nothing to come back. */
  cutOff(why: string): void {
    if (this.#parts.side.isConfirmed && this.#ending.isOpen) this.#keeping.cutOff(why);
  }

  /** There is one again: over it, whatever waited for it is said. */
  back(): void {
    this.#keeping.back();
    this.#ending.back();
  }

  /** Media do not get through any more: they are to find their way anew. */
  restore(why: string): void {
    if (this.#parts.side.isConfirmed && this.#ending.isOpen) this.#keeping.moved(why);
  }

  /** Leaves a dialog whose INVITE has been accepted. */
  leave(why: Farewell): void {
    this.#ending.leave(why);
  }

  // ---- what the other side does ----------------------------------------------------------------

  /** A request in this dialog. */
  request(from: Incoming): void {
    const { side } = this.#parts;
    const { agent } = side;
    const { endpoint } = agent;
    const { request } = from;
    // Two BYEs that cross are both right; anything else comes too late.
    if (!this.#ending.takes(request.method)) return endpoint.reply(from, { status: 481 });
    const received = side.received(request, from.essentials.cseq.number);
    if (!received) return endpoint.reply(from, { status: 500 });
    // Whatever it requires or brings along (what gateways tell each other, say): they have gone.
    if (request.method === "BYE") return this.#ending.theyLeave(from);
    const taker = agent.takers.ofMethod(request.method);
    const untaken = agent.abilities.methods.get(request.method);
    const trickled = side.trickle?.concerns(request);
    const wrong =
      (untaken ? undefined : methodObjection(request, agent.allow)) ??
      requireObjection(request, agent) ??
      (taker || trickled || untaken ? undefined : contentObjection(request));
    if (wrong) return endpoint.reply(from, wrong);
    //= RFC 3261 §8.2
    //# If a request is accepted, all state changes associated with it MUST be performed. If it is
    //# rejected, all state changes MUST NOT be performed.
    received.note();
    if (request.method !== "INVITE") this.#keeping.heard();
    side.trickle?.heard();
    if (trickled) return side.trickle?.request(from);
    if (untaken && this.#parts.uses.some((use) => use.request(from))) return;
    switch (request.method) {
      case "INVITE":
        return this.#theirs.invited(from, () => {
          received.accept();
          this.#keeping.refreshed();
        });
      case "UPDATE":
        return this.#theirs.updated(from, received.accept);
      case "PRACK":
        if (this.#theirs.invite) return this.#theirs.invite.prack(from);
        return endpoint.reply(from, { status: 481 });
      default: {
        if (taker) return taker.request(from);
        if (untaken) return endpoint.reply(from, untaken(request));
        endpoint.accept(from, UNCONCERNED)?.reply({ status: 200, headers: agent.capabilities });
      }
    }
  }

  /** An ACK in this dialog. */
  ack(from: Incoming): void {
    this.#parts.side.trickle?.heard();
    if (this.#theirs.ack(from)) this.#ending.acknowledged();
  }
}

interface Initial {
  readonly by: "Local" | "Remote";
  readonly offer: boolean;
  readonly way: Way;
}
