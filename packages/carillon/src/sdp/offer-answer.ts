/**
 * Which SIP message carries an offer, which an answer, and which neither. RFC 6337, which puts
 * RFC 3261 §13, §14, RFC 3262 §5 and RFC 3311 §5 together.
 *
 * A pure machine for one end of one dialog: (state, input) -> [state, ...outputs]. Descriptions are
 * only held and compared, so that they may be of any kind: parsed, or plain text. Each message
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

/** A message that was sent or received in the dialog. */
export interface Input<D = Description> {
  /** Told before it is sent, and after it is received. */
  readonly kind: "Sent" | "Received";
  /** Which one; a retransmission is not told. */
  readonly message: Message;
  /** The session description in it (Content-Disposition session), if there is one. */
  readonly sdp?: D;
}

/** What follows from it, for whoever runs the dialog. */
export type Output<D = Description> =
  /** What we send is this, to be sent so. */
  | { readonly kind: "Sends"; readonly as: Role }
  /** The peer wants an answer, in the message that the state's `by` calls for. */
  | { readonly kind: "Offered"; readonly offer: D }
  /** An offer was answered: both ends have this now. */
  | { readonly kind: "Agreed"; readonly agreed: Agreed<D>; readonly answerer: "local" | "remote" }
  /** What the answer will be, told early: act on it, and offer nothing before the answer. */
  | { readonly kind: "Preview"; readonly answer: D }
  /** Our offer, or the peer's, came to nothing; what was agreed before holds. */
  | { readonly kind: "Dropped"; readonly offer: "local" | "remote" }
  /** The re-INVITE failed: this was agreed before it, and holds again. */
  | { readonly kind: "RolledBack"; readonly agreed: Agreed<D> | undefined }
  /** A description that means nothing here. */
  | { readonly kind: "Ignored"; readonly rule: Rule }
  /** Answer the request with this status; 500 with Retry-After of 0 to 10 seconds. */
  | { readonly kind: "Reject"; readonly status: 400 | 488 | 491 | 500; readonly rule: Rule }
  /** The peer broke a rule that cannot be mended: end the call. */
  | { readonly kind: "Broken"; readonly rule: Rule }
  /** We would break a rule: do not send it. */
  | { readonly kind: "Illegal"; readonly rule: Rule };

/**
 * What the description in a message is: `preview` is an answer told early, and `nothing` stands for
 * a message without one.
 */
export type Role = "offer" | "answer" | "preview" | "nothing";

/** The rule by its name in RFC 6337 §4.3, or by where it stands. */
export type Rule = string;

/** Where the exchange of offers and answers stands. RFC 3264 §4: one offer at a time. */
export type State<D = Description> = Stable<D> | OfferSent<D> | OfferReceived<D>;

/** What every state knows: the transactions under way, and what was agreed last. */
export interface Transactions<D = Description> {
  /** At most one is under way in a dialog. RFC 3261 §14.1. */
  readonly invite: Invite<D>;
  /** An UPDATE of ours has no final response yet. */
  readonly updateSent: boolean;
  /** An UPDATE of the peer's has none. */
  readonly updateReceived: boolean;
  /** What both ends have now; undefined before the first answer. */
  readonly agreed: Agreed<D> | undefined;
}

/** No offer is open. */
export interface Stable<D = Description> extends Transactions<D> {
  /** Tells the states apart. */
  readonly name: "Stable";
}

/** Our offer has no answer yet. */
export interface OfferSent<D = Description> extends Transactions<D> {
  /** Tells the states apart. */
  readonly name: "OfferSent";
  /** The message that carried it. */
  readonly by: Carrier;
  /** What we offered. */
  readonly offer: D;
  /** The peer told its answer in an unreliable response. */
  readonly preview?: D;
}

/** The peer's offer has no answer yet. */
export interface OfferReceived<D = Description> extends Transactions<D> {
  /** Tells the states apart. */
  readonly name: "OfferReceived";
  /** The message that carried it, which says what carries the answer. RFC 6337 §2.2. */
  readonly by: Carrier;
  /** What the peer offered. */
  readonly offer: D;
  /** We told our answer in an unreliable response. */
  readonly preview?: D;
}

/** What can carry an offer: RFC 6337 §2.2, table 1. */
export type Carrier = "INVITE" | "1xx-rel" | "2xx-INVITE" | "PRACK" | "UPDATE";

/** The INVITE that is under way in the dialog, if there is one. */
export type Invite<D = Description> =
  | { readonly name: "None" }
  | ({
      /** An INVITE of ours, or the peer's; with Ack its 2xx went by and its ACK did not. */
      readonly name: "Client" | "Server" | "ClientAck" | "ServerAck";
    } & InviteFacts<D>);

/** How far an INVITE's exchange of descriptions has come. RFC 6337 §2.2. */
export interface InviteFacts<D = Description> {
  /** Of the one exchange that an INVITE has: none begun, begun, done. */
  readonly exchange: "None" | "Begun" | "Done";
  /** Of the reliable response with a description: its PRACK is due, or has no 2xx yet. */
  readonly prack: "None" | "Due" | "Open";
  /** What was agreed when the INVITE went out. */
  readonly before: Agreed<D> | undefined;
}

/** The next state, and what is to be done, in order. */
export type Step<D = Description> = readonly [State<D>, ...Output<D>[]];

/** A dialog before its first INVITE. */
export const start = <D = Description>(): State<D> => ({
  name: "Stable",
  invite: { name: "None" },
  updateSent: false,
  updateReceived: false,
  agreed: undefined,
});

/** The state after a message, and what follows from it. RFC 6337 §2.2. */
export function step<D>(state: State<D>, input: Input<D>): Step<D> {
  return input.kind === "Sent" ? sent(state, input) : received(state, input);
}

/**
 * Whether a message may be sent now, with a description or without: sending it would not be
 * `Illegal`. RFC 6337 §4.3.
 */
export function mayUse<D>(state: State<D>, message: Message, sdp?: D): boolean {
  const input: Input<D> = sdp ? { kind: "Sent", message, sdp } : { kind: "Sent", message };
  return step(state, input)[1]?.kind !== "Illegal";
}

/** `OfferSent by INVITE | INVITE Client Begun | UPDATE None`: one readable line. */
export function printState<D>(state: State<D>): string {
  const { name, invite, updateSent, updateReceived } = state;
  const preview = name !== "Stable" && state.preview ? " (preview)" : "";
  const offer = name === "Stable" ? "" : ` by ${state.by}${preview}`;
  const update = UPDATES[Number(updateSent) + 2 * Number(updateReceived)];
  return `${name}${offer} | INVITE ${printInvite(invite)} | UPDATE ${update}`;
}

function printInvite<D>(invite: Invite<D>): string {
  if (invite.name === "None") return "None";
  const { name, exchange, prack } = invite;
  return `${name} ${exchange}${prack === "None" ? "" : `, PRACK ${prack}`}`;
}

const UPDATES = ["None", "Client", "Server", "Both"];

/** `Agreed (remote answered)`: one readable line, without the descriptions. */
export function printOutput<D>(output: Output<D>): string {
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
