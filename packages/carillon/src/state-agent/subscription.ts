/** One subscription at a server: its machine, its dialog and its source at work. RFC 6665 §4.2. */
import {
  addressRequest,
  advanced,
  type Dialog,
  receiveRequest,
  receiveSuccess,
} from "../dialog/dialog.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { ServerTransaction } from "../endpoint/server-transaction.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { MAX_MESSAGE } from "../grammar/limits.ts";
import { type Millis, NEVER } from "../grammar/millis.ts";
import { NO_PARAMS } from "../grammar/params.ts";
import type { HeaderField } from "../message/compose.ts";
import { type EventType, parseEvent } from "../message/header/event.ts";
import { headerLines } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import { readHeader } from "../message/read-header.ts";
import { contactOn } from "../roles/own-requests.ts";
import type { OwnOutcome, OwnRequest, ServiceHost } from "../roles/services.ts";
import type { Flow } from "../transport/flow.ts";
import * as machine from "../usage/notifier.ts";
import {
  grantedRates,
  hasRate,
  KEPT_TIMES,
  leastGapMs,
  longestGapMs,
  NO_RATES,
  type Rates,
  rateParams,
  wishedRates,
} from "../usage/notify-rate.ts";
import { endsSubscription } from "../usage/subscription-end.ts";
import {
  type EndReason,
  type NotifiedState,
  notifyHeaders,
} from "../usage/subscription-headers.ts";
import type { Asked, ServedPackage, Source, SourceBody, Standing } from "./source.ts";
import { sendToWatcher } from "./watcher-way.ts";

/** What a subscription is made of. */
export interface SubscriptionParts {
  readonly host: ServiceHost;
  readonly pack: ServedPackage;
  readonly asked: Asked;
  readonly dialog: Dialog;
  /** The way its SUBSCRIBE came. */
  readonly flow: Flow;
  /** It is over, and its last NOTIFY has its answer. */
  readonly gone: (one: ServerSubscription, reason: EndReason | "unreachable") => void;
  /** The first NOTIFY has its final answer; 408 for silence. */
  readonly proven: (one: ServerSubscription, status: number) => void;
}

export class ServerSubscription implements Timed {
  readonly asked: Asked;
  readonly pack: ServedPackage;
  /** When somebody was first asked whether they may. */
  readonly since: Millis;
  readonly #parts: SubscriptionParts;
  readonly #timer: Timer = newTimer(this);
  #source: Source | undefined;
  #dialog: Dialog;
  #flow: Flow;
  #params: machine.Params;
  #state: machine.State = { name: "Terminated" };
  #reason: EndReason | "unreachable" = "unreachable";
  /** The SUBSCRIBE that is being answered. */
  #subscribe: { readonly server: ServerTransaction; readonly from: Incoming } | undefined;
  #wished: Rates = NO_RATES;
  #rates: Rates = NO_RATES;
  #sentAt: readonly Millis[] = [];
  #version = 0;
  #isProven = false;
  /** What was said before does not count any more. */
  #isWhole = true;
  #open: { readonly version: number | undefined } | undefined;
  /** What is to be said once that has its answer, and how often it was put in place of another. */
  #held: NotifiedState | undefined;
  #replaced = 0;
  #failures = 0;
  #isGone = false;

  constructor(parts: SubscriptionParts) {
    const { asked, pack, dialog, flow, host } = parts;
    this.#parts = parts;
    this.asked = asked;
    this.pack = pack;
    this.since = host.endpoint.now;
    this.#dialog = dialog;
    this.#flow = flow;
    this.#params = { askedSeconds: undefined, granted: true, policy: policyOf(pack) };
  }

  get callId(): string {
    return this.#dialog.callId;
  }

  /** Our tag: it names the subscription. */
  get id(): string {
    return this.#dialog.localTag;
  }

  get remoteTag(): string {
    return this.#dialog.remoteTag;
  }

  get dialog(): Dialog {
    return this.#dialog;
  }

  get flow(): Flow {
    return this.#flow;
  }

  /** How many bodies it has had. */
  get version(): number {
    return this.#version;
  }

  /** `Pending` while somebody has to be asked. */
  get state(): machine.State["name"] {
    return this.#state.name;
  }

  /** When it expires, in ms; NEVER once it is over. */
  get expiresAt(): Millis {
    return this.#state.name === "Terminated" ? NEVER : this.#state.timerExpires;
  }

  // ---- its life --------------------------------------------------------------------------------

  /** Answers the SUBSCRIBE that began it, and tells the state. */
  begin(source: Source, server: ServerTransaction, from: Incoming, asked: AskedTimes): void {
    this.#source = source;
    this.#wished = wishedRates(asked.event);
    const granted = this.#standing === "Allowed";
    this.#params = { ...this.#params, askedSeconds: asked.expiresSeconds, granted };
    this.#answering(server, from, () => this.#become(machine.start(this.#params, this.#now)));
  }

  /** Goes on with one of an earlier run: `changed` tells it where things stand. */
  restore(source: Source, expiresAt: Millis, version: number): void {
    this.#source = source;
    this.#version = version;
    this.#isProven = true;
    this.#wished = wishedRates(this.asked.event);
    const askedSeconds = Math.max(1, Math.floor((expiresAt - this.#now) / 1000));
    this.#params = { ...this.#params, askedSeconds, granted: this.#standing === "Allowed" };
    // As if its first NOTIFY had been answered already.
    const [state] = machine.start(this.#params, this.#now);
    const answered = { kind: "Response", status: 200 } as const;
    this.#become(machine.step(this.#params, state, answered, this.#now));
    this.#accept(askedSeconds);
  }

  /** The dialog after this request; undefined where it comes out of order. */
  received({ request, essentials }: Incoming): Dialog | undefined {
    return receiveRequest(this.#dialog, request, essentials.cseq.number);
  }

  /** A SUBSCRIBE in the dialog, which has been let in. */
  refresh(server: ServerTransaction, from: Incoming, asked: AskedTimes & { dialog: Dialog }): void {
    const { remoteSeq, remoteTarget } = asked.dialog;
    this.#dialog = { ...this.#dialog, remoteSeq, remoteTarget };
    this.#flow = from.flow;
    this.#wished = wishedRates(asked.event);
    const { expiresSeconds } = asked;
    this.#source?.refreshed?.(asked.event, from.flow);
    this.#answering(server, from, () => this.#step({ kind: "Subscribe", expiresSeconds }));
    //= RFC 6665 §4.1.3
    //# giveup: The subscription has been terminated because the notifier could not obtain
    //# authorization in a timely fashion.
    const isTooLate = this.#now - this.since > PATIENCE_MS;
    if (this.#state.name === "Pending" && isTooLate) this.end("giveup");
  }

  /** Something has changed: of the state, or of who may know it. */
  changed(): void {
    const { name } = this.#state;
    if (name === "Terminated") return;
    const standing = this.#standing;
    if (standing === "Refused") return this.end("rejected");
    // Nothing leads back to pending: who asks again is asked about again.
    if (standing === "Waiting" && name === "Active") return this.end("deactivated");
    if (standing === "Allowed" && name === "Pending") return this.#step({ kind: "Granted" });
    this.#step({ kind: "Changed" });
  }

  end(reason: EndReason): void {
    if (this.#state.name === "Terminated") return;
    this.#step({ kind: "End", reason, retryAfterSeconds: undefined });
  }

  /** Its way is gone: not a word more. */
  abandon(): void {
    this.#step({ kind: "Abandon" });
    this.#held = undefined;
    this.#over();
  }

  due(): void {
    const { name } = this.#state;
    if (name === "Active" && this.#now >= this.#idleAt) {
      //= RFC 6446 §6.2
      //# Depending on the event package and subscriber preferences indicated in the SUBSCRIBE
      //# request, the NOTIFY request sent as a result of a minimum rate mechanism MUST contain
      //# either the current full state or the partial state showing the difference between the
      //# current state and the last successfully communicated state.
      this.#isWhole = true;
      this.#step({ kind: "Changed" });
    }
    this.#step({ kind: "Tick" });
  }

  // ---- the machine -----------------------------------------------------------------------------

  #step(input: machine.Input): void {
    const { minGapMs } = this.pack;
    const gap = Math.max(leastGapMs(this.#rates, minGapMs), backOffMs(this.#failures));
    const policy = { ...this.#params.policy, minGapMs: gap };
    this.#become(machine.step({ ...this.#params, policy }, this.#state, input, this.#now));
  }

  #become([state, ...outputs]: machine.Step): void {
    this.#state = state;
    for (const output of outputs) this.#carryOut(output);
    this.#schedule();
    if (this.#state.name === "Terminated" && !this.#open) this.#over();
  }

  #schedule(): void {
    const state = this.#state;
    const at = Math.min(machine.deadline(state), state.name === "Active" ? this.#idleAt : NEVER);
    this.#host.endpoint.schedule(this.#timer, at);
  }

  #carryOut(output: machine.Output): void {
    switch (output.kind) {
      case "Accept":
        return this.#accept(output.expiresSeconds);
      case "Refuse": {
        const headers: HeaderField[] = [["Min-Expires", String(output.minExpiresSeconds)]];
        return this.#subscribe?.server.reply({ status: 423, headers, toTag: this.id });
      }
      case "Notify":
        return this.#notify(output.state);
      case "Removed":
        this.#reason = output.reason;
        return;
    }
  }

  #answering(server: ServerTransaction, from: Incoming, run: () => void): void {
    this.#subscribe = { server, from };
    this.#isWhole = true;
    run();
    this.#subscribe = undefined;
  }

  #accept(expiresSeconds: number): void {
    const limits = { minGapMs: this.pack.minGapMs, minIdleMs: MIN_IDLE_MS };
    this.#rates = grantedRates(this.#wished, limits, expiresSeconds);
    if (!this.#subscribe) return;
    const { server, from } = this.#subscribe;
    //= RFC 3261 §12.1.1
    //# When a UAS responds to a request with a response that establishes a dialog (such as a 2xx to
    //# INVITE), the UAS MUST copy all Record-Route header field values from the request into the
    //# response (including the URIs, URI parameters, and any Record-Route header field parameters,
    //# whether they are known or unknown to the UAS) and MUST maintain the order of those values.
    const routes = headerLines(from.request, "Record-Route");
    const headers: HeaderField[] = [
      ...routes.map((one): HeaderField => ["Record-Route", one]),
      //= RFC 3261 §12.1.1
      //# The UAS MUST add a Contact header field to the response.
      ["Contact", `<${this.#contact(from.flow)}>`],
      ["Expires", String(expiresSeconds)],
      ...this.#required,
    ];
    server.reply({ status: 200, headers, toTag: this.id });
  }

  #over(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#host.endpoint.schedule(this.#timer, NEVER);
    this.#source?.closed?.(this.#reason);
    this.#parts.gone(this, this.#reason);
  }

  // ---- NOTIFY ----------------------------------------------------------------------------------

  /** One at a time, so that each says more than the one before it. */
  #notify(state: NotifiedState): void {
    if (this.#open) {
      if (this.#held) this.#replaced++;
      this.#held = state;
      return;
    }
    const said = this.#isTold(state) ? this.#body() : undefined;
    this.#open = { version: said && this.#version++ };
    // What only the average asks for is not kept for everybody.
    const kept = this.#rates.adaptive === undefined ? 0 : KEPT_TIMES - 1;
    this.#sentAt = [...(kept === 0 ? [] : this.#sentAt.slice(-kept)), this.#now];
    this.#dialog = advanced(this.#dialog);
    const whole = this.#request(state, said);
    // Sources keep within it, and what nobody could read is not sent.
    const what = octetsOf(whole) > MAX_MESSAGE ? this.#request(state, undefined) : whole;
    sendToWatcher(this.#host, this, what, (outcome) => this.#told(outcome));
  }

  #request(state: NotifiedState, said: SourceBody | undefined): OwnRequest {
    const { uri, headers } = addressRequest(this.#dialog, "NOTIFY", this.#dialog.localSeq);
    const { type, id } = this.asked.event;
    const event: EventType = { type, id, params: NO_PARAMS };
    return {
      ...{ method: "NOTIFY", uri },
      headers: [
        ...headers,
        //= RFC 6446 §5.2
        //# A compliant notifier MUST reflect back the possibly adjusted maximum rate of
        //# notifications in a "max-rate" Subscription-State header field parameter of the
        //# subsequent NOTIFY requests.
        ...notifyHeaders(event, state, rateParams(this.#rates)),
        ...this.#required,
        ...(said ? ([["Content-Type", said.contentType]] as const) : []),
      ],
      ...(said && { body: said.body }),
      contact: (flow) => this.#contact(flow),
    };
  }

  /** Who may not know it, or not any more, is told that alone. */
  #isTold(state: NotifiedState): boolean {
    if (this.#standing !== "Allowed") return false;
    return state.state === "active" || (state.state === "terminated" && state.reason === "timeout");
  }

  #body(): SourceBody | undefined {
    const said = this.#source?.body(this.#version, this.#isWhole);
    if (said) this.#isWhole = false;
    return said;
  }

  #told({ status, response }: OwnOutcome): void {
    const { version } = this.#open ?? {};
    this.#open = undefined;
    if (!this.#isProven) this.#parts.proven(this, status);
    this.#isProven = true;
    const isHeard = status >= 200 && status < 300;
    if (isHeard && response) this.#heard(response);
    else this.#isWhole = true;
    this.#failures = isHeard ? 0 : this.#failures + 1;
    if (version !== undefined) this.#source?.told?.(version, status);
    if (this.#failures > MAX_FAILURES) return this.abandon();
    this.#goOn(status, isHeard);
  }

  #goOn(status: number, isHeard: boolean): void {
    const [held, answers] = [this.#held, 1 + this.#replaced];
    this.#held = undefined;
    this.#replaced = 0;
    // What was put off is still to be answered for.
    if (held) this.#open = { version: undefined };
    for (let nth = 0; nth < answers; nth++) this.#step({ kind: "Response", status });
    // Otherwise a NOTIFY that has just gone may be open.
    if (held) this.#open = undefined;
    // Who did not hear the one hears nothing more, not even that it is over.
    const isDead = status === 408 || endsSubscription(status);
    if (held && !isDead) return this.#notify(held);
    if (this.#state.name === "Terminated") return this.#over();
    if (!isHeard || this.#source?.hasMore?.()) this.changed();
  }

  /** What a 2xx says about them. */
  #heard(response: Response): void {
    this.#dialog = receiveSuccess(this.#dialog, response, "NOTIFY");
    const event = readHeader(response, "Event", parseEvent);
    //= RFC 6446 §4.1
    //# If the subscriber does not include at least one of the "max-rate", "min-rate", or
    //# "adaptive-min-rate" header field parameters in the most recent SUBSCRIBE request in a given
    //# dialog, the subscriber MUST NOT include an Event header field with any of those parameters
    //# in a 2xx response to a NOTIFY request in that dialog.
    if (!event.ok || !event.value || !hasRate(this.#wished)) return;
    this.#wished = wishedRates(event.value);
    const left = (this.expiresAt - this.#now) / 1000;
    const limits = { minGapMs: this.pack.minGapMs, minIdleMs: MIN_IDLE_MS };
    this.#rates = grantedRates(this.#wished, limits, left);
  }

  // ---- small things ----------------------------------------------------------------------------

  get #host(): ServiceHost {
    return this.#parts.host;
  }

  get #now(): Millis {
    return this.#host.endpoint.now;
  }

  get #standing(): Standing {
    return this.#source?.standing?.() ?? "Allowed";
  }

  get #required(): readonly HeaderField[] {
    const { requires = [] } = this.#source ?? {};
    return requires.length === 0 ? [] : [["Require", requires.join(", ")]];
  }

  /** When it is told again though nothing has changed. */
  get #idleAt(): Millis {
    const last = this.#sentAt.at(-1);
    if (last === undefined || this.#open) return NEVER;
    return last + longestGapMs(this.#rates, this.#sentAt, this.#now);
  }

  #contact(flow: Flow): string {
    return contactOn(this.#host.shown(flow), undefined, this.#dialog.secure);
  }
}

/** With a Via, and lines of its own. */
const octetsOf = ({ uri, headers, body = "" }: OwnRequest): number =>
  headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0) +
  uri.length +
  body.length +
  OWN_OCTETS;

/** What a SUBSCRIBE asks for, beside what it is about. */
export interface AskedTimes {
  readonly expiresSeconds: number | undefined;
  readonly event: EventType;
}

export const policyOf = (pack: ServedPackage): machine.NotifierPolicy => ({
  defaultSeconds: pack.expiresSeconds,
  minSeconds: pack.minSeconds ?? 60,
  maxSeconds: pack.expiresSeconds,
  minGapMs: pack.minGapMs,
});

/** NOTIFYs in a row that were refused; then they are dead to us. */
const MAX_FAILURES = 5;
const OWN_OCTETS = 512;
const backOffMs = (failures: number): Millis => (failures === 0 ? 0 : 2500 * 2 ** failures);
/** The most often that somebody is told that nothing has changed. */
const MIN_IDLE_MS = 10_000;
/** How long somebody may wait to be let. */
const PATIENCE_MS = 86_400_000;
