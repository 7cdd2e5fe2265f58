/**
 * The signalling of one call: its INVITE, its dialog, its end. RFC 3261 §13, §14, §15.
 *
 * It knows descriptions only as text. Its user hears of each step once, in order, and nothing
 * after `ended`.
 */
import {
  addressRequest,
  advanced,
  type Dialog,
  receiveRequest,
  uacDialog,
  uasDialog,
} from "../dialog/dialog.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { ServerTransaction, ServerUser } from "../endpoint/server-transaction.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { fromText, type Octets, toText } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { composeRequest } from "../message/compose.ts";
import { type Essentials, readEssentials } from "../message/essentials.ts";
import { headerLines } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import { DEFAULT_TIMERS, type Millis, NEVER } from "../transaction/timers.ts";
import type { Agent } from "./agent.ts";
import type { OutgoingRequest, RequestUser } from "./outgoing-request.ts";
import { type CallEnd, errorOf } from "./sip-error.ts";

export interface SessionUser {
  /** The other side's device rings. */
  ringing(): void;
  /** The other side answered our offer with this. */
  answered(description: string): void;
  /** Our answer has arrived: RFC 3261 §13.3.1.4's ACK. */
  confirmed(): void;
  /** The other side offers anew: answer it, or refuse by leaving `reply` without one. */
  offered(description: string, reply: (answer: string | undefined) => void): void;
  ended(end: CallEnd): void;
}

const T1 = DEFAULT_TIMERS.t1;
const T2 = DEFAULT_TIMERS.t2;

export class Session implements ServerUser, RequestUser, Timed {
  readonly callId: Octets;
  readonly localTag: Octets;
  user: SessionUser;
  readonly #agent: Agent;
  #dialog: Dialog | undefined;
  #ended = false;
  /** As caller. */
  #invite: OutgoingRequest | undefined;
  #seq = 0;
  /** The ACK sent for each 2xx, by the tag of who sent it: a 2xx that comes again gets it again. */
  readonly #acks = new Map<Octets, Octets>();
  /** As callee: the INVITE, and its 2xx until the ACK comes. */
  #server: ServerTransaction | undefined;
  #success: { readonly text: Octets; interval: Millis; readonly until: Millis } | undefined;
  #byeAfterAck = false;
  readonly #timer: Timer = newTimer(this);

  private constructor(agent: Agent, callId: Octets, localTag: Octets, user: SessionUser) {
    this.#agent = agent;
    this.callId = callId;
    this.localTag = localTag;
    this.user = user;
  }

  // ---- caller ----------------------------------------------------------------------------------

  /** Sends an INVITE with this offer. */
  static outgoing(agent: Agent, target: Octets, offer: string, user: SessionUser): Session {
    const { ids } = agent.endpoint;
    const session = new Session(agent, ids.unique(), ids.unique(), user);
    agent.add(session);
    const body = fromText(offer);
    const headers: HeaderField[] = [
      ["Max-Forwards", "70"],
      ["From", `${agent.address};tag=${session.localTag}`],
      ["To", `<${target}>`],
      ["Call-ID", session.callId],
      ["Contact", `<${agent.contact}>`],
      ["Allow", ALLOW],
      ["Content-Type", "application/sdp"],
    ];
    const what = { method: "INVITE", uri: target, headers, body };
    const nextSeq = () => ++session.#seq;
    session.#invite = agent.send(what, session, nextSeq);
    if (!session.#invite) agent.endpoint.later(() => session.failed("transport"));
    return session;
  }

  response(response: Response, essentials: Essentials): void {
    const { status } = response;
    if (status >= 300) return this.#rejected(response);
    const sent = this.#invite?.client && readEssentials(this.#invite.client.request);
    if (!sent?.ok || !this.#invite?.client) return;
    const dialog = uacDialog(this.#invite.client.request, sent.value, response, essentials);
    if (status < 200) {
      if (!this.#ended && status >= 180) this.user.ringing();
      return;
    }
    //= RFC 3261 §13.2.2.4
    //# The UAC core MUST generate an ACK request for each 2xx received from the transaction layer.
    if (dialog) this.#success2xx(dialog, response);
  }

  #success2xx(dialog: Dialog, response: Response): void {
    const again = this.#acks.get(dialog.remoteTag);
    if (again !== undefined) {
      this.#agent.transmit(again);
      return;
    }
    this.#acks.set(dialog.remoteTag, this.#sendAck(dialog));
    if (this.#dialog || this.#ended) {
      //= RFC 3261 §13.2.2.4
      //# If, after acknowledging any 2xx response to an INVITE, the UAC does not want to continue
      //# with that dialog, then the UAC MUST terminate the dialog by sending a BYE request as
      //# described in Section 15.
      this.#sendBye(dialog);
      return;
    }
    this.#dialog = dialog;
    this.user.answered(toText(response.body));
  }

  //= RFC 3261 §13.2.2.4
  //# The header fields of the ACK are constructed in the same way as for any request sent within a
  //# dialog (see Section 12) with the exception of the CSeq and the header fields related to
  //# authentication.
  #sendAck(dialog: Dialog): Octets {
    const { uri, headers } = addressRequest(dialog, "ACK", dialog.localSeq);
    const text = composeRequest("ACK", uri, [["Via", this.#agent.via("ACK")], ...headers]).text;
    this.#agent.transmit(text);
    return text;
  }

  #rejected(response: Response): void {
    const error = errorOf(response.status, this.#agent.reasonIn(response));
    const { code, message, status = 0 } = error;
    this.#end({ by: "remote", code, message, status });
    this.#forget();
  }

  failed(party: "timeout" | "transport" | "abandoned" | ServerTransaction): void {
    if (party === "transport") {
      const message = "The connection to the server is gone.";
      this.#end({ by: "network", code: "SIP_TRANSPORT", message });
    } else if (typeof party === "string") {
      this.#end({ by: "network", code: "SIP_TIMEOUT", message: "Nobody answered." });
    }
    if (typeof party === "string") this.#forget();
  }

  // ---- callee ----------------------------------------------------------------------------------

  static incoming(agent: Agent, from: Incoming): Session | undefined {
    const { essentials } = from;
    const localTag = agent.endpoint.tagFor(essentials);
    const session = new Session(agent, essentials.callId, localTag, SILENT);
    const server = agent.endpoint.accept(from, session);
    if (!server) return undefined;
    session.#server = server;
    const dialog = uasDialog(from.request, essentials, localTag, 180);
    if (!dialog) {
      server.reply({ status: 400 });
      return undefined;
    }
    session.#dialog = dialog;
    agent.add(session);
    return session;
  }

  /** What the caller offers; empty when it leaves that to us. */
  get offer(): string {
    return toText(this.#server?.incoming.request.body ?? "");
  }

  ring(): void {
    this.#server?.reply({ status: 180, headers: this.#dialogHeaders(), toTag: this.localTag });
  }

  /** Answers the call with this description. */
  accept(answer: string): void {
    if (!this.#server || this.#server.status >= 200 || this.#ended) return;
    const body = fromText(answer);
    const headers: HeaderField[] = [...this.#dialogHeaders(), ["Content-Type", "application/sdp"]];
    const reply = { status: 200, headers, body, toTag: this.localTag };
    const text = this.#agent.endpoint.composeReply(this.#server.incoming, reply);
    const { now } = this.#agent.endpoint;
    if (this.#dialog) this.#dialog = { ...this.#dialog, state: "Confirmed" };
    //= RFC 3261 §13.3.1.4
    //# Since 2xx is retransmitted end-to-end, there may be hops between UAS and UAC that are UDP.
    this.#success = { text, interval: T1, until: now + 64 * T1 };
    this.#agent.endpoint.schedule(this.#timer, now + T1);
    this.#server.respond(200, text);
  }

  /** Refuses the call: 486 busy, 603 declined, 488 nothing in common. */
  reject(status: number): void {
    this.#server?.reply({ status, toTag: this.localTag });
    this.#forget();
  }

  cancelled(server: ServerTransaction, cancel: Incoming): void {
    //= RFC 3261 §9.2
    //# If the UAS has not issued a final response for the original request, its behavior depends on
    //# the method of the original request. If the original request was an INVITE, the UAS SHOULD
    //# immediately respond to the INVITE with a 487 (Request Terminated).
    server.reply({ status: 487, toTag: this.localTag });
    const reason = headerLines(cancel.request, "Reason").join();
    const elsewhere = /^\s*SIP\s*;\s*cause\s*=\s*200\b/i.test(reason);
    this.#end(
      elsewhere
        ? { by: "remote", code: "SIP_ANSWERED_ELSEWHERE", message: "Answered on another device." }
        : { by: "remote", code: "SIP_CANCELLED", message: "They stopped calling." },
    );
  }

  //= RFC 3261 §13.3.1.4
  //# The 2xx response is passed to the transport with an interval that starts at T1 seconds and
  //# doubles for each retransmission until it reaches T2 seconds (T1 and T2 are defined in Section
  //# 17).
  due(now: Millis): void {
    const success = this.#success;
    if (!success) return;
    if (now < success.until) {
      this.#server?.respond(200, success.text);
      success.interval = Math.min(2 * success.interval, T2);
      this.#agent.endpoint.schedule(this.#timer, now + success.interval);
      return;
    }
    //= RFC 3261 §13.3.1.4
    //# If the server retransmits the 2xx response for 64*T1 seconds without receiving an ACK, the
    //# dialog is confirmed, but the session SHOULD be terminated.
    this.#success = undefined;
    if (this.#dialog) this.#sendBye(this.#dialog);
    this.#end({ by: "network", code: "SIP_TIMEOUT", message: "The caller's side went silent." });
    this.#forget();
  }

  // ---- both ------------------------------------------------------------------------------------

  /** Takes back, refuses or ends the call, whichever applies. */
  hangUp(): void {
    if (this.#ended) return;
    //= RFC 3261 §15
    //# However, the callee's UA MUST NOT send a BYE on a confirmed dialog until it has received an
    //# ACK for its 2xx response or until the server transaction times out.
    if (this.#success) this.#byeAfterAck = true;
    else if (this.#dialog?.state === "Confirmed") this.#sendBye(this.#dialog);
    else if (this.#server) this.reject(603);
    else this.#invite?.cancel();
    this.#end({ by: "local", code: "SIP_HUNG_UP", message: "You hung up." });
  }

  /** An ACK in this dialog. */
  ack({ essentials }: Incoming): void {
    if (essentials.fromTag !== this.#dialog?.remoteTag || !this.#success) return;
    this.#success = undefined;
    this.#agent.endpoint.schedule(this.#timer, NEVER);
    if (this.#byeAfterAck) {
      this.#sendBye(this.#dialog);
      this.#forget();
    } else if (!this.#ended) this.user.confirmed();
  }

  /** A request in this dialog. */
  request(from: Incoming): void {
    const { endpoint } = this.#agent;
    const { request, essentials } = from;
    if (!this.#dialog || essentials.fromTag !== this.#dialog.remoteTag) {
      return endpoint.reply(from, { status: 481 });
    }
    const dialog = receiveRequest(this.#dialog, request, essentials.cseq.number);
    if (!dialog) return endpoint.reply(from, { status: 500 });
    this.#dialog = dialog;
    if (request.method === "BYE") return this.#bye(from);
    if (request.method === "INVITE") return this.#reinvite(from);
    const allowed = request.method === "OPTIONS";
    const headers: HeaderField[] = [["Allow", ALLOW]];
    endpoint.accept(from, UNCONCERNED)?.reply({ status: allowed ? 200 : 405, headers });
  }

  //= RFC 3261 §15.1.2
  //# A UAS core receiving a BYE request for an existing dialog MUST follow the procedures of
  //# Section 12.2.2 to process the request. Once done, the UAS SHOULD terminate the session (and
  //# therefore stop sending and listening for media).
  #bye(from: Incoming): void {
    this.#agent.endpoint.accept(from, UNCONCERNED)?.reply({ status: 200 });
    //= RFC 3261 §15.1.2
    //# The UAS MUST still respond to any pending requests received for that dialog.
    if (this.#server && this.#server.status < 200) this.#server.reply({ status: 487 });
    this.#success = undefined;
    this.#end({ by: "remote", code: "SIP_HUNG_UP", message: "They hung up." });
  }

  /** RFC 3261 §14.2. */
  #reinvite(from: Incoming): void {
    const { endpoint } = this.#agent;
    const server = endpoint.accept(from, UNCONCERNED);
    if (!server) return;
    //= RFC 3261 §14.2
    //# A UAS that receives a second INVITE before it sends the final response to a first INVITE
    //# with a lower CSeq sequence number on the same dialog MUST return a 500 (Server Internal
    //# Error) response to the second INVITE and MUST include a Retry-After header field with a
    //# randomly chosen value of between 0 and 10 seconds.
    const underway = this.#success ?? (this.#server && this.#server.status < 200);
    if (underway) return server.reply({ status: 500, headers: [["Retry-After", "3"]] });
    const offer = toText(from.request.body);
    if (offer === "") return server.reply({ status: 488 });
    this.user.offered(offer, (answer) => {
      if (answer === undefined || this.#ended) return server.reply({ status: 488 });
      const headers: HeaderField[] = [
        ...this.#dialogHeaders(),
        ["Content-Type", "application/sdp"],
      ];
      const reply = { status: 200, headers, body: fromText(answer) };
      const text = endpoint.composeReply(from, reply);
      this.#server = server;
      this.#success = { text, interval: T1, until: endpoint.now + 64 * T1 };
      endpoint.schedule(this.#timer, endpoint.now + T1);
      server.respond(200, text);
    });
  }

  #sendBye(dialog: Dialog): void {
    const next = advanced({ ...dialog, localSeq: Math.max(dialog.localSeq, this.#seq) });
    if (dialog === this.#dialog) this.#dialog = next;
    const { uri, headers } = addressRequest(next, "BYE", next.localSeq);
    const what = { method: "BYE", uri, headers: headers.filter(([name]) => name !== "CSeq") };
    let seq = next.localSeq;
    //= RFC 3261 §15.1.1
    //# The UAC MUST consider the session terminated (and therefore stop sending or listening for
    //# media) as soon as the BYE request is passed to the client transaction.
    this.#agent.send(what, UNCONCERNED, () => seq++);
  }

  /** Contact, and the Record-Route of the INVITE. RFC 3261 §12.1.1. */
  #dialogHeaders(): HeaderField[] {
    const { endpoint, contact } = this.#agent;
    const invite = this.#server?.incoming.request;
    //= RFC 3261 §12.1.1
    //# When a UAS responds to a request with a response that establishes a dialog (such as a 2xx to
    //# INVITE), the UAS MUST copy all Record-Route header field values from the request into the
    //# response (including the URIs, URI parameters, and any Record-Route header field parameters,
    //# whether they are known or unknown to the UAS) and MUST maintain the order of those values.
    const routes = invite ? headerLines(invite, "Record-Route") : [];
    const agent: HeaderField[] = endpoint.product === "" ? [] : [["User-Agent", endpoint.product]];
    return [
      ...routes.map((one): HeaderField => ["Record-Route", one]),
      ["Contact", `<${contact}>`],
      ["Allow", ALLOW],
      ...agent,
    ];
  }

  #end(end: CallEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.user.ended(end);
    // A caller that took its call back still has to answer a 2xx that crosses the CANCEL; a callee
    // still waits for its ACK.
    const crossing = this.#invite?.client && this.#invite.client.status < 200;
    if (!crossing && !this.#success) this.#forget();
  }

  #forget(): void {
    this.#agent.remove(this);
    this.#agent.endpoint.schedule(this.#timer, NEVER);
  }
}

/** Methods understood inside and outside of dialogs. */
export const ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS";

const UNCONCERNED: ServerUser & RequestUser = { cancelled() {}, failed() {}, response() {} };
const SILENT: SessionUser = {
  ringing() {},
  answered() {},
  confirmed() {},
  offered(_, reply) {
    reply(undefined);
  },
  ended() {},
};
