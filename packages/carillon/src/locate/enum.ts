/**
 * ENUM: from a telephone number to a SIP URI. RFC 6116, with RFC 3824's advice for SIP.
 *
 * A pure machine in the shape of `locate`: `Query` out, `Answered` in, and in the end a URI or the
 * reasons why there is none. Records come from strangers: their patterns never meet a backtracking
 * engine (`ere`), and each that is declined says why.
 *
 * The caller still has to see that the URI does not lead back to itself (RFC 3824 §6.2).
 */

import { type Millis, NEVER } from "../grammar/millis.ts";
import { parseSipUri, type SipUri } from "../uri/sip-uri.ts";
import {
  expire,
  hear,
  isOpen,
  isWaitingFor,
  LOOP,
  type Lookup,
  lookUp,
  MAX_ALIASES,
  newQueries,
  recordsOf,
} from "./lookup.ts";
import { type Answered, type NaptrRecord, type Query, question } from "./naming.ts";
import { rewrite } from "./naptr-rewrite.ts";

/** How long all of it may take. */
export const ENUM_MS: Millis = 5_000;
/** RFC 6116 §5.2.1 takes more than five for a loop. */
export const MAX_REFERRALS = 5;
/** Records looked at; those of the best order and preference come first. */
export const MAX_RULES = 32;

/** Which number, and in which tree. */
export interface Params {
  /** The application unique string: `+` and digits, as `enumNumber` gives it. */
  readonly number: string;
  /** `e164.arpa`, or a private tree. */
  readonly apex: string;
}

/** A question is out. */
export interface Asking {
  /** Our own name: RFC 6116 draws no states. */
  readonly name: "Asking";
  /** The question, and the aliases it was led through. */
  readonly lookup: Lookup;
  /** What is still to be considered, in order, once the lookup has come to nothing. */
  readonly rules: readonly NaptrRecord[];
  /** Names asked for so far, by which a loop is known. RFC 6116 §5.2.1. */
  readonly visited: readonly string[];
  /** CNAMEs that are still followed, of `MAX_ALIASES`. */
  readonly aliasesLeft: number;
  /** NAPTR records that are still looked at, of `MAX_RULES`. */
  readonly rulesLeft: number;
  /** Why records were not used, a sentence for each. */
  readonly declined: readonly string[];
  /** When all of it ends, `ENUM_MS` after the start. */
  readonly timerSearch: Millis;
}
/** The end, which no input leaves. */
export interface Ended {
  /** Our own name: RFC 6116 draws no states. */
  readonly name: "Ended";
}
/**
 * Everything the machine remembers, told apart by `name`. Times are in ms of the caller's clock.
 */
export type State = Asking | Ended;

/**
 * `Answered`: what the world said to a `Query`. `Tick`: `deadline` is reached, or may be.
 * `Abandon`: nobody wants the answer any more, and it ends with that reason.
 */
export type Input = Answered | { readonly kind: "Tick" } | { readonly kind: "Abandon" };

/**
 * `Query`: ask the DNS. `Rewritten`: the first SIP URI that a record makes of the number, read and
 * as text. `NotRewritten`: there is none.
 */
export type Output =
  | Query
  | { readonly kind: "Rewritten"; readonly uri: SipUri; readonly text: string }
  | {
      readonly kind: "NotRewritten";
      readonly reason: Reason;
      /** Of each record that was not used, why; in the order of their worth. */
      readonly declined: readonly string[];
    };

/**
 * Why there is no URI: the number has no records, none of them does, the DNS did not answer in
 * time, or the caller gave up.
 */
export type Reason = "not-found" | "declined" | "no-answer" | "abandoned";

/** The state after an input, and what is to be done. */
export type Step = readonly [State, ...Output[]];

/**
 * A number as ENUM asks for it, or undefined if it is not an E.164 number in its international
 * form: dialled digits are nobody's business but the dial plan's.
 */
export function enumNumber(text: string): string | undefined {
  //= RFC 6116 §3.1
  //# To ensure that no syntactic sugar is allowed into the AUS, all non-digits except for '+' are
  //# removed, yielding "+441164960348".
  const number = text.replace(/[-.() ]/g, "");
  //= RFC 6116 §3.7
  //# An ENUM-compliant application MUST only pass numbers to the ENUM client query process that it
  //# believes are E.164 numbers (e.g., it MUST NOT pass dialed digit strings to the ENUM query
  //# process).
  return /^\+[1-9][0-9]{0,14}$/.test(number) ? number : undefined;
}

/** `+442079460148`: `8.4.1.0.6.4.9.7.0.2.4.4.e164.arpa`. RFC 6116 §3.2. */
export function enumName(number: string, apex: string): string {
  const digits = number.replace(/[^0-9]/g, "");
  return `${[...digits].reverse().join(".")}.${apex}`;
}

/** Begins: a query for the NAPTR records of the number. `now` is in ms, as in every step. */
export function start(p: Params, now: Millis): Step {
  const name = enumName(p.number, p.apex);
  const lookup = lookUp(question(name, "NAPTR"), now);
  const s: Asking = {
    name: "Asking",
    lookup,
    rules: [],
    visited: [lookup.wanted.name],
    aliasesLeft: MAX_ALIASES,
    rulesLeft: MAX_RULES,
    declined: [],
    timerSearch: now + ENUM_MS,
  };
  return asking(undefined, decide(p, s, now));
}

/** One input, handled at once. Never throws for what the DNS says. */
export function step(p: Params, s: State, input: Input, now: Millis): Step {
  if (s.name === "Ended") return [s];
  switch (input.kind) {
    case "Abandon":
      return ended("abandoned", s.declined);
    case "Answered":
      return asking(s, decide(p, heard(s, input, now), now));
    case "Tick":
      if (now >= s.timerSearch) return ended("no-answer", s.declined);
      return asking(s, decide(p, { ...s, lookup: expire(s.lookup, now) }, now));
  }
}

/** When the machine wants its next "Tick"; NEVER if it does not. */
export const deadline = (s: State): Millis =>
  s.name === "Ended" ? NEVER : Math.min(s.timerSearch, s.lookup.timerQuestion);

function asking(before: Asking | undefined, [s, ...outputs]: Step): Step {
  if (s.name === "Ended") return [s, ...outputs];
  return [s, ...outputs, ...newQueries(before ? [before.lookup] : [], [s.lookup])];
}

function heard(s: Asking, { question: asked, answer }: Answered, now: Millis): Asking {
  if (!isWaitingFor(s.lookup, asked)) return s;
  const isAlias = answer.kind === "Alias";
  const believed = isAlias && s.aliasesLeft === 0 ? LOOP : answer;
  const lookup = hear(s.lookup, asked, believed, now);
  return { ...s, lookup, aliasesLeft: Math.max(0, s.aliasesLeft - Number(isAlias)) };
}

/** Considers rules until one is accepted, one refers elsewhere, or none is left. */
function decide(p: Params, asked: Asking, now: Millis): Step {
  if (isOpen(asked.lookup)) return [asked];
  //= RFC 6116 §5.2.1
  //# If all NAPTRs in a domain traversed as a result of a reference in a non-terminal NAPTR have
  //# been discarded, the ENUM client SHOULD continue its processing with the next NAPTR in the
  //# "referring" RRSet (i.e., the one including the non-terminal NAPTR that caused the traversal).
  let rules = [...sorted(recordsOf(asked.lookup, "NAPTR")), ...asked.rules];
  let { declined, rulesLeft } = asked;
  for (let rule = rules[0]; rule !== undefined && rulesLeft > 0; rule = rules[0]) {
    rules = rules.slice(1);
    rulesLeft--;
    const judged = judge(rule, p.number, asked.visited);
    if (judged.kind === "Accepted") {
      return [ENDED, { kind: "Rewritten", uri: judged.uri, text: judged.text }];
    }
    if (judged.kind === "Refers") {
      const lookup = lookUp(question(judged.name, "NAPTR"), now);
      const visited = [...asked.visited, lookup.wanted.name];
      const next = { ...asked, lookup, visited, rules: rules.slice(0, rulesLeft), rulesLeft };
      return decide(p, { ...next, declined }, now);
    }
    declined = [...declined, judged.why];
  }
  if (declined.length > 0) return ended("declined", declined);
  return ended(asked.lookup.outcome?.kind === "Failed" ? "no-answer" : "not-found", declined);
}

type Judged =
  | { readonly kind: "Accepted"; readonly uri: SipUri; readonly text: string }
  | { readonly kind: "Refers"; readonly name: string }
  | { readonly kind: "Declined"; readonly why: string };

function judge(rule: NaptrRecord, number: string, visited: readonly string[]): Judged {
  const decline = (why: string): Judged => ({
    kind: "Declined",
    why: `${rule.order} ${rule.preference} "${rule.service}": ${why}`,
  });
  if (rule.flags === "") {
    //= RFC 6116 §5.2.1
    //# An ENUM client MUST discard such a non-terminal NAPTR if the Replacement field is empty or
    //# does not contain a valid FQDN.
    if (rule.replacement === "") return decline("it refers to nothing");
    //= RFC 6116 §5.2.1
    //# ENUM clients MUST be able to detect and recover from such a loop, without failure.
    const isLoop = visited.includes(rule.replacement) || visited.length > MAX_REFERRALS;
    return isLoop ? decline("it refers in a circle") : { kind: "Refers", name: rule.replacement };
  }
  //= RFC 6116 §3.4.2
  //# If a client encounters a resource record with an unknown flag, it MUST ignore it and move to
  //# the next Rule.
  if (rule.flags.toLowerCase() !== "u") return decline(`flags ${rule.flags}`);
  if (!isSipService(rule.service)) return decline("it is not for SIP");
  const rewriting = rewrite(rule.regexp, number);
  if (!rewriting.ok) return decline(rewriting.why);
  const uri = parseSipUri(rewriting.text);
  if (!uri.ok) return decline(`it does not make a SIP URI: ${uri.error.message}`);
  return { kind: "Accepted", uri: uri.value, text: rewriting.text };
}

//= RFC 6116 §3.4.3
//# service-field = "E2U" 1*(servicespec)
/** `E2U+sip`, alone or among others; `sip+E2U` is how RFC 2916 wrote it. */
function isSipService(field: string): boolean {
  //= RFC 6116 §3.6
  //# Where ENUM clients can be exposed to NAPTR records that may hold field content of different
  //# capitalization, clients MUST use case-insensitive processing.
  const parts = field.toLowerCase().split("+");
  const types = parts.map((part) => part.split(":")[0]);
  //= RFC 6116 §5.2
  //# Unless an ENUM client is sure that it is connected to the private network for which these
  //# NAPTRs are provisioned and intended, it MUST discard any NAPTR with an Enumservice type that
  //# starts with the "P-" facet.
  if (types.some((type) => type?.startsWith("p-"))) return false;
  const isEnum = parts[0] === "e2u" || (parts.length === 2 && parts[1] === "e2u");
  return isEnum && types.includes("sip");
}

//= RFC 6116 §5.2
//# ENUM clients MUST sort the records of a retrieved NAPTR RRSet into sequence using the ORDER and
//# PREFERENCE fields of those records.
//= RFC 6116 §5.2
//# ENUM clients SHOULD accept all NAPTRs with identical ORDER and identical PREFERENCE/PRIORITY
//# field values, and process them in the sequence in which they appear in the DNS response.
const sorted = (records: readonly NaptrRecord[]): readonly NaptrRecord[] =>
  [...records].sort((a, b) => a.order - b.order || a.preference - b.preference).slice(0, MAX_RULES);

const ENDED: Ended = Object.freeze({ name: "Ended" });

const ended = (
  reason: "not-found" | "declined" | "no-answer" | "abandoned",
  declined: readonly string[],
): Step => [ENDED, { kind: "NotRewritten", reason, declined }];
