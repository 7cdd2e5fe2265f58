/**
 * Finding the servers of a URI. RFC 3263 §4 for requests and §5 for responses, with RFC 2782.
 *
 * A pure machine: (params, state, input, now) -> [state, ...outputs]. It asks the DNS by `Query`,
 * hears of it by `Answered`, and ends with targets in the order in which they are to be tried, or
 * with a reason. Whatever the DNS does, that takes at most SEARCH_MS and MAX_QUESTIONS questions.
 *
 * RFC 3263 §4: the procedures are done once per transaction. Retransmissions, the ACK of a failure
 * and a CANCEL go where the request went, and are nothing to look up again.
 */

import { type Millis, NEVER } from "../grammar/millis.ts";
import type { TransportName } from "../transport/flow.ts";
import { isIpAddress } from "../uri/host.ts";
import { type AddressChoice, type Host, hostAt, hostsOf, isSettled, targetsOf } from "./hosts.ts";
import {
  earliest,
  expire,
  hear,
  isOpen,
  isWaitingFor,
  LOOP,
  type Lookup,
  lookUp,
  MAX_ALIASES,
  newQueries,
  QUESTION_MS,
  recordsOf,
  settled,
  TIMEOUT,
} from "./lookup.ts";
import {
  type AddressType,
  type Answered,
  type Query,
  type Question,
  question,
  questionKey,
} from "./naming.ts";
import {
  MAX_SERVICES,
  type Service,
  serviceOf,
  servicesGuessed,
  servicesOffered,
} from "./services.ts";
import { isSecure, MAX_TARGETS, type Target } from "./target.ts";
import type { Wanted } from "./wanted.ts";

/** How long all of it may take. */
export const SEARCH_MS: Millis = 5_000;
/** Once somebody can be tried, how long others' addresses are waited for. */
export const GRACE_MS: Millis = 500;
/** The most packets that one search can make a DNS server receive. */
export const MAX_QUESTIONS: number = 1 + MAX_SERVICES + 2 * MAX_TARGETS + MAX_ALIASES;

/** What is looked for, and what we can do. Give every step the same. */
export interface Params {
  /** From `wantedByUri` or `wantedByVia`. */
  readonly wanted: Wanted;
  /** What we can send over; the preferred first, where the domain leaves it to us. */
  readonly transports: readonly TransportName[];
  /** `AAAA` for IPv6, `A` for IPv4: those we have, the preferred first. RFC 6157 §5. */
  readonly families: readonly AddressType[];
  /** Decides between servers of equal priority. See `rolls`. */
  readonly seed: number;
  /** Refuses addresses that are not on the public internet. */
  readonly publicOnly: boolean;
}

interface Searching {
  readonly lookups: readonly Lookup[];
  readonly aliasesLeft: number;
  readonly timerSearch: Millis;
}
/** Which transports does the domain offer? RFC 3263 §4.1. */
export interface AskingNaptr extends Searching {
  /** Our own name: RFC 3263 draws no states. */
  readonly name: "AskingNaptr";
}
/** Which hosts offer the services? RFC 3263 §4.2. */
export interface AskingSrv extends Searching {
  /** Our own name: RFC 3263 draws no states. */
  readonly name: "AskingSrv";
  /** SRV names asked for, each with its transport, in the order of preference. */
  readonly services: readonly Service[];
  /** Services that the domain named are used together; of those we guessed, the first there is. */
  readonly use: "all" | "first";
  /** Where none of the services has SRV records. */
  readonly otherwise: Host;
}
/** Where are the hosts? RFC 3263 §4.2. */
export interface AskingAddresses extends Searching {
  /** Our own name: RFC 3263 draws no states. */
  readonly name: "AskingAddresses";
  /** In the order in which they are to be tried. */
  readonly hosts: readonly Host[];
  /** When the search ends with what is known; NEVER while the first host has no address. */
  readonly timerGrace: Millis;
}
/** The end, which no input leaves. */
export interface Ended {
  /** Our own name: RFC 3263 draws no states. */
  readonly name: "Ended";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = AskingNaptr | AskingSrv | AskingAddresses | Ended;

/**
 * `Answered`: what the world said to a `Query`. `Tick`: `deadline` is reached, or may be.
 * `Abandon`: nobody wants the answer any more, and it ends with that reason.
 */
export type Input = Answered | { readonly kind: "Tick" } | { readonly kind: "Abandon" };

/**
 * `Query`: ask the DNS. `Located`: the end, with one to `MAX_TARGETS` targets, the one to be tried
 * first in front. `NotLocated`: the end, and why in words for people.
 */
export type Output =
  | Query
  | { readonly kind: "Located"; readonly targets: readonly Target[] }
  | { readonly kind: "NotLocated"; readonly reason: Reason; readonly message: string };

/**
 * Why there are no targets. `unavailable`: an SRV record with the target `.` (RFC 2782).
 * `not-found`: no address in the DNS. `not-public`: addresses, but none that `publicOnly` lets
 * through. `no-answer`: the DNS failed or was too slow, which may be over in a moment.
 */
export type Reason =
  | "unsupported-transport"
  | "unavailable"
  | "not-found"
  | "not-public"
  | "no-answer"
  | "abandoned";

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/** Begins, and ends at once where nothing has to be asked. `now` is in ms, as in every step. */
export function start(p: Params, now: Millis): Step {
  const { host, port } = p.wanted;
  const demanded = p.wanted.transport ?? defaultTransport(p);
  const transport = p.transports.find((each) => each === demanded);
  if (transport === undefined) return notLocated(p, "unsupported-transport");
  const s = { lookups: [], aliasesLeft: MAX_ALIASES, timerSearch: now + SEARCH_MS };
  //= RFC 3263 §4.2
  //# If TARGET is a numeric IP address, the client uses that address. If the URI also contains a
  //# port, it uses that port. If no port is specified, it uses the default port for the particular
  //# transport protocol.
  //= RFC 3263 §4.2
  //# If the TARGET was not a numeric IP address, but a port is present in the URI, the client
  //# performs an A or AAAA record lookup of the domain name.
  //= RFC 3263 §5
  //# If, however, the sent-by field contained a domain name and a port number, the server queries
  //# for A or AAAA records with that name.
  if (isIpAddress(host) || port !== undefined) {
    return asking(s, askAddresses(p, s, [hostAt(transport, host, port)], now));
  }
  //= RFC 3263 §4.1
  //# If the URI specifies a transport protocol in the transport parameter, that transport protocol
  //# SHOULD be used.
  //= RFC 3263 §5
  //# If, however, the sent-by field contained a domain name and no port, the server queries for SRV
  //# records at that domain name using the service identifier "_sips" if the Via transport is
  //# "TLS", "_sip" otherwise, and the transport from the topmost Via header
  if (p.wanted.transport !== undefined) {
    return asking(s, askSrv(p, s, "first", [serviceOf(transport, host)], transport, now));
  }
  //= RFC 3263 §4.1
  //# Otherwise, if no transport protocol or port is specified, and the target is not a numeric IP
  //# address, the client SHOULD perform a NAPTR query for the domain in the URI.
  const lookups = [lookUp(question(host, "NAPTR"), now)];
  return asking(s, decide(p, { ...s, name: "AskingNaptr", lookups }, now));
}

/** One input, handled at once. Never throws for what the DNS says. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Ended") return [s];
  switch (input.kind) {
    case "Abandon":
      return notLocated(p, "abandoned");
    case "Answered":
      return asking(s, decide(p, heard(s, input, now), now));
    case "Tick":
      return asking(s, ticked(p, s, now));
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export function deadline(s: State): Millis {
  if (s.name === "Ended") return NEVER;
  const grace = s.name === "AskingAddresses" ? s.timerGrace : NEVER;
  return Math.min(s.timerSearch, grace, earliest(s.lookups));
}

/** Adds to a step the questions that it opened. */
function asking(before: Searching, [s, ...outputs]: Step): Step {
  if (s.name === "Ended") return [s, ...outputs];
  return [s, ...outputs, ...newQueries(before.lookups, s.lookups)];
}

function heard<S extends Searching>(s: S, { question: asked, answer }: Answered, now: Millis): S {
  if (!s.lookups.some((lookup) => isWaitingFor(lookup, asked))) return s;
  const isAlias = answer.kind === "Alias";
  const believed = isAlias && s.aliasesLeft === 0 ? LOOP : answer;
  const lookups = s.lookups.map((lookup) => hear(lookup, asked, believed, now));
  return { ...s, lookups, aliasesLeft: Math.max(0, s.aliasesLeft - Number(isAlias)) };
}

function ticked(p: Params, s: Exclude<State, Ended>, now: Millis): Step {
  const grace = s.name === "AskingAddresses" ? s.timerGrace : NEVER;
  if (now < s.timerSearch && now < grace) {
    return decide(p, { ...s, lookups: s.lookups.map((lookup) => expire(lookup, now)) }, now);
  }
  if (s.name !== "AskingAddresses") return notLocated(p, "no-answer");
  return decide(p, { ...s, lookups: s.lookups.map((lookup) => settled(lookup, TIMEOUT)) }, now);
}

/** Goes on to the next questions, or to the end, if what is known is enough for it. */
function decide(p: Params, s: Exclude<State, Ended>, now: Millis): Step {
  switch (s.name) {
    case "AskingNaptr":
      return decideServices(p, s, now);
    case "AskingSrv":
      return decideHosts(p, s, now);
    case "AskingAddresses":
      return decideTargets(p, s, now);
  }
}

function decideServices(p: Params, s: AskingNaptr, now: Millis): Step {
  if (s.lookups.some(isOpen)) return [s];
  const { host, secure } = p.wanted;
  const offered = servicesOffered(recordsOf(s.lookups[0], "NAPTR"), p.transports, secure);
  const [first] = offered;
  if (first !== undefined) return askSrv(p, s, "all", offered, first.transport, now);
  //= RFC 3263 §4.1
  //# If no NAPTR records are found, the client constructs SRV queries for those transport protocols
  //# it supports, and does a query for each.
  const guessed = servicesGuessed(host, p.transports, secure);
  //= RFC 3263 §4.1
  //# If no SRV records are found, the client SHOULD use TCP for a SIPS URI, and UDP for a SIP URI.
  const otherwise = defaultTransport(p) ?? "UDP";
  return askSrv(p, s, "first", guessed, otherwise, now);
}

function askSrv(
  p: Params,
  s: Searching,
  use: AskingSrv["use"],
  services: readonly Service[],
  transport: TransportName,
  now: Millis,
): Step {
  const { aliasesLeft, timerSearch } = s;
  const lookups = services.map(({ name }) => lookUp(question(name, "SRV"), now));
  const otherwise = hostAt(transport, p.wanted.host);
  const next = { lookups, aliasesLeft, timerSearch, services, use, otherwise };
  return decide(p, { name: "AskingSrv", ...next }, now);
}

function decideHosts(p: Params, s: AskingSrv, now: Millis): Step {
  const hosts: Host[] = [];
  let unavailable = false;
  for (const [i, service] of s.services.entries()) {
    const lookup = s.lookups[i];
    if (lookup !== undefined && isOpen(lookup)) return [s];
    const found = hostsOf(service, lookup, p.seed + i);
    unavailable ||= found === "unavailable";
    if (found === undefined || found === "unavailable") continue;
    hosts.push(...found);
    if (s.use === "first") break;
  }
  if (hosts.length > 0) return askAddresses(p, s, hosts.slice(0, MAX_TARGETS), now);
  if (unavailable) return notLocated(p, "unavailable");
  //= RFC 3263 §4.2
  //# If no SRV records were found, the client performs an A or AAAA record lookup of the domain
  //# name.
  return askAddresses(p, s, [s.otherwise], now);
}

function askAddresses(p: Params, s: Searching, hosts: readonly Host[], now: Millis): Step {
  const { aliasesLeft, timerSearch } = s;
  const questions = new Map<string, Question>();
  for (const { host } of hosts.filter((each) => !isIpAddress(each.host))) {
    for (const family of p.families) {
      const wanted = question(host, family);
      questions.set(questionKey(wanted), wanted);
    }
  }
  const lookups = [...questions.values()].map((wanted) => lookUp(wanted, now));
  const next = { lookups, aliasesLeft, timerSearch, hosts, timerGrace: NEVER };
  return decide(p, { name: "AskingAddresses", ...next }, now);
}

function decideTargets(p: Params, s: AskingAddresses, now: Millis): Step {
  const choice: AddressChoice = { ...p, name: p.wanted.name };
  const targets = targetsOf(s.hosts, s.lookups, choice);
  if (s.lookups.some(isOpen)) {
    const isEnough = s.timerGrace === NEVER && isBestKnown(s, choice);
    return [isEnough ? { ...s, timerGrace: now + GRACE_MS } : s];
  }
  if (targets.length > 0) return [ENDED, { kind: "Located", targets }];
  return notLocated(p, whyNone(s, choice));
}

/** Whether the host to be tried first has an address; what only backs it up can be waited for. */
function isBestKnown({ hosts, lookups }: AskingAddresses, choice: AddressChoice): boolean {
  for (const host of hosts) {
    if (targetsOf([host], lookups, choice).length > 0) return true;
    if (!isSettled(host.host, lookups)) return false;
  }
  return false;
}

function whyNone({ hosts, lookups }: AskingAddresses, choice: AddressChoice): Reason {
  if (targetsOf(hosts, lookups, { ...choice, publicOnly: false }).length > 0) return "not-public";
  return lookups.some(({ outcome }) => outcome?.kind === "Failed") ? "no-answer" : "not-found";
}

//= RFC 3263 §4.1
//# Otherwise, if no transport protocol is specified, but the TARGET is a numeric IP address, the
//# client SHOULD use UDP for a SIP URI, and TCP for a SIPS URI. Similarly, if no transport protocol
//# is specified, and the TARGET is not numeric, but an explicit port is provided, the client SHOULD
//# use UDP for a SIP URI, and TCP for a SIPS URI.
/** TLS runs over TCP. Who has neither UDP nor TLS, such as a page, uses what it has. */
function defaultTransport({ wanted, transports }: Params): TransportName | undefined {
  const usual = wanted.secure ? "TLS" : "UDP";
  if (transports.includes(usual)) return usual;
  return transports.find((each) => !wanted.secure || isSecure(each));
}

const ENDED: Ended = Object.freeze({ name: "Ended" });

function notLocated({ wanted }: Params, reason: Reason): Step {
  return [ENDED, { kind: "NotLocated", reason, message: `${wanted.host} ${IN_WORDS[reason]}` }];
}

/** What happened, for people; the host's name stands before it. */
const IN_WORDS: Readonly<Record<Reason, string>> = {
  "unsupported-transport": "is to be reached over a transport that is not spoken here",
  unavailable: "says in the DNS that it offers no such service",
  "not-found": "has no address in the DNS",
  "not-public": "leads to an address that is not on the public internet",
  "no-answer": `got no answer from the DNS (${QUESTION_MS / 1000} s a question)`,
  abandoned: "was no longer wanted",
};
