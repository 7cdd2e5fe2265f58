/** A call as an application sees it. */
import type { IncomingSession } from "./incoming-session.ts";
import type { MediaFactory, MediaSession, Wanted } from "./media.ts";
import { Changing, type IterationOptions } from "./replay.ts";
import type { Session, SessionUser } from "./session.ts";
import { type CallEnd, SipError } from "./sip-error.ts";

export type CallState =
  /** Media is being prepared, or the INVITE is on its way. */
  | { readonly name: "Dialing" }
  /** The other side's device rings. */
  | { readonly name: "Ringing" }
  /** Somebody calls; `video` is whether they offer it. */
  | { readonly name: "Incoming"; readonly video: boolean }
  | { readonly name: "Answering" }
  | { readonly name: "Established"; readonly sinceMs: number }
  | { readonly name: "Ended"; readonly end: CallEnd };

export interface Peer {
  readonly uri: string;
  readonly displayName: string;
}

export interface CallParts<M extends MediaSession> {
  readonly id: string;
  readonly peer: Peer;
  readonly media: MediaFactory<M>;
  readonly now: () => number;
  /** Runs something in the endpoint's turn. */
  readonly inTurn: (run: () => void) => void;
}

export class Call<M extends MediaSession = MediaSession> {
  readonly id: string;
  readonly direction: "outgoing" | "incoming";
  readonly peer: Peer;
  /** Resolves when both sides talk; rejects with why they do not. */
  readonly answered: Promise<void>;
  readonly ended: Promise<CallEnd>;
  readonly #parts: CallParts<M>;
  readonly #states: Changing<CallState>;
  readonly #answered = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<CallEnd>();
  readonly #user: SessionUser = {
    ringing: () => this.#ringing(),
    answered: (description) => this.#accept(description),
    // With a description it answers an offer that we made in our answer.
    confirmed: (description) => (this.#offers ? this.#accept(description) : this.#established()),
    offered: (description, reply) => this.#offered(description, reply),
    ended: (end) => this.#end(end),
  };
  #session: Session | undefined;
  /** The same session, of a call that comes in. */
  #incoming: IncomingSession | undefined;
  #media: M | undefined;
  /** The caller offered nothing, so that our 2xx is the offer. */
  #offers = false;

  private constructor(parts: CallParts<M>, first: CallState) {
    this.#parts = parts;
    this.id = parts.id;
    this.peer = parts.peer;
    this.direction = first.name === "Dialing" ? "outgoing" : "incoming";
    this.#states = new Changing(first);
    this.answered = this.#answered.promise;
    this.ended = this.#ended.promise;
    // Whoever does not look at it should not be punished for it.
    this.answered.catch(() => {});
  }

  /** Prepares media, then has `start` send the INVITE with the offer. */
  static outgoing<M extends MediaSession>(
    parts: CallParts<M>,
    wanted: Wanted,
    start: (offer: string, user: SessionUser) => Session,
  ): Call<M> {
    const call = new Call<M>(parts, { name: "Dialing" });
    call
      .#prepare(wanted, (media) => media.offer())
      .then(
        (offer) =>
          parts.inTurn(() => {
            if (!call.#isOver()) call.#session = start(offer, call.#user);
          }),
        (cause: unknown) => call.#fail(cause),
      );
    return call;
  }

  static incoming<M extends MediaSession>(parts: CallParts<M>, session: IncomingSession): Call<M> {
    const call = new Call<M>(parts, { name: "Incoming", video: offersVideo(session.offer) });
    call.#session = session;
    call.#incoming = session;
    session.user = call.#user;
    return call;
  }

  get state(): CallState {
    return this.#states.current;
  }

  /** There once media was asked for. */
  get media(): M | undefined {
    return this.#media;
  }

  /** The current state and every later one; ends after `Ended`. */
  states(options?: IterationOptions): AsyncIterableIterator<CallState> {
    return this.#states.values(options);
  }

  /** Answers. Resolves when the caller's side has confirmed; rejects with a SipError. */
  async answer(wanted: Wanted = { audio: true, video: true }): Promise<void> {
    const { state } = this;
    if (state.name === "Ended") throw errorFrom(state.end);
    const session = this.#incoming;
    if (state.name !== "Incoming" || !session) {
      throw new Error("only a call that comes in can be answered, and only once");
    }
    this.#states.set({ name: "Answering" });
    //= RFC 3261 §13.2.1
    //# All user agents that support INVITE MUST support these two exchanges.
    this.#offers = session.offer === "";
    const describe = (media: M) => (this.#offers ? media.offer() : media.answer(session.offer));
    this.#prepare(wanted, describe).then(
      (description) =>
        this.#parts.inTurn(() => {
          if (!this.#isOver()) session.accept(description);
        }),
      (cause: unknown) => this.#fail(cause),
    );
    await this.answered;
  }

  /** Refuses for all of one's devices: 603. What cannot be refused any more is hung up. */
  decline(): void {
    if (this.state.name !== "Incoming" && this.state.name !== "Answering") return this.hangUp();
    this.#end({ by: "local", code: "SIP_DECLINED", message: "You declined." });
    this.#parts.inTurn(() => this.#session?.hangUp());
  }

  /** Ends the call in whatever state it is. */
  hangUp(): void {
    if (this.#isOver()) return;
    this.#end({ by: "local", code: "SIP_HUNG_UP", message: "You hung up." });
    // Before the INVITE is out there is nobody to tell.
    this.#parts.inTurn(() => this.#session?.hangUp());
  }

  /** Ends it because this device goes away: if it rings, one's other devices ring on. */
  leave(): void {
    if (this.state.name !== "Incoming") return this.hangUp();
    this.#end({ by: "local", code: "SIP_CLOSED", message: "The phone was closed." });
    this.#parts.inTurn(() => this.#incoming?.reject(480));
  }

  // ---- what the session says -------------------------------------------------------------------

  #ringing(): void {
    if (this.state.name === "Dialing") this.#states.set({ name: "Ringing" });
  }

  #accept(description: string): void {
    this.#media?.accept(description).then(
      () => this.#established(),
      (cause: unknown) => this.#fail(cause),
    );
  }

  #offered(description: string, reply: (answer: string | undefined) => void): void {
    const { inTurn } = this.#parts;
    if (!this.#media) return reply(undefined);
    this.#media.answer(description).then(
      (answer) => inTurn(() => reply(answer)),
      () => inTurn(() => reply(undefined)),
    );
  }

  #end(end: CallEnd): void {
    if (this.#isOver()) return;
    this.#media?.close();
    this.#states.set({ name: "Ended", end });
    this.#states.end();
    this.#answered.reject(errorFrom(end));
    this.#ended.resolve(end);
  }

  #established(): void {
    if (this.#isOver() || this.state.name === "Established") return;
    this.#states.set({ name: "Established", sinceMs: this.#parts.now() });
    this.#answered.resolve();
  }

  // ---- media -----------------------------------------------------------------------------------

  /** Media of this call, and the description it begins with. What throws in here rejects, too. */
  async #prepare(wanted: Wanted, describe: (media: M) => Promise<string>): Promise<string> {
    const media = this.#parts.media(wanted);
    this.#media = media;
    media.onlost = (why) => this.#fail(new SipError("SIP_MEDIA", why));
    return describe(media);
  }

  /** Media could not be had: the other side is told so, and so is the person. */
  #fail(cause: unknown): void {
    if (this.#isOver()) return;
    const message = cause instanceof Error ? cause.message : String(cause);
    this.#end({ by: "local", code: "SIP_MEDIA", message });
    this.#parts.inTurn(() => this.#session?.hangUp("MediaFailed"));
  }

  #isOver(): boolean {
    return this.state.name === "Ended";
  }
}

const errorFrom = ({ code, message, status }: CallEnd): SipError =>
  new SipError(code, message, status);

/** Whether a description has video that is not refused. */
const offersVideo = (description: string): boolean => /^m=video [1-9]/m.test(description);
