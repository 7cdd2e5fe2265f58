/**
 * A REFER of theirs, and the subscription that comes with it. RFC 3515 §2.4. Runs the machines of
 * `usage/referee.ts` and `usage/notifier.ts`.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import { type ServerTransaction, UNCONCERNED } from "../endpoint/server-transaction.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { parseNumber } from "../grammar/chars.ts";
import { MAX_EXPIRES } from "../grammar/limits.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { header } from "../message/headers.ts";
import { formatSipfragStatus, SIPFRAG } from "../message/sipfrag.ts";
import * as notifier from "../usage/notifier.ts";
import * as referee from "../usage/referee.ts";
import { notifyHeaders } from "../usage/subscription-headers.ts";
import type { DialogSide } from "./dialog-side.ts";
import { referEvent } from "./refer-event.ts";

/** What a REFER asks for. */
export interface Referred {
  /** The URI in Refer-To, with the headers that it asks for: an INVITE can be made of it. */
  readonly target: Octets;
  /** The value of Referred-By, as it stands there. RFC 3892. */
  readonly referredBy: string | undefined;
  /** Whether they want to hear what becomes of it. RFC 4488. */
  readonly reports: boolean;
}

/** A person has a minute to decide; the REFER itself waits a second for it. */
const PARAMS: referee.Params = { answerMs: 1000, decideMs: 60_000 };
const POLICY: notifier.NotifierPolicy = {
  //= RFC 3515 §3.4
  //# The duration SHOULD be chosen to be longer than the time the referenced request will be given
  //# to complete.
  // Three minutes of ringing, and a minute for whoever has to decide.
  ...{ defaultSeconds: 300, minSeconds: 0, maxSeconds: 3600 },
  //= RFC 3515 §3.10
  //# NOTIFYs to event refer SHOULD NOT be sent more frequently than once per second.
  minGapMs: 1000,
};

export class ReceivedRefer implements Timed {
  readonly what: Referred;
  /** `id` of the NOTIFYs' Event; undefined for the first of a dialog. RFC 3515 §2.4.6. */
  readonly id: string | undefined;
  readonly number: string;
  /** Called when nobody has decided in time. */
  onlapse: () => void = () => {};
  readonly #side: DialogSide;
  readonly #gone: () => void;
  readonly #timer: Timer = newTimer(this);
  readonly #tellTimer: Timer = newTimer({ due: () => this.#notifier({ kind: "Tick" }) });
  #server: ServerTransaction | undefined;
  #said: readonly HeaderField[] = [];
  #state: referee.State;
  #subscription: notifier.State | undefined;
  /** What the next NOTIFY says. */
  #status = 100;
  /** NOTIFYs without an answer. */
  #open = 0;

  /** `gone` is called when the dialog is not needed any more for it. */
  constructor(
    side: DialogSide,
    server: ServerTransaction,
    what: Referred,
    isFirst: boolean,
    gone: () => void,
  ) {
    this.#side = side;
    this.#server = server;
    this.what = what;
    this.number = String(server.incoming.essentials.cseq.number);
    this.id = isFirst ? undefined : this.number;
    this.#gone = gone;
    [this.#state] = referee.start(PARAMS, this.#now);
    this.#schedule();
  }

  /** Somebody allows it. False: it is too late; otherwise make the call, and say how far it is. */
  allow(): boolean {
    return this.#step({ kind: "Allow" }).some(({ kind }) => kind === "Follow");
  }

  /** `headers` go along, such as a Warning. */
  refuse(status: number, headers: readonly HeaderField[] = []): void {
    this.#said = headers;
    this.#step({ kind: "Refuse", status });
  }

  /** The request, as long as it has no answer. */
  get incoming(): Incoming | undefined {
    return this.#server?.incoming;
  }

  /** What the call that was asked for has come to. */
  report(status: number): void {
    this.#step({ kind: status < 200 ? "Progress" : "Final", status });
  }

  /** A SUBSCRIBE of its subscription: to prolong it, or to hear no more. */
  subscribe(from: Incoming): void {
    const expiresSeconds = parseNumber(header(from.request, "Expires") ?? "", MAX_EXPIRES);
    const { endpoint } = this.#side.agent;
    if (!this.#isSubscribed()) return endpoint.reply(from, { status: 481 });
    const server = endpoint.accept(from, UNCONCERNED);
    if (server) this.#notifier({ kind: "Subscribe", expiresSeconds }, server);
  }

  /** For the wheel only. */
  due(): void {
    this.#step({ kind: "Tick" });
  }

  get #now(): number {
    return this.#side.agent.endpoint.now;
  }

  #step(input: referee.Input): readonly referee.Output[] {
    const [state, ...outputs] = referee.step(PARAMS, this.#state, input, this.#now);
    this.#state = state;
    this.#schedule();
    for (const output of outputs) this.#carryOut(output);
    return outputs;
  }

  #schedule(): void {
    this.#side.agent.endpoint.schedule(this.#timer, referee.deadline(this.#state));
  }

  #carryOut(output: referee.Output): void {
    switch (output.kind) {
      case "Answer":
        return this.#answer(output.status, output.allowed);
      case "Granted":
        return this.#notifier({ kind: "Granted" });
      case "Tell":
        this.#status = output.status;
        return this.#notifier({ kind: "Changed" });
      //= RFC 3515 §2.4.7
      //# The final NOTIFY sent in response to a REFER MUST indicate the subscription has been
      //# "terminated" with a reason of "noresource".
      case "TellLast":
        this.#status = output.status;
        return this.#notifier({ ...LAST, kind: "End" });
      case "Lapsed":
        return this.onlapse();
      case "Follow":
        return;
    }
  }

  //= RFC 7647 §5
  //# Specifically, an element accepting a REFER request MUST NOT reply with a 202 response code and
  //# MUST treat any 202 responses received as identical to a 200 response.
  #answer(status: number, allowed: boolean): void {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const { reports } = this.what;
    //= RFC 4488 §4
    //# If the REFER-Recipient supports the extension and is willing to process the REFER
    //# transaction without establishing an implicit subscription, it MUST insert the "Refer-Sub"
    //# header field set to "false" in the 2xx response to the REFER-Issuer.
    const headers: readonly HeaderField[] =
      status >= 300
        ? this.#said
        : [...this.#side.contactIn(server.incoming.request), ...(reports ? [] : NO_REPORTS)];
    server.reply({ status, headers, toTag: this.#side.localTag });
    if (status >= 300 || !reports) return this.#ifGone();
    //= RFC 3515 §2.4.2
    //# If a REFER request is accepted (that is, a 2xx class response is returned), the recipient
    //# MUST create a subscription and send notifications of the status of the refer as described in
    //# Section 2.4.4.
    //= RFC 3515 §2.4.4
    //# The NOTIFY mechanism defined in [2] MUST be used to inform the agent sending the REFER of
    //# the status of the reference.
    const params = { askedSeconds: undefined, granted: allowed, policy: POLICY };
    this.#become(notifier.start(params, this.#now));
  }

  // ---- its subscription ------------------------------------------------------------------------

  #isSubscribed(): boolean {
    return this.#subscription !== undefined && this.#subscription.name !== "Terminated";
  }

  #notifier(input: notifier.Input, server?: ServerTransaction): void {
    const before = this.#subscription;
    if (!before) return;
    const params = { askedSeconds: undefined, granted: true, policy: POLICY };
    this.#become(notifier.step(params, before, input, this.#now), server);
  }

  #become([state, ...outputs]: notifier.Step, server?: ServerTransaction): void {
    this.#subscription = state;
    this.#side.agent.endpoint.schedule(this.#tellTimer, notifier.deadline(state));
    for (const output of outputs) {
      if (output.kind === "Notify") this.#notify(output.state);
      else if (output.kind === "Accept") {
        const expires: HeaderField = ["Expires", String(output.expiresSeconds)];
        server?.reply({ status: 200, headers: [this.#side.contact, expires] });
      } else if (output.kind === "Refuse") server?.reply({ status: output.status });
    }
    this.#ifGone();
  }

  //= RFC 3515 §2.4.4
  //# Each NOTIFY MUST contain a body of type "message/sipfrag" [3].
  //= RFC 3515 §2.4.5
  //# Each NOTIFY MUST contain a body of type "message/sipfrag" [3].
  #notify(state: Parameters<typeof notifyHeaders>[1]): void {
    const headers: readonly HeaderField[] = [
      this.#side.contact,
      ...notifyHeaders(referEvent(this.id), state),
      ["Content-Type", SIPFRAG],
    ];
    //= RFC 3515 §2.4.5
    //# If a NOTIFY is generated when the subscription state is pending, its body should consist
    //# only of a status line containing a response code of 100.
    const body = formatSipfragStatus(state.state === "pending" ? 100 : this.#status);
    const answered = (status: number) => {
      this.#open--;
      this.#notifier({ kind: "Response", status });
    };
    this.#open++;
    const sent = this.#side.send("NOTIFY", headers, body, {
      response: ({ status }) => void (status >= 200 && answered(status)),
      failed: () => answered(408),
    });
    if (!sent) this.#side.agent.endpoint.later(() => answered(408));
  }

  #ifGone(): void {
    if (!this.#server && !this.#isSubscribed() && this.#open === 0) this.#gone();
  }
}

const LAST = { reason: "noresource", retryAfterSeconds: undefined } as const;
const NO_REPORTS: readonly HeaderField[] = [["Refer-Sub", "false"]];
