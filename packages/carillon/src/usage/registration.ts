/**
 * Keeps one binding at a registrar. RFC 3261 §10.2, with the back-off of RFC 5626 §4.5.
 *
 * It says when to send a REGISTER and what it grants; flows, texts and credentials are others'
 * business: a 401 or 407 that can be answered never comes here. A fetch (no Contact) changes
 * nothing and needs no machine.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";
import { type BackOff, backOffMs, isWorthARetry } from "./back-off.ts";
import { isLonger, MAX_SECONDS, refreshAfterMs } from "./refresh-time.ts";

/** A REGISTER is on its way. */
export interface Registering {
  /** Our word: RFC 3261 §10.2 names no states. */
  readonly name: "Registering";
  /** When the binding that we have expires; NEVER without one. */
  readonly timerExpires: Millis;
  /** The Expires that is asked for: the user's, or what a 423 wants. */
  readonly askedSeconds: number;
  /** Failures in a row before this try. */
  readonly failures: number;
  /** Whether a 423 has been obeyed, and how many redirections. */
  readonly raised: boolean;
  /** 3xx that were followed, of five. */
  readonly redirects: number;
  /** Something has changed meanwhile that the registrar has to hear of. */
  readonly again: boolean;
}
/** The registrar has our binding. */
export interface Registered {
  /** Our word: RFC 3261 §10.2 names no states. */
  readonly name: "Registered";
  /** When the next REGISTER goes out, well before it expires. */
  readonly timerRefresh: Millis;
  /** When the binding expires. */
  readonly timerExpires: Millis;
  /** The Expires to ask for next time. */
  readonly askedSeconds: number;
}
/** The last try failed. */
export interface Waiting {
  /** Our word: RFC 3261 §10.2 names no states. */
  readonly name: "Waiting";
  /** When it is tried again. */
  readonly timerRetry: Millis;
  /** When the binding of before expires; NEVER without one. */
  readonly timerExpires: Millis;
  /** The Expires to ask for. */
  readonly askedSeconds: number;
  /** Failures in a row: the wait grows with them. */
  readonly failures: number;
}
/** To be taken back, as soon as the REGISTER that is on its way has its answer. */
export interface Stopping {
  /** Our word: RFC 3261 §10.2 names no states. */
  readonly name: "Stopping";
  /** There is a binding, whatever the answer. */
  readonly bound: boolean;
}
/** A REGISTER that takes the binding back is on its way. */
export interface Unregistering {
  /** Our word: RFC 3261 §10.2 names no states. */
  readonly name: "Unregistering";
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: RFC 3261 §10.2 names no states. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Registering | Registered | Waiting | Stopping | Unregistering | Terminated;

/**
 * What happens to the binding. `Tick`: `deadline` is reached, or may be. `Abandon`: it ends without
 * a word.
 */
export type Input =
  //= RFC 3261 §10.2
  //# The Record-Route header field has no meaning in REGISTER requests or responses, and MUST be
  //# ignored if present. In particular, the UAC MUST NOT create a new route set based on the
  //# presence or absence of a Record-Route header field in any response to a REGISTER request.
  | {
      /** A final response; 408 for silence, 503 for a flow that is gone or cannot be had. */
      readonly kind: "Response";
      readonly status: number;
      /** What a 2xx grants to our contact; undefined when it does not name it. */
      readonly expiresSeconds: number | undefined;
      readonly minExpiresSeconds: number | undefined;
      readonly retryAfterSeconds: number | undefined;
      /** A 3xx names another registrar that can be asked. */
      readonly redirected: boolean;
      /** In [0, 1). */
      readonly random: number;
    }
  /** The flow over which we are registered is gone. `random` is in [0, 1). */
  | { readonly kind: "FlowLost"; readonly random: number }
  /** Our address or what we can do has changed, or the network is back. */
  | { readonly kind: "Refresh" }
  /** Take the binding back. */
  | { readonly kind: "Stop" }
  | { readonly kind: "Tick" }
  | { readonly kind: "Abandon" };

/**
 * What is to be done, in this order. `Registered`: it stands for so long. `Unregistered`: it was
 * taken back, as far as that goes.
 */
export type Output =
  /** Send a REGISTER with our contact; over a new flow if there is none. */
  | { readonly kind: "Register"; readonly expiresSeconds: number }
  /** The same to the address that the 3xx names. */
  | { readonly kind: "Redirect"; readonly expiresSeconds: number }
  | { readonly kind: "Registered"; readonly expiresSeconds: number }
  /** Nobody finds us now; it goes on trying. */
  | { readonly kind: "Lost"; readonly status: number | undefined }
  /** No: it stops trying. */
  | { readonly kind: "Refused"; readonly status: number }
  | { readonly kind: "Unregistered" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** How a binding is kept. Give every step the same. */
export interface Params {
  /** What to ask for; a registrar may grant less. */
  readonly expiresSeconds: number;
  /** How long to wait after failures; Retry-After makes it longer. */
  readonly backOff: BackOff;
  /** A server that restarts loses all its flows at once: how far apart the phones come back. */
  readonly spreadMs: Millis;
}

const MAX_REDIRECTS = 5;
/** Who grants less has to be asked so often that it is no better than a refusal. */
const MIN_EXPIRES_SECONDS = 10;

/** Begins: a `Register` is the output. */
export const start = (p: Params, _: Millis): Step => register(p.expiresSeconds, NEVER, 0);

/** One input, handled at once. `now` is in ms. Never throws for what a peer sent. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (input.kind === "Abandon") return [TERMINATED];
  switch (s.name) {
    case "Registering":
      return registering(p, s, input, now);
    case "Registered":
      return registered(p, s, input, now);
    case "Waiting":
      return waiting(s, input, now);
    case "Stopping":
      return stopping(s, input);
    case "Unregistering":
      return input.kind === "Response" ? UNREGISTERED : [s];
    case "Terminated":
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Registering":
      return s.timerExpires;
    case "Registered":
      return Math.min(s.timerRefresh, s.timerExpires);
    case "Waiting":
      return Math.min(s.timerRetry, s.timerExpires);
    default:
      return NEVER;
  }
}

function register(askedSeconds: number, timerExpires: Millis, failures: number): Step {
  const rest = { raised: false, redirects: 0, again: false };
  return [
    { name: "Registering", timerExpires, askedSeconds, failures, ...rest },
    { kind: "Register", expiresSeconds: askedSeconds },
  ];
}

function registering(p: Params, s: Registering, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Response":
      return answered(p, s, input, now);
    //= RFC 3261 §10.2
    //# UAs MUST NOT send a new registration (that is, containing new Contact header field values,
    //# as opposed to a retransmission) until they have received a final response from the registrar
    //# for the previous one or the previous REGISTER request has timed out.
    case "Refresh":
      return [s.again ? s : { ...s, again: true }];
    case "Stop":
      return [{ name: "Stopping", bound: s.timerExpires !== NEVER }];
    case "FlowLost":
      return s.timerExpires === NEVER ? [s] : [{ ...s, timerExpires: NEVER }, LOST];
    default:
      return expired(s, now);
  }
}

function expired<S extends Registering | Waiting>(s: S, now: Millis): readonly [S, ...Output[]] {
  return now < s.timerExpires ? [s] : [{ ...s, timerExpires: NEVER }, LOST];
}

type Response = Extract<Input, { kind: "Response" }>;

function answered(p: Params, s: Registering, input: Response, now: Millis): Step {
  const { status, minExpiresSeconds } = input;
  if (status < 300) return accepted(p, s, input, now);
  //= RFC 3261 §10.2.8
  //# If a UA receives a 423 (Interval Too Brief) response, it MAY retry the registration after
  //# making the expiration interval of all contact addresses in the REGISTER request equal to or
  //# greater than the expiration interval within the Min-Expires header field of the 423 (Interval
  //# Too Brief) response.
  if (status === 423 && !s.raised && isLonger(minExpiresSeconds, s.askedSeconds)) {
    const raised = { ...s, raised: true, askedSeconds: minExpiresSeconds };
    return [raised, { kind: "Register", expiresSeconds: minExpiresSeconds }];
  }
  if (status < 400 && input.redirected && s.redirects < MAX_REDIRECTS) {
    const redirected = { ...s, redirects: s.redirects + 1 };
    return [redirected, { kind: "Redirect", expiresSeconds: s.askedSeconds }];
  }
  if (!isWorthARetry(status, input.retryAfterSeconds))
    return [TERMINATED, { kind: "Refused", status }];
  return failed(p, s, input, now);
}

function accepted(p: Params, s: Registering, input: Response, now: Millis): Step {
  const { askedSeconds } = s;
  //= RFC 3261 §10.2.4
  //# If so, it updates the expiration time interval according to the expires parameter or, if
  //# absent, the Expires field value. The UA then issues a REGISTER request for each of its
  //# bindings before the expiration interval has elapsed.
  const expiresSeconds = input.expiresSeconds ?? askedSeconds;
  if (expiresSeconds < MIN_EXPIRES_SECONDS) {
    return failed(p, { ...s, timerExpires: NEVER }, input, now);
  }
  const output: Output = { kind: "Registered", expiresSeconds };
  const timerExpires = now + 1000 * expiresSeconds;
  if (s.again) {
    const [next, ...outputs] = register(askedSeconds, timerExpires, 0);
    return [next, output, ...outputs];
  }
  const timerRefresh = now + refreshAfterMs(expiresSeconds);
  return [{ name: "Registered", timerRefresh, timerExpires, askedSeconds }, output];
}

function failed(p: Params, s: Registering, input: Response, now: Millis): Step {
  const failures = s.failures + 1;
  //= RFC 3261 §10.2.7
  //# If the transaction layer returns a timeout error because the REGISTER yielded no response, the
  //# UAC SHOULD NOT immediately re-attempt a registration to the same registrar.
  //= RFC 5626 §4.5
  //# The UA MUST wait for at least the value of the retry delay time before trying another
  //# registration to form a new flow for that URI (a 503 response to an earlier failed registration
  //# attempt with a Retry-After header field value may cause the UA to wait longer).
  const afterMs = 1000 * Math.min(MAX_SECONDS, input.retryAfterSeconds ?? 0);
  const timerRetry = now + Math.max(backOffMs(p.backOff, failures, input.random), afterMs);
  const { timerExpires, askedSeconds } = s;
  const next: Waiting = { name: "Waiting", timerRetry, timerExpires, askedSeconds, failures };
  // While the binding of before lasts, nothing is lost yet.
  if (now < timerExpires && timerExpires !== NEVER) return [next];
  return [
    { ...next, timerExpires: NEVER },
    { kind: "Lost", status: input.status },
  ];
}

function registered(p: Params, s: Registered, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "FlowLost":
      return flowLost(p, s, input.random, now);
    case "Refresh":
      return register(s.askedSeconds, s.timerExpires, 0);
    case "Stop":
      return unregister();
    case "Tick":
      return registeredTick(s, now);
    default:
      return [s];
  }
}

function registeredTick(s: Registered, now: Millis): Step {
  if (now >= s.timerExpires) {
    const [next, ...outputs] = register(s.askedSeconds, NEVER, 0);
    return [next, LOST, ...outputs];
  }
  return now < s.timerRefresh ? [s] : register(s.askedSeconds, s.timerExpires, 0);
}

//= RFC 5626 §4.5
//# When a flow used for registration (through a particular URI in the outbound-proxy-set) fails,
//# the UA needs to form a new flow to replace the old flow and replace any registrations that were
//# previously sent over this flow.
function flowLost(p: Params, s: Registered, random: number, now: Millis): Step {
  const timerRetry = now + random * p.spreadMs;
  const { askedSeconds } = s;
  return [{ name: "Waiting", timerRetry, timerExpires: NEVER, askedSeconds, failures: 0 }, LOST];
}

function waiting(s: Waiting, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "FlowLost":
      return s.timerExpires === NEVER ? [s] : [{ ...s, timerExpires: NEVER }, LOST];
    case "Refresh":
      return register(s.askedSeconds, s.timerExpires, s.failures);
    case "Stop":
      return s.timerExpires === NEVER ? UNREGISTERED : unregister();
    case "Tick":
      return waitingTick(s, now);
    default:
      return [s];
  }
}

function waitingTick(s: Waiting, now: Millis): Step {
  const [next, ...outputs] = expired(s, now);
  if (now < s.timerRetry) return [next, ...outputs];
  const [again, ...sent] = register(s.askedSeconds, next.timerExpires, s.failures);
  return [again, ...outputs, ...sent];
}

function stopping(s: Stopping, input: Input): Step {
  if (input.kind !== "Response") return [s];
  return s.bound || input.status < 300 ? unregister() : UNREGISTERED;
}

function unregister(): Step {
  //= RFC 3261 §10.2.2
  //# A UA requests the immediate removal of a binding by specifying an expiration interval of "0"
  //# for that contact address in a REGISTER request. UAs SHOULD support this mechanism so that
  //# bindings can be removed before their expiration interval has passed.
  return [UNREGISTERING, { kind: "Register", expiresSeconds: 0 }];
}

const UNREGISTERING: Unregistering = Object.freeze({ name: "Unregistering" });
const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
const LOST: Output = Object.freeze({ kind: "Lost", status: undefined });
const UNREGISTERED: Step = [TERMINATED, { kind: "Unregistered" }];
