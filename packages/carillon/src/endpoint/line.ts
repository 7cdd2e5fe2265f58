/** One open connection: what of a message is there already, and how long its peer may be silent. */
import type { Octets } from "../grammar/octets.ts";
import { type Frame, frame, isWaiting, startFraming } from "../message/framing.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import { type Flow, isStream } from "../transport/flow.ts";
import { newTimer, type Timed, type Timer } from "./wheel.ts";

/** What a line needs of what is around it. */
export interface LineUser {
  readonly now: Millis;
  schedule(timer: Timer, at: Millis): void;
  /** Whether a transaction needs this connection. */
  isBusy(connection: number): boolean;
  /** It has to end because of what its peer does. */
  broken(line: Line, cause: string): void;
}

/** An INVITE is answered with 100 in a fifth of a second, all else well within Timer F. */
const DOUBTED_MS: Millis = 8_000;
/** CRLFs, which nobody has to answer. */
const MAX_PING = 4;

export interface LineOptions {
  /** The driver's number. */
  readonly number: number;
  readonly flow: Flow;
  /** The SIP domains that the peer's certificate proved. */
  readonly identities: readonly string[];
  /** How long a message may take from its first octet to its last. */
  readonly messageMs: number;
  /** After how long without a word it is closed, unless it is kept. */
  readonly idleMs: number;
}

export class Line implements Timed {
  readonly number: number;
  readonly flow: Flow;
  readonly identities: readonly string[];
  readonly #user: LineUser;
  readonly #options: LineOptions;
  readonly #timer: Timer = newTimer(this);
  #framing = startFraming;
  #isKept = false;
  #wasAsked = false;
  /** Since when a request waits for any sign of life: NEVER, if none does. */
  #askedAt: Millis = NEVER;
  /** When it will have been silent for too long. */
  #idleAt: Millis = NEVER;

  constructor(user: LineUser, options: LineOptions) {
    this.number = options.number;
    this.flow = options.flow;
    this.identities = options.identities;
    this.#user = user;
    this.#options = options;
    this.#wasHeard();
    this.#waitForMore();
  }

  /** Silence alone does not end it any more. False if it was so before. */
  keep(): boolean {
    if (this.#isKept) return false;
    this.#isKept = true;
    this.#idleAt = NEVER;
    if (!isWaiting(this.#framing)) this.#waitForMore();
    return true;
  }

  /** These octets go out over it. What needs an answer shows whether it is still one. */
  sent(octets: Octets): void {
    const needsNone = octets.startsWith("SIP/") || octets.startsWith("ACK ");
    if (!needsNone && octets.length > MAX_PING)
      this.#askedAt = Math.min(this.#askedAt, this.#user.now);
  }

  /** Something was asked a while ago, and not a single octet has come since. */
  get isDoubtful(): boolean {
    return this.#user.now - this.#askedAt > DOUBTED_MS;
  }

  /** Whether nobody has asked before. */
  isFirst(): boolean {
    const isFirst = !this.#wasAsked;
    this.#wasAsked = true;
    return isFirst;
  }

  /** The frames that these octets complete; a WebSocket message is one. */
  received(octets: Octets): readonly Frame[] {
    this.#askedAt = NEVER;
    if (!isStream(this.flow)) return [{ kind: "Message", text: octets }];
    const before = this.#framing;
    const [after, ...frames] = frame(before, octets);
    this.#framing = after;
    // Its time runs from its first octet: more of the same message does not win any.
    const isNew = !isWaiting(before) || frames.length > 0;
    // Keep-alives alone keep nobody whom we do not know.
    if (frames.some(({ kind }) => kind === "Message")) this.#wasHeard();
    if (!isWaiting(after)) this.#waitForMore();
    else if (isNew) this.#user.schedule(this.#timer, this.#user.now + this.#options.messageMs);
    return frames;
  }

  end(): void {
    this.#user.schedule(this.#timer, NEVER);
  }

  /** For the wheel only. */
  due(): void {
    if (isWaiting(this.#framing)) this.#user.broken(this, "a message took too long");
    else if (this.#user.isBusy(this.flow.connection)) {
      this.#wasHeard();
      this.#waitForMore();
    } else this.#user.broken(this, "nothing was said for too long");
  }

  /** A WebSocket is its driver's to end: that one pings. */
  #wasHeard(): void {
    const isEndless = this.#isKept || !isStream(this.flow);
    this.#idleAt = isEndless ? NEVER : this.#user.now + this.#options.idleMs;
  }

  #waitForMore(): void {
    this.#user.schedule(this.#timer, this.#idleAt);
  }
}
