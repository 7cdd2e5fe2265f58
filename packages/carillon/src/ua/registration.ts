/**
 * Keeps one device registered: connects, registers, refreshes, and begins again when the way to
 * the server is lost. RFC 3261 §10.2.
 */
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Response } from "../message/message.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import type { Destination } from "../transport/destination.ts";
import { type Flow, isReliable } from "../transport/flow.ts";
import type { Agent } from "./agent.ts";
import type { RequestUser } from "./outgoing-request.ts";
import { grantedSeconds, minimumSeconds, retryAfterSeconds } from "./registrar-answer.ts";
import { errorOf, SipError } from "./sip-error.ts";

export type PhoneState =
  | { readonly name: "Offline"; readonly error?: SipError }
  /** With an error: the last try failed, and the next one comes by itself. */
  | { readonly name: "Connecting"; readonly error?: SipError }
  | { readonly name: "Registered"; readonly error?: undefined }
  /** The server said no, for good: nothing more is tried until `register` is called again. */
  | { readonly name: "Failed"; readonly error: SipError };

/** How the server is reached: a connection to open, or an address for datagrams. */
export type ServerWay =
  | { readonly kind: "Open"; readonly to: Destination }
  | { readonly kind: "Flow"; readonly flow: () => Flow | undefined };

type State =
  /** Not wanted, or refused. */
  | { readonly name: "Idle" }
  | { readonly name: "Connecting"; readonly dial: number }
  | { readonly name: "Registering" }
  | { readonly name: "Registered" }
  /** For the next try. */
  | { readonly name: "Waiting" }
  | { readonly name: "Leaving"; readonly left: () => void };

const EXPIRES_SECONDS = 600;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;
/** A registrar that asks for more may want its users gone. */
const MAX_RETRY_AFTER_SECONDS = 300;
/** Of the time granted: the rest is for tries that fail. */
const REFRESH_AFTER = 0.8;

export class Registration implements Timed {
  readonly #agent: Agent;
  readonly #way: ServerWay;
  readonly #changed: (state: PhoneState) => void;
  readonly #timer: Timer = newTimer(this);
  //= RFC 3261 §10.2
  //# All registrations from a UAC SHOULD use the same Call-ID header field value for registrations
  //# sent to a particular registrar.
  #callId = "";
  #seq = 0;
  #expiresSeconds = EXPIRES_SECONDS;
  #retryMs = FIRST_RETRY_MS;
  #state: State = { name: "Idle" };

  constructor(agent: Agent, way: ServerWay, changed: (state: PhoneState) => void) {
    this.#agent = agent;
    this.#way = way;
    this.#changed = changed;
  }

  /** Begins, or tries at once what would have been tried later. */
  start(): void {
    if (this.#state.name === "Idle" || this.#state.name === "Waiting") this.#connect();
  }

  /** Takes this device's binding back; the way to the server stays open. `left` is called once. */
  stop(left: () => void): void {
    const { name } = this.#state;
    this.#schedule(NEVER);
    this.#state = { name: "Leaving", left };
    //= RFC 3261 §10.2
    //# UAs MUST NOT send a new registration (that is, containing new Contact header field values,
    //# as opposed to a retransmission) until they have received a final response from the registrar
    //# for the previous one or the previous REGISTER request has timed out.
    // The one under way has the same Contact: leaving may overtake it, and its number is higher.
    const isKnown = name === "Registered" || name === "Registering";
    if (!isKnown || !this.#agent.flow) left();
    else this.#register(0);
    this.#changed({ name: "Offline" });
  }

  opened(flow: Flow, dial: number | undefined): void {
    if (this.#state.name !== "Connecting" || dial !== this.#state.dial) return;
    this.#agent.flow = flow;
    this.#refresh();
  }

  notOpened(dial: number): void {
    if (this.#state.name !== "Connecting" || dial !== this.#state.dial) return;
    this.#lost("The server cannot be reached.");
  }

  cutOff(): void {
    const { name } = this.#state;
    if (name === "Registering" || name === "Registered") this.#lost(GONE);
    else if (name === "Leaving") this.#answered(0, undefined);
  }

  /** For the wheel: a refresh is due, or another try. */
  due(): void {
    if (this.#state.name === "Registered" && this.#agent.flow) this.#refresh();
    else if (this.#state.name === "Registered" || this.#state.name === "Waiting") this.#connect();
  }

  #connect(): void {
    this.#schedule(NEVER);
    this.#changed({ name: "Connecting" });
    if (this.#agent.flow && isReliable(this.#agent.flow)) return this.#refresh();
    if (this.#way.kind === "Open") {
      this.#state = { name: "Connecting", dial: this.#agent.endpoint.open(this.#way.to) };
      return;
    }
    this.#agent.flow = this.#way.flow();
    if (this.#agent.flow) this.#refresh();
    else this.#lost("No address of this machine leads to the server.");
  }

  #refresh(): void {
    this.#state = { name: "Registering" };
    this.#register(this.#expiresSeconds);
  }

  #register(expiresSeconds: number): void {
    const agent = this.#agent;
    this.#callId ||= agent.endpoint.ids.unique();
    //= RFC 3261 §10.2
    //# The following header fields, except Contact, MUST be included in a REGISTER request.
    const headers: HeaderField[] = [
      ["Max-Forwards", "70"],
      ["From", `${agent.address};tag=${agent.endpoint.ids.unique()}`],
      //= RFC 3261 §10.2
      //# This address-of-record MUST be a SIP URI or SIPS URI.
      ["To", agent.address],
      ["Call-ID", this.#callId],
      ["Contact", `<${agent.contact}>`],
      ["Expires", String(expiresSeconds)],
    ];
    const about = this.#state;
    const isCurrent = () => this.#state === about;
    const user: RequestUser = {
      response: (response) => {
        if (isCurrent() && response.status >= 200) this.#answered(response.status, response);
      },
      failed: (reason) => isCurrent() && this.#unanswered(reason === "transport"),
    };
    const what = { method: "REGISTER", uri: agent.registrar, headers };
    //= RFC 3261 §10.2
    //# A UA MUST increment the CSeq value by one for each REGISTER request with the same Call-ID.
    if (!agent.send(what, user, () => ++this.#seq)) this.#unanswered(true);
  }

  #answered(status: number, response: Response | undefined): void {
    if (this.#state.name === "Leaving") {
      const { left } = this.#state;
      this.#state = { name: "Idle" };
      return left();
    }
    if (!response) return;
    if (status >= 300) return this.#refused(response);
    this.#retryMs = FIRST_RETRY_MS;
    this.#state = { name: "Registered" };
    const granted = grantedSeconds(response, this.#agent.contact) ?? this.#expiresSeconds;
    this.#schedule(this.#agent.endpoint.now + Math.max(1, granted * REFRESH_AFTER) * 1000);
    this.#changed({ name: "Registered" });
  }

  #unanswered(isCutOff: boolean): void {
    if (this.#state.name === "Leaving") return this.#answered(0, undefined);
    const { flow, endpoint } = this.#agent;
    // A connection on which nothing is answered is of no more use than none.
    if (flow && isReliable(flow)) {
      this.#agent.flow = undefined;
      endpoint.close(flow.connection);
    }
    this.#lost(isCutOff ? GONE : "The server does not answer.");
  }

  #refused(response: Response): void {
    const { status } = response;
    //= RFC 3261 §10.2.8
    //# If a UA receives a 423 (Interval Too Brief) response, it MAY retry the registration after
    //# making the expiration interval of all contact addresses in the REGISTER request equal to or
    //# greater than the expiration interval within the Min-Expires header field of the 423
    //# (Interval Too Brief) response.
    const minimum = status === 423 ? minimumSeconds(response) : undefined;
    if (minimum !== undefined && minimum > this.#expiresSeconds) {
      this.#expiresSeconds = minimum;
      return this.#refresh();
    }
    const told = errorOf(status, this.#agent.reasonIn(response));
    const words = told.code === "SIP_REJECTED" ? "The server refused to sign in." : told.message;
    const error = new SipError(told.code, words, status);
    // A server that is busy or starting may be willing later; a refusal on merit is final.
    const isPassing = status === 408 || status === 480 || (status >= 500 && status < 600);
    if (isPassing) return this.#waitWith(error, retryAfterSeconds(response));
    this.#state = { name: "Idle" };
    this.#changed({ name: "Failed", error });
  }

  #lost(why: string): void {
    this.#waitWith(new SipError("SIP_TRANSPORT", why));
  }

  //= RFC 3261 §10.2.7
  //# If the transaction layer returns a timeout error because the REGISTER yielded no response, the
  //# UAC SHOULD NOT immediately re-attempt a registration to the same registrar.
  /** Later each time, and not all phones of a restarted server at once. */
  #waitWith(error: SipError, atLeastSeconds = 0): void {
    const { endpoint } = this.#agent;
    const jitter = Number.parseInt(endpoint.ids.random(2), 16) / 65_536;
    const asked = 1000 * Math.min(atLeastSeconds, MAX_RETRY_AFTER_SECONDS);
    this.#state = { name: "Waiting" };
    this.#schedule(endpoint.now + asked + this.#retryMs * (0.5 + jitter));
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
    this.#changed({ name: "Connecting", error });
  }

  #schedule(at: Millis): void {
    this.#agent.endpoint.schedule(this.#timer, at);
  }
}

const GONE = "The connection to the server is gone.";
