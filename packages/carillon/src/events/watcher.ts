/** One who has subscribed to something of ours: a machine at work. RFC 6665 §4.2. */
import type { Incoming } from "../endpoint/incoming.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { type EventType, parseEvent, sameEvent } from "../message/header/event.ts";
import { parseExpires } from "../message/header/expires.ts";
import type { Request } from "../message/message.ts";
import { readHeader } from "../message/read-header.ts";
import type { Peer } from "../ua/call-state.ts";
import type { DialogSide } from "../ua/dialog-side.ts";
import { requireObjection } from "../ua/objection.ts";
import type { RequestUser } from "../ua/outgoing-request.ts";
import type { DialogTaker } from "../ua/takers.ts";
import * as machine from "../usage/notifier.ts";
import { type EndReason, notifyHeaders } from "../usage/subscription-headers.ts";

export interface WatcherParts {
  readonly side: DialogSide;
  readonly peer: Peer;
  readonly event: EventType;
  readonly contentType: string;
  readonly params: machine.Params;
  /** The state as it is now, as the body of so many-th notification. */
  readonly body: (version: number) => Octets;
  /** It is over. */
  readonly gone: (watcher: Watcher) => void;
}

/** So often on end the state is told again to whoever did not take it. */
const MAX_FAILURES = 3;

export class Watcher implements DialogTaker, Timed {
  readonly callId: string;
  readonly localTag: string;
  readonly #parts: WatcherParts;
  readonly #timer: Timer = newTimer(this);
  #state: machine.State = { name: "Terminated" };
  #version = 0;
  /** NOTIFYs on end that nobody took. */
  #failures = 0;
  #isGranted: boolean;
  /** NOTIFYs without an answer. */
  #open = 0;
  /** The SUBSCRIBE that is being answered. */
  #subscribe: Incoming | undefined;

  constructor(parts: WatcherParts) {
    this.#parts = parts;
    this.#isGranted = parts.params.granted;
    this.callId = parts.side.callId;
    this.localTag = parts.side.localTag;
  }

  get peer(): Peer {
    return this.#parts.peer;
  }

  /** `Pending` while it is not known whether they may. */
  get state(): machine.State["name"] {
    return this.#state.name;
  }

  /** Answers the SUBSCRIBE that began it, and tells the state. */
  begin(from: Incoming): void {
    this.#subscribe = from;
    this.#become(machine.start(this.#parts.params, this.#now));
    this.#subscribe = undefined;
  }

  changed(): void {
    this.#step({ kind: "Changed" });
  }

  /** What somebody says about whether they may. */
  decided(allowed: boolean): void {
    if (allowed) {
      this.#isGranted = true;
      this.#step({ kind: "Granted" });
    }
    if (!allowed && this.#state.name === "Pending") this.end("rejected");
  }

  end(reason: EndReason): void {
    this.#step({ kind: "End", reason, retryAfterSeconds: undefined });
  }

  // ---- in its dialog ---------------------------------------------------------------------------

  request(from: Incoming): void {
    const { side, event } = this.#parts;
    const { agent } = side;
    const { request } = from;
    if (!side.way.admits(from)) return agent.endpoint.reply(from, { status: 403 });
    if (request.method !== "SUBSCRIBE") {
      return agent.endpoint.reply(from, { status: 405, headers: [["Allow", "SUBSCRIBE"]] });
    }
    const about = readHeader(request, "Event", parseEvent);
    const isSame = about.ok && about.value && sameEvent(about.value, event);
    const wrong = requireObjection(request, agent) ?? (isSame ? undefined : { status: 481 });
    if (wrong) return agent.endpoint.reply(from, wrong);
    if (this.#state.name === "Terminated") return agent.endpoint.reply(from, { status: 481 });
    const received = side.received(request, from.essentials.cseq.number);
    if (!received) return agent.endpoint.reply(from, { status: 500 });
    received.note();
    received.accept();
    this.#subscribe = from;
    this.#step({ kind: "Subscribe", expiresSeconds: expiresOf(request) });
    this.#subscribe = undefined;
  }

  cutOff(): void {}

  /** What they have missed, they are told. */
  back(): void {
    this.changed();
  }

  leave(): void {
    this.end("noresource");
  }

  abandon(): void {
    this.#step({ kind: "Abandon" });
    this.#parts.gone(this);
  }

  due(): void {
    this.#step({ kind: "Tick" });
  }

  // ---- the machine -----------------------------------------------------------------------------

  #step(input: machine.Input): void {
    this.#become(machine.step(this.#parts.params, this.#state, input, this.#now));
  }

  #become([state, ...outputs]: machine.Step): void {
    const { side } = this.#parts;
    this.#state = state;
    side.agent.endpoint.schedule(this.#timer, machine.deadline(state));
    for (const output of outputs) this.#carryOut(output);
  }

  #carryOut(output: machine.Output): void {
    const { side } = this.#parts;
    switch (output.kind) {
      case "Accept":
        return this.#answer(200, [
          ...(this.#subscribe ? side.aboutIn(this.#subscribe.request) : []),
          ["Expires", String(output.expiresSeconds)],
        ]);
      case "Refuse":
        return this.#answer(output.status, [["Min-Expires", String(output.minExpiresSeconds)]]);
      case "Notify":
        return this.#notify(output);
      case "Removed":
        return this.#ifGone();
    }
  }

  #answer(status: number, headers: readonly HeaderField[]): void {
    const { agent } = this.#parts.side;
    const from = this.#subscribe;
    // The tag is that of the dialog, whatever it is that a request without one would get.
    if (from) agent.takers.answer(agent.endpoint, from, { status, headers, toTag: this.localTag });
  }

  #notify({ state }: Extract<machine.Output, { kind: "Notify" }>): void {
    const { side, event, contentType } = this.#parts;
    // Who may not know it, or not yet, is told nothing of it, and so is who asks once and is gone.
    const isTold = this.#isGranted && state.state !== "pending";
    const body = isTold ? this.#parts.body(this.#version++) : "";
    const headers: HeaderField[] = [
      ...side.about(),
      ...notifyHeaders(event, state),
      ...(body === "" ? [] : ([["Content-Type", contentType]] as const)),
    ];
    this.#open++;
    const user: RequestUser = {
      response: (response) => {
        if (response.status < 200) return;
        if (response.status < 300) side.succeeded(response, "NOTIFY");
        this.#told(response.status);
      },
      failed: (reason) => this.#told(reason === "timeout" ? 408 : 503),
    };
    const sent = side.send("NOTIFY", headers, body, user);
    if (!sent) side.agent.endpoint.later(() => this.#told(503));
  }

  #told(status: number): void {
    this.#open--;
    this.#failures = status < 300 ? 0 : this.#failures + 1;
    this.#step({ kind: "Response", status });
    // What was in it has not been heard. In its time, and not for ever: a refresh tells it, too.
    if (this.#failures > 0 && this.#failures <= MAX_FAILURES) this.changed();
    this.#ifGone();
  }

  #ifGone(): void {
    if (this.#state.name === "Terminated" && this.#open === 0) this.#parts.gone(this);
  }

  get #now(): number {
    return this.#parts.side.agent.endpoint.now;
  }
}

/** What a SUBSCRIBE asks for. */
export function expiresOf(request: Request): number | undefined {
  const expires = readHeader(request, "Expires", parseExpires);
  return expires.ok ? expires.value : undefined;
}
