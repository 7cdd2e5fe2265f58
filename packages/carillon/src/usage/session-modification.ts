/**
 * Changes of a session that has a dialog, by re-INVITE and UPDATE, from both sides.
 * RFC 3261 §14, RFC 3311 §5.
 *
 * One machine per dialog that an INVITE made. It decides what may be sent now, what has to wait,
 * and what of the other side is refused; it never sees a description. Its states are those of the
 * dialog's INVITE transaction, of which there is one at a time; an UPDATE in either direction and
 * the offer that still lacks its answer run beside it.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";
import { type Change, glareRetryAfterSeconds, glareWaitMs, mergedChange } from "./glare.ts";

interface Beside {
  /** When what was answered with 491 may be tried again. */
  readonly timerRetry: Millis;
  /** What the user wants and has to wait. */
  readonly wanted: Change | undefined;
  /** How often in a row it was told to wait. */
  readonly tries: number;
  /** Our UPDATE that has no final response. */
  readonly updating: Change | undefined;
  /** Theirs. */
  readonly updated: boolean;
  /** When theirs is refused, for want of an answer; NEVER while there is none. */
  readonly timerPrompt: Millis;
  /** The offer that has no answer. */
  readonly offer: OpenOffer | undefined;
}
/** An offer without an answer, of which there is one at a time. RFC 3264 §4. */
export interface OpenOffer {
  /** Who made it, or has to make it. */
  readonly by: "Local" | "Remote";
  /** The transaction that it belongs to, whichever message of it carries it. */
  readonly in: "INVITE" | "PRACK" | "UPDATE";
}
/** No INVITE transaction. */
export interface Idle extends Beside {
  /** Our word: RFC 3261 §14 names no states. */
  readonly name: "Idle";
}
/** Ours has no final response. */
export interface Inviting extends Beside {
  /** Our word: RFC 3261 §14 names no states. */
  readonly name: "Inviting";
  /** What ours is for; it is tried again after a 491. */
  readonly inviting: Change;
}
/** Theirs has no final response. */
export interface Invited extends Beside {
  /** Our word: RFC 3261 §14 names no states. */
  readonly name: "Invited";
}
/** Theirs has one, which has no ACK. */
export interface Confirming extends Beside {
  /** Our word: RFC 3261 §14 names no states. */
  readonly name: "Confirming";
  /** When no ACK is waited for any more: 64*T1 after the response. */
  readonly timerAck: Millis;
  /** Of the final response. */
  readonly status: number;
}
/** The dialog is over, or has to be: no input leaves this. */
export interface Terminated {
  /** Our word: RFC 3261 §14 names no states. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Idle | Inviting | Invited | Confirming | Terminated;

type Method = "INVITE" | "UPDATE";

/** What happens in the dialog. `Ack`: of their INVITE. `Tick`: `deadline` is reached, or may be. */
export type Input =
  /** The user wants a change. */
  | { readonly kind: "Modify"; readonly change: Change }
  /** The final response to ours; 408 for silence. Not a 401 that is tried again. */
  | {
      readonly kind: "Response";
      readonly method: Method;
      readonly status: number;
      readonly retryAfterSeconds: number | undefined;
      /** In [0, 1). */
      readonly random: number;
    }
  /** One of theirs. */
  | {
      readonly kind: "Received";
      readonly change: Change;
      /** In [0, 1). */
      readonly random: number;
    }
  /** The user has answered theirs with this final status; after 3.5 s an UPDATE was refused. */
  | { readonly kind: "Replied"; readonly method: Method; readonly status: number }
  | { readonly kind: "Ack" }
  /** An offer in a reliable provisional response (INVITE) or a PRACK. */
  | { readonly kind: "Offered"; readonly offer: OpenOffer }
  /** The open offer was answered, by something that is acknowledged. */
  | { readonly kind: "Answered" }
  | { readonly kind: "Tick" }
  /** The dialog is over. */
  | { readonly kind: "Abandon" };

/**
 * What is to be done, in this order. `Send`: make the change with a request, now. `Refuse`: answer
 * theirs so. `Changed`: ours was accepted. `Bye`: end the dialog.
 */
export type Output =
  | { readonly kind: "Send"; readonly change: Change }
  /** It is the user's to answer. */
  | { readonly kind: "Take"; readonly change: Change }
  | {
      readonly kind: "Refuse";
      readonly method: Method;
      readonly status: 491 | 500 | 504;
      /** For the Retry-After of a 500. */
      readonly retryAfterSeconds: number | undefined;
    }
  | { readonly kind: "Changed"; readonly method: Method }
  /** The session is as it was. */
  | { readonly kind: "Unchanged"; readonly method: Method; readonly status: number }
  | { readonly kind: "Bye"; readonly reason: "unanswered" | "unacknowledged" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What stays the same as long as the dialog lives. */
export interface Params {
  /** Whether the dialog's Call-ID was made here. */
  readonly ownsCallId: boolean;
  /** T1, in ms: 500. RFC 3261 §17.1.1.1. */
  readonly t1: Millis;
  /** The INVITE that makes the dialog, as long as it has no final response. */
  readonly initial: { readonly by: "Local" | "Remote"; readonly offer: boolean } | undefined;
}

type Live = Exclude<State, Terminated>;

/** How long theirs may take: less than RFC 4320 §4.1 lets a client wait before it hears a 100. */
const PROMPT_T1S = 7;
/** Two who tell each other to wait for ever are not waiting for each other. */
const MAX_TRIES = 5;
//= RFC 3261 §14.2
//# MUST include a Retry-After header field with a randomly chosen value of between 0 and 10
//# seconds.
const MAX_RETRY_AFTER_SECONDS = 10;

/** Begins with the INVITE that makes the dialog, or after it. `now` is in ms, as in every step. */
export function start({ initial }: Params, _: Millis): Step {
  const beside: Beside = { ...NOTHING, offer: initial && inviteOffer(initial.by, initial.offer) };
  if (initial === undefined) return [{ name: "Idle", ...beside }];
  if (initial.by === "Remote") return [{ name: "Invited", ...beside }];
  const inviting = { method: "INVITE", offer: initial.offer } as const;
  return [{ name: "Inviting", inviting, ...beside }];
}

/** One input, handled at once. Never throws for what a peer sent. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Terminated") return [s];
  switch (input.kind) {
    case "Abandon":
      return [TERMINATED];
    case "Modify":
      return proceed({ ...s, wanted: mergedChange(s.wanted, input.change) });
    case "Response":
      return response(p, s, input, now);
    case "Received":
      return received(p, s, input, now);
    case "Replied":
      return replied(p, s, input.method, input.status, now);
    case "Ack":
      return s.name === "Confirming" ? proceed(confirmed(s)) : [s];
    case "Offered":
      return [{ ...s, offer: input.offer }];
    case "Answered":
      return s.offer === undefined ? [s] : proceed({ ...s, offer: undefined });
    case "Tick":
      return tick(s, now);
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  if (s.name === "Terminated") return NEVER;
  const timerAck = s.name === "Confirming" ? s.timerAck : NEVER;
  return Math.min(s.timerRetry, s.timerPrompt, timerAck);
}

/** Sends what waits, if it need not wait any longer. */
function proceed(s: Live, ...outputs: readonly Output[]): Step {
  const { wanted } = s;
  if (wanted === undefined || s.timerRetry !== NEVER || !mayBeSent(s, wanted)) {
    return [s, ...outputs];
  }
  const send: Output = { kind: "Send", change: wanted };
  if (wanted.method === "UPDATE") {
    const offer = wanted.offer ? ({ by: "Local", in: "UPDATE" } as const) : s.offer;
    return [{ ...s, wanted: undefined, updating: wanted, offer }, ...outputs, send];
  }
  const beside = { ...s, wanted: undefined, offer: inviteOffer("Local", wanted.offer) };
  return [{ ...beside, name: "Inviting", inviting: wanted }, ...outputs, send];
}

function mayBeSent(s: Live, { method, offer }: Change): boolean {
  //= RFC 3311 §5.1
  //# If the UPDATE is being sent after the completion of the initial INVITE transaction, it cannot
  //# contain an offer if the caller has generated or received offers in a re-INVITE or UPDATE which
  //# have not been answered.
  if (method === "UPDATE") return s.updating === undefined && (!offer || s.offer === undefined);
  //= RFC 3261 §14.1
  //# Note that a UAC MUST NOT initiate a new INVITE transaction within a dialog while another
  //# INVITE transaction is in progress in either direction.
  //= RFC 3261 §14.1
  //# 1. If there is an ongoing INVITE client transaction, the TU MUST wait until the transaction
  //# reaches the completed or terminated state before initiating the new INVITE.
  //= RFC 3261 §14.1
  //# 2. If there is an ongoing INVITE server transaction, the TU MUST wait until the transaction
  //# reaches the confirmed or terminated state before initiating the new INVITE.
  return s.name === "Idle" && s.offer === undefined;
}

/** Who has made the offer of an INVITE, or, where it has none, has to make it. */
const inviteOffer = (by: "Local" | "Remote", offer: boolean): OpenOffer => ({
  by: offer ? by : by === "Local" ? "Remote" : "Local",
  in: "INVITE",
});

type Response = Extract<Input, { kind: "Response" }>;

function response(p: Params, s: Live, input: Response, now: Millis): Step {
  const change = sentChange(s, input.method);
  if (change === undefined) return [s];
  const { status, method } = input;
  const rest = withoutOurs(s, method);
  if (status < 300) return proceed({ ...rest, tries: 0 }, { kind: "Changed", method });
  //= RFC 3261 §14.1
  //# Note that, as stated in Section 12.2.1.2, if the non-2xx final response is a 481
  //# (Call/Transaction Does Not Exist), or a 408 (Request Timeout), or no response at all is
  //# received for the re-INVITE (that is, a timeout is returned by the INVITE client transaction),
  //# the UAC will terminate the dialog.
  if (status === 408 || status === 481) {
    return [TERMINATED, { kind: "Bye", reason: "unanswered" }];
  }
  const waitMs = s.tries < MAX_TRIES ? waitBeforeRetry(p, input) : undefined;
  //= RFC 3261 §14.1
  //# If a UA receives a non-2xx final response to a re-INVITE, the session parameters MUST remain
  //# unchanged, as if no re-INVITE had been issued.
  //= RFC 3311 §5.3
  //# If a UA receives a non-2xx final response to a UPDATE, the session parameters MUST remain
  //# unchanged, as if no UPDATE had been issued.
  if (waitMs === undefined) {
    return proceed({ ...rest, tries: 0 }, { kind: "Unchanged", method, status });
  }
  const wanted = s.wanted === undefined ? change : mergedChange(change, s.wanted);
  return [{ ...rest, wanted, tries: s.tries + 1, timerRetry: now + waitMs }];
}

function sentChange(s: Live, method: Method): Change | undefined {
  if (method === "UPDATE") return s.updating;
  return s.name === "Inviting" ? s.inviting : undefined;
}

/** The state without our request, and without what it offered. */
function withoutOurs(s: Live, method: Method): Live {
  if (method === "INVITE") return { ...idle(s), offer: besideInvite(s.offer) };
  const ours = s.offer?.in === "UPDATE" && s.offer.by === "Local";
  return { ...s, updating: undefined, offer: ours ? undefined : s.offer };
}

/** What stays open when an INVITE ends: nothing of its own, and nothing of its PRACKs. */
const besideInvite = (offer: OpenOffer | undefined): OpenOffer | undefined =>
  offer?.in === "UPDATE" ? offer : undefined;

function waitBeforeRetry(p: Params, { status, random, retryAfterSeconds: after }: Response) {
  //= RFC 3261 §14.1
  //# If a UAC receives a 491 response to a re-INVITE, it SHOULD start a timer with a value T chosen
  //# as follows:
  //= RFC 3311 §5.3
  //# If a UAC receives a 491 response to a UPDATE, it SHOULD start a timer with a value T chosen as
  //# follows:
  if (status === 491) return glareWaitMs(p.ownsCallId, random);
  const isSoon = after !== undefined && after <= MAX_RETRY_AFTER_SECONDS;
  return status === 500 && isSoon ? 1000 * after : undefined;
}

type Received = Extract<Input, { kind: "Received" }>;

function received(p: Params, s: Live, { change, random }: Received, now: Millis): Step {
  const status = glareStatus(s, change);
  if (status !== undefined) {
    const after = status === 500 ? glareRetryAfterSeconds(random) : undefined;
    return [s, { kind: "Refuse", method: change.method, status, retryAfterSeconds: after }];
  }
  const take: Output = { kind: "Take", change };
  if (change.method === "UPDATE") {
    const offer = change.offer ? ({ by: "Remote", in: "UPDATE" } as const) : s.offer;
    return [{ ...s, updated: true, timerPrompt: now + PROMPT_T1S * p.t1, offer }, take];
  }
  const offer = inviteOffer("Remote", change.offer);
  return [{ ...idle(s), name: "Invited", offer }, take];
}

/** What to refuse a request of theirs with because of what else is under way. */
function glareStatus(s: Live, { method, offer }: Change): 491 | 500 | undefined {
  //= RFC 3311 §5.2
  //# A UAS that receives an UPDATE before it has generated a final response to a previous UPDATE on
  //# the same dialog MUST return a 500 response to the new UPDATE, and MUST include a Retry-After
  //# header field with a randomly chosen value between 0 and 10 seconds.
  if (method === "UPDATE" && s.updated) return 500;
  //= RFC 3261 §14.2
  //# A UAS that receives a second INVITE before it sends the final response to a first INVITE with
  //# a lower CSeq sequence number on the same dialog MUST return a 500 (Server Internal Error)
  //# response to the second INVITE and MUST include a Retry-After header field with a randomly
  //# chosen value of between 0 and 10 seconds.
  if (method === "INVITE" && s.name === "Invited") return 500;
  //= RFC 3261 §14.2
  //# A UAS that receives an INVITE on a dialog while an INVITE it had sent on that dialog is in
  //# progress MUST return a 491 (Request Pending) response to the received INVITE.
  if (method === "INVITE" && s.name === "Inviting") return 491;
  //= RFC 3311 §5.2
  //# If an UPDATE is received that contains an offer, and the UAS has generated an offer (in an
  //# UPDATE, PRACK or INVITE) to which it has not yet received an answer, the UAS MUST reject the
  //# UPDATE with a 491 response. Similarly, if an UPDATE is received that contains an offer, and
  //# the UAS has received an offer (in an UPDATE, PRACK, or INVITE) to which it has not yet
  //# generated an answer, the UAS MUST reject the UPDATE with a 500 response, and MUST include a
  //# Retry-After header field with a randomly chosen value between 0 and 10 seconds.
  const offers = offer || method === "INVITE";
  if (!offers || s.offer === undefined) return undefined;
  return s.offer.by === "Local" ? 491 : 500;
}

function replied(p: Params, s: Live, method: Method, status: number, now: Millis): Step {
  if (method === "UPDATE") {
    if (!s.updated) return [s];
    return proceed(withoutUpdate(s));
  }
  if (s.name !== "Invited") return [s];
  // An offer in the 2xx has its answer in the ACK; any other ends with the final response.
  const awaitsAck = status < 300 && s.offer?.in === "INVITE" && s.offer.by === "Local";
  const offer = awaitsAck ? s.offer : besideInvite(s.offer);
  const timerAck = now + 64 * p.t1;
  return proceed({ ...s, name: "Confirming", timerAck, status, offer });
}

/** The ACK has come, or never will: the INVITE transaction is over, and with it what it offered. */
const confirmed = (s: Confirming): Idle => ({ ...idle(s), offer: besideInvite(s.offer) });

/** The state without their UPDATE, and without what it offered. */
function withoutUpdate(s: Live): Live {
  const theirs = s.offer?.in === "UPDATE" && s.offer.by === "Remote";
  return { ...s, updated: false, timerPrompt: NEVER, offer: theirs ? undefined : s.offer };
}

function tick(s: Live, now: Millis): Step {
  if (s.updated && now >= s.timerPrompt) {
    //= RFC 3311 §5.2
    //# However, unlike a re-INVITE, the UPDATE MUST be responded to promptly, and therefore the
    //# user cannot generally be prompted to approve the session changes. If the UAS cannot change
    //# the session parameters without prompting the user, it SHOULD reject the request with a 504
    //# response.
    const [next, ...outputs] = tick(withoutUpdate(s), now);
    return [next, TOO_LATE, ...outputs];
  }
  if (s.name === "Confirming" && now >= s.timerAck) {
    //= RFC 3261 §14.2
    //# If a UAS generates a 2xx response and never receives an ACK, it SHOULD generate a BYE to
    //# terminate the dialog.
    if (s.status < 300) return [TERMINATED, { kind: "Bye", reason: "unacknowledged" }];
    return tick(confirmed(s), now);
  }
  //= RFC 3261 §14.1
  //# When the timer fires, the UAC SHOULD attempt the re-INVITE once more, if it still desires for
  //# that session modification to take place.
  //= RFC 3311 §5.3
  //# When the timer fires, the UAC SHOULD attempt the UPDATE once more, if it still desires for
  //# that session modification to take place.
  if (s.timerRetry === NEVER) return proceed(s);
  return now < s.timerRetry ? [s] : proceed({ ...s, timerRetry: NEVER });
}

function idle(s: Live): Idle {
  const { timerRetry, wanted, tries, updating, updated, timerPrompt, offer } = s;
  return { name: "Idle", timerRetry, wanted, tries, updating, updated, timerPrompt, offer };
}

const NOTHING: Beside = Object.freeze({
  timerRetry: NEVER,
  wanted: undefined,
  tries: 0,
  updating: undefined,
  updated: false,
  timerPrompt: NEVER,
  offer: undefined,
});
const TOO_LATE: Output = Object.freeze({
  kind: "Refuse",
  method: "UPDATE",
  status: 504,
  retryAfterSeconds: undefined,
});
const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
