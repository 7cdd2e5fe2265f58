/** A call that comes in: its INVITE, until there is an answer. RFC 3261 §13.3. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { ServerTransaction, ServerUser } from "../endpoint/server-transaction.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { parseNumber } from "../grammar/chars.ts";
import { MAX_EXPIRES } from "../grammar/limits.ts";
import { flat, type Octets } from "../grammar/octets.ts";
import { header, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import type { Agent } from "./agent.ts";
import { descriptionIn } from "./described.ts";
import type { Farewell } from "./farewell.ts";
import { Leg } from "./leg.ts";
import type { LegUser } from "./leg-user.ts";
import type { Done } from "./modification.ts";
import { type Session, type SessionUser, SILENT } from "./session.ts";
import type { CallEnd } from "./sip-error.ts";
import { dialogOf } from "./usable-dialog.ts";
import type { Way } from "./way.ts";

//= RFC 3261 §13.3.1.1
//# To prevent cancellation, the UAS MUST send a non-100 provisional response at every minute, to
//# handle the possibility of lost provisional responses.
const RING_AGAIN_MS = 60_000;

type State =
  /** `expiresAt`: when the caller said that it would wait no longer. */
  | { readonly name: "Ringing"; readonly expiresAt: Millis }
  | { readonly name: "Answered" }
  /** Refused, cancelled or left; nothing is said any more to the user. */
  | { readonly name: "Over" };

export class IncomingSession implements Session, ServerUser, Timed {
  readonly callId: Octets;
  readonly localTag: Octets;
  readonly way: Way;
  /** What the caller offers; empty when it leaves that to us. */
  readonly offer: string;
  user: SessionUser = SILENT;
  readonly #agent: Agent;
  readonly #timer: Timer = newTimer(this);
  #leg!: Leg;
  #state: State;

  /** Takes an INVITE on; undefined if it cannot be, which its sender has been told. */
  static begin(agent: Agent, from: Incoming, way: Way): IncomingSession | undefined {
    const { endpoint } = agent;
    const localTag = endpoint.tagFor(from.essentials);
    const dialog = dialogOf(from, localTag);
    if (!dialog) {
      endpoint.reply(from, { status: 400 });
      return undefined;
    }
    const { timing } = agent.abilities;
    const timer = timing.judge(from.request);
    const refusal = timing.objection(timer);
    if (refusal) {
      endpoint.reply(from, refusal);
      return undefined;
    }
    const session = new IncomingSession(agent, from, localTag, way);
    const invite = endpoint.accept(from, session);
    if (!invite) return undefined;
    session.#leg = Leg.incoming(agent, dialog, session.#legUser, { invite, timer, way });
    agent.ongoing.add(invite);
    agent.add(session);
    return session;
  }

  private constructor(agent: Agent, { request, essentials }: Incoming, localTag: string, way: Way) {
    this.way = way;
    this.#agent = agent;
    this.callId = flat(essentials.callId);
    this.localTag = localTag;
    this.offer = descriptionIn(request);
    const seconds = expiresSeconds(request);
    const expiresAt = seconds === undefined ? NEVER : agent.endpoint.now + 1000 * seconds;
    this.#state = { name: "Ringing", expiresAt };
  }

  readonly begun = "Remote";

  legOf(remoteTag: string): Leg | undefined {
    return remoteTag === this.#leg.remoteTag ? this.#leg : undefined;
  }

  get leg(): Leg {
    return this.#leg;
  }

  /** Rings, and goes on saying so as long as nobody answers. */
  ring(): void {
    if (this.#state.name !== "Ringing") return;
    this.#leg.ring();
    const again = this.#agent.endpoint.now + RING_AGAIN_MS;
    this.#agent.endpoint.schedule(this.#timer, Math.min(again, this.#state.expiresAt));
  }

  /**
   * Answers the offer, or offers, while it still rings. False: this caller cannot hear anything
   * before the call is answered.
   */
  early(description: string): boolean {
    return this.#state.name === "Ringing" && this.#leg.early(description);
  }

  /**
   * Answers the call with this description: an answer to its offer, or our own. One that was told
   * early stands.
   */
  accept(description: string): void {
    if (this.#state.name !== "Ringing") return;
    this.#stopRinging({ name: "Answered" });
    this.#leg.accept(description);
  }

  modify(done: Done): void {
    this.#leg.modify(done);
  }

  /** Refuses the call: 480 on this device, 486 busy, 603 declined, 488 nothing in common. */
  reject(status: number, more?: Omit<Reply, "status">): void {
    if (this.#state.name !== "Ringing") return;
    this.#stopRinging({ name: "Over" });
    this.#leg.refuse({ status, ...more });
  }

  hangUp(why: Farewell = "HungUp"): void {
    if (this.#state.name === "Ringing") return this.reject(why === "MediaFailed" ? 488 : 603);
    if (this.#state.name === "Over") return;
    this.#state = { name: "Over" };
    this.#leg.leave(why);
  }

  trickle(fragment: string): void {
    this.#leg.trickle(fragment);
  }

  request(from: Incoming): void {
    const leg = this.legOf(from.essentials.fromTag);
    if (leg) return leg.request(from);
    this.#agent.endpoint.reply(from, { status: 481 });
  }

  ack(from: Incoming): void {
    this.legOf(from.essentials.fromTag)?.ack(from);
  }

  /** Nobody hears an answer now: the server has told the caller so already. */
  cutOff(why: string = GONE): void {
    if (this.#state.name !== "Ringing") return this.#leg.cutOff(why);
    this.reject(480);
    this.#tellEnd({ by: "network", code: "SIP_TRANSPORT", message: why });
  }

  back(): void {
    this.#leg.back();
  }

  restore(why: string): void {
    this.#leg.restore(why);
  }

  due(now: Millis): void {
    if (this.#state.name !== "Ringing") return;
    if (now < this.#state.expiresAt) return this.ring();
    this.reject(487);
    this.#tellEnd({ by: "remote", code: "SIP_CANCELLED", message: "They stopped calling." });
  }

  cancelled(_: ServerTransaction, cancel: Incoming): void {
    //= RFC 3261 §9.2
    //# If the UAS has not issued a final response for the original request, its behavior depends on
    //# the method of the original request. If the original request was an INVITE, the UAS SHOULD
    //# immediately respond to the INVITE with a 487 (Request Terminated).
    if (this.#state.name === "Over") return;
    this.#stopRinging({ name: "Over" });
    // Even a 2xx may not have gone out yet: it waits for a PRACK.
    this.#leg.refuse({ status: 487 });
    this.#tellEnd(
      wasAnsweredElsewhere(cancel.request)
        ? { by: "remote", code: "SIP_ANSWERED_ELSEWHERE", message: "Answered on another device." }
        : { by: "remote", code: "SIP_CANCELLED", message: "They stopped calling." },
    );
  }

  failed(_: ServerTransaction, reason: "timeout" | "transport"): void {
    if (reason === "transport" && this.#state.name === "Ringing") this.cutOff();
  }

  terminated(invite: ServerTransaction): void {
    this.#agent.ongoing.delete(invite);
  }

  readonly #legUser: LegUser = {
    previewed: (answer) => this.user.previewed(answer),
    agreed: (answer) => this.user.agreed(answer),
    withdrawn: () => this.user.withdrawn(),
    offered: (offer, reply) => this.user.offered(offer, reply),
    beside: (what) => this.user.beside(what),
    describe: (reply) => this.user.describe(reply),
    fragment: (fragment) => this.user.fragment(fragment),
    cutOff: (why) => this.user.cutOff(why),
    restored: () => this.user.restored(),
    acknowledged: () => {
      if (this.#state.name === "Answered") this.user.established();
    },
    ended: (end) => {
      if (this.#state.name === "Over") return;
      this.#stopRinging({ name: "Over" });
      this.#tellEnd(end);
    },
    gone: () => this.#agent.remove(this),
  };

  #tellEnd(end: CallEnd): void {
    const { user } = this;
    this.user = SILENT;
    user.ended(end);
  }

  #stopRinging(state: State): void {
    this.#state = state;
    this.#agent.endpoint.schedule(this.#timer, NEVER);
  }
}

/** Another device of the same person took the call. RFC 3326. */
function wasAnsweredElsewhere(cancel: Request): boolean {
  const reason = headerLines(cancel, "Reason").join();
  return /\bSIP\s*;\s*cause\s*=\s*200\b/i.test(reason);
}

const expiresSeconds = (invite: Request): number | undefined =>
  parseNumber(header(invite, "Expires") ?? "", MAX_EXPIRES);

const GONE = "The connection to the server is gone.";
