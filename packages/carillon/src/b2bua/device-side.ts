/**
 * The side of a bridged call that is called: an INVITE of ours in place of the caller's, every
 * dialog that its answers make, and their end. RFC 3261 §13.2.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import { fromText, type Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Response } from "../message/message.ts";
import { described } from "../ua/dialog-side.ts";
import type { Farewell } from "../ua/farewell.ts";
import { Forks } from "../ua/forks.ts";
import type { Leg } from "../ua/leg.ts";
import type { LegUser } from "../ua/leg-user.ts";
import type { Done } from "../ua/modification.ts";
import { supportedHeader } from "../ua/objection.ts";
import type { NoAnswer, OutgoingRequest, RequestUser } from "../ua/outgoing-request.ts";
import type { Session } from "../ua/session.ts";
import type { TimerAsked } from "../usage/session-interval.ts";
import type { HouseAgent } from "./house-agent.ts";
import type { SideWay } from "./side-way.ts";

/** What the INVITE says. */
export interface DeviceInvite {
  readonly uri: Octets;
  readonly callId: Octets;
  readonly localTag: Octets;
  /** The CSeq number. */
  readonly seq: number;
  /** From with the tag, To, Max-Forwards and what else goes along. */
  readonly headers: readonly HeaderField[];
  /** Empty where the device has to make it. */
  readonly offer: string;
  /** Whether an offer of the device's that it sends before it answers can be answered then. */
  readonly takesReliable: boolean;
}

/** Who has the call. */
export interface DeviceUser {
  /** The user of a dialog, when there is one. */
  legUser(leg: () => Leg): LegUser;
  /** A response that is news, before anything is made of it. */
  heard(response: Response): void;
  /** A request in this dialog, before the leg sees it: true takes it. */
  request(leg: Leg, from: Incoming): boolean;
  /** Somebody is being looked for, in no dialog or in this one. */
  progress(response: Response, leg: Leg | undefined): void;
  /** A 2xx, which is about to be acknowledged: this dialog has the call, and no other. */
  answered(leg: Leg): void;
  /** That 2xx is acknowledged, with whatever answer it wanted. */
  acknowledged?(): void;
  /** A final response that is none. */
  refused(response: Response): void;
  /** None came. */
  failed(status: 408 | 503, why: string): void;
  /** Nothing of it is left. */
  gone(): void;
}

/** Every server on the way may want a longer session interval; one that always does is mad. */
const MAX_RAISES = 5;

type State = "Inviting" | "Cancelling" | "Talking" | "Over";

export class DeviceSide implements Session, RequestUser {
  readonly begun = "Local";
  readonly callId: Octets;
  readonly localTag: Octets;
  readonly way: SideWay;
  readonly #agent: HouseAgent;
  readonly #what: DeviceInvite;
  readonly #user: DeviceUser;
  readonly #forks: Forks;
  #request: OutgoingRequest | undefined;
  #asked: TimerAsked;
  #raises = 0;
  #seq: number;
  #state: State = "Inviting";
  #talking: Leg | undefined;

  constructor(agent: HouseAgent, way: SideWay, what: DeviceInvite, user: DeviceUser) {
    this.callId = what.callId;
    this.localTag = what.localTag;
    this.way = way;
    this.#agent = agent;
    this.#what = what;
    this.#user = user;
    this.#seq = what.seq - 1;
    this.#asked = agent.abilities.timing.first();
    this.#forks = new Forks(agent, way, what.offer, (leg) => this.#legUser(leg));
    agent.add(this);
  }

  /** The highest status so far; 0 before any. */
  get status(): number {
    return this.#request?.client?.status ?? 0;
  }

  /** Sends it. */
  invite(): void {
    const { uri, headers, offer, takesReliable } = this.#what;
    const agent = this.#agent;
    const body = fromText(offer);
    const all: HeaderField[] = [
      ...headers,
      ["Allow", agent.allow],
      ...supportedHeader(agent, "INVITE").flatMap(([name, value]): HeaderField[] => {
        const kept = value.split(", ").filter((one) => takesReliable || one !== "100rel");
        return kept.length === 0 ? [] : [[name, kept.join(", ")]];
      }),
      ...agent.abilities.timing.asking(this.#asked),
      ...described(body),
    ];
    const contact = (): Octets => "";
    const what = { method: "INVITE", uri, headers: all, contact, body };
    this.#request = this.way.send(what, this, () => ++this.#seq);
    if (!this.#request) agent.endpoint.later(() => this.failed("transport"));
  }

  /** Nobody wants an answer any more. */
  cancel(reason?: Octets): void {
    if (this.#state !== "Inviting") return;
    this.#state = "Cancelling";
    this.#request?.cancel(reason);
  }

  /** The same of one that says nothing. */
  abandon(): void {
    this.#state = this.#state === "Inviting" ? "Cancelling" : this.#state;
    this.#request?.abandon();
  }

  // ---- Session ---------------------------------------------------------------------------------

  legOf(remoteTag: string): Leg | undefined {
    return this.#forks.of(remoteTag);
  }

  get leg(): Leg | undefined {
    return this.#talking ?? this.#forks.only;
  }

  hangUp(why: Farewell = "HungUp"): void {
    if (this.#state === "Inviting") this.cancel();
    this.#talking?.leave(why);
  }

  modify(done: Done): void {
    if (this.leg) this.leg.modify(done);
    else done({ name: "Unchanged", status: 481 });
  }

  request(from: Incoming): void {
    const leg = this.#forks.of(from.essentials.fromTag);
    if (leg) return this.#user.request(leg, from) ? undefined : leg.request(from);
    this.#agent.endpoint.reply(from, { status: 481 });
  }

  ack(from: Incoming): void {
    this.#forks.of(from.essentials.fromTag)?.ack(from);
  }

  cutOff(why: string): void {
    this.#talking?.cutOff(why);
  }

  back(): void {
    this.#talking?.back();
  }

  restore(why: string): void {
    this.#talking?.restore(why);
  }

  // ---- what the INVITE's transaction says ------------------------------------------------------

  response(response: Response, essentials: Essentials): void {
    const { status } = response;
    if (status >= 300) return this.#refused(response);
    if (status >= 200) return this.#answered(response, essentials);
    if (status === 100 || this.#state !== "Inviting") return;
    const leg = this.#legFor(response, essentials);
    this.#user.heard(response);
    if (leg && !leg.provisional(response, essentials)) return;
    this.#user.progress(response, leg);
  }

  failed(reason: NoAnswer, words?: string): void {
    const isSilence = reason === "timeout" || reason === "abandoned";
    const isCalled = this.#state === "Inviting";
    this.#over();
    if (!isCalled) return;
    if (isSilence) this.#user.failed(408, "their phone does not answer");
    else this.#user.failed(503, words ?? "there is no way to their phone");
  }

  #refused(response: Response): void {
    const isCalled = this.#state === "Inviting";
    if (isCalled && response.status === 422 && this.#raised(response)) return;
    this.#over();
    if (!isCalled) return;
    this.#user.heard(response);
    this.#user.refused(response);
  }

  //= RFC 4028 §7.3
  //# If the response to a session refresh request is a 422 (Session Interval Too Small) response
  //# message, then the UAC MAY retry the request.
  #raised(response: Response): boolean {
    const raised = this.#agent.abilities.timing.raised(this.#asked, response);
    if (!raised || ++this.#raises > MAX_RAISES) return false;
    this.#asked = raised;
    this.#forks.abandon();
    this.invite();
    return true;
  }

  #answered(response: Response, essentials: Essentials): void {
    const invite = this.#request?.client?.request;
    const leg = this.#legFor(response, essentials);
    if (!invite || !leg) return this.#notUnderstood();
    const isFirst = this.#state === "Inviting";
    const isWanted = isFirst || this.#talking === leg;
    if (isFirst) {
      this.#state = "Talking";
      this.#talking = leg;
      this.#forks.abandon(leg);
      this.#user.heard(response);
      this.#user.answered(leg);
    } else if (this.#state === "Cancelling") this.#state = "Over";
    leg.accepted(response, essentials, invite, () => {
      //= RFC 3261 §13.2.2.4
      //# If, after acknowledging any 2xx response to an INVITE, the UAC does not want to continue
      //# with that dialog, then the UAC MUST terminate the dialog by sending a BYE request as
      //# described in Section 15.
      if (isWanted && this.#talking === leg) this.#user.acknowledged?.();
      else leg.leave("HungUp");
    });
    this.#forgetIfDone();
  }

  #notUnderstood(): void {
    const isCalled = this.#state === "Inviting";
    if (this.#state !== "Talking") this.#over();
    if (isCalled) this.#user.failed(503, "their phone answered with something that makes no call");
  }

  // ---- its dialogs -----------------------------------------------------------------------------

  #legFor(response: Response, essentials: Essentials): Leg | undefined {
    const invite = this.#request?.client?.request;
    const made = invite && this.#forks.legFor(response, essentials, invite, this.#asked);
    if (made?.isNew) this.#agent.add(this);
    return made?.leg;
  }

  #legUser(leg: () => Leg): LegUser {
    const user = this.#user.legUser(leg);
    return {
      ...user,
      gone: () => {
        user.gone();
        this.#forgetIfDone();
      },
    };
  }

  #over(): void {
    if (this.#state === "Over") return;
    this.#state = "Over";
    this.#forks.abandon(this.#talking);
    this.#forgetIfDone();
  }

  #forgetIfDone(): void {
    if ((this.#state !== "Over" && this.#state !== "Talking") || !this.#forks.areGone) return;
    this.#agent.remove(this);
    this.#user.gone();
  }
}
