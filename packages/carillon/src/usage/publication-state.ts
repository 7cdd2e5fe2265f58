/**
 * What is published for one resource in one event package, the side that keeps it. RFC 3903 §6.
 *
 * One machine per resource and package. It holds entity-tags and times; the bodies are with whoever
 * runs it, under their entity-tags. A PUBLISH is one step, so it is done wholly or not at all, and
 * those of one resource are done in the order in which they came.
 */
import { type Millis, NEVER } from "../transaction/timers.ts";

/** Nothing is published: the machine may be forgotten. */
export interface Empty {
  /** Our word: RFC 3903 names no states. */
  readonly name: "Empty";
}
/** Something is published. */
export interface Holding {
  /** Our word: RFC 3903 names no states. */
  readonly name: "Holding";
  /** At least one, in the order in which they came. */
  readonly publications: readonly Publication[];
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: RFC 3903 names no states. */
  readonly name: "Terminated";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Empty | Holding | Terminated;

/** One publication of the resource, without its body. */
export interface Publication {
  /** Its entity-tag, which the next PUBLISH has to name. */
  readonly etag: string;
  /** When it is dropped. */
  readonly timerExpires: Millis;
}

/** What happens to the resource. `Tick`: `deadline` is reached, or may be. */
export type Input =
  | ({ readonly kind: "Publish" } & Publish)
  | { readonly kind: "Tick" }
  /** Whose state it was is gone. */
  | { readonly kind: "Abandon" };

/** A PUBLISH as far as it matters here. */
//= RFC 3903 §6
//# The ESC MUST ignore the Record-Route header field if it is included in a PUBLISH request.
//= RFC 3903 §6
//# The ESC MUST ignore the Contact header field if one is present in a PUBLISH request.
export interface Publish {
  /** The entity-tags in its SIP-If-Match headers. */
  readonly ifMatch: readonly string[];
  /** Its Expires; undefined without one, which means the default. */
  readonly expiresSeconds: number | undefined;
  /** What it has for a body, and whether that can be read as the package's. */
  readonly body: "None" | "Understood" | "Strange";
  /** For what will be stored: never used before in this resource. */
  //= RFC 3903 §6
  //# The generated entity-tag MUST be unique from any other entity-tags currently assigned to event
  //# state associated with that Request-URI, and MUST be different from any entity-tag assigned
  //# previously to event state for that Request-URI.
  readonly newEtag: string;
}

/**
 * What is to be done, in this order. `Refuse`: answer the PUBLISH so; with 423 goes Min-Expires.
 */
export type Output =
  /** Answer the PUBLISH with 200, SIP-ETag and Expires. */
  | { readonly kind: "Accept"; readonly etag: string; readonly expiresSeconds: number }
  | {
      readonly kind: "Refuse";
      readonly status: 400 | 412 | 415 | 423 | 503;
      readonly minExpiresSeconds: number | undefined;
    }
  /** Keep the body under this entity-tag, in the place of what was under the other. */
  | { readonly kind: "Store"; readonly etag: string; readonly replaces: string | undefined }
  /** The body kept under `replaces` is kept under `etag` from now on. */
  | { readonly kind: "Rename"; readonly etag: string; readonly replaces: string }
  /** Forget it. */
  | { readonly kind: "Drop"; readonly etag: string };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** What an event state compositor grants in one event package. */
export interface Params {
  /** For a PUBLISH without Expires. */
  readonly defaultSeconds: number;
  /** Less, but not 0, is refused with 423. */
  readonly minSeconds: number;
  /** More is cut to this. */
  readonly maxSeconds: number;
  /** How many may publish for one resource. */
  readonly maxPublications: number;
}

/**
 * What a PUBLISH is refused with before its resource's machine sees it; undefined: nothing. RFC
 * 3903 §6.
 */
export function judgePublish(asked: {
  readonly resourceKnown: boolean;
  readonly packageKnown: boolean;
}): 404 | 489 | undefined {
  //= RFC 3903 §6
  //# If not, the ESC MUST return a 404 (Not Found) response and skip the remaining steps.
  if (!asked.resourceKnown) return 404;
  //= RFC 3903 §6
  //# If the Event header field is missing or contains an event package which the ESC does not
  //# support, the ESC MUST respond to the PUBLISH request with a 489 (Bad Event) response, and skip
  //# the remaining steps.
  return asked.packageKnown ? undefined : 489;
}

/** Begins as `Empty`. */
export const start = (_: Params, __: Millis): Step => [EMPTY];

/** One input, handled at once; `now` is in ms. Throws a RangeError on a `newEtag` in use. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Terminated") return [s];
  switch (input.kind) {
    case "Publish":
      return published(p, s, input, now);
    case "Tick":
      return swept(s, now);
    case "Abandon":
      return [TERMINATED, ...publicationsOf(s).map(drop)];
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export const deadline = (s: State): Millis =>
  s.name === "Holding" ? Math.min(...s.publications.map((one) => one.timerExpires)) : NEVER;

type Live = Empty | Holding;

//= RFC 3903 §6
//# The processing of the PUBLISH request MUST be atomic.
//= RFC 3903 §6
//# PUBLISH requests with the same Request-URI MUST be processed in the order that they are
//# received. PUBLISH requests MUST also be processed atomically, meaning that a particular PUBLISH
//# request is either processed completely or not at all.
function published(p: Params, s: Live, asked: Publish, now: Millis): Step {
  const [before, ...expired] = swept(s, now);
  const kept = before.name === "Holding" ? before.publications : [];
  const refusal = refusalOf(p, kept, asked);
  if (refusal) return [before, ...expired, refusal];
  if (kept.some(({ etag }) => etag === asked.newEtag)) {
    throw new RangeError(`this entity-tag is in use: ${asked.newEtag}`);
  }
  const [next, ...outputs] = stored(p, kept, asked, now);
  return [next, ...expired, ...outputs];
}

function refusalOf(
  p: Params,
  kept: readonly Publication[],
  { ifMatch, expiresSeconds, body }: Publish,
): Output | undefined {
  const [etag] = ifMatch;
  //= RFC 3903 §6
  //# Else, if the request has a SIP-If-Match header field, the ESC checks whether the header field
  //# contains a single entity-tag. If not, the request is invalid, and the ESC MUST return with a
  //# 400 (Invalid Request) response and skip the remaining steps.
  if (ifMatch.length > 1) return refuse(400);
  //= RFC 3903 §6
  //# If no match is found, the ESC MUST reject the publication with a response of 412 (Conditional
  //# Request Failed), and skip the remaining steps.
  if (etag !== undefined && !kept.some((one) => one.etag === etag)) return refuse(412);
  //= RFC 3903 §6
  //# Only if the requested expiration interval is greater than zero and less than a
  //# locally-configured minimum, the ESC MAY reject the publication with a response of 423
  //# (Interval Too Brief), and skip the remaining steps. This response MUST contain a Min-Expires
  //# header field that states the minimum expiration interval the ESC is willing to honor.
  const seconds = expiresSeconds ?? p.defaultSeconds;
  if (seconds > 0 && seconds < p.minSeconds) return refuse(423, p.minSeconds);
  //= RFC 3903 §6
  //# If the content type of the request does not match the event package, or is not understood by
  //# the ESC, the ESC MUST reject the request with an appropriate response, such as 415
  //# (Unsupported Media Type), and skip the remainder of the steps.
  if (body === "Strange") return refuse(415);
  //= RFC 3903 §6
  //# If the request has no message body and contained no entity-tag, the ESC SHOULD reject the
  //# request with an appropriate response, such as 400 (Invalid Request), and skip the remainder of
  //# the steps.
  if (body === "None" && etag === undefined) return refuse(400);
  const isFull = etag === undefined && seconds > 0 && kept.length >= p.maxPublications;
  return isFull ? refuse(503) : undefined;
}

function stored(p: Params, kept: readonly Publication[], asked: Publish, now: Millis): Step {
  const [replaces] = asked.ifMatch;
  //= RFC 3903 §6
  //# If the request has an Expires header field, that value MUST be taken as the requested
  //# expiration.
  //= RFC 3903 §6
  //# Else, a locally-configured default value MUST be taken as the requested expiration.
  const expiresSeconds = Math.min(asked.expiresSeconds ?? p.defaultSeconds, p.maxSeconds);
  //= RFC 3903 §6
  //# If the request does not contain a SIP-If-Match header field, the ESC MUST generate and store a
  //# locally unique entity-tag for identifying the publication.
  //= RFC 3903 §6
  //# The response MUST contain an Expires header field indicating the expiration interval chosen by
  //# the ESC. The response MUST also contain a SIP-ETag header field that contains a single
  //# entity-tag identifying the publication. The ESC MUST generate a new entity-tag for each
  //# successful publication, replacing any previous entity-tag associated with that event state.
  const etag = asked.newEtag;
  const accept: Output = { kind: "Accept", etag, expiresSeconds };
  const others = kept.filter((one) => one.etag !== replaces);
  //= RFC 3903 §6
  //# If the chosen expiration interval has a special value of "0", the event state identified by
  //# the entity-tag MUST be immediately removed. The ESC MUST NOT store any event state as a result
  //# of such a request.
  if (expiresSeconds === 0) {
    return [holding(others), accept, ...(replaces === undefined ? [] : [drop({ etag: replaces })])];
  }
  const publication = { etag, timerExpires: now + 1000 * expiresSeconds };
  const change: Output =
    asked.body === "None" && replaces !== undefined
      ? { kind: "Rename", etag, replaces }
      : { kind: "Store", etag, replaces };
  return [holding([...others, publication]), accept, change];
}

/** Without what has expired. */
function swept(s: Live, now: Millis): readonly [Live, ...Output[]] {
  const expired = publicationsOf(s).filter((one) => one.timerExpires <= now);
  if (expired.length === 0) return [s];
  const kept = publicationsOf(s).filter((one) => one.timerExpires > now);
  return [holding(kept), ...expired.map(drop)];
}

const publicationsOf = (s: Live): readonly Publication[] =>
  s.name === "Holding" ? s.publications : [];

const holding = (publications: readonly Publication[]): Live =>
  publications.length === 0 ? EMPTY : { name: "Holding", publications };

const drop = ({ etag }: { readonly etag: string }): Output => ({ kind: "Drop", etag });
const EMPTY: Empty = Object.freeze({ name: "Empty" });
const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
const refuse = (
  status: 400 | 412 | 415 | 423 | 503,
  minExpiresSeconds: number | undefined = undefined,
): Output => ({ kind: "Refuse", status, minExpiresSeconds });
