/**
 * One branch of a call that ends here and begins anew: the caller's INVITE on one side, ours to the
 * device on the other, and what either says of it, until both dialogs are over. RFC 7092.
 *
 * Changes of the session once both talk are `DialogPair`'s; here is how it comes to that, and how
 * it ends.
 */

import { BRIDGE_HEADER, formatBridgeTold } from "../documents/bridge-told.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { Pursuit } from "../endpoint/servers.ts";
import { flat, type Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Response } from "../message/message.ts";
import type { EndedUser } from "../roles/branch.ts";
import type { CallName, CallRated } from "../roles/calls-told.ts";
import type { HeldLeg } from "../roles/outgoing/outgoing-call.ts";
import { descriptionIn } from "../ua/described.ts";
import type { Leg } from "../ua/leg.ts";
import { requireObjection } from "../ua/objection.ts";
import type { CallEnd } from "../ua/sip-error.ts";
import { bridgeTold } from "./bridge-words.ts";
import type { BridgedCallParts } from "./bridged-call-parts.ts";
import type { BridgedDialog } from "./bridged-dialog.ts";
import { BridgedDialogs } from "./bridged-dialogs.ts";
import { bridgedInvite } from "./bridged-invite.ts";
import { askHeard } from "./call-heard.ts";
import { abilitiesIn, type CallSide, type EndAbilities } from "./call-side.ts";
import { CallerAnswers } from "./caller-answers.ts";
import { DeviceSide, type DeviceUser } from "./device-side.ts";
import type { PairUser } from "./dialog-pair.ts";
import type { HouseAgent } from "./house-agent.ts";
import type { JoinedCall, Moving, Talking } from "./joined-call.ts";
import type { Described, MediaEngine, MediaRefusal } from "./media-engine.ts";
import { MediaTurns } from "./media-turns.ts";
import { farewellOf, reasonOf, refusalReply } from "./refusal-words.ts";

type State =
  /** The engine is asked for the device's offer, or the device is called. */
  | "Calling"
  /** It has answered, and the caller has heard of it or is about to. */
  | "Talking"
  | "Over";

export class BridgedCall implements Pursuit, JoinedCall {
  /** The engine's name for it. */
  readonly id: string;
  readonly parts: BridgedCallParts;
  /** By this it is told of: the Call-ID and the caller's tag, of the INVITE that began it. */
  name: Pick<CallName, "callId" | "callerTag">;
  readonly #answers: CallerAnswers;
  readonly turns: MediaTurns;
  /** A change of who talks to whom that is on its way. */
  moving: Moving | undefined;
  readonly #offer: string;
  /** What the device is offered. */
  #offered = "";
  readonly #dialogs: BridgedDialogs;
  #device: DeviceSide | undefined;
  /** What its device's dialog counts as, as long as that lasts, whoever talks there by then. */
  #counted: HeldLeg | undefined;
  #talking: Talking | undefined;
  /** A side had no way, and was offered another one. */
  #hasFailed = false;
  #state: State = "Calling";
  #isGone = false;
  #isTold = false;
  /** Its INVITE is on its way no longer. */
  #unmark: () => void = () => {};
  /** Its dialogs are called by no other name any more. */
  #forget: () => void = () => {};
  /** By the last response of the device. */
  #deviceIs: EndAbilities | undefined;

  constructor(parts: BridgedCallParts, user: EndedUser) {
    const { agent, asked } = parts;
    const { from } = asked;
    const { endpoint } = agent;
    this.id = endpoint.ids.unique();
    this.parts = parts;
    const { callId, fromTag } = from.essentials;
    this.name = { callId: flat(callId), callerTag: flat(fromTag) };
    const { hide } = this;
    this.#answers = new CallerAnswers(endpoint, from, user, hide);
    this.turns = new MediaTurns(endpoint);
    this.#offer = descriptionIn(from.request);
    const { id, turns } = this;
    const { server } = this.#answers;
    this.#dialogs = new BridgedDialogs({
      id,
      call: parts,
      server,
      turns,
      offer: this.#offer,
      hide,
    });
  }

  /** Whether both talk, or are about to. */
  get isTalking(): boolean {
    return this.#state === "Talking";
  }

  // ---- JoinedCall: what whoever changes it wants -----------------------------------------------

  get agent(): HouseAgent {
    return this.parts.agent;
  }

  get engine(): MediaEngine {
    return this.parts.engine;
  }

  get hide(): boolean {
    return this.parts.asked.decided?.hide === true;
  }

  get talking(): Talking | undefined {
    return this.isTalking ? this.#talking : undefined;
  }

  settle(talking: Talking): void {
    if (this.#talking !== talking) this.#talking?.pair.stop();
    this.#talking = talking;
    this.#name();
  }

  /** Either of its dialogs is known by the other's name. */
  #name(): void {
    const { caller, device } = this.#talking ?? {};
    this.#forget();
    if (caller && device) this.#forget = this.parts.ids.join(caller.leg.dialog, device.leg.dialog);
  }

  leave(end: CallSide, farewell: readonly HeaderField[]): void {
    if (end.way.farewell.length === 0) end.way.farewell = farewell;
    if (end.leg.standing === "Early") end.leg.refuse({ status: 480 });
    else end.leg.leave("HungUp");
  }

  release(): void {
    this.#tellEnd("device");
    this.#over();
  }

  agreed(described: Described): void {
    this.parts.user.agreed(this, described);
  }

  refreshed(): void {
    this.parts.user.refreshed(this);
  }

  ended(talking: Talking, by: CallSide, end: CallEnd): void {
    this.#ended(talking, by, end);
  }

  /** The two who began it do not talk any more; told once. */
  parted(by: CallSide): void {
    this.#tellEnd(by === this.#talking?.caller ? "caller" : "device");
  }

  /** Others have it now: for whoever watches it is another call, with this name. */
  rename(name: Pick<CallName, "callId" | "callerTag">): void {
    this.name = name;
    this.#isTold = false;
  }

  #tellEnd(by: "caller" | "device"): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.parts.user.ended(this, by);
  }

  // ---- Pursuit: what the proxy wants of the branch ---------------------------------------------

  get status(): number {
    return Math.max(this.#answers.status, this.#device?.status ?? 0);
  }

  /** Begins. Whoever asked for the branch hears of it later, and not from in here. */
  begin(): void {
    const { agent, engine, caller, device } = this.parts;
    const { endpoint } = agent;
    const refusal = this.#objection();
    if (refusal) return endpoint.later(() => this.#refuse(refusal));
    if (this.#offer === "") return endpoint.later(() => this.#invite(""));
    this.turns.ask(
      () => engine.offer(this.id, caller, device, this.#offer),
      (result) => {
        if (result.ok) endpoint.later(() => this.#invite(result.value.sdp, result.value));
        else endpoint.later(() => this.#refused(result.error));
      },
    );
  }

  cancel(reason?: Octets): void {
    if (this.#state !== "Calling") return;
    this.#device?.cancel(reason);
    this.#answer({ status: 487 });
    this.#over();
  }

  abandon(): void {
    if (this.#state !== "Calling") return;
    this.#device?.abandon();
    this.#fail(408, SILENT);
  }

  // ---- for whoever has all of them -------------------------------------------------------------

  /** Its worker is gone. What only rings is not worth a second try. */
  lost(why: string): void {
    const talking = this.#talking;
    const isAccepted = talking?.begun && talking.caller.leg.standing === "Confirmed";
    if (talking && isAccepted) talking.pair.restore();
    else this.#refused({ status: 503, why });
  }

  /** A side has no way. Another one may be found, which is tried once; then it is over. */
  failed(why: string): void {
    if (!this.#talking || this.#hasFailed) return this.giveUp(488, why);
    this.#hasFailed = true;
    this.#talking.pair.restore();
  }

  /** Ends it, because it cannot go on: 488 for media, 503 for the rest. */
  giveUp(status: 488 | 503, why: string): void {
    const talking = this.#talking;
    if (!talking) return this.#refused({ status, why });
    this.leave(talking.caller, reasonOf(status, why));
    this.leave(talking.device, reasonOf(status, why));
    this.#tellEnd("device");
    this.#over();
  }

  // ---- towards the device ----------------------------------------------------------------------

  #objection(): Reply | undefined {
    const { agent, asked } = this.parts;
    const { request } = asked.from;
    if (this.parts.loops.isLoop(asked.from)) return LOOP;
    if (agent.isFull) return { status: 503, headers: [["Retry-After", "10"]] };
    const { timing } = agent.abilities;
    return requireObjection(request, agent) ?? timing.objection(timing.judge(request));
  }

  #invite(offer: string, described?: Described): void {
    if (this.#state !== "Calling") return;
    this.#offered = offer;
    const { agent, asked } = this.parts;
    const invite = bridgedInvite(this.parts, offer, described);
    const { callId, localTag: fromTag } = invite;
    this.#unmark = this.parts.loops.mark(asked.from, { callId, fromTag });
    const device = new DeviceSide(agent, this.#dialogs.deviceWay, invite, this.#deviceUser);
    this.#device = device;
    this.#counted = asked.counted?.hold((words) => this.#partFrom(device, words));
    device.invite();
  }

  readonly #deviceUser: DeviceUser = {
    legUser: (leg) => this.#dialogWith(leg).deviceUser,
    heard: (response) => {
      this.#answers.heard(response);
      this.parts.user.heard(this, response);
      this.#deviceIs = abilitiesIn(response);
    },
    request: (leg, from) => {
      const dialog = this.#dialogs.of(leg);
      return dialog?.begun ? dialog.request(dialog.device, from) : false;
    },
    progress: (response, leg) => this.#progress(response, leg),
    answered: (leg) => {
      this.#counted?.answered();
      this.#state = "Talking";
      this.#talking = this.#dialogs.settle(leg, this.#deviceIs);
    },
    acknowledged: () => this.#acceptEarly(),
    refused: (response) => {
      this.#answers.refused(this.#dialogs.begun, response);
      this.#over();
    },
    failed: (status, why) => this.#fail(status, why),
    gone: () => {
      this.#counted?.over();
      this.#forgetIfDone();
    },
  };

  /** Nobody may talk there any more, who by now may talk in another call. */
  #partFrom(device: DeviceSide, message: string): void {
    const there = this.#dialogs.of(device.leg)?.device;
    device.hangUp("HungUp");
    there?.user?.ended({ by: "network", code: "SIP_TIMEOUT", message });
  }

  #progress(response: Response, leg: Leg | undefined): void {
    // With a description, the caller is told as soon as theirs is made of it.
    if (this.#state !== "Calling" || (leg && descriptionIn(response) !== "")) return;
    const caller = leg && this.#dialogs.of(leg)?.toCaller;
    this.#answers.ring(caller?.leg, response.status);
  }

  // ---- towards the caller ----------------------------------------------------------------------

  /** The engine does not do it, for this reason. */
  #refused(refusal: MediaRefusal): void {
    this.#refuse(refusalReply(refusal, this.parts.agent.endpoint.product));
  }

  #refuse(reply: Reply): void {
    if (this.#state === "Over") return;
    const talking = this.#talking;
    this.#device?.cancel();
    this.#answer(reply);
    if (talking) this.leave(talking.device, reasonOf(reply.status, "Voice or video did not work"));
    this.#over();
  }

  /** A final response of this branch. */
  #answer(reply: Reply): void {
    this.#answers.answer(this.#dialogs.begun, reply);
  }

  /** No final response comes of it; the proxy knows what to say of that. */
  #fail(status: number, why: string): void {
    this.#answers.server.fail(status, why);
    // Of what has rung nothing may be left; the caller hears no word of this.
    this.#answer({ status: 480 });
    this.#over();
  }

  // ---- its dialogs -----------------------------------------------------------------------------

  #dialogWith(leg: () => Leg): BridgedDialog {
    const user = this.#pairUser(() => dialog);
    const dialog: BridgedDialog = this.#dialogs.begin(leg, this.#offered, user);
    return dialog;
  }

  #pairUser(dialog: () => BridgedDialog): PairUser & { gone(): void } {
    const early = ({ sdp }: Described): void => {
      const leg = this.#state === "Calling" ? dialog().toCaller?.leg : undefined;
      this.#answers.early(leg, sdp);
    };
    return {
      firstAnswer: (described, isEarly) => {
        if (isEarly) early(described);
        else this.#accept(dialog(), described);
      },
      firstOffer: (described) => {
        if (this.#talking === dialog()) this.#accept(dialog(), described);
        else early(described);
      },
      agreed: (described) => {
        this.parts.user.agreed(this, described);
        this.#acceptEarly();
      },
      refused: (refusal) => {
        const { begun, caller } = this.#talking ?? {};
        const isAccepted = begun && caller?.leg.standing === "Confirmed";
        if (isAccepted) this.giveUp(refusal.status === 488 ? 488 : 503, refusal.why);
        else this.#refused(refusal);
      },
      refreshed: () => this.parts.user.refreshed(this),
      ended: (by, end) => this.#ended(dialog(), by, end),
      notRestored: () => this.giveUp(503, "the media could not be brought back"),
      gone: () => this.#forgetIfDone(),
    };
  }

  #accept(dialog: BridgedDialog, described: Described): void {
    const { user, why, tells } = this.parts;
    const { toCaller, caller } = dialog;
    if (!toCaller || this.#state !== "Talking") return;
    const told = formatBridgeTold(bridgeTold(why, described, caller.tag));
    this.#name();
    this.#answers.accept(toCaller.leg, described.sdp, tells.caller ? [[BRIDGE_HEADER, told]] : []);
    user.agreed(this, described);
  }

  /** What is to be agreed on was so before the device answered: nothing but that is to be told. */
  #acceptEarly(): void {
    const dialog = this.#dialogs.ifOne(this.#talking);
    const settled = dialog?.pair.settled;
    if (dialog?.begun?.leg.standing === "Early" && settled) this.#accept(dialog, settled);
  }

  /** One side has left, or is gone. */
  #ended(dialog: Talking, by: CallSide, end: CallEnd): void {
    if (dialog !== this.#talking || this.#state !== "Talking") {
      if (dialog.caller === by && this.#state === "Calling") this.cancel();
      return;
    }
    if (this.moving?.left(by)) return;
    const { caller, device } = dialog;
    const other = by === caller ? device : caller;
    if (other === caller && !dialog.begun) this.#answers.server.reply({ status: 480 });
    else this.leave(other, farewellOf(end));
    this.#tellEnd(by === caller ? "caller" : "device");
    this.#over();
  }

  #over(): void {
    if (this.#state === "Over") return;
    const { engine, user } = this.parts;
    this.#state = "Over";
    this.#forget();
    this.#unmark();
    this.turns.stop();
    this.#dialogs.stop();
    this.#talking?.pair.stop();
    this.moving = undefined;
    const { name } = this;
    const rated = (mos: CallRated["mos"]): void =>
      user.rated({ ...name, at: this.agent.endpoint.now, mos });
    if (this.#talking) askHeard(this, this.#talking, rated);
    engine.end(this.id);
    this.#forgetIfDone();
  }

  /** Nothing of it goes on, but BYEs that are on their way. */
  #forgetIfDone(): void {
    if (this.#isGone || this.#state !== "Over") return;
    this.#isGone = true;
    this.parts.user.gone(this);
  }
}

const LOOP: Reply = { status: 482 };
const SILENT = "their phone does not answer";
