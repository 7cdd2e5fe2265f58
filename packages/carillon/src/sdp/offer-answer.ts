/**
 * Which SIP message carries an offer, which an answer, and which neither. RFC 6337, which puts
 * RFC 3261 §13, §14, RFC 3262 §5 and RFC 3311 §5 together.
 *
 * A pure machine for one end of one dialog: (state, input) -> [state, ...outputs]. Each message
 * that may carry a description is fed to it, before it is sent and after it is received, without
 * retransmissions. Nothing here waits for time, so there is no deadline.
 *
 * A message that must not be sent yields `Illegal`, and the state is as it was: ask first, with
 * `mayUse`. A request that has to be refused yields `Reject` with the status, and the state is as
 * it was: the response to it is not fed.
 */
import type { Agreed } from "./agreed.ts";
import type { Description } from "./description.ts";
import { received } from "./offer-answer-received.ts";
import { sent } from "./offer-answer-sent.ts";

/**
 * What moves a description. 1xx is a provisional response without 100rel, 1xx-rel one with it;
 * a name after a number is the request that it answers. CANCEL, BYE and the rest move none.
 */
export type Message =
  | "INVITE"
  | "1xx"
  | "1xx-rel"
  | "2xx-INVITE"
  | "ACK"
  | "PRACK"
  | "2xx-PRACK"
  | "UPDATE"
  | "2xx-UPDATE"
  /** 3xx to 6xx, and an end without any answer. */
  | "failure-INVITE"
  | "failure-PRACK"
  | "failure-UPDATE";

export interface Input {
  readonly kind: "Sent" | "Received";
  readonly message: Message;
  /** The session description in it (Content-Disposition session), if there is one. */
  readonly sdp?: Description;
}

export type Output =
  /** What we send is this, to be sent so. */
  | { readonly kind: "Sends"; readonly as: Role }
  /** The peer wants an answer, in the message that the state's `by` calls for. */
  | { readonly kind: "Offered"; readonly offer: Description }
  /** An offer was answered: both ends have this now. */
  | { readonly kind: "Agreed"; readonly agreed: Agreed; readonly answerer: "local" | "remote" }
  /** What the answer will be, told early: act on it, and offer nothing before the answer. */
  | { readonly kind: "Preview"; readonly answer: Description }
  /** Our offer, or the peer's, came to nothing; what was agreed before holds. */
  | { readonly kind: "Dropped"; readonly offer: "local" | "remote" }
  /** The re-INVITE failed: this was agreed before it, and holds again. */
  | { readonly kind: "RolledBack"; readonly agreed: Agreed | undefined }
  /** A description that means nothing here. */
  | { readonly kind: "Ignored"; readonly rule: Rule }
  /** Answer the request with this status; 500 with Retry-After of 0 to 10 seconds. */
  | { readonly kind: "Reject"; readonly status: 400 | 488 | 491 | 500; readonly rule: Rule }
  /** The peer broke a rule that cannot be mended: end the call. */
  | { readonly kind: "Broken"; readonly rule: Rule }
  /** We would break a rule: do not send it. */
  | { readonly kind: "Illegal"; readonly rule: Rule };

export type Role = "offer" | "answer" | "preview" | "nothing";

/** The rule by its name in RFC 6337 §4.3, or by where it stands. */
export type Rule = string;

export type State = Stable | OfferSent | OfferReceived;

interface Transactions {
  readonly invite: Invite;
  /** An UPDATE of ours that has no final response yet, and one of the peer's. */
  readonly updateSent: boolean;
  readonly updateReceived: boolean;
  readonly agreed: Agreed | undefined;
}

export interface Stable extends Transactions {
  readonly name: "Stable";
}
export interface OfferSent extends Transactions {
  readonly name: "OfferSent";
  readonly by: Carrier;
  readonly offer: Description;
  /** The peer told its answer in an unreliable response. */
  readonly preview?: Description;
}
export interface OfferReceived extends Transactions {
  readonly name: "OfferReceived";
  readonly by: Carrier;
  readonly offer: Description;
  readonly preview?: Description;
}

/** What can carry an offer: RFC 6337 §2.2, table 1. */
export type Carrier = "INVITE" | "1xx-rel" | "2xx-INVITE" | "PRACK" | "UPDATE";

export type Invite =
  | { readonly name: "None" }
  | ({
      /** An INVITE of ours, or the peer's; with Ack its 2xx went by and its ACK did not. */
      readonly name: "Client" | "Server" | "ClientAck" | "ServerAck";
    } & InviteFacts);

export interface InviteFacts {
  /** Of the one exchange that an INVITE has: none begun, begun, done. */
  readonly exchange: "None" | "Begun" | "Done";
  /** Of the reliable response with a description: its PRACK is due, or has no 2xx yet. */
  readonly prack: "None" | "Due" | "Open";
  /** What was agreed when the INVITE went out. */
  readonly before: Agreed | undefined;
}

export type Step = readonly [State, ...Output[]];

/** A dialog before its first INVITE. */
export const start = (): State => ({
  name: "Stable",
  invite: { name: "None" },
  updateSent: false,
  updateReceived: false,
  agreed: undefined,
});

export function step(state: State, input: Input): Step {
  return input.kind === "Sent" ? sent(state, input) : received(state, input);
}

/** Whether a message may be sent now, with a description or without. */
export function mayUse(state: State, message: Message, sdp?: Description): boolean {
  const input: Input = sdp ? { kind: "Sent", message, sdp } : { kind: "Sent", message };
  return step(state, input)[1]?.kind !== "Illegal";
}

/** Whether a new offer may go out now in this request. */
export const mayOffer = (state: State, message: "INVITE" | "UPDATE" | "PRACK"): boolean =>
  mayUse(state, message, NOTHING) && state.name === "Stable";

const NOTHING: Description = { session: [], media: [] };

/** `OfferSent by INVITE | INVITE Client Begun | UPDATE None`: one readable line. */
export function printState(state: State): string {
  const { name, invite, updateSent, updateReceived } = state;
  const preview = name !== "Stable" && state.preview ? " (preview)" : "";
  const offer = name === "Stable" ? "" : ` by ${state.by}${preview}`;
  const update = UPDATES[Number(updateSent) + 2 * Number(updateReceived)];
  return `${name}${offer} | INVITE ${printInvite(invite)} | UPDATE ${update}`;
}

function printInvite(invite: Invite): string {
  if (invite.name === "None") return "None";
  const { name, exchange, prack } = invite;
  return `${name} ${exchange}${prack === "None" ? "" : `, PRACK ${prack}`}`;
}

const UPDATES = ["None", "Client", "Server", "Both"];

export function printOutput(output: Output): string {
  switch (output.kind) {
    case "Sends":
      return `Sends ${output.as}`;
    case "Agreed":
      return `Agreed (${output.answerer} answered)`;
    case "Dropped":
      return `Dropped ${output.offer} offer`;
    case "Reject":
      return `Reject ${output.status} (${output.rule})`;
    case "Ignored":
    case "Broken":
    case "Illegal":
      return `${output.kind} (${output.rule})`;
    default:
      return output.kind;
  }
}
