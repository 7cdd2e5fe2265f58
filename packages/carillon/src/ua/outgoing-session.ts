/** A call that goes out: its INVITE, and every dialog that its answers make. RFC 3261 §13.2. */
import { addressRequest, type Dialog, uacDialog } from "../dialog/dialog.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { flat, fromText, type Octets, toText } from "../grammar/octets.ts";
import { composeRequest, type HeaderField } from "../message/compose.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import { headerLines } from "../message/headers.ts";
import type { Request, Response } from "../message/message.ts";
import { NEVER } from "../transaction/timers.ts";
import type { Agent } from "./agent.ts";
import { invitationTo } from "./invitation.ts";
import { Leg, type LegUser } from "./leg.ts";
import { ALLOW } from "./objection.ts";
import { type OutgoingRequest, type RequestUser, sendable } from "./outgoing-request.ts";
import { type Farewell, type Session, type SessionUser, SILENT } from "./session.ts";
import { type CallEnd, errorOf } from "./sip-error.ts";
import { isUsable } from "./usable-dialog.ts";

type State =
  /** No final response yet. */
  | { readonly name: "Inviting" }
  /** Taken back, but a 2xx may cross the CANCEL. */
  | { readonly name: "Cancelling" }
  | { readonly name: "Talking"; readonly leg: Leg }
  | { readonly name: "Over" };

/** A 2xx that was ACKed: it gets the same ACK each time it comes again. */
interface Acknowledged {
  readonly ack: Octets;
  readonly leg: Leg;
}

/**
 * How long somebody is called. Three minutes are more than anybody lets it ring, and a proxy may
 * give up then by itself (RFC 3261 §16.6, timer C). What rings at a device whose every word to us
 * was lost ends with it, too: a CANCEL must not be sent to who has not been heard (§9.1).
 */
const RING_SECONDS = 180;

/** Answers of one INVITE that are dealt with; no call has so many forks. */
const MAX_ANSWERS = 64;

export class OutgoingSession implements Session, RequestUser, Timed {
  readonly callId: Octets;
  readonly localTag: Octets;
  #user: SessionUser;
  readonly #agent: Agent;
  readonly #answers = new Map<Octets, Acknowledged>();
  #invite: OutgoingRequest | undefined;
  #seq = 0;
  readonly #timer: Timer = newTimer(this);
  #state: State = { name: "Inviting" };

  /** Sends an INVITE with this offer. */
  constructor(agent: Agent, target: Octets, offer: string, user: SessionUser) {
    const { ids } = agent.endpoint;
    const { uri, to, headers: asked } = invitationTo(target);
    this.#agent = agent;
    this.#user = user;
    //= RFC 3261 §8.1.1.4
    //# In a new request created by a UAC outside of any dialog, the Call-ID header field MUST be
    //# selected by the UAC as a globally unique identifier over space and time unless overridden by
    //# method-specific behavior.
    this.callId = ids.unique();
    this.localTag = ids.unique();
    agent.add(this);
    const headers: HeaderField[] = [
      //= RFC 3261 §8.1.1.6
      //# A UAC MUST insert a Max-Forwards header field into each request it originates with a value
      //# that SHOULD be 70.
      ["Max-Forwards", "70"],
      //= RFC 3261 §8.1.1.3
      //# The From field MUST contain a new "tag" parameter, chosen by the UAC.
      ["From", `${agent.address};tag=${this.localTag}`],
      //= RFC 3261 §8.1.1.2
      //# A request outside of a dialog MUST NOT contain a To tag
      ["To", `<${to}>`],
      ["Call-ID", this.callId],
      //= RFC 3261 §8.1.1.8
      //# The Contact header field MUST be present and contain exactly one SIP or SIPS URI in any
      //# request that can result in the establishment of a dialog.
      //= RFC 3261 §12.1.2
      //# When a UAC sends a request that can establish a dialog (such as an INVITE) it MUST provide
      //# a SIP or SIPS URI with global scope (i.e., the same SIP URI can be used in messages
      //# outside this dialog) in the Contact header field of the request.
      ["Contact", `<${agent.contact}>`],
      //= RFC 3261 §13.2.1
      //# The UAC MAY add an Expires header field (Section 20.19) to limit the validity of the
      //# invitation.
      ["Expires", String(RING_SECONDS)],
      ["Allow", ALLOW],
      ...asked,
      //= RFC 3261 §7.4.1
      //# The Internet media type of the message body MUST be given by the Content-Type header
      //# field. If the body has undergone any encoding such as compression, then this MUST be
      //# indicated by the Content-Encoding header field; otherwise, Content-Encoding MUST be
      //# omitted.
      //= RFC 3261 §7.4.1
      //# Implementations that send requests containing multipart message bodies MUST send a session
      //# description as a non-multipart message body if the remote implementation requests this
      //# through an Accept header field that does not contain multipart.
      // A description always goes alone, and as it is.
      ["Content-Type", "application/sdp"],
    ];
    //= RFC 3261 §13.2.1
    //# The initial offer MUST be in either an INVITE or, if not there, in the first reliable
    //# non-failure message from the UAS back to the UAC.
    const what = { method: "INVITE", uri, headers, body: fromText(offer) };
    this.#invite = agent.send(what, this, () => ++this.#seq);
    if (!this.#invite) agent.endpoint.later(() => this.failed("transport"));
    agent.endpoint.schedule(this.#timer, agent.endpoint.now + 1000 * RING_SECONDS);
  }

  hangUp(why: Farewell = "HungUp"): void {
    this.#user = SILENT;
    const state = this.#state;
    if (state.name === "Inviting") this.#takeBack();
    else if (state.name === "Talking") {
      this.#state = { name: "Over" };
      state.leg.leave(why);
    }
  }

  //= RFC 3261 §13.2.1
  //# If the time indicated in the Expires header field is reached and no final answer for the
  //# INVITE has been received, the UAC core SHOULD generate a CANCEL request for the INVITE, as per
  //# Section 9.
  due(): void {
    if (this.#state.name !== "Inviting") return;
    const user = this.#user;
    this.#user = SILENT;
    this.#takeBack();
    user.ended({ by: "local", code: "SIP_TIMEOUT", status: 408, message: NOBODY });
  }

  #takeBack(): void {
    this.#become({ name: "Cancelling" });
    this.#invite?.cancel();
  }

  /** Whatever comes of it, the wait for an answer is over. */
  #become(state: State): void {
    this.#state = state;
    this.#agent.endpoint.schedule(this.#timer, NEVER);
  }

  request(from: Incoming): void {
    const leg = this.#answers.get(from.essentials.fromTag)?.leg;
    if (leg) return leg.request(from);
    //= RFC 3261 §14.2
    //# A UAS that receives an INVITE on a dialog while an INVITE it had sent on that dialog is in
    //# progress MUST return a 491 (Request Pending) response to the received INVITE.
    const pending = this.#state.name === "Inviting" && from.request.method === "INVITE";
    this.#agent.endpoint.reply(from, { status: pending ? 491 : 481 });
  }

  ack(from: Incoming): void {
    this.#answers.get(from.essentials.fromTag)?.leg.ack(from);
  }

  /** Its transaction says so, too, if it still waits for an answer. */
  cutOff(): void {}

  // ---- what the INVITE's transaction says ------------------------------------------------------

  response(response: Response, essentials: Essentials): void {
    const { status } = response;
    if (status >= 300) return this.#refused(response);
    if (status >= 200) return this.#answered(response, essentials);
    //= RFC 3261 §8.1.3.2
    //# A UAC MUST treat any provisional response different than 100 that it does not recognize as
    //# 183 (Session Progress). A UAC MUST be able to process 100 and 183 responses.
    if (status > 100) this.#user.ringing();
  }

  failed(reason: "timeout" | "transport" | "abandoned"): void {
    //= RFC 3261 §8.1.3.1
    //# When a timeout error is received from the transaction layer, it MUST be treated as if a 408
    //# (Request Timeout) status code has been received. If a fatal transport error is reported by
    //# the transport layer (generally, due to fatal ICMP errors in UDP or connection failures in
    //# TCP), the condition MUST be treated as a 503 (Service Unavailable) status code.
    this.#over(
      reason === "transport"
        ? { by: "network", code: "SIP_TRANSPORT", status: 503, message: NO_WAY }
        : { by: "network", code: "SIP_TIMEOUT", status: 408, message: NOBODY },
    );
  }

  #refused(response: Response): void {
    const error = errorOf(response.status, this.#agent.reasonIn(response));
    const { code, message, status = 0 } = error;
    this.#over({ by: "remote", code, message, status });
  }

  //= RFC 3261 §13.2.2.4
  //# The UAC core MUST generate an ACK request for each 2xx received from the transaction layer.
  #answered(response: Response, essentials: Essentials): void {
    const again = this.#answers.get(essentials.toTag);
    //= RFC 3261 §13.2.2.4
    //# The ACK MUST be passed to the client transport every time a retransmission of the 2xx final
    //# response that triggered the ACK arrives.
    if (again) return this.#agent.transmit(again.ack);
    const invite = this.#invite?.client?.request;
    if (!invite || this.#answers.size >= MAX_ANSWERS) return;
    //= RFC 3261 §13.2.2.4
    //# If the dialog identifier in the 2xx response matches the dialog identifier of an existing
    //# dialog, the dialog MUST be transitioned to the "confirmed" state, and the route set for the
    //# dialog MUST be recomputed based on the 2xx response using the procedures of Section
    //# 12.2.1.2.
    // Of an early dialog nothing is kept, so that its confirmed one is all the 2xx's.
    //= RFC 3261 §13.2.2.4
    //# Otherwise, a new dialog in the "confirmed" state MUST be constructed using the procedures of
    //# Section 12.1.2.
    const sent = readEssentials(invite);
    const dialog = sent.ok ? uacDialog(invite, sent.value, response, essentials) : undefined;
    if (!dialog || !isUsable(dialog)) return this.#notUnderstood();
    const ack = this.#acknowledge(invite, dialog);
    const leg: Leg = new Leg(
      this.#agent,
      dialog,
      this.#legUser(() => leg),
    );
    this.#answers.set(flat(essentials.toTag), { ack, leg });
    this.#agent.add(this);
    if (this.#state.name === "Inviting") {
      this.#become({ name: "Talking", leg });
      return this.#user.answered(toText(response.body));
    }
    //= RFC 3261 §13.2.2.4
    //# If, after acknowledging any 2xx response to an INVITE, the UAC does not want to continue
    //# with that dialog, then the UAC MUST terminate the dialog by sending a BYE request as
    //# described in Section 15.
    if (this.#state.name === "Cancelling") this.#state = { name: "Over" };
    leg.leave("HungUp");
  }

  //= RFC 3261 §13.2.2.4
  //# The header fields of the ACK are constructed in the same way as for any request sent within a
  //# dialog (see Section 12) with the exception of the CSeq and the header fields related to
  //# authentication. The sequence number of the CSeq header field MUST be the same as the INVITE
  //# being acknowledged, but the CSeq method MUST be ACK. The ACK MUST contain the same credentials
  //# as the INVITE.
  #acknowledge(invite: Request, dialog: Dialog): Octets {
    //= RFC 3261 §8.2.2.3
    //# An ACK request for a 2xx response MUST contain only those Require and Proxy-Require values
    //# that were present in the initial request.
    const { uri, headers } = addressRequest(dialog, "ACK", dialog.localSeq);
    const names = ["Authorization", "Proxy-Authorization"] as const;
    const credentials = names.flatMap((name) =>
      headerLines(invite, name).map((value): HeaderField => [name, value]),
    );
    const via: HeaderField = ["Via", this.#agent.via("ACK")];
    const { text } = composeRequest("ACK", uri, [via, ...sendable(headers), ...credentials]);
    this.#agent.transmit(text);
    return text;
  }

  /** A 2xx without a Contact, or with one that no request can be sent to. */
  #notUnderstood(): void {
    if (this.#state.name === "Talking") return;
    const message = "The other side answered with something that this phone does not understand.";
    this.#over({ by: "network", code: "SIP_NOT_ACCEPTABLE", message });
  }

  // ---- its dialogs -----------------------------------------------------------------------------

  #legUser(leg: () => Leg): LegUser {
    return {
      acknowledged: (description) => this.#user.confirmed(description),
      offered: (description, reply) => this.#user.offered(description, reply),
      ended: (end) => {
        if (this.#state.name === "Talking" && this.#state.leg === leg()) this.#over(end);
      },
      gone: () => this.#forgetIfDone(),
    };
  }

  #over(end: CallEnd): void {
    const user = this.#user;
    this.#user = SILENT;
    this.#become({ name: "Over" });
    user.ended(end);
    this.#forgetIfDone();
  }

  #forgetIfDone(): void {
    const legs = [...this.#answers.values()];
    const isDone = this.#state.name === "Over" || this.#state.name === "Talking";
    if (isDone && legs.every(({ leg }) => leg.isGone)) this.#agent.remove(this);
  }
}

const NOBODY = "Nobody answered.";
const NO_WAY = "There is no connection to the server.";
