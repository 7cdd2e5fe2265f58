/**
 * Reliable provisional responses, the side that sends them. RFC 3262 §3 and §5.
 *
 * One machine per INVITE that is being answered. It sees only numbers: the texts of the responses
 * stay with whoever runs it, under an `id` of its own. One response at a time is on its way; those
 * that come meanwhile wait, and a 2xx that has to wait for a PRACK waits here too.
 */
import { MAX_RSEQ } from "../grammar/limits.ts";
import type { RAck } from "../message/header/rack.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import { mayBeReliable } from "./reliable-provisional.ts";

/** Every reliable provisional response so far is acknowledged. */
export interface Idle {
  /** Our word: RFC 3262 names no states. */
  readonly name: "Idle";
  /** When the caller's proxies want to hear that it goes on. */
  readonly timerExtend: Millis;
  /** The RSeq of the next one. */
  readonly rseq: number;
  /** None has been sent: the next is the one that owes an offer, if the INVITE had none. */
  readonly first: boolean;
}
/** One is sent, again and again until its PRACK comes. RFC 3262 §3. */
export interface Unacknowledged {
  /** Our word: RFC 3262 names no states. */
  readonly name: "Unacknowledged";
  /** When it is sent again. */
  readonly timerRetransmit: Millis;
  /** What that timer was last set to: T1, doubled each time without a bound. */
  readonly intervalRetransmit: Millis;
  /** When the INVITE is rejected: 64*T1 after the first time. */
  readonly timerGiveUp: Millis;
  /** The RSeq of the response. */
  readonly rseq: number;
  /** What is sent. */
  readonly response: Provisional;
  /** What is to be sent next, one after the other. */
  readonly waiting: readonly Provisional[];
  /** The status of a 2xx that may not go out yet. */
  readonly final: number | undefined;
}
/** The INVITE has its final response; only a PRACK may still come. */
export interface Finished {
  /** Our word: RFC 3262 names no states. */
  readonly name: "Finished";
  /** When no PRACK can come any more: 64*T1 later. */
  readonly timerEnd: Millis;
  /** The RSeq of the response that has no PRACK. */
  readonly rseq: number;
  /** The response that has no PRACK. */
  readonly response: Provisional;
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: RFC 3262 names no states. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Idle | Unacknowledged | Finished | Terminated;

/** A provisional response that is to be sent reliably. */
export interface Provisional {
  /** The caller's name for the response. */
  readonly id: number;
  /** 101 to 199. */
  readonly status: number;
  /** What its session description is; undefined without one. */
  readonly description: "Offer" | "Answer" | undefined;
}

/** What happens to the INVITE. `Tick`: `deadline` is reached, or may be. */
export type Input =
  | { readonly kind: "Provisional"; readonly response: Provisional }
  /** A PRACK in the dialog; `description` when it has a session description. */
  | { readonly kind: "Prack"; readonly rack: RAck; readonly description: boolean }
  /** The user has a final response to the INVITE. */
  | { readonly kind: "Final"; readonly status: number }
  | { readonly kind: "Tick" }
  /** The INVITE is gone. */
  | { readonly kind: "Abandon" };

/**
 * What is to be done, in this order. `RefusePrack`: answer the PRACK with 481. `SendFinal`: now the
 * final response may go out.
 */
export type Output =
  /** Send it, with this RSeq; the same again is a retransmission. */
  | { readonly kind: "Send"; readonly id: number; readonly rseq: number }
  /** Answer the PRACK with 200; an Offer in it wants its answer there. */
  | { readonly kind: "Acknowledged"; readonly id: number; readonly body: PrackBody }
  | { readonly kind: "RefusePrack"; readonly status: 481 }
  | { readonly kind: "SendFinal"; readonly status: number }
  /** Nobody acknowledges: reject the INVITE with this status. */
  | { readonly kind: "GiveUp"; readonly id: number; readonly status: 504 }
  /** Time for another provisional response, the same as before will do. */
  | { readonly kind: "Extend" };

/** What the session description in a PRACK is. RFC 3262 §5. */
export type PrackBody = "None" | "Offer" | "Answer";

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What stays the same as long as the INVITE lives. */
export interface Params {
  /** The CSeq number of the INVITE. */
  readonly cseq: number;
  /** Whether the INVITE had an offer. */
  readonly inviteOffered: boolean;
  /** As `firstRSeq` makes it. */
  readonly firstRSeq: number;
  /** T1, in ms: 500. RFC 3261 §17.1.1.1. */
  readonly t1: Millis;
}

//= RFC 3262 §3
//# As a more efficient alternative, the UAS can send the response reliably, in which case the UAS
//# SHOULD send provisional responses once every two and a half minutes.
const EXTEND_MS = 150_000;

/** Begins as `Idle`, and sends nothing. `now` is in ms, as in every step. */
export function start(p: Params, now: Millis): Step {
  return [{ name: "Idle", timerExtend: now + EXTEND_MS, rseq: p.firstRSeq, first: true }];
}

/**
 * One input, handled at once. Throws a RangeError on a response that may not be sent reliably, or
 * not as the first one.
 */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (input.kind === "Abandon") return [TERMINATED];
  switch (s.name) {
    case "Idle":
      return idle(p, s, input, now);
    case "Unacknowledged":
      return unacknowledged(p, s, input, now);
    case "Finished":
      return finished(p, s, input, now);
    case "Terminated":
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Idle":
      return s.timerExtend;
    case "Unacknowledged":
      return Math.min(s.timerRetransmit, s.timerGiveUp);
    case "Finished":
      return s.timerEnd;
    case "Terminated":
      return NEVER;
  }
}

function idle(p: Params, s: Idle, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Provisional":
      checkFirst(p, s, input.response);
      return sent(p, s.rseq, input.response, [], undefined, now);
    case "Prack":
      return [s, REFUSE_PRACK];
    case "Final":
      return [TERMINATED, { kind: "SendFinal", status: input.status }];
    default:
      if (now < s.timerExtend) return [s];
      return [{ ...s, timerExtend: now + EXTEND_MS }, { kind: "Extend" }];
  }
}

function checkFirst(p: Params, s: Idle, { status, description }: Provisional): void {
  if (!mayBeReliable(status)) throw new RangeError(`a ${status} is never sent reliably`);
  //= RFC 3262 §5
  //# Similarly, if a reliable provisional response is the first reliable message sent back to the
  //# UAC, and the INVITE did not contain an offer, one MUST appear in that reliable provisional
  //# response.
  if (s.first && !p.inviteOffered && description !== "Offer") {
    throw new RangeError("the INVITE had no offer: the first reliable response has to make one");
  }
}

/** On its way for the first time. */
function sent(
  { t1 }: Params,
  rseq: number,
  response: Provisional,
  waiting: readonly Provisional[],
  final: number | undefined,
  now: Millis,
): Step {
  //= RFC 3262 §3
  //# The reliable provisional response is passed to the transaction layer periodically with an
  //# interval that starts at T1 seconds and doubles for each retransmission
  const timers = {
    timerRetransmit: now + t1,
    intervalRetransmit: t1,
    timerGiveUp: now + 64 * t1,
  };
  return [
    { name: "Unacknowledged", ...timers, rseq, response, waiting, final },
    { kind: "Send", id: response.id, rseq },
  ];
}

function unacknowledged(p: Params, s: Unacknowledged, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Provisional":
      return [queued(s, input.response)];
    case "Prack":
      return matches(p, s, input.rack)
        ? acknowledged(p, s, input.description, now)
        : [s, REFUSE_PRACK];
    case "Final":
      return finalAsked(p, s, input.status, now);
    default:
      return unacknowledgedTick(p, s, now);
  }
}

//= RFC 3262 §3
//# The UAS MUST NOT send a second reliable provisional response until the first is acknowledged.
//# After the first, it is RECOMMENDED that the UAS not send an additional reliable provisional
//# response until the previous is acknowledged.
//= RFC 3262 §3
//# A UAS MUST NOT send new reliable provisional responses (as opposed to retransmissions of
//# unacknowledged ones) after sending a final response to a request.
function queued(s: Unacknowledged, response: Provisional): Unacknowledged {
  if (!mayBeReliable(response.status)) {
    throw new RangeError(`a ${response.status} is never sent reliably`);
  }
  if (s.final !== undefined) return s;
  // What only told how far the call is need not be told once there is later news.
  return { ...s, waiting: [...s.waiting.filter(hasDescription), response] };
}

function finalAsked(p: Params, s: Unacknowledged, status: number, now: Millis): Step {
  const waiting = s.waiting.filter(hasDescription);
  const holds = hasDescription(s.response) || waiting.length > 0;
  //= RFC 3262 §3
  //# The UAS MAY send a final response to the initial request before having received PRACKs for all
  //# unacknowledged reliable provisional responses, unless the final response is 2xx and any of the
  //# unacknowledged reliable provisional responses contained a session description. In that case,
  //# it MUST NOT send a final response until those provisional responses are acknowledged.
  //= RFC 3262 §5
  //# If the UAS had placed a session description in any reliable provisional response that is
  //# unacknowledged when the INVITE is accepted, the UAS MUST delay sending the 2xx until the
  //# provisional response is acknowledged.
  if (is2xx(status) && holds) return [{ ...s, waiting, final: status }];
  //= RFC 3262 §3
  //# If the UAS does send a final response when reliable responses are still unacknowledged, it
  //# SHOULD NOT continue to retransmit the unacknowledged reliable provisional responses, but it
  //# MUST be prepared to process PRACK requests for those outstanding responses.
  return [over(p, s, now), { kind: "SendFinal", status }];
}

function acknowledged(p: Params, s: Unacknowledged, description: boolean, now: Millis): Step {
  //= RFC 3262 §3
  //# If the PRACK does match an unacknowledged reliable provisional response, it MUST be responded
  //# to with a 2xx response.
  //= RFC 3262 §3
  //# It SHOULD cease retransmissions of the reliable provisional response, and MUST remove it from
  //# the list of unacknowledged provisional responses.
  const output = toAcknowledged(s.response, description);
  const [next, ...waiting] = s.waiting;
  //= RFC 3262 §3
  //# The value of the RSeq in each subsequent reliable provisional response for the same request
  //# MUST be greater by exactly one. RSeq numbers MUST NOT wrap around.
  const rseq = s.rseq + 1;
  if (next !== undefined && rseq <= MAX_RSEQ) {
    const [state, ...outputs] = sent(p, rseq, next, waiting, s.final, now);
    return [state, output, ...outputs];
  }
  if (s.final !== undefined) {
    return [TERMINATED, output, { kind: "SendFinal", status: s.final }];
  }
  return [{ name: "Idle", timerExtend: now + EXTEND_MS, rseq, first: false }, output];
}

function unacknowledgedTick(p: Params, s: Unacknowledged, now: Millis): Step {
  //= RFC 3262 §3
  //# If a reliable provisional response is retransmitted for 64*T1 seconds without reception of a
  //# corresponding PRACK, the UAS SHOULD reject the original request with a 5xx response.
  if (now >= s.timerGiveUp) {
    return [over(p, s, now), { kind: "GiveUp", id: s.response.id, status: 504 }];
  }
  if (now < s.timerRetransmit) return [s];
  //= RFC 3262 §3
  //# This differs from retransmissions of 2xx responses, whose intervals cap at T2 seconds.
  const intervalRetransmit = 2 * s.intervalRetransmit;
  const next = { ...s, intervalRetransmit, timerRetransmit: now + intervalRetransmit };
  return [next, { kind: "Send", id: s.response.id, rseq: s.rseq }];
}

function finished(p: Params, s: Finished, input: Input, now: Millis): Step {
  if (input.kind === "Prack") {
    if (!matches(p, s, input.rack)) return [s, REFUSE_PRACK];
    return [TERMINATED, toAcknowledged(s.response, input.description)];
  }
  return input.kind === "Tick" && now >= s.timerEnd ? [TERMINATED] : [s];
}

/** A PRACK that was sent in time has arrived 64*T1 later, or never will. */
const over = ({ t1 }: Params, { rseq, response }: Unacknowledged, now: Millis): Finished => ({
  name: "Finished",
  timerEnd: now + 64 * t1,
  rseq,
  response,
});

//= RFC 3262 §3
//# A matching PRACK is defined as one within the same dialog as the response, and whose method,
//# CSeq-num, and response-num in the RAck header field match, respectively, the method from the
//# CSeq, the sequence number from the CSeq, and the sequence number from the RSeq of the reliable
//# provisional response.
const matches = (p: Params, s: Unacknowledged | Finished, rack: RAck): boolean =>
  rack.cseq.method === "INVITE" && rack.cseq.number === p.cseq && rack.rseq === s.rseq;

function toAcknowledged({ id, description }: Provisional, hasBody: boolean): Output {
  //= RFC 3262 §5
  //# If the UAS receives a PRACK with an offer, it MUST place the answer in the 2xx to the PRACK.
  const body = hasBody ? (description === "Offer" ? "Answer" : "Offer") : "None";
  return { kind: "Acknowledged", id, body };
}

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
//= RFC 3262 §3
//# If a PRACK request is received by the UA core that does not match any unacknowledged reliable
//# provisional response, the UAS MUST respond to the PRACK with a 481 response.
const REFUSE_PRACK: Output = Object.freeze({ kind: "RefusePrack", status: 481 });
const hasDescription = ({ description }: Provisional) => description !== undefined;
const is2xx = (status: number) => status >= 200 && status < 300;
