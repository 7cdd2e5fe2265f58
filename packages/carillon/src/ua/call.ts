/** A call as an application sees it. */
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
    confirmed: () => this.#established(),
    offered: (description, reply) => this.#offered(description, reply),
    ended: (end) => this.#end(end),
  };
  #session: Session | undefined;
  #media: M | undefined;

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
    const media = parts.media(wanted);
    call.#media = media;
    media.offer().then(
      (offer) =>
        parts.inTurn(() => {
          if (!call.#isOver()) call.#session = start(offer, call.#user);
        }),
      (cause: unknown) => call.#fail(cause),
    );
    return call;
  }

  static incoming<M extends MediaSession>(parts: CallParts<M>, session: Session): Call<M> {
    const call = new Call<M>(parts, { name: "Incoming", video: offersVideo(session.offer) });
    call.#session = session;
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
    if (this.state.name !== "Incoming") throw new Error("only an incoming call can be answered");
    const session = this.#session;
    this.#states.set({ name: "Answering" });
    const media = this.#parts.media(wanted);
    this.#media = media;
    try {
      const offer = session?.offer ?? "";
      if (offer === "") throw new SipError("SIP_NOT_ACCEPTABLE", "The caller offered nothing.");
      const answer = await media.answer(offer);
      if (!this.#isOver()) this.#parts.inTurn(() => session?.accept(answer));
    } catch (cause) {
      this.#fail(cause);
    }
    await this.answered;
  }

  /** Refuses for all of one's devices: 603. */
  decline(): void {
    this.#parts.inTurn(() => this.#session?.reject(603));
    this.#end({ by: "local", code: "SIP_DECLINED", message: "You declined." });
  }

  /** Ends the call in whatever state it is. */
  hangUp(): void {
    if (this.#isOver()) return;
    const session = this.#session;
    if (session) this.#parts.inTurn(() => session.hangUp());
    // Before the INVITE is out there is nobody to tell.
    else this.#end({ by: "local", code: "SIP_HUNG_UP", message: "You hung up." });
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
    const inTurn = this.#parts.inTurn;
    this.#media?.answer(description).then(
      (answer) => inTurn(() => reply(answer)),
      () => inTurn(() => reply(undefined)),
    );
  }

  #end(end: CallEnd): void {
    if (this.#isOver()) return;
    this.#media?.close();
    this.#states.set({ name: "Ended", end });
    this.#states.end();
    this.#answered.reject(new SipError(end.code, end.message, end.status));
    this.#ended.resolve(end);
  }

  #established(): void {
    if (this.#isOver() || this.state.name === "Established") return;
    this.#states.set({ name: "Established", sinceMs: this.#parts.now() });
    this.#answered.resolve();
  }

  /** Media could not be had: the other side is told so, and so is the person. */
  #fail(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    const session = this.#session;
    const waiting = this.direction === "incoming" && this.state.name !== "Established";
    if (session) this.#parts.inTurn(() => (waiting ? session.reject(488) : session.hangUp()));
    this.#end({ by: "local", code: "SIP_MEDIA", message });
  }

  #isOver(): boolean {
    return this.state.name === "Ended";
  }
}

/** Whether a description has video that is not refused. */
const offersVideo = (description: string): boolean => /^m=video [1-9]/m.test(description);
