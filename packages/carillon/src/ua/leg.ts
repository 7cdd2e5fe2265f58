/**
 * One dialog of a call and what goes on in it: answers that wait for their ACK, re-INVITEs, BYE.
 * RFC 3261 §12.2, §14.2, §15.
 */
import { addressRequest, advanced, type Dialog, receiveRequest } from "../dialog/dialog.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { ServerTransaction, ServerUser } from "../endpoint/server-transaction.ts";
import { fromText, toText } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import type { Agent } from "./agent.ts";
import { AwaitedAck } from "./awaited-ack.ts";
import { ACCEPT, ALLOW, contentObjection, methodObjection, requireObjection } from "./objection.ts";
import type { RequestUser } from "./outgoing-request.ts";
import type { Farewell } from "./session.ts";
import type { CallEnd } from "./sip-error.ts";

export interface LegUser {
  /** The ACK of our 2xx came, with this in it. */
  acknowledged(description: string): void;
  offered(description: string, reply: (answer: string | undefined) => void): void;
  /** Not by us: they hung up, or their ACK never came. */
  ended(end: CallEnd): void;
  /** Nothing more will come of it. */
  gone(): void;
}

type State =
  /** Theirs is the INVITE, and it waits for our answer: the first one, or a later one. */
  | { readonly name: "Asked"; readonly invite: ServerTransaction; readonly isFirst: boolean }
  /** Our 2xx waits for its ACK; if we want to leave, the BYE has to wait for it, too. */
  | { readonly name: "Unacknowledged"; readonly ack: AwaitedAck; readonly leaving?: Farewell }
  | { readonly name: "Quiet" }
  /** Our BYE is on its way. */
  | { readonly name: "Leaving" }
  | { readonly name: "Gone" };

export class Leg {
  readonly #agent: Agent;
  readonly #user: LegUser;
  #dialog: Dialog;
  #state: State;

  /** With the INVITE that it answers, or without for one of ours that was answered. */
  constructor(agent: Agent, dialog: Dialog, user: LegUser, invite?: ServerTransaction) {
    this.#agent = agent;
    this.#dialog = dialog;
    this.#user = user;
    this.#state = invite ? { name: "Asked", invite, isFirst: true } : { name: "Quiet" };
  }

  get isGone(): boolean {
    return this.#state.name === "Gone";
  }

  /** The tag that tells whether a request is for this dialog or for another of the same call. */
  get remoteTag(): string {
    return this.#dialog.remoteTag;
  }

  // ---- what our side does ----------------------------------------------------------------------

  /** Tells that somebody is being looked for. */
  ring(): void {
    if (this.#state.name !== "Asked") return;
    const { invite } = this.#state;
    invite.reply({ status: 180, ...this.#replyIn(invite.incoming.request) });
  }

  /** Answers the INVITE that waits with this description. */
  answer(description: string): void {
    if (this.#state.name !== "Asked" || this.#state.invite.status >= 200) return;
    const { invite } = this.#state;
    const { endpoint } = this.#agent;
    const { headers, toTag } = this.#replyIn(invite.incoming.request);
    //= RFC 3261 §20.15
    //# The Content-Type header field MUST be present if the body is not empty.
    //= RFC 3261 §20.12
    //# The server MUST only use encodings listed in the Accept-Encoding header field in the
    //# request.
    // None is used: whatever the other side takes, it takes what is not encoded.
    const described: HeaderField[] = [...headers, ["Content-Type", "application/sdp"]];
    //= RFC 3261 §13.3.1.4
    //# If the INVITE request contained an offer, and the UAS had not yet sent an answer, the 2xx
    //# MUST contain an answer. If the INVITE did not contain an offer, the 2xx MUST contain an
    //# offer if the UAS had not yet sent an offer.
    //= RFC 3261 §13.2.1
    //# If the initial offer is in an INVITE, the answer MUST be in a reliable non-failure message
    //# from UAS back to UAC which is correlated to that INVITE.
    //= RFC 3261 §13.2.1
    //# Once the UAS has sent or received an answer to the initial offer, it MUST NOT generate
    //# subsequent offers in any responses to the initial INVITE.
    const body = fromText(description);
    const reply = { status: 200, headers: described, body, toTag };
    const text = endpoint.composeReply(invite.incoming, reply);
    this.#dialog = { ...this.#dialog, state: "Confirmed" };
    const ack = new AwaitedAck(endpoint, invite, text, () => this.#neverAcknowledged());
    this.#state = { name: "Unacknowledged", ack };
  }

  /** Refuses the INVITE that waits. Refusing the first one ends the dialog. */
  refuse(reply: Reply): void {
    if (this.#state.name !== "Asked") return;
    const { invite, isFirst } = this.#state;
    invite.reply({ ...reply, toTag: this.#dialog.localTag });
    this.#state = { name: isFirst ? "Gone" : "Quiet" };
    if (isFirst) this.#user.gone();
  }

  //= RFC 3261 §15
  //# A UA MUST NOT send a BYE outside of a dialog.
  /** Leaves a dialog that has been confirmed. */
  leave(why: Farewell): void {
    const state = this.#state;
    //= RFC 3261 §15
    //# However, the callee's UA MUST NOT send a BYE on a confirmed dialog until it has received an
    //# ACK for its 2xx response or until the server transaction times out.
    if (state.name === "Unacknowledged") this.#state = { ...state, leaving: why };
    else if (state.name === "Quiet") this.#bye(why);
    else if (state.name === "Asked" && !state.isFirst) {
      this.refuse({ status: 487 });
      this.#bye(why);
    }
  }

  //= RFC 3261 §15.1.1
  //# The UAC MUST consider the session terminated (and therefore stop sending or listening for
  //# media) as soon as the BYE request is passed to the client transaction.
  #bye(why: Farewell): void {
    this.#state = { name: "Leaving" };
    const agent = this.#agent;
    const first = advanced(this.#dialog);
    const { uri, headers } = addressRequest(first, "BYE", first.localSeq);
    const reason: readonly HeaderField[] = why === "MediaFailed" ? [["Reason", MEDIA_FAILED]] : [];
    const others = [...headers.filter(([name]) => name !== "CSeq"), ...reason];
    const nextSeq = () => {
      this.#dialog = advanced(this.#dialog);
      return this.#dialog.localSeq;
    };
    //= RFC 3261 §15.1.1
    //# If the response for the BYE is a 481 (Call/Transaction Does Not Exist) or a 408 (Request
    //# Timeout) or no response at all is received for the BYE (that is, a timeout is returned by
    //# the client transaction), the UAC MUST consider the session and the dialog terminated.
    const user: RequestUser = {
      response: ({ status }) => void (status >= 200 && this.#end()),
      failed: () => this.#end(),
    };
    if (!agent.send({ method: "BYE", uri, headers: others }, user, nextSeq)) this.#end();
  }

  //= RFC 3261 §13.3.1.4
  //# If the server retransmits the 2xx response for 64*T1 seconds without receiving an ACK, the
  //# dialog is confirmed, but the session SHOULD be terminated.
  #neverAcknowledged(): void {
    const message = "The other side went silent.";
    this.#bye("HungUp");
    this.#user.ended({ by: "network", code: "SIP_TIMEOUT", message });
  }

  // ---- what the other side does ----------------------------------------------------------------

  /** A request in this dialog. */
  request(from: Incoming): void {
    const { endpoint } = this.#agent;
    const { request, essentials } = from;
    const isOver = this.#state.name === "Gone" || this.#state.name === "Leaving";
    // Two BYEs that cross are both right; anything else comes too late.
    if (isOver && request.method !== "BYE") return endpoint.reply(from, { status: 481 });
    const dialog = receiveRequest(this.#dialog, request, essentials.cseq.number);
    if (!dialog) return endpoint.reply(from, { status: 500 });
    const wrong =
      methodObjection(request) ?? requireObjection(request) ?? contentObjection(request);
    if (wrong) return endpoint.reply(from, wrong);
    //= RFC 3261 §8.2
    //# If a request is accepted, all state changes associated with it MUST be performed. If it is
    //# rejected, all state changes MUST NOT be performed.
    const settled = request.method !== "INVITE";
    this.#dialog = settled ? dialog : { ...dialog, remoteTarget: this.#dialog.remoteTarget };
    if (request.method === "BYE") this.#theyLeave(from);
    else if (request.method === "INVITE") this.#asked(from, dialog);
    else endpoint.accept(from, UNCONCERNED)?.reply({ status: 200, headers: CAPABILITIES });
  }

  /** An ACK in this dialog. */
  ack({ request, essentials }: Incoming): void {
    const state = this.#state;
    if (state.name !== "Unacknowledged" || !state.ack.isFor(essentials)) return;
    state.ack.stop();
    this.#state = { name: "Quiet" };
    //= RFC 3261 §13.2.1
    //# If the initial offer is in the first reliable non-failure message from the UAS back to UAC,
    //# the answer MUST be in the acknowledgement for that message (in this specification, ACK for a
    //# 2xx response).
    if (state.leaving) this.#bye(state.leaving);
    else this.#user.acknowledged(toText(request.body));
  }

  //= RFC 3261 §15.1.2
  //# A UAS core receiving a BYE request for an existing dialog MUST follow the procedures of
  //# Section 12.2.2 to process the request. Once done, the UAS SHOULD terminate the session (and
  //# therefore stop sending and listening for media).
  #theyLeave(from: Incoming): void {
    const state = this.#state;
    //= RFC 3261 §15.1.2
    //# Whether or not it ends its participation on the session, the UAS core MUST generate a 2xx
    //# response to the BYE, and MUST pass that to the server transaction for transmission.
    this.#agent.endpoint.accept(from, UNCONCERNED)?.reply({ status: 200 });
    //= RFC 3261 §15.1.2
    //# The UAS MUST still respond to any pending requests received for that dialog.
    if (state.name === "Asked") state.invite.reply({ status: 487, toTag: this.#dialog.localTag });
    if (state.name === "Unacknowledged") state.ack.stop();
    // Our own BYE, if there is one, still waits for its answer.
    if (state.name !== "Leaving") this.#end();
    this.#user.ended(endOf(from.request));
  }

  /** RFC 3261 §14.2. `dialog` is what holds if the re-INVITE is accepted. */
  #asked(from: Incoming, dialog: Dialog): void {
    const { endpoint } = this.#agent;
    const invite = endpoint.accept(from, this.#reinviteUser);
    if (!invite) return;
    //= RFC 3261 §14.2
    //# A UAS that receives a second INVITE before it sends the final response to a first INVITE
    //# with a lower CSeq sequence number on the same dialog MUST return a 500 (Server Internal
    //# Error) response to the second INVITE and MUST include a Retry-After header field with a
    //# randomly chosen value of between 0 and 10 seconds.
    if (this.#state.name !== "Quiet") {
      const seconds = Number.parseInt(endpoint.ids.random(1), 16) % 11;
      return invite.reply({ status: 500, headers: [["Retry-After", String(seconds)]] });
    }
    this.#state = { name: "Asked", invite, isFirst: false };
    const offer = toText(from.request.body);
    if (offer === "") return this.refuse({ status: 488 });
    //= RFC 3261 §14.2
    //# If a UA receives a re-INVITE for an existing dialog, it MUST check any version identifiers
    //# in the session description or, if there are no version identifiers, the content of the
    //# session description to see if it has changed. If the session description has changed, the
    //# UAS MUST adjust the session parameters accordingly, possibly after asking the user for
    //# confirmation.
    this.#user.offered(offer, (answer) => {
      if (this.#state.name !== "Asked" || this.#state.invite !== invite) return;
      if (answer === undefined) return this.refuse({ status: 488 });
      this.#dialog = { ...this.#dialog, remoteTarget: dialog.remoteTarget };
      this.answer(answer);
    });
  }

  readonly #reinviteUser: ServerUser = {
    cancelled: (invite) => {
      if (this.#state.name === "Asked" && this.#state.invite === invite) {
        this.refuse({ status: 487 });
      }
    },
    failed() {},
  };

  #end(): void {
    if (this.#state.name === "Gone") return;
    this.#state = { name: "Gone" };
    this.#user.gone();
  }

  /** Contact, and the Record-Route of the INVITE. RFC 3261 §12.1.1. */
  #replyIn(invite: Request): { headers: readonly HeaderField[]; toTag: string } {
    const { contact } = this.#agent;
    //= RFC 3261 §12.1.1
    //# When a UAS responds to a request with a response that establishes a dialog (such as a 2xx to
    //# INVITE), the UAS MUST copy all Record-Route header field values from the request into the
    //# response (including the URIs, URI parameters, and any Record-Route header field parameters,
    //# whether they are known or unknown to the UAS) and MUST maintain the order of those values.
    const routes = headerLines(invite, "Record-Route");
    //= RFC 3261 §12.1.1
    //# The UAS MUST add a Contact header field to the response.
    //= RFC 3261 §12.1.1
    //# The URI provided in the Contact header field MUST be a SIP or SIPS URI.
    //= RFC 3261 §20
    //# Similarly, a header field labeled "not applicable" for a response means that the UAS MUST
    //# NOT place the header field in the response, and the UAC MUST ignore the header field in the
    //# response.
    const headers: readonly HeaderField[] = [
      ...routes.map((one): HeaderField => ["Record-Route", one]),
      ["Contact", `<${contact}>`],
      ["Allow", ALLOW],
    ];
    return { headers, toTag: this.#dialog.localTag };
  }
}

/** What a BYE says of why. */
function endOf(bye: Request): CallEnd {
  const reasons = headerLines(bye, "Reason").join();
  if (/\bSIP\s*;\s*cause\s*=\s*488\b/i.test(reasons)) {
    const message = "Voice or video did not work on the other side.";
    return { by: "remote", code: "SIP_MEDIA", message };
  }
  return { by: "remote", code: "SIP_HUNG_UP", message: "They hung up." };
}

const MEDIA_FAILED = 'SIP;cause=488;text="Voice or video did not work"';
const CAPABILITIES: readonly HeaderField[] = [["Allow", ALLOW], ...ACCEPT];
const UNCONCERNED: ServerUser = { cancelled() {}, failed() {} };
