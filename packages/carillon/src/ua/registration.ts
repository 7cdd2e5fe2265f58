/**
 * Keeps one device registered: connects, registers, refreshes, and begins again when the way to
 * the server is lost. RFC 3261 §10.2.
 */
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { parseNumber } from "../grammar/chars.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Essentials } from "../message/essentials.ts";
import { elements, header } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import type { Flow } from "../transport/flow.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import type { Agent } from "./agent.ts";
import type { RequestUser } from "./outgoing-request.ts";
import { errorOf, SipError } from "./sip-error.ts";

export type PhoneState =
  | { readonly name: "Offline"; readonly error?: SipError }
  | { readonly name: "Connecting"; readonly error?: SipError }
  | { readonly name: "Registered"; readonly error?: undefined }
  | { readonly name: "Failed"; readonly error: SipError };

/** How the server is reached: a URL to open, or an address for datagrams. */
export type ServerWay =
  | { readonly kind: "Open"; readonly url: string }
  | { readonly kind: "Flow"; readonly flow: () => Flow | undefined };

const EXPIRES_SECONDS = 600;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;

export class Registration implements RequestUser, Timed {
  readonly #agent: Agent;
  readonly #way: ServerWay;
  readonly #changed: (state: PhoneState) => void;
  readonly #timer: Timer = newTimer(this);
  //= RFC 3261 §10.2
  //# All registrations from a UAC SHOULD use the same Call-ID header field value for registrations
  //# sent to a particular registrar.
  #callId = "";
  #seq = 0;
  #wanted = false;
  #dial: number | undefined;
  #retryMs = FIRST_RETRY_MS;
  #state: PhoneState = { name: "Offline" };

  constructor(agent: Agent, way: ServerWay, changed: (state: PhoneState) => void) {
    this.#agent = agent;
    this.#way = way;
    this.#changed = changed;
  }

  get state(): PhoneState {
    return this.#state;
  }

  start(): void {
    this.#wanted = true;
    this.#connect();
  }

  /** Takes this device's binding back; the way to the server stays open. */
  stop(): void {
    this.#wanted = false;
    this.#agent.endpoint.schedule(this.#timer, NEVER);
    if (this.#state.name === "Registered") this.#register(0);
    this.#set({ name: "Offline" });
  }

  opened(flow: Flow, dial: number | undefined): void {
    if (dial === undefined || dial !== this.#dial) return;
    this.#dial = undefined;
    this.#agent.flow = flow;
    if (this.#wanted) this.#register(EXPIRES_SECONDS);
  }

  notOpened(dial: number): void {
    if (dial !== this.#dial) return;
    this.#dial = undefined;
    this.#lost("The server cannot be reached.");
  }

  closed(): void {
    if (this.#wanted) this.#lost("The connection to the server is gone.");
  }

  /** For the wheel: a refresh is due, or another try. */
  due(): void {
    if (!this.#wanted) return;
    if (this.#agent.flow) this.#register(EXPIRES_SECONDS);
    else this.#connect();
  }

  response(response: Response, _: Essentials): void {
    const { status } = response;
    if (status < 200 || !this.#wanted) return;
    if (status >= 300) return this.#refused(response);
    this.#retryMs = FIRST_RETRY_MS;
    const refreshMs = Math.max(5, grantedSeconds(response, this.#agent.contact) * 0.8) * 1000;
    this.#schedule(refreshMs);
    this.#set({ name: "Registered" });
  }

  failed(reason: "timeout" | "transport" | "abandoned"): void {
    if (!this.#wanted) return;
    this.#lost(reason === "timeout" ? "The server does not answer." : "The connection is gone.");
  }

  #connect(): void {
    if (this.#state.name !== "Connecting") this.#set({ name: "Connecting" });
    if (this.#way.kind === "Open") {
      this.#dial ??= this.#agent.endpoint.open(this.#way.url);
      return;
    }
    this.#agent.flow = this.#way.flow();
    if (this.#agent.flow) this.#register(EXPIRES_SECONDS);
    else this.#lost("No address of this machine leads to the server.");
  }

  #register(expiresSeconds: number): void {
    const agent = this.#agent;
    this.#callId ||= agent.endpoint.ids.unique();
    const domain = agent.aor.slice(agent.aor.lastIndexOf("@") + 1);
    const headers: HeaderField[] = [
      ["Max-Forwards", "70"],
      ["From", `${agent.address};tag=${agent.endpoint.ids.unique()}`],
      ["To", agent.address],
      ["Call-ID", this.#callId],
      ["Contact", `<${agent.contact}>`],
      ["Expires", String(expiresSeconds)],
    ];
    //= RFC 3261 §10.2
    //# The "userinfo" and "@" components of the SIP URI MUST NOT be present.
    const what = { method: "REGISTER", uri: `sip:${domain}`, headers };
    if (!agent.send(what, this, () => ++this.#seq)) this.#lost("The connection is gone.");
  }

  #refused(response: Response): void {
    const error = errorOf(response.status, this.#agent.reasonIn(response));
    const words = error.code === "SIP_REJECTED" ? "The server refused to sign in." : error.message;
    this.#set({ name: "Failed", error: new SipError(error.code, words, response.status) });
    // A server that is busy or starting may be willing later; a refusal on merit is final.
    if (response.status >= 500 || response.status === 408) this.#retry();
  }

  #lost(why: string): void {
    this.#set({ name: "Connecting", error: new SipError("SIP_TRANSPORT", why) });
    this.#retry();
  }

  /** Later each time, and not all phones of a restarted server at once. */
  #retry(): void {
    const jitter = Number.parseInt(this.#agent.endpoint.ids.random(2), 16) / 65_536;
    this.#schedule(this.#retryMs * (0.5 + jitter));
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  #schedule(inMs: Millis): void {
    this.#agent.endpoint.schedule(this.#timer, this.#agent.endpoint.now + inMs);
  }

  #set(state: PhoneState): void {
    this.#state = state;
    this.#changed(state);
  }
}

/** What the registrar granted to this contact. RFC 3261 §10.2.4. */
function grantedSeconds(response: Response, contact: string): number {
  const all = elements(response, "Contact");
  for (const text of all.ok ? all.value : []) {
    const one = parseNameAddr(text);
    if (!one.ok || one.value.uri !== contact) continue;
    const expires = parseNumber(one.value.params.get("expires") ?? "", 2 ** 31);
    if (expires !== undefined) return expires;
  }
  return parseNumber(header(response, "Expires") ?? "", 2 ** 31) ?? EXPIRES_SECONDS;
}
