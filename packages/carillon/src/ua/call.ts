/** A call as an application sees it. */
import type { Request } from "../message/message.ts";
import { CallDtmf } from "./call-dtmf.ts";
import { type CallInside, shareCall } from "./call-inside.ts";
import { CallMedia } from "./call-media.ts";
import { CallProgress } from "./call-progress.ts";
import {
  type CallDialog,
  type CallState,
  heldBy,
  type Peer,
  type SavedCall,
} from "./call-state.ts";
import { offersVideo } from "./described.ts";
import type { Farewell } from "./farewell.ts";
import type { IncomingSession } from "./incoming-session.ts";
import type { Reply } from "./leg-user.ts";
import type { DtmfTone, MediaFactory, MediaSession, Wanted, Wish } from "./media.ts";
import type { Done } from "./modification.ts";
import type { PhoneCalls } from "./phone-calls.ts";
import { hear, type IterationOptions } from "./replay.ts";
import type { Session, SessionUser } from "./session.ts";
import { type CallEnd, errorFrom, errorOf } from "./sip-error.ts";

export interface CallParts<M extends MediaSession> {
  readonly id: string;
  readonly peer: Peer;
  readonly media: MediaFactory<M>;
  readonly now: () => number;
  /** Runs something in the endpoint's turn. */
  readonly inTurn: (run: () => void) => void;
  readonly phone: PhoneCalls<M>;
}

/** Sends the INVITE; with an empty offer the other side has to make it. */
type Start = (offer: string, user: SessionUser) => Session;

const ALL: Wanted = { audio: true, video: true };

/** What `call.on` tells of. */
export interface CallEvents {
  /** Every state, beginning with the current one. */
  readonly state: CallState;
  /** A key that the other side pressed. RFC 4733, or INFO. */
  readonly dtmf: DtmfTone;
}

/** A call, from the first ring to its end. RFC 3261 §13. */
export class Call<M extends MediaSession = MediaSession> {
  /** Names it among the calls of this phone. */
  readonly id: string;
  /** Whether this phone has called, or was. */
  readonly direction: "outgoing" | "incoming";
  /** Whom it is with: who calls, or whom was called, as their address was given. */
  readonly peer: Peer;
  /** Resolves when both sides talk; rejects with why they do not. */
  readonly answered: Promise<void>;
  /** Resolves with why, once it is over; never rejects. */
  readonly ended: Promise<CallEnd>;
  readonly #parts: CallParts<M>;
  readonly #progress: CallProgress;
  readonly #media: CallMedia<M>;
  readonly #inside: CallInside;
  readonly #dtmf: CallDtmf;
  readonly #user: SessionUser = {
    progress: () => this.#progress.ringing(),
    trying: (target) => this.#progress.redirected(target),
    previewed: (answer) => this.#previewed(answer),
    agreed: (answer) => this.#agreed(answer),
    withdrawn: () => void this.#media.withdraw().catch((cause) => this.#fail(cause)),
    offered: (offer, reply) => this.#describe(this.#answerTo(offer), reply),
    describe: (reply) => this.#describe(this.#offerAnew(), reply),
    cutOff: (why) => {
      this.#isToRestart = true;
      this.#progress.cutOff(why);
    },
    restored: () => this.#progress.restored(),
    fragment: (fragment) => void this.#media.addFragment(fragment).catch(() => {}),
    established: () => void this.#media.settled().then(() => this.#established()),
    beside: (what) => what.tell(this),
    ended: (end) => this.#end(this.#inside.because(end)),
  };
  #session: Session | undefined;
  #invite: Request | undefined;
  /** The same session, of a call that comes in. */
  #incoming: IncomingSession | undefined;
  /** What was told of media before the call is answered. */
  #early: Promise<string> | undefined;
  #wanted: Wanted = ALL;
  /** Media are to find their way anew with the next offer. */
  #isToRestart = false;
  #isAutomatic = false;

  private constructor(parts: CallParts<M>, first: CallState) {
    this.#parts = parts;
    this.id = parts.id;
    this.peer = parts.peer;
    this.direction = first.name === "Dialing" ? "outgoing" : "incoming";
    this.#progress = new CallProgress(first);
    this.#media = new CallMedia(parts.media, {
      lost: (why) => this.#mediaLost(why),
      dtmf: (tone) => this.#dtmf.heard(tone),
      fragment: (fragment) => parts.inTurn(() => this.#session?.trickle?.(fragment)),
    });
    const { inTurn, media, phone } = parts;
    const leg = () => this.#session?.leg;
    this.#dtmf = new CallDtmf({
      ...{ inTurn, leg, abilities: phone.agent.abilities },
      media: () => this.#media.session,
    });
    this.#inside = {
      ...{ inTurn, leg, media, phone },
      wanted: () => this.#wanted,
      leave: (end, why) => {
        this.#end(end);
        this.#session?.hangUp(why);
      },
      pressed: (tone) => this.#dtmf.heard(tone),
      heard: () => this.#progress.heardEarly(),
      because: (end) => end,
    };
    shareCall(this, this.#inside);
    this.answered = this.#progress.answered;
    this.ended = this.#progress.ended;
  }

  /** Prepares media, then has `start` send the INVITE with the offer; at once without one. */
  static outgoing<M extends MediaSession>(
    parts: CallParts<M>,
    wanted: Wanted,
    start: Start,
    { lateOffer = false }: { readonly lateOffer?: boolean } = {},
  ): Call<M> {
    const call = new Call<M>(parts, { name: "Dialing" });
    call.#wanted = wanted;
    const offer = lateOffer
      ? Promise.resolve("")
      : call.#prepare(wanted, () => call.#media.offer(false));
    call.#describe(offer, (text) => {
      if (text !== undefined) call.#session = start(text, call.#user);
    });
    return call;
  }

  /** For phones: a call that has come in. */
  static incoming<M extends MediaSession>(
    parts: CallParts<M>,
    session: IncomingSession,
    invite: Request,
  ): Call<M> {
    const call = new Call<M>(parts, { name: "Incoming", video: offersVideo(session.offer) });
    call.#session = session;
    call.#incoming = session;
    call.#invite = invite;
    session.user = call.#user;
    return call;
  }

  /**
   * The INVITE of a call that comes in, until it is over: `readHeader` of `carillon/message` reads
   * what it has. What it says is its sender's word, or that of a server on its way.
   */
  get invite(): Request | undefined {
    return this.#invite;
  }

  /** How it is now: see `states` and `on` for what follows. */
  get state(): CallState {
    return this.#progress.current;
  }

  /** There once media was asked for. */
  get media(): M | undefined {
    return this.#media.session;
  }

  /**
   * What names its dialog: there as soon as somebody rings or answers, with several ringing once
   * one has answered, and still after the end. Plain data, to be stored: see `CallDialog`.
   */
  get dialog(): CallDialog | undefined {
    return this.#session?.leg?.dialog;
  }

  /** What to store to come back into this call, once there is a dialog: see `resume`. */
  get saved(): SavedCall | undefined {
    const { dialog, peer } = this;
    return dialog && { dialog, peer };
  }

  /** The current state and every later one; ends after `Ended`. */
  states(options?: IterationOptions): AsyncIterableIterator<CallState> {
    return this.#progress.values(options);
  }

  /**
   * Calls `listener` with each of what `states()` or `dtmf()` gives, until `signal` is aborted:
   * with the current state at once.
   */
  on<K extends keyof CallEvents>(
    name: K,
    listener: (value: CallEvents[K]) => void,
    options?: IterationOptions,
  ): void {
    const values = name === "state" ? this.states(options) : this.dtmf(options);
    void hear<unknown>(values, listener as (value: unknown) => void);
  }

  /**
   * Answers. Resolves when the caller's side has confirmed; rejects with a SipError. A call that
   * answers by itself needs it not, and does not mind.
   */
  async answer(wanted: Wanted = ALL): Promise<void> {
    const { state } = this;
    if (this.#isAutomatic && state.name !== "Ended") return await this.answered;
    if (state.name === "Ended") throw errorFrom(state.end);
    const session = this.#incoming;
    if (state.name !== "Incoming" || !session) {
      throw new Error("only a call that comes in can be answered, and only once");
    }
    this.#progress.answering();
    this.#early ??= this.#described(session, wanted, this.#mayTrickle);
    this.#describe(this.#early, (description) => {
      if (description !== undefined) session.accept(description);
    });
    await this.answered;
  }

  /** Has it answer by itself; for phones. */
  answerByItself(wanted: Wanted): void {
    this.answer(wanted).catch(() => {});
    this.#isAutomatic = true;
  }

  /**
   * Lets the caller hear this side though nobody has answered yet: an announcement, tones. Resolves
   * to false where the caller's phone has no ear for it.
   */
  async startEarly(wanted: Wanted = ALL): Promise<boolean> {
    const session = this.#incoming;
    if (this.state.name !== "Incoming" || !session || this.#early) {
      throw new Error("only a call that comes in can be heard early, and only once");
    }
    this.#early = this.#described(session, wanted, false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#describe(this.#early, (text) => resolve(text !== undefined && session.early(text)));
    return promise;
  }

  /**
   * Refuses for all of one's devices: 603. With 486 for this one alone, as if somebody talked
   * there, and the others ring on. What cannot be refused any more is hung up.
   */
  decline(status: 486 | 603 = 603): void {
    if (this.state.name !== "Incoming" && this.state.name !== "Answering") return this.hangUp();
    this.#leave(status === 486 ? BUSY : DECLINED, status);
  }

  /** Ends the call in whatever state it is. */
  hangUp(): void {
    this.#leave({ by: "local", code: "SIP_HUNG_UP", message: "You hung up." });
  }

  /** `status` refuses what still rings here; all else is hung up, for this reason. */
  #leave(end: CallEnd, status = 603, why?: Farewell): void {
    if (this.#isOver()) return;
    this.#end(end);
    // Before the INVITE is out there is nobody to tell.
    this.#parts.inTurn(() => {
      this.#incoming?.reject(status);
      this.#session?.hangUp(why);
    });
  }

  /** `await using` a call: hangs up, and waits until it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp();
    await this.ended;
  }

  /** Ends it because this device goes away: if it rings, one's other devices ring on. */
  leave(): void {
    if (this.state.name !== "Incoming") return this.hangUp();
    this.#leave({ by: "local", code: "SIP_CLOSED", message: "The phone was closed." }, 480);
  }

  // ---- changes of a call that goes on ----------------------------------------------------------

  /**
   * Puts the call on hold: nothing is sent of what is heard and seen here. Resolves when the other
   * side knows; rejects with a SipError, and then nothing has changed.
   */
  hold(): Promise<void> {
    return this.#change({ held: true });
  }

  /** Takes the call back from hold. As `hold`. */
  resume(): Promise<void> {
    return this.#change({ held: false });
  }

  /** Adds voice or video, or takes it away. As `hold`. */
  change(wanted: Partial<Wanted>): Promise<void> {
    return this.#change(wanted);
  }

  async #change(part: Partial<Wish>): Promise<void> {
    await this.#progress.settled();
    const { state } = this;
    if (state.name === "Ended") throw errorFrom(state.end);
    const isEarly = state.name === "Ringing" || (state.name === "Incoming" && this.#early);
    if (state.name !== "Established" && !isEarly) {
      throw new Error("only a call that goes on can be changed");
    }
    const before = await this.#media.want(part);
    const fate = await new Promise<Parameters<Done>[0]>((resolve) => {
      this.#parts.inTurn(() => this.#session?.modify(resolve));
    });
    await this.#media.settled();
    if (this.state.name === "Ended") throw errorFrom(this.state.end);
    if (fate.name === "Unchanged") {
      await this.#media.want(before);
      throw errorOf(fate.status);
    }
    this.#heldAnew();
  }

  /**
   * Presses keys: `0` to `9`, `*`, `#`, `A` to `D`, one after the other; by RFC 4733 where media
   * can and agreed on it, else by INFO where the phone does that (`keysByInfo`). Resolves when the
   * last is sent; rejects with a SipError where the other side takes neither. Throws a RangeError
   * on anything that is no key.
   */
  sendDtmf(tones: string): Promise<void> {
    return this.#dtmf.send(tones);
  }

  /** Keys that the other side presses from now on, as media hear them and as INFOs tell them. */
  dtmf(options?: IterationOptions): AsyncIterableIterator<DtmfTone> {
    return this.#dtmf.received(options);
  }

  // ---- what the session says -------------------------------------------------------------------

  /** Early media that cannot be had are no reason to give the call up. */
  #previewed(answer: string): void {
    this.#media.preview(answer).then(
      (isHeard) => {
        if (isHeard) this.#progress.heardEarly();
      },
      () => {},
    );
  }

  #agreed(answer: string): void {
    this.#media.accept(answer).then(
      () => this.#heldAnew(),
      (cause: unknown) => this.#fail(cause),
    );
  }

  async #answerTo(offer: string): Promise<string> {
    this.#media.prepare(this.#wanted);
    const answer = await this.#media.answer(offer, this.#mayTrickle);
    this.#heldAnew();
    return answer;
  }

  #heldAnew(): void {
    this.#progress.held(heldBy(this.#media.isHeldByUs, this.#media.isHeldByThem));
  }

  #established(): void {
    const held = heldBy(this.#media.isHeldByUs, this.#media.isHeldByThem);
    this.#progress.established(this.#parts.now(), held);
  }

  #end(end: CallEnd): void {
    if (this.#isOver()) return;
    this.#invite = undefined;
    this.#media.close();
    this.#progress.end(end);
    this.#dtmf.end();
  }

  // ---- media -----------------------------------------------------------------------------------

  /** The answer to the caller's offer, or the offer that it leaves to us. */
  #described(session: IncomingSession, wanted: Wanted, mayTrickle: boolean): Promise<string> {
    //= RFC 3261 §13.2.1
    //# All user agents that support INVITE MUST support these two exchanges.
    const { offer } = session;
    const describe = () =>
      offer === "" ? this.#media.offer(mayTrickle) : this.#media.answer(offer, mayTrickle);
    return this.#prepare(wanted, describe);
  }

  /** Whether the other side takes candidates that come after a description. RFC 8840. */
  get #mayTrickle(): boolean {
    return this.#session?.leg?.mayTrickle ?? false;
  }

  /** Media of this call, and the description it begins with. What throws in here rejects, too. */
  async #prepare(wanted: Wanted, describe: () => Promise<string>): Promise<string> {
    this.#media.prepare(wanted);
    return describe();
  }

  /** Gives a description to the session in its turn. A call cannot begin without one. */
  #describe(description: Promise<string>, reply: Reply): void {
    const { inTurn } = this.#parts;
    description.then(
      (text) => inTurn(() => reply(this.#isOver() ? undefined : text)),
      (cause: unknown) => {
        const { name } = this.state;
        const isFatal = name !== "Established" && name !== "Reconnecting";
        if (isFatal) this.#fail(cause);
        inTurn(() => reply(undefined));
      },
    );
  }

  /** A description for a call that goes on; one that comes back looks for the way of media anew. */
  #offerAnew(): Promise<string> {
    if (this.#isToRestart) void this.#media.restart().catch(() => {});
    this.#isToRestart = false;
    return this.#media.offer(this.#mayTrickle);
  }

  /** Sound does not get through any more. Where media can look for another way, they do. */
  #mediaLost(cause: Error): void {
    const { name } = this.state;
    // The call is on its way back already, and they will look then.
    if (name === "Reconnecting") return;
    if (name !== "Established" || !this.#media.mayRestart(this.#parts.now())) {
      return this.#fail(cause);
    }
    this.#parts.inTurn(() => this.#session?.restore?.(cause.message));
  }

  /** Media could not be had: the other side is told so, and so is the person. */
  #fail(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    this.#leave({ by: "local", code: "SIP_MEDIA", message }, 488, "MediaFailed");
  }

  #isOver(): boolean {
    return this.state.name === "Ended";
  }
}

const DECLINED: CallEnd = { by: "local", code: "SIP_DECLINED", message: "You declined." };
const BUSY: CallEnd = { by: "local", code: "SIP_BUSY", message: "You are on another call." };
