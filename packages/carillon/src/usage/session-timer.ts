/**
 * Session timer of a dialog, whichever side refreshes. RFC 4028 §7, §9, §10.
 *
 * What an INVITE or UPDATE and its 2xx agree on is worked out by `session-interval.ts` and told
 * here as "Agreed"; so is every later request that refreshes by the way.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";
import {
  ABSOLUTE_MIN_SECONDS,
  raiseMinSe,
  type Session,
  type SessionExpires,
} from "./session-interval.ts";

/** The session does not expire. */
export interface Off {
  /** Our word: RFC 4028 names no states. */
  readonly name: "Off";
  /** The largest Min-SE heard of in this dialog; undefined before any. */
  readonly minSeSeconds: number | undefined;
}
interface Running {
  readonly timerBye: Millis;
  readonly intervalSeconds: number;
  /** The largest Min-SE heard of in this dialog. */
  readonly minSeSeconds: number | undefined;
}
/** The refreshes are ours. */
export interface Refresher extends Running {
  /** The refresher of RFC 4028 §4. */
  readonly name: "Refresher";
  /** When the next refresh goes out: halfway. RFC 4028 §7.2. */
  readonly timerRefresh: Millis;
  /** What the last refresh was refused with. */
  readonly refused: number | undefined;
}
/** Our refresh is on its way. */
export interface Refreshing extends Running {
  /** Our word: RFC 4028 names no states. */
  readonly name: "Refreshing";
  /** How often it was sent again because of a 422. */
  readonly raises: number;
  /** What the refresh before this one was refused with. */
  readonly refused: number | undefined;
}
/** The refreshes are theirs. */
export interface Watching extends Running {
  /** Our word: RFC 4028 names no states. */
  readonly name: "Watching";
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: RFC 4028 names no states. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Off | Refresher | Refreshing | Watching | Terminated;

/**
 * What happens in the dialog. `Agreed`: as `answerTimer` or `readAgreed` say; undefined turns it
 * off. `Tick`: `deadline` is reached, or may be.
 */
export type Input =
  /** A 2xx to an INVITE or UPDATE was sent or has come. */
  | { readonly kind: "Agreed"; readonly session: Session | undefined }
  /** An INVITE or UPDATE in the dialog has this Min-SE. */
  | { readonly kind: "MinSe"; readonly seconds: number }
  /** Our INVITE or UPDATE failed: its final status, 408 for silence. Not a 401 tried again. */
  | {
      readonly kind: "Refused";
      readonly status: number;
      readonly minSeSeconds: number | undefined;
    }
  | { readonly kind: "Tick" }
  /** The dialog is over. */
  | { readonly kind: "Abandon" };

/**
 * What is to be done. `Bye`: end the dialog; `expired`: nobody refreshed it, `unanswered`: a
 * refresh got 408 or 481.
 */
export type Output =
  /** Send an UPDATE without an offer, or else an INVITE with the same offer as before. */
  | {
      readonly kind: "Refresh";
      readonly method: "UPDATE" | "INVITE";
      readonly sessionExpires: SessionExpires;
      readonly minSeSeconds: number | undefined;
    }
  | { readonly kind: "Bye"; readonly reason: "expired" | "unanswered" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What is known of the other side. A step may get other params than the last. */
export interface Params {
  /** An Allow of the other side listed UPDATE. */
  readonly peerAllowsUpdate: boolean;
}

/** Every proxy on the way may want a longer interval; a peer that always does wants a flood. */
const MAX_RAISES = 5;

/** Begins as `Off`. */
export const start = (_: Params, __: Millis): Step => [{ name: "Off", minSeSeconds: undefined }];

/** One input, handled at once. `now` is in ms. Never throws for what a peer sent. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Terminated") return [s];
  switch (input.kind) {
    case "Abandon":
      return [TERMINATED];
    case "Agreed":
      return [agreed(s, input.session, now)];
    case "MinSe":
      return [withMinSe(s, input.seconds)];
    case "Refused":
      if (s.name === "Refreshing") return refused(p, s, input, now);
      return [withMinSe(s, input.minSeSeconds)];
    case "Tick":
      return tick(p, s, now);
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Refresher":
      return Math.min(s.timerRefresh, s.timerBye);
    case "Refreshing":
    case "Watching":
      return s.timerBye;
    default:
      return NEVER;
  }
}

type Live = Exclude<State, Terminated>;

function agreed({ minSeSeconds }: Live, session: Session | undefined, now: Millis): State {
  //= RFC 4028 §7.2
  //# If the 2xx response did not contain a Session-Expires header field, there is no session
  //# expiration. In this case, no refreshes need to be sent.
  if (session === undefined) return { name: "Off", minSeSeconds };
  //= RFC 4028 §4
  //# In other words, SIP entities MUST be prepared to handle Session-Expires header field values of
  //# any duration greater than 90 seconds
  const intervalSeconds = Math.max(ABSOLUTE_MIN_SECONDS, session.intervalSeconds);
  const interval = 1000 * intervalSeconds;
  //= RFC 4028 §10
  //# Similarly, if the side not performing refreshes does not receive a session refresh request
  //# before the session expiration, it SHOULD send a BYE to terminate the session, slightly before
  //# the session expiration. The minimum of 32 seconds and one third of the session interval is
  //# RECOMMENDED.
  const timerBye = now + interval - Math.min(32_000, interval / 3);
  const running = { timerBye, intervalSeconds, minSeSeconds };
  if (session.refresher === "Remote") return { name: "Watching", ...running };
  //= RFC 4028 §7.2
  //# If the UA seeks to continue with the session beyond the session expiration, it MUST generate a
  //# refresh before the session expiration. It is RECOMMENDED that this refresh be sent once half
  //# the session interval has elapsed.
  //= RFC 4028 §9
  //# If UA wishes to continue with the session beyond the session expiration, it MUST generate a
  //# refresh before the session expiration. It is RECOMMENDED that this refresh be sent once half
  //# the session interval has elapsed.
  return { name: "Refresher", timerRefresh: now + interval / 2, ...running, refused: undefined };
}

//= RFC 4028 §7.4
//# The UAC MUST insert the Min-SE header field into a session refresh request for a particular
//# dialog if it has ever received a 422 response to a previous session refresh request on the same
//# dialog, or if it has received a session refresh request on that dialog that contained a Min-SE
//# header field.
function withMinSe<S extends Live>(s: S, seconds: number | undefined): S {
  const minSeSeconds = raiseMinSe(s.minSeSeconds, seconds);
  return minSeSeconds === s.minSeSeconds ? s : { ...s, minSeSeconds };
}

function tick(p: Params, s: Live, now: Millis): Step {
  if (s.name === "Off") return [s];
  if (now >= s.timerBye) return bye("expired");
  if (s.name !== "Refresher" || now < s.timerRefresh) return [s];
  const { timerRefresh: _, ...running } = s;
  return refresh(p, { ...running, name: "Refreshing", raises: 0 });
}

function refresh({ peerAllowsUpdate }: Params, s: Refreshing): Step {
  const { intervalSeconds, minSeSeconds } = s;
  const seconds = Math.max(minSeSeconds ?? ABSOLUTE_MIN_SECONDS, intervalSeconds);
  //= RFC 4028 §7.4
  //# If a UAC knows that its peer supports the UPDATE method, it is RECOMMENDED that UPDATE be used
  //# instead of a re-INVITE.
  //= RFC 3261 §20.5
  //# The absence of an Allow header field MUST NOT be interpreted to mean that the UA sending the
  //# message supports no methods.
  const method = peerAllowsUpdate ? "UPDATE" : "INVITE";
  const sessionExpires = { seconds, refresher: "uac" } as const;
  return [s, { kind: "Refresh", method, sessionExpires, minSeSeconds }];
}

type Refused = Extract<Input, { kind: "Refused" }>;

function refused(p: Params, s: Refreshing, input: Refused, now: Millis): Step {
  const { status } = input;
  //= RFC 4028 §10
  //# If the session refresh request transaction times out or generates a 408 or 481 response, then
  //# the UAC sends a BYE request as per Section 12.2.1.2 of RFC 3261 [2].
  if (status === 408 || status === 481) return bye("unanswered");
  //= RFC 4028 §7.3
  //# If the response to a session refresh request is a 422 (Session Interval Too Small) response
  //# message, then the UAC MAY retry the request.
  if (status === 422) {
    const next = withMinSe({ ...s, raises: s.raises + 1 }, input.minSeSeconds);
    const grown = next.minSeSeconds !== s.minSeSeconds;
    if (grown && next.raises <= MAX_RAISES) return refresh(p, next);
  }
  //= RFC 4028 §10
  //# If the session refresh request does not generate a 2xx response (and, as a result, the session
  //# is not refreshed), and a response other than 408 or 481 is received, the UAC SHOULD follow the
  //# rules specific to that response code and retry if possible.
  //= RFC 4028 §10
  //# However, the UAC SHOULD NOT continuously retry the request if the server indicates the same
  //# error response.
  const again = now + Math.max(1000, (s.timerBye - now) / 2);
  const timerRefresh = s.refused === status ? NEVER : again;
  const { raises: _, ...running } = s;
  return [{ ...running, name: "Refresher", timerRefresh, refused: status }];
}

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
const bye = (reason: "expired" | "unanswered"): Step => [TERMINATED, { kind: "Bye", reason }];
