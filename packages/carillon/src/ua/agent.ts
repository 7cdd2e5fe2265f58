/**
 * A user agent: what comes to a person's device and what it sends. RFC 3261 §8.
 *
 * It speaks to one server over one flow, or to whoever asks where there is no server. Calls are
 * sessions of their own; this is what they share.
 */
import type { Endpoint, Role } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { fromText, type Octets, toText } from "../grammar/octets.ts";
import { quote } from "../grammar/quoted.ts";
import { elements, header } from "../message/headers.ts";
import type { Message } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import { formatAddress } from "../uri/host.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Credentials } from "./credentials.ts";
import { type Outgoing, OutgoingRequest, type RequestUser } from "./outgoing-request.ts";
import { ALLOW, Session } from "./session.ts";

export interface AgentOptions {
  /** `sip:alice@example.com` */
  readonly aor: string;
  readonly displayName?: string;
}

/** What an agent tells its owner. */
export interface AgentUser {
  /** A call; ring it, and answer or refuse it. */
  called(session: Session, from: Incoming): void;
  opened(flow: Flow, dial: number | undefined): void;
  notOpened(dial: number, cause: unknown): void;
  closed(flow: Flow, cause: unknown): void;
}

export class Agent implements Role {
  readonly aor: string;
  /** `"Alice" <sip:alice@example.com>`: what goes into From. */
  readonly address: Octets;
  credentials: Credentials | undefined;
  /** The way to the server; undefined while there is none. */
  flow: Flow | undefined;
  endpoint!: Endpoint;
  readonly #user: AgentUser;
  readonly #userPart: Octets;
  readonly #sessions = new Map<string, Session>();
  /** sent-by and Contact of a page, which has no address that others could use. RFC 7118 §5. */
  #invalid = "";

  constructor({ aor, displayName = "" }: AgentOptions, user: AgentUser) {
    const uri = parseSipUri(aor);
    if (!uri.ok) throw new RangeError(`aor ${JSON.stringify(aor)}: ${uri.error.message}`);
    this.aor = aor;
    this.#userPart = uri.value.user ?? "anonymous";
    const name = displayName === "" ? "" : `${quote(fromText(displayName))} `;
    this.address = `${name}<${aor}>`;
    this.#user = user;
  }

  attach(endpoint: Endpoint): void {
    this.endpoint = endpoint;
    this.#invalid = `${endpoint.ids.random(6)}.invalid`;
  }

  /** The URI at which this device is reached. */
  get contact(): Octets {
    const where = this.#sentBy();
    const { transport = "UDP" } = this.flow ?? {};
    const param = transport === "UDP" ? "" : `;transport=${transport.toLowerCase()}`;
    return `sip:${this.#userPart}@${where}${param}`;
  }

  /** A Via for a request that is sent outside of any transaction: an ACK. */
  via(about: string): Octets {
    const { transport = "UDP" } = this.flow ?? {};
    const rport = transport === "UDP" ? ";rport" : "";
    return `SIP/2.0/${transport} ${this.#sentBy()};branch=${this.endpoint.ids.branch(about)}${rport}`;
  }

  /** Sends a request to the server; undefined while there is no way to it. */
  send(what: Outgoing, user: RequestUser, nextSeq: () => number): OutgoingRequest | undefined {
    const { endpoint, flow, credentials } = this;
    if (!flow) return undefined;
    return new OutgoingRequest(
      what,
      { endpoint, flow, credentials, nextSeq, sentBy: this.#sentBy() },
      user,
    );
  }

  transmit(octets: Octets): void {
    if (this.flow) this.endpoint.transmit(this.flow, octets);
  }

  add(session: Session): void {
    this.#sessions.set(`${session.callId} ${session.localTag}`, session);
  }

  remove(session: Session): void {
    this.#sessions.delete(`${session.callId} ${session.localTag}`);
  }

  /** The server's own words about a refusal, from its Warning. RFC 3261 §20.43. */
  reasonIn(response: Message): string {
    const warning = header(response, "Warning");
    const text = warning && /^399 carillon "([^"]*)"$/i.exec(warning)?.[1];
    return text ? toText(text) : "";
  }

  // ---- Role ------------------------------------------------------------------------------------

  request(from: Incoming): void {
    const { essentials } = from;
    const session = this.#sessions.get(`${essentials.callId} ${essentials.toTag}`);
    if (session) session.request(from);
    else this.#newRequest(from);
  }

  ack(from: Incoming): void {
    const { callId, toTag } = from.essentials;
    this.#sessions.get(`${callId} ${toTag}`)?.ack(from);
  }

  opened(flow: Flow, dial: number | undefined): void {
    this.#user.opened(flow, dial);
  }

  notOpened(dial: number, cause: unknown): void {
    this.#user.notOpened(dial, cause);
  }

  closed(flow: Flow, cause: unknown): void {
    if (this.flow?.connection === flow.connection) this.flow = undefined;
    this.#user.closed(flow, cause);
  }

  /** RFC 3261 §8.2: a request outside of every dialog we have. */
  #newRequest(from: Incoming): void {
    const { endpoint } = this;
    const { request, essentials } = from;
    //= RFC 3261 §8.2.1
    //# If the UAS recognizes but does not support the method of a request, it MUST generate a 405
    //# (Method Not Allowed) response.
    const known = request.method === "INVITE" || request.method === "OPTIONS";
    //= RFC 3261 §12.2.2
    //# If the UAS wishes to reject the request because it does not wish to recreate the dialog, it
    //# MUST respond to the request with a 481 (Call/Transaction Does Not Exist) status code and
    //# pass that to the server transaction.
    if (essentials.toTag !== "") return endpoint.reply(from, { status: 481 });
    if (!known) return endpoint.reply(from, { status: 405, headers: [["Allow", ALLOW]] });
    //= RFC 3261 §8.2.2.3
    //# If a UAS does not understand an option-tag listed in a Require header field, it MUST respond
    //# by generating a response with status code 420 (Bad Extension).
    const required = elements(request, "Require");
    if (!required.ok || required.value.length > 0) {
      const unsupported = required.ok ? required.value.join(", ") : "";
      return endpoint.reply(from, { status: 420, headers: [["Unsupported", unsupported]] });
    }
    if (request.method === "OPTIONS") {
      const headers = [["Allow", ALLOW] as const, ["Accept", "application/sdp"] as const];
      return endpoint.reply(from, { status: 200, headers });
    }
    const session = Session.incoming(this, from);
    if (session) this.#user.called(session, from);
  }

  #sentBy(): Octets {
    const flow = this.flow;
    return flow?.connection === 0 ? formatAddress(flow.local) : this.#invalid;
  }
}
