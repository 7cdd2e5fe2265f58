/**
 * Where a call goes that is sent elsewhere: from one contact of a 3xx to the next, one after the
 * other, and never to the same twice. RFC 3261 §8.1.3.4.
 */
import type { Octets } from "../grammar/octets.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";
import { parseSipUri, sameSipUri } from "../uri/sip-uri.ts";

/** A contact of a 3xx. RFC 3261 §20.10. */
export interface Target {
  /** As it stands there, without angle brackets. */
  readonly uri: Octets;
  /** 0 to 1; 1 where a contact says nothing. */
  readonly q: number;
}

interface Alive {
  /** Everything that ever was a target, the one of the call first. */
  readonly seen: readonly Octets[];
  /** Still to be tried, best first. */
  readonly left: readonly Target[];
  readonly redirections: number;
}
/** Somebody is called. */
export interface Trying extends Alive {
  /** Our word: RFC 3261 §8.1.3.4 names no states. */
  readonly name: "Trying";
}
/** Whoever calls has to say whether they want to go on. */
export interface Asking extends Alive {
  /** Our word: RFC 3261 §8.1.3.4 names no states. */
  readonly name: "Asking";
  /** Of the 3xx that sends the call on. */
  readonly status: number;
}
/** The end, which no input leaves. */
export interface Terminated {
  /** Our word: RFC 3261 §8.1.3.4 names no states. */
  readonly name: "Terminated";
}
/** Everything the machine remembers, told apart by `name`. */
export type State = Trying | Asking | Terminated;

/**
 * What became of the target that is tried, and what whoever calls decides. A `Tick` changes
 * nothing.
 */
export type Input =
  /** A 3xx with these contacts, in the order in which they stand there. */
  | { readonly kind: "Redirected"; readonly status: number; readonly contacts: readonly Target[] }
  /** Another refusal; or 408 or 503 for what stands for one. */
  | { readonly kind: "Failed"; readonly status: number }
  | { readonly kind: "Decided"; readonly goOn: boolean }
  | { readonly kind: "Tick" }
  | { readonly kind: "Abandon" };

/**
 * What is to be done, in this order. `Try`: call this one. `GiveUp`: the call failed, with this
 * status.
 */
export type Output =
  /** Whether to go to these; answer with "Decided". */
  | { readonly kind: "Ask"; readonly targets: readonly Octets[] }
  | { readonly kind: "Try"; readonly uri: Octets }
  | { readonly kind: "GiveUp"; readonly status: number };

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** The call, and how far it is followed. Give every step the same. */
export interface Params {
  /** The Request-URI of the call. */
  readonly target: Octets;
  /** 3xx that are followed; more are a loop of ever new addresses. */
  readonly maxRedirections: number;
  /** Addresses that are called for one call. */
  readonly maxTargets: number;
}

//= RFC 3261 §8.1.3.4
//# A client starts with an initial target set containing exactly one URI, the Request-URI of the
//# original request.
/** Begins, with the first target, which the caller calls itself. */
export const start = (p: Params, _: Millis): Step => [
  { name: "Trying", seen: [p.target], left: [], redirections: 0 },
];

/** One input, handled at once. Never throws for what a peer sent. */
export function step(p: Params, s: State, input: Input, _: Millis): Step {
  if (s.name === "Terminated") return [s];
  switch (input.kind) {
    case "Redirected":
      return s.name === "Trying" ? redirected(p, s, input.status, input.contacts) : [s];
    case "Failed":
      return s.name === "Trying" ? failed(s, input.status) : [s];
    case "Decided":
      if (s.name === "Trying") return [s];
      return input.goOn ? next(s, s.status) : giveUp(s.status);
    case "Abandon":
      return [TERMINATED];
    default:
      return [s];
  }
}

/** It waits for others alone. */
export const deadline = (_: State): Millis => NEVER;

//= RFC 3261 §8.1.3.4
//# As with proxy recursion, a client processing 3xx class responses MUST NOT add any given URI to
//# the target set more than once.
function redirected(p: Params, s: Trying, status: number, contacts: readonly Target[]): Step {
  if (!FOLLOWED.has(status) || s.redirections >= p.maxRedirections) return failed(s, status);
  const seen = [...s.seen];
  const fresh: Target[] = [];
  for (const contact of contacts) {
    if (seen.length >= p.maxTargets) break;
    if (!isCallable(contact.uri, p.target) || seen.some((one) => isSame(one, contact.uri)))
      continue;
    seen.push(contact.uri);
    fresh.push(contact);
  }
  if (fresh.length === 0) return failed(s, status);
  // The new ones first: whoever sent the call there knows better than who did so before.
  const left = [...fresh.toSorted((a, b) => b.q - a.q), ...s.left];
  const redirections = s.redirections + 1;
  return [
    { name: "Asking", seen, left, redirections, status },
    { kind: "Ask", targets: fresh.map(({ uri }) => uri) },
  ];
}

//= RFC 3261 §8.1.3.4
//# When a failure for a particular contact address is received, the client SHOULD try the next
//# contact address.
function failed(s: Trying, status: number): Step {
  // What is said for all of their devices holds for what is left of them.
  return status >= 600 ? giveUp(status) : next(s, status);
}

//= RFC 3261 §8.1.3.4
//# If contacting an address in the list results in a failure, as defined in the next paragraph, the
//# element moves to the next address in the list, until the list is exhausted. If the list is
//# exhausted, then the request has failed.
function next({ seen, left, redirections }: Alive, status: number): Step {
  const [first, ...others] = left;
  if (!first) return giveUp(status);
  return [
    { name: "Trying", seen, left: others, redirections },
    { kind: "Try", uri: first.uri },
  ];
}

const giveUp = (status: number): Step => [TERMINATED, { kind: "GiveUp", status }];

/**
 * Multiple Choices, Moved Permanently, Moved Temporarily. RFC 3261 §21.3. Use Proxy (305) is for
 * whoever has no proxy, and an alternative service (380) is no other address.
 */
const FOLLOWED: ReadonlySet<number> = new Set([300, 301, 302]);

//= RFC 3261 §8.1.3.4
//# If the original request had a SIPS URI in the Request-URI, the client MAY choose to recurse to a
//# non-SIPS URI, but SHOULD inform the user of the redirection to an insecure URI.
// It does not, nor the other way round (RFC 5630 §5.1.2).
function isCallable(uri: Octets, target: Octets): boolean {
  const [one, other] = [parseSipUri(uri), parseSipUri(target)];
  return one.ok && other.ok && one.value.scheme === other.value.scheme;
}

function isSame(a: Octets, b: Octets): boolean {
  const [one, other] = [parseSipUri(a), parseSipUri(b)];
  return one.ok && other.ok && sameSipUri(one.value, other.value);
}

const TERMINATED: Terminated = Object.freeze({ name: "Terminated" });
