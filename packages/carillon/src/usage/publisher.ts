/**
 * Keeps one publication alive, the side that publishes. RFC 3903 §4 and §5.
 *
 * The machine holds the entity-tag and the times; the body is with whoever sends the PUBLISH, and
 * is always the latest.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";
import { type BackOff, backOffMs, isWorthARetry } from "./back-off.ts";
import type { PublishOperation } from "./publish-headers.ts";
import { isLonger, LONGEST_WAIT_SECONDS, refreshAfterMs } from "./refresh-time.ts";

/** A PUBLISH is on its way. */
export interface Publishing {
  /** Our word: RFC 3903 names no states. */
  readonly name: "Publishing";
  /** What the PUBLISH is for. RFC 3903 §4.1, Table 1. */
  readonly operation: PublishOperation;
  /** The entity-tag that it names; undefined for an initial one. */
  readonly etag: string | undefined;
  /** The Expires that is asked for: the user's, or what a 423 wants. */
  readonly askedSeconds: number;
  /** Failures in a row before this try. */
  readonly failures: number;
  /** A 423 has been obeyed. */
  readonly raised: boolean;
  /** What the user has wanted since. */
  readonly next: "Modify" | "Remove" | undefined;
}
/** The compositor has it. */
export interface Published {
  /** Our word: RFC 3903 names no states. */
  readonly name: "Published";
  /** When it is refreshed, well before it expires. */
  readonly timerRefresh: Millis;
  /** The SIP-ETag of the last 2xx; undefined if it had none. */
  readonly etag: string | undefined;
  /** The Expires to ask for next time. */
  readonly askedSeconds: number;
}
/** The last try failed. */
export interface Waiting {
  /** Our word: RFC 3903 names no states. */
  readonly name: "Waiting";
  /** When it is tried again. */
  readonly timerRetry: Millis;
  /** What the next try is for. */
  readonly operation: PublishOperation;
  /** The entity-tag that is still believed in. */
  readonly etag: string | undefined;
  /** The Expires to ask for. */
  readonly askedSeconds: number;
  /** Failures in a row: the wait grows with them. */
  readonly failures: number;
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: RFC 3903 names no states. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Publishing | Published | Waiting | Terminated;

/**
 * What happens to the publication. `Remove`: take it back. `Tick`: `deadline` is reached, or may
 * be.
 */
export type Input =
  //= RFC 3903 §4
  //# The Record-Route header field has no meaning in PUBLISH requests or responses, and MUST be
  //# ignored if present. In particular, the UAC MUST NOT create a new route set based on the
  //# presence or absence of a Record-Route header field in any response to a PUBLISH request.
  | {
      /** A final response; 408 for silence. Not a 401 that is tried again. */
      readonly kind: "Response";
      readonly status: number;
      readonly etag: string | undefined;
      readonly expiresSeconds: number | undefined;
      readonly minExpiresSeconds: number | undefined;
      readonly retryAfterSeconds: number | undefined;
      /** In [0, 1). */
      readonly random: number;
    }
  /** There is something new to publish. */
  | { readonly kind: "Modify" }
  | { readonly kind: "Remove" }
  | { readonly kind: "Tick" }
  | { readonly kind: "Abandon" };

/**
 * What is to be done, in this order. `Publish`: send one, with the latest body where
 * `publishHasBody`. `Published`: it stands for so long. `Removed`: it was taken back, as far as
 * that goes.
 */
export type Output =
  | {
      readonly kind: "Publish";
      readonly operation: PublishOperation;
      readonly etag: string | undefined;
      readonly expiresSeconds: number;
    }
  | { readonly kind: "Published"; readonly expiresSeconds: number }
  /** It goes on trying. */
  | { readonly kind: "Lost"; readonly status: number }
  /** It stops trying. */
  | { readonly kind: "Refused"; readonly status: number }
  | { readonly kind: "Removed" };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** How a publication is kept. Give every step the same. */
export interface Params {
  /** What to ask for. */
  readonly expiresSeconds: number;
  /** How long to wait after failures. */
  readonly backOff: BackOff;
  //= RFC 3903 §4.2
  //# However, if the EPA expects an appropriate, locally stored entity-tag to still be valid, it
  //# SHOULD first try to modify that event state as described in Section 4.4, instead of submitting
  //# an initial publication.
  /** That of an earlier run, if it may still be valid; else undefined. */
  readonly etag: string | undefined;
}

/** Who grants less has to be asked so often that it is no better than a refusal. */
const MIN_EXPIRES_SECONDS = 10;

/** Begins: a `Publish` is the output. */
export function start({ expiresSeconds, etag }: Params, _: Millis): Step {
  return publish("Modify", etag, expiresSeconds, 0);
}

/** One input, handled at once. `now` is in ms. Never throws for what a peer sent. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (input.kind === "Abandon") return [TERMINATED];
  switch (s.name) {
    case "Publishing":
      return publishing(p, s, input, now);
    case "Published":
      return published(s, input, now);
    case "Waiting":
      return waiting(s, input, now);
    case "Terminated":
      return [s];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  switch (s.name) {
    case "Published":
      return s.timerRefresh;
    case "Waiting":
      return s.timerRetry;
    default:
      return NEVER;
  }
}

/** Without an entity-tag there is nothing to modify or refresh; with one, nothing to begin. */
function publish(
  wanted: PublishOperation,
  etag: string | undefined,
  askedSeconds: number,
  failures: number,
): Step {
  const operation = etag === undefined ? "Initial" : wanted === "Initial" ? "Modify" : wanted;
  const expiresSeconds = operation === "Remove" ? 0 : askedSeconds;
  const rest = { askedSeconds, failures, raised: false, next: undefined };
  return [
    { name: "Publishing", operation, etag, ...rest },
    { kind: "Publish", operation, etag, expiresSeconds },
  ];
}

function publishing(p: Params, s: Publishing, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Response":
      return input.status < 300 ? accepted(p, s, input, now) : refused(p, s, input, now);
    //= RFC 3903 §4
    //# EPAs MUST NOT send a new PUBLISH request (not a re-transmission) for the same Request-URI,
    //# until they have received a final response from the ESC for the previous one or the previous
    //# PUBLISH request has timed out.
    case "Modify":
      return s.next === undefined && s.operation !== "Remove" ? [{ ...s, next: "Modify" }] : [s];
    case "Remove":
      return s.operation === "Remove" ? [s] : [{ ...s, next: "Remove" }];
    default:
      return [s];
  }
}

type Response = Extract<Input, { kind: "Response" }>;

function accepted(p: Params, s: Publishing, input: Response, now: Millis): Step {
  if (s.operation === "Remove") return REMOVED;
  //= RFC 3903 §4.3
  //# The EPA MUST store this entity-tag, replacing any existing entity-tag for the refreshed event
  //# state.
  //= RFC 3903 §4.4
  //# The EPA MUST store this entity-tag, replacing any existing entity-tag for the modified event
  //# state.
  const { etag } = input;
  const { askedSeconds } = s;
  const expiresSeconds = input.expiresSeconds ?? askedSeconds;
  if (expiresSeconds < MIN_EXPIRES_SECONDS) return failed(p, { ...s, etag }, input, now);
  const output: Output = { kind: "Published", expiresSeconds };
  if (s.next !== undefined) {
    const [next, ...outputs] = goOn(s.next, etag, askedSeconds);
    return [next, output, ...outputs];
  }
  const timerRefresh = now + refreshAfterMs(expiresSeconds);
  return [{ name: "Published", timerRefresh, etag, askedSeconds }, output];
}

/** What has no entity-tag cannot be removed: it expires. */
const goOn = (next: "Modify" | "Remove", etag: string | undefined, askedSeconds: number): Step =>
  next === "Remove" && etag === undefined ? REMOVED : publish(next, etag, askedSeconds, 0);

function refused(p: Params, s: Publishing, input: Response, now: Millis): Step {
  const { status, minExpiresSeconds } = input;
  if (s.operation === "Remove") return REMOVED;
  //= RFC 3903 §5
  //# If an EPA receives a 412 (Conditional Request Failed) response, it MUST NOT reattempt the
  //# PUBLISH request. Instead, to publish event state, the EPA SHOULD perform an initial
  //# publication, i.e., a PUBLISH request without a SIP-If-Match header field, as described in
  //# Section 4.2. The EPA MUST also discard the entity-tag that produced this error response.
  if (status === 412 && s.etag !== undefined) {
    return goOn(s.next ?? "Modify", undefined, s.askedSeconds);
  }
  //= RFC 3903 §5
  //# If an EPA receives a 423 (Interval Too Brief) response to a PUBLISH request, it MAY retry the
  //# publication after changing the expiration interval in the Expires header field to be equal to
  //# or greater than the expiration interval within the Min-Expires header field of the 423
  //# (Interval Too Brief) response.
  if (status === 423 && !s.raised && isLonger(minExpiresSeconds, s.askedSeconds)) {
    const { operation, etag } = s;
    const raised = { ...s, raised: true, askedSeconds: minExpiresSeconds };
    return [raised, { kind: "Publish", operation, etag, expiresSeconds: minExpiresSeconds }];
  }
  return isWorthARetry(status, input.retryAfterSeconds)
    ? failed(p, s, input, now)
    : [TERMINATED, { kind: "Refused", status }];
}

function failed(p: Params, s: Publishing, input: Response, now: Millis): Step {
  const { status, retryAfterSeconds = 0, random } = input;
  const output: Output = { kind: "Lost", status };
  if (s.next === "Remove") {
    const [next, ...outputs] = goOn("Remove", s.etag, s.askedSeconds);
    return [next, output, ...outputs];
  }
  const failures = s.failures + 1;
  const afterMs = 1000 * Math.min(LONGEST_WAIT_SECONDS, retryAfterSeconds);
  const timerRetry = now + Math.max(backOffMs(p.backOff, failures, random), afterMs);
  const operation = s.next ?? s.operation;
  const { etag, askedSeconds } = s;
  return [{ name: "Waiting", timerRetry, operation, etag, askedSeconds, failures }, output];
}

function published(s: Published, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Modify":
    case "Remove":
      return goOn(input.kind, s.etag, s.askedSeconds);
    case "Tick":
      //= RFC 3903 §4.3
      //# To refresh a publication, the EPA MUST create a PUBLISH request that includes in a
      //# SIP-If-Match header field the entity-tag of the publication to be refreshed.
      return now < s.timerRefresh ? [s] : publish("Refresh", s.etag, s.askedSeconds, 0);
    default:
      return [s];
  }
}

function waiting(s: Waiting, input: Input, now: Millis): Step {
  switch (input.kind) {
    case "Modify":
      //= RFC 3903 §4.4
      //# To modify event state, the EPA MUST construct a PUBLISH request that includes in a
      //# SIP-If-Match header field the entity-tag of the event state publication to be modified.
      return s.operation === "Refresh" ? [{ ...s, operation: "Modify" }] : [s];
    case "Remove":
      return goOn("Remove", s.etag, s.askedSeconds);
    case "Tick":
      if (now < s.timerRetry) return [s];
      return publish(s.operation, s.etag, s.askedSeconds, s.failures);
    default:
      return [s];
  }
}

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
const REMOVED: Step = [TERMINATED, { kind: "Removed" }];
