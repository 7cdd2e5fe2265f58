/** Our side of one dialog: its state, what is sent in it, and who may say what. RFC 3261 §12.2. */
import {
  addressRequest,
  advanced,
  type Dialog,
  receiveRequest,
  receiveSuccess,
} from "../dialog/dialog.ts";
import { flat, type Octets } from "../grammar/octets.ts";
import { composeRequest, type HeaderField } from "../message/compose.ts";
import { elements, hasHeader, headerLines } from "../message/headers.ts";
import type { Message, Request, Response } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import type { Agent } from "./agent.ts";
import { type OutgoingRequest, type RequestUser, sendable } from "./outgoing-request.ts";
import type { Trickle } from "./trickle.ts";
import { nextHopOf, type Way } from "./way.ts";

export class DialogSide {
  readonly agent: Agent;
  readonly way: Way;
  /** Candidates that follow descriptions, where they do. */
  trickle: Trickle | undefined;
  #dialog: Dialog;
  #allow: readonly Octets[] = [];

  constructor(agent: Agent, dialog: Dialog, way: Way) {
    this.agent = agent;
    this.way = way;
    this.#dialog = dialog;
  }

  /** As it is now. */
  get dialog(): Dialog {
    return this.#dialog;
  }

  /** The tag that tells whether a request is for this dialog or for another of the same call. */
  get remoteTag(): string {
    return this.#dialog.remoteTag;
  }

  get callId(): string {
    return this.#dialog.callId;
  }

  get localTag(): string {
    return this.#dialog.localTag;
  }

  get remoteTarget(): string {
    return this.#dialog.remoteTarget;
  }

  get isConfirmed(): boolean {
    return this.#dialog.state === "Confirmed";
  }

  /** Whether their last Allow lists this method. */
  allows(method: string): boolean {
    return this.#allow.includes(method);
  }

  /** Where this side is reached. */
  get contact(): HeaderField {
    return ["Contact", `<${this.agent.contactOn(this.way.flow)}>`];
  }

  /** Contact, and the Record-Route of the request that makes the dialog, if it is no INVITE. */
  contactIn(request: Request): readonly HeaderField[] {
    const routes = headerLines(request, "Record-Route");
    return [...routes.map((one): HeaderField => ["Record-Route", one]), this.contact];
  }

  /** What every request and 2xx that may refresh a target says of us; `request` is answered. */
  about(request?: Request): readonly HeaderField[] {
    return [
      this.contact,
      ["Allow", this.agent.allow],
      ...(this.agent.abilities.trickle?.headers(request) ?? []),
    ];
  }

  /** Takes in what a message of theirs says about them. */
  learn(message: Message): void {
    this.trickle?.learn(message);
    if (!hasHeader(message, "Allow")) return;
    const allow = elements(message, "Allow");
    this.#allow = allow.ok ? allow.value.map(flat) : [];
  }

  /** Contact, and the Record-Route of the INVITE that makes the dialog. RFC 3261 §12.1.1. */
  aboutIn(invite: Request): readonly HeaderField[] {
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
    return [...routes.map((one): HeaderField => ["Record-Route", one]), ...this.about(invite)];
  }

  /** Sends a request in the dialog; undefined while there is no way. */
  send(
    method: string,
    more: readonly HeaderField[],
    body: Octets,
    user: RequestUser,
  ): OutgoingRequest | undefined {
    const { uri, headers } = addressRequest(this.#dialog, method, 0);
    // The number is that of each try.
    const others = headers.filter(([name]) => name !== "CSeq");
    const nextSeq = () => {
      this.#dialog = advanced(this.#dialog);
      return this.#dialog.localSeq;
    };
    // Where we are is known with the way it takes, which may be another one than before.
    const rest = more.filter(([name]) => name !== "Contact");
    const contact = (flow: Flow): Octets => this.agent.contactOn(flow);
    const told = rest.length < more.length ? { contact } : {};
    return this.way.send(
      { ...told, method, uri, headers: [...others, ...rest], body },
      user,
      nextSeq,
    );
  }

  //= RFC 3261 §13.2.2.4
  //# The header fields of the ACK are constructed in the same way as for any request sent within a
  //# dialog (see Section 12) with the exception of the CSeq and the header fields related to
  //# authentication. The sequence number of the CSeq header field MUST be the same as the INVITE
  //# being acknowledged, but the CSeq method MUST be ACK. The ACK MUST contain the same credentials
  //# as the INVITE.
  /** Acknowledges the 2xx to this INVITE of number `seq`; the result sends the same again. */
  acknowledge(invite: Request, seq: number, description: Octets): () => void {
    //= RFC 3261 §8.2.2.3
    //# An ACK request for a 2xx response MUST contain only those Require and Proxy-Require values
    //# that were present in the initial request.
    const { uri, headers } = addressRequest(this.#dialog, "ACK", seq);
    const names = ["Authorization", "Proxy-Authorization"] as const;
    const credentials = names.flatMap((name) =>
      headerLines(invite, name).map((value): HeaderField => [name, value]),
    );
    const more = [...sendable(headers), ...credentials, ...described(description)];
    return this.way.acknowledge({
      nextHop: nextHopOf({ uri, headers }),
      compose: (via) => composeRequest("ACK", uri, [["Via", via], ...more], description).text,
    });
  }

  /**
   * Undefined when a request comes out of order. Otherwise `note` takes in that it came, and
   * `accept` that it was accepted: only then does the target of later requests move.
   */
  received(request: Request, seq: number): { note(): void; accept(): void } | undefined {
    const dialog = receiveRequest(this.#dialog, request, seq);
    if (!dialog) return undefined;
    const { remoteTarget } = dialog;
    return {
      note: () => {
        this.#dialog = { ...dialog, remoteTarget: this.#dialog.remoteTarget };
      },
      accept: () => {
        this.#dialog = { ...this.#dialog, remoteTarget };
        this.learn(request);
      },
    };
  }

  /** A 2xx to a request of ours. */
  succeeded(response: Response, method: string): void {
    this.#dialog = receiveSuccess(this.#dialog, response, method);
    this.learn(response);
  }

  /** Our 2xx to their INVITE. */
  confirm(): void {
    this.#dialog = { ...this.#dialog, state: "Confirmed" };
  }
}

//= RFC 3261 §7.4.1
//# The Internet media type of the message body MUST be given by the Content-Type header field. If
//# the body has undergone any encoding such as compression, then this MUST be indicated by the
//# Content-Encoding header field; otherwise, Content-Encoding MUST be omitted.
//= RFC 3261 §7.4.1
//# Implementations that send requests containing multipart message bodies MUST send a session
//# description as a non-multipart message body if the remote implementation requests this through
//# an Accept header field that does not contain multipart.
//= RFC 3261 §20.15
//# The Content-Type header field MUST be present if the body is not empty.
//= RFC 3261 §20.12
//# The server MUST only use encodings listed in the Accept-Encoding header field in the request.
/**
 * The header of a body that is a session description, which goes alone, and not encoded; none if
 * there is no body.
 */
export const described = (body: Octets): readonly HeaderField[] =>
  body === "" ? [] : [["Content-Type", "application/sdp"]];
