/**
 * Reliable provisional responses, the side that receives them. RFC 3262 §4 and §5.
 *
 * One machine per early dialog of an INVITE that was sent: RSeq numbers are those of one UAS. The
 * machine has no clock: the PRACK's own transaction repeats it.
 */
import { MAX_RSEQ } from "../grammar/limits.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";

/** The INVITE has no final response. */
export interface Listening {
  /** Our word: RFC 3262 names no states. */
  readonly name: "Listening";
  /** The RSeq of the last one that came in order; undefined before the first. */
  //= RFC 3262 §4
  //# The UAC MUST maintain a sequence number that indicates the most recently received in-order
  //# reliable provisional response for the initial request.
  readonly rseq: number | undefined;
  /** Our offer went with the INVITE; or theirs is owed to us; or both sides have had their say. */
  readonly exchange: "Offered" | "Owed" | "Done";
}
/** The INVITE has its final response. */
export interface Finished {
  /** Our word: RFC 3262 names no states. */
  readonly name: "Finished";
}
/** Everything the machine remembers, told apart by `name`. */
export type State = Listening | Finished;

/**
 * What comes for the INVITE. `Provisional`: a 1xx of this dialog. `Final`: the final response. A
 * `Tick` changes nothing.
 */
export type Input =
  | {
      readonly kind: "Provisional";
      readonly status: number;
      /** Its Require lists 100rel. */
      readonly required: boolean;
      readonly rseq: number | undefined;
      readonly toTag: string;
      /** Whether it has a session description. */
      readonly description: boolean;
    }
  | { readonly kind: "Final" }
  | { readonly kind: "Tick" }
  | { readonly kind: "Abandon" };

/** What is to be done, in this order. */
export type Output =
  /** Send a PRACK for this RSeq in the response's dialog. */
  | { readonly kind: "Prack"; readonly rseq: number; readonly body: OwnPrackBody }
  /** The response is for the user. Where this is missing it has to be forgotten. */
  | { readonly kind: "ToUser"; readonly status: number };

/** What our PRACK holds: nothing, the answer it owes, or a new offer if there is one to make. */
export type OwnPrackBody = "None" | "Answer" | "MayOffer";

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What stays the same as long as the INVITE lives. */
export interface Params {
  /** Whether the INVITE had an offer. */
  readonly inviteOffered: boolean;
}

/** Begins as `Listening`. */
export const start = ({ inviteOffered }: Params, _: Millis): Step => [
  { name: "Listening", rseq: undefined, exchange: inviteOffered ? "Offered" : "Owed" },
];

/** One input, handled at once. Never throws for what a peer sent. */
export function step(_: Params, s: State, input: Input, __: Millis): Step {
  //= RFC 3262 §4
  //# The UAC MAY acknowledge reliable provisional responses received after the final response or
  //# MAY discard them.
  if (s.name === "Finished") return [s];
  switch (input.kind) {
    case "Provisional":
      return provisional(s, input);
    case "Tick":
      return [s];
    default:
      //= RFC 3262 §4
      //# This sequence number MUST be maintained until a final response is received for the initial
      //# request.
      return [FINISHED];
  }
}

/** It waits for nothing of its own. */
export const deadline = (_: State): Millis => NEVER;

type Received = Extract<Input, { kind: "Provisional" }>;

function provisional(s: Listening, received: Received): Step {
  const { status, required, rseq, toTag } = received;
  const toUser: Output = { kind: "ToUser", status };
  //= RFC 3262 §4
  //# If a provisional response is received for an initial request, and that response contains a
  //# Require header field containing the option tag 100rel, the response is to be sent reliably. If
  //# the response is a 100 (Trying) (as opposed to 101 to 199), this option tag MUST be ignored,
  //# and the procedures below MUST NOT be used.
  if (!required || rseq === undefined || status === 100) return [s, toUser];
  //= RFC 3262 §4
  //# The provisional response MUST establish a dialog if one is not yet created.
  if (toTag === "") return [s];
  if (!inOrder(s, rseq)) return [s];
  //= RFC 3262 §4
  //# Assuming the response is to be transmitted reliably, the UAC MUST create a new request with
  //# method PRACK.
  const exchange = received.description ? "Done" : s.exchange;
  return [{ ...s, rseq, exchange }, { kind: "Prack", rseq, body: bodyFor(s, exchange) }, toUser];
}

function inOrder(s: Listening, rseq: number): boolean {
  //= RFC 3262 §4
  //# Its value MUST be initialized to the RSeq header field in the first reliable provisional
  //# response received for the initial request.
  if (s.rseq === undefined) return rseq >= 1 && rseq <= MAX_RSEQ;
  //= RFC 3262 §4
  //# Once a reliable provisional response is received, retransmissions of that response MUST be
  //# discarded.
  //= RFC 3262 §4
  //# As a result, if the UAC receives another reliable provisional response to the same request,
  //# and its RSeq value is not one higher than the value of the sequence number, that response MUST
  //# NOT be acknowledged with a PRACK, and MUST NOT be processed further by the UAC.
  return rseq === s.rseq + 1;
}

//= RFC 3262 §5
//# If the UAC receives a reliable provisional response with an offer (this would occur if the UAC
//# sent an INVITE without an offer, in which case the first reliable provisional response will
//# contain the offer), it MUST generate an answer in the PRACK. If the UAC receives a reliable
//# provisional response with an answer, it MAY generate an additional offer in the PRACK.
function bodyFor(before: Listening, exchange: Listening["exchange"]): OwnPrackBody {
  if (exchange !== "Done") return "None";
  return before.exchange === "Owed" ? "Answer" : "MayOffer";
}

const FINISHED: Finished = Object.freeze({ name: "Finished" });
