/**
 * A REFER of ours, and the subscription that comes with it. RFC 3515 §2.4. Runs the machines of
 * `usage/referrer.ts` and `usage/subscriber.ts`.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { UNCONCERNED } from "../endpoint/server-transaction.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import { parseNumber } from "../grammar/chars.ts";
import { MAX_EXPIRES } from "../grammar/limits.ts";
import type { Octets } from "../grammar/octets.ts";
import { bad, type Result } from "../grammar/result.ts";
import type { HeaderField } from "../message/compose.ts";
import { readEssentials } from "../message/essentials.ts";
import type { EventType } from "../message/header/event.ts";
import { parseReferSub } from "../message/header/refer-sub.ts";
import { parseSubscriptionState } from "../message/header/subscription-state.ts";
import { header } from "../message/headers.ts";
import type { Request, Response } from "../message/message.ts";
import { readHeader } from "../message/read-header.ts";
import { parseSipfragStatus, SIPFRAG } from "../message/sipfrag.ts";
import { DEFAULT_TIMERS } from "../transaction/timers.ts";
import * as referrer from "../usage/referrer.ts";
import * as subscriber from "../usage/subscriber.ts";
import { subscribeHeaders } from "../usage/subscription-headers.ts";
import type { OutgoingRequest, RequestUser } from "./outgoing-request.ts";
import { referEvent } from "./refer-event.ts";
import { minimumSeconds, retryAfterSeconds } from "./registrar-answer.ts";

/** What a REFER asks for. */
export interface Referring {
  /** The value of Refer-To. */
  readonly referTo: Octets;
  /** The value of Referred-By. RFC 3892. */
  readonly referredBy: Octets;
  /** Whether they are to say what becomes of it. RFC 4488. */
  readonly reports: boolean;
  readonly headers: readonly HeaderField[];
}

/** Hears of each step once, nothing after the outcome, and `gone` when nothing more can come. */
export interface SentReferUser {
  progress(status: number): void;
  succeeded(status: number): void;
  /** They agreed, and say nothing of what becomes of it. */
  accepted(): void;
  failed(status: number, refused: boolean): void;
  gone(): void;
}

/** How requests get into the dialog of the subscription; undefined: there is no way. */
type Send = (
  method: string,
  more: readonly HeaderField[],
  body: Octets,
  user: RequestUser,
) => OutgoingRequest | undefined;

/** Longer than anybody is called; it ends by itself when there is an outcome. */
const EXPIRES_SECONDS = 600;
const PARAMS: subscriber.Params = {
  ...{ expiresSeconds: EXPIRES_SECONDS, t1: DEFAULT_TIMERS.t1 },
  ...{ forks: false, retrySeconds: undefined },
};

export class SentRefer implements Timed {
  readonly #endpoint: Endpoint;
  readonly #send: Send;
  readonly #what: Referring;
  readonly #user: SentReferUser;
  readonly #timer: Timer = newTimer(this);
  #subscription: subscriber.State;
  #progress: referrer.State;
  #request: OutgoingRequest | undefined;
  /** What the NOTIFYs call it: RFC 3515 §2.4.6. */
  #event: EventType = referEvent(undefined);

  constructor(endpoint: Endpoint, send: Send, what: Referring, user: SentReferUser) {
    this.#endpoint = endpoint;
    this.#send = send;
    this.#what = what;
    this.#user = user;
    [this.#progress] = referrer.start({}, endpoint.now);
    const [state, ...outputs] = subscriber.start(PARAMS, endpoint.now);
    this.#subscription = state;
    this.#carryOut(outputs);
  }

  /** The CSeq number that NOTIFYs may name. */
  get id(): string | undefined {
    const request = this.#request?.client?.request;
    const sent = request && readEssentials(request);
    return sent?.ok ? String(sent.value.cseq.number) : undefined;
  }

  /** The person has no more interest in it. */
  abandon(): void {
    this.#track({ kind: "Abandon" });
  }

  /** A NOTIFY of its subscription. */
  notify(from: Incoming, event: EventType): void {
    const { request } = from;
    const state = readHeader(request, "Subscription-State", parseSubscriptionState);
    const report = reportIn(request);
    if (!state.ok || !state.value) return this.#endpoint.reply(from, { status: 400 });
    if (report && !report.ok) {
      return this.#endpoint.reply(from, { status: report.error.status, headers: ACCEPTS });
    }
    this.#event = event;
    const { expiresSeconds, reason, retryAfterSeconds: after } = state.value;
    const name = NAMES[state.value.state] ?? "pending";
    const notified = { expiresSeconds, reason, retryAfterSeconds: after };
    const outputs = this.#step({ kind: "Notify", state: name, ...notified });
    const answer = outputs.find((one) => one.kind === "AnswerNotify");
    const status = answer?.status ?? 481;
    this.#endpoint.accept(from, UNCONCERNED)?.reply({ status });
    if (report) this.#track({ kind: "Report", status: report.value });
    this.#carryOut(outputs, name === "terminated");
  }

  /** For the wheel only. */
  due(): void {
    this.#carryOut(this.#step({ kind: "Tick" }));
  }

  // ---- how far it is ---------------------------------------------------------------------------

  #track(input: referrer.Input): void {
    const [state, ...outputs] = referrer.step({}, this.#progress, input, this.#endpoint.now);
    const isEnd = state.name === "Terminated" && this.#progress.name !== "Terminated";
    this.#progress = state;
    for (const output of outputs) this.#tell(output);
    if (isEnd) this.#unsubscribe();
  }

  #tell(output: referrer.Output): void {
    const user = this.#user;
    switch (output.kind) {
      case "Progress":
        return user.progress(output.status);
      case "Succeeded":
        return user.succeeded(output.status);
      case "Accepted":
        return user.accepted();
      case "Failed":
        return user.failed(output.status, output.refused);
    }
  }

  /** There is nothing more to be told. A last NOTIFY that has come has ended it already. */
  #unsubscribe(): void {
    const alive = this.#subscription.name === "Pending" || this.#subscription.name === "Active";
    this.#carryOut(this.#step({ kind: alive ? "Unsubscribe" : "Abandon" }));
  }

  // ---- its subscription ------------------------------------------------------------------------

  #step(input: subscriber.Input): readonly subscriber.Output[] {
    const { now } = this.#endpoint;
    const before = this.#subscription;
    const [state, ...outputs] = subscriber.step(PARAMS, before, input, now);
    this.#subscription = state;
    this.#endpoint.schedule(this.#timer, subscriber.deadline(state));
    if (state.name === "Terminated" && before.name !== "Terminated") {
      this.#endpoint.later(() => this.#user.gone());
    }
    return outputs;
  }

  #carryOut(outputs: readonly subscriber.Output[], told = false): void {
    for (const output of outputs) {
      if (output.kind === "Ended") this.#track({ kind: "Unsubscribed", told });
      else if (output.kind === "Subscribe" && output.initial) this.#refer();
      else if (output.kind === "Subscribe") this.#subscribe(output.expiresSeconds);
    }
  }

  //= RFC 3515 §2.4.1
  //# A REFER request MUST contain exactly one Refer-To header field value.
  //= RFC 3892 §2.1
  //# A REFER request MUST NOT contain more than one Referred-By header field value.
  //= RFC 4488 §4
  //# This header field set to "false" specifies that a REFER-Issuer requests that the
  //# REFER-Recipient doesn't establish an implicit subscription and the resultant dialog.
  #refer(): void {
    const { referTo, referredBy, reports, headers: more } = this.#what;
    const headers: readonly HeaderField[] = [
      ["Refer-To", referTo],
      ["Referred-By", referredBy],
      ...(reports ? [] : NO_REPORTS),
      ["Accept", SIPFRAG],
      ...more,
    ];
    const answered = (status: number, isSubscribed: boolean) => {
      this.#track({ kind: "Response", status, reports: isSubscribed });
      this.#carryOut(this.#step({ ...NOTHING, kind: "Response", status }));
    };
    this.#request = this.#send("REFER", headers, "", {
      response: (response) => {
        if (response.status >= 200) answered(response.status, subscribes(response));
      },
      failed: (reason) => answered(reason === "timeout" ? 408 : 503, false),
    });
    if (!this.#request) this.#endpoint.later(() => answered(503, false));
  }

  //= RFC 3515 §2.4.6
  //# A SUBSCRIBE sent to refresh or terminate this subscription MUST contain this id parameter.
  #subscribe(seconds: number): void {
    const headers = subscribeHeaders(this.#event, seconds, [SIPFRAG]);
    const answered = (status: number, response?: Response) =>
      this.#carryOut(
        this.#step({
          kind: "Response",
          status,
          expiresSeconds: response && parseNumber(header(response, "Expires") ?? "", MAX_EXPIRES),
          minExpiresSeconds: response && minimumSeconds(response),
          retryAfterSeconds: response && retryAfterSeconds(response),
        }),
      );
    const sent = this.#send("SUBSCRIBE", headers, "", {
      response: (response) => {
        if (response.status >= 200) answered(response.status, response);
      },
      failed: () => answered(408),
    });
    if (!sent) this.#endpoint.later(() => answered(408));
  }
}

/** Whether a 2xx to a REFER announces NOTIFYs. */
function subscribes(response: Response): boolean {
  const value = readHeader(response, "Refer-Sub", parseReferSub);
  return !value.ok || (value.value?.wanted ?? true);
}

/** Undefined where there is no body. */
function reportIn(request: Request): Result<number> | undefined {
  if (request.body === "") return undefined;
  const type = (header(request, "Content-Type") ?? "").split(";")[0] ?? "";
  const isSipfrag = type.trim().toLowerCase() === SIPFRAG;
  return isSipfrag ? parseSipfragStatus(request.body) : NOT_SIPFRAG;
}

const NOT_SIPFRAG = bad("bad-body", "expected message/sipfrag", 0, "RFC 3515 §2.4.4", 415);
const NOTHING = {
  ...{ expiresSeconds: undefined, minExpiresSeconds: undefined, retryAfterSeconds: undefined },
};
const NO_REPORTS: readonly HeaderField[] = [
  ["Refer-Sub", "false"],
  ["Supported", "norefersub"],
];
const ACCEPTS: readonly HeaderField[] = [["Accept", SIPFRAG]];
const NAMES: Readonly<Record<string, "active" | "pending" | "terminated">> = {
  ...{ active: "active", pending: "pending", terminated: "terminated" },
};
