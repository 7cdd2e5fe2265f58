/**
 * The media of one call: what is asked of them goes one after the other, and who holds the call is
 * read from what is said.
 */
import { holds } from "./described.ts";
import type { DtmfTone, MediaFactory, MediaSession, Wanted, Wish } from "./media.ts";
import { SipError } from "./sip-error.ts";

export interface CallMediaUser {
  /** Sound cannot get through, and never will. */
  lost(why: SipError): void;
  /** They have pressed a key. */
  dtmf(tone: DtmfTone): void;
  /** Candidates that the last description does not have. */
  fragment(fragment: string): void;
}

/** Media that get lost more often than this in so long a time will not get through. */
const MAX_RESTARTS = 3;
const RESTART_MS = 90_000;

export class CallMedia<M extends MediaSession> {
  readonly #factory: MediaFactory<M>;
  readonly #user: CallMediaUser;
  #session: M | undefined;
  #wish: Wish = { audio: true, video: false, held: false };
  #offered = "";
  /** Came before there were media; the last says what those before it said. */
  #early = "";
  #isHeldByThem = false;
  #work: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  /** When they were to find their way anew of late. */
  #restarts: readonly number[] = [];

  constructor(factory: MediaFactory<M>, user: CallMediaUser) {
    this.#factory = factory;
    this.#user = user;
  }

  get session(): M | undefined {
    return this.#session;
  }

  get isHeldByUs(): boolean {
    return this.#wish.held;
  }

  get isHeldByThem(): boolean {
    return this.#isHeldByThem;
  }

  /** There from the first call on, with what is wanted then. */
  prepare(wanted: Wanted): void {
    if (this.#session) return;
    this.#wish = { ...wanted, held: false };
    this.#session = this.#factory(wanted);
    this.#session.onlost = (why) => this.#user.lost(new SipError("SIP_MEDIA", why));
    this.#session.ondtmf = (tone) => this.#user.dtmf(tone);
    this.#session.onfragment = (fragment) => this.#user.fragment(fragment);
  }

  /** `mayTrickle`: candidates may come after what is described. As `answer`. */
  offer(mayTrickle: boolean): Promise<string> {
    return this.#inOrder(async (media) => {
      media.trickles = mayTrickle;
      this.#offered = await media.offer();
      return this.#offered;
    });
  }

  answer(offer: string, mayTrickle: boolean): Promise<string> {
    return this.#inOrder(async (media) => {
      media.trickles = mayTrickle;
      const answer = await media.answer(offer);
      if (this.#early !== "") await media.addFragment?.(this.#early);
      this.#early = "";
      this.#isHeldByThem = holds(offer);
      return answer;
    });
  }

  accept(answer: string): Promise<void> {
    return this.#inOrder(async (media) => {
      await media.accept(answer);
      // Who is not asked for anything says nothing by giving nothing.
      if (!/^a=inactive\r?$/m.test(this.#offered)) this.#isHeldByThem = holds(answer);
    });
  }

  /** Resolves to whether these media can be heard early. */
  preview(answer: string): Promise<boolean> {
    return this.#inOrder(async (media) => {
      if (!media.preview) return false;
      await media.preview(answer);
      return true;
    });
  }

  /** Candidates of theirs; those that come before their offer was looked at wait for that. */
  addFragment(fragment: string): Promise<void> {
    if (!this.#session) this.#early = fragment;
    return this.#inOrder(async (media) => media.addFragment?.(fragment));
  }

  withdraw(): Promise<void> {
    return this.#inOrder(async (media) => media.withdraw?.());
  }

  /** Whether it is worth it to look anew: media can, and were not lost over and over. */
  mayRestart(nowMs: number): boolean {
    this.#restarts = [...this.#restarts.filter((at) => at > nowMs - RESTART_MS), nowMs];
    return this.#session?.restart !== undefined && this.#restarts.length <= MAX_RESTARTS;
  }

  /** The next offer looks for the way of sound anew, where media can. */
  restart(): Promise<void> {
    return this.#inOrder(async (media) => media.restart?.());
  }

  /** Wants this, and all else as it is by then. Resolves to what was wanted in its place before. */
  want(part: Partial<Wish>): Promise<Partial<Wish>> {
    return this.#inOrder(async (media) => {
      if (!media.want) throw new SipError("SIP_MEDIA", "These media cannot be held or changed.");
      const before = this.#wish;
      const wish = { ...before, ...part };
      await media.want(wish);
      this.#wish = wish;
      const names = Object.keys(part) as (keyof Wish)[];
      return Object.fromEntries(names.map((name) => [name, before[name]]));
    });
  }

  /** Resolves when all that was asked of them before is done. */
  settled(): Promise<unknown> {
    return this.#work;
  }

  close(): void {
    this.#isClosed = true;
    this.#session?.close();
  }

  #inOrder<T>(run: (media: M) => Promise<T>): Promise<T> {
    const done = this.#work.then(async () => {
      if (!this.#session || this.#isClosed) throw new Error("There are no media any more.");
      return run(this.#session);
    });
    this.#work = done.catch(() => {});
    return done;
  }
}
