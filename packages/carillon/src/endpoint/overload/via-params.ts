/** The parameters of a topmost Via that two servers tell each other about load. RFC 7339 §4, §9. */
import { isDigits } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Params } from "../../grammar/params.ts";
import { findOutside } from "../../grammar/quoted.ts";

/** `loss` is a share of what would be sent, `rate` requests a second. RFC 7339 §7, RFC 7415. */
export type Algorithm = "loss" | "rate";

/** What a server asks of whoever sends to it. */
export interface Asked {
  readonly algorithm: Algorithm;
  /** Percent that is not to be sent, or requests a second that may be. */
  readonly value: number;
  /** For how long, in ms; 0 ends it. */
  readonly validityMs: number;
  /** Which of two was said later: seconds and a fraction, as a number. */
  readonly sequence: number;
}

/** Nobody asks for something longer than this, whatever it says. */
const MOST_VALIDITY_MS = 60_000;
const MOST_RATE = 1_000_000;

//= RFC 7339 §4.3
//# If the client receives a response with the "oc" and "oc-algo" parameters suitably filled in, but
//# no "oc-validity" parameter, the SIP client should behave as if it had received
//# "oc-validity=500".
const USUAL_VALIDITY_MS = 500;

/** What a response's topmost Via asks for; undefined where it asks for nothing that can be read. */
export function readAsked(params: Params): Asked | undefined {
  //= RFC 7339 §4.3
  //# A SIP client MUST discard a non-zero value of the "oc-validity" parameter if the client
  //# receives it in a response without the corresponding "oc" parameter being present as well.
  const value = numberOf(params.get("oc"));
  if (value === undefined) return undefined;
  const algorithm = (params.get("oc-algo") ?? "loss").toLowerCase();
  if (algorithm !== "loss" && algorithm !== "rate") return undefined;
  const validity = numberOf(params.get("oc-validity")) ?? USUAL_VALIDITY_MS;
  return {
    algorithm,
    value: Math.min(value, algorithm === "loss" ? 100 : MOST_RATE),
    validityMs: Math.min(validity, MOST_VALIDITY_MS),
    sequence: sequenceOf(params.get("oc-seq") ?? ""),
  };
}

/** `oc-seq = "oc-seq" EQUAL 1*12DIGIT "." 1*5DIGIT`; 0 where it is something else. */
function sequenceOf(text: string): number {
  const [, whole = "0", part = "0"] = /^(\d{1,12})(?:\.(\d{1,5}))?$/.exec(text) ?? [];
  return Number(`${whole}.${part}`);
}

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && text !== "" && text.length < 10 && isDigits(text)
    ? Number(text)
    : undefined;

/** Where a response's first Via element has the question `oc`, and which algorithms it offers. */
export interface Question {
  /** Where its `oc` and `oc-algo` stand, each with its semicolon; the later one first. */
  readonly spans: readonly (readonly [start: number, end: number])[];
  readonly algorithms: readonly string[];
}

//= RFC 7339 §4.1
//# There MUST NOT be a value associated with the parameter (the value will be added by the server).
/** Of the Via line that begins at `start`; undefined where nobody asks. */
export function findQuestion(text: Octets, start: number): Question | undefined {
  const lineEnd = text.indexOf("\r\n", start);
  // The usual line asks for nothing: that is to cost next to nothing.
  const hint = text.indexOf(";oc", start);
  if (lineEnd < 0 || hint < 0 || hint > lineEnd) return undefined;
  const comma = findOutside(text, start, lineEnd, 0x2c);
  const end = comma < 0 ? lineEnd : comma;
  const spans: [number, number][] = [];
  let [isAsked, algorithms] = [false, ["loss"]];
  for (let at = findOutside(text, start, end, 0x3b); at >= 0 && at < end; ) {
    const next = findOutside(text, at + 1, end, 0x3b);
    const to = next < 0 ? end : next;
    const param = text.slice(at + 1, to).trim();
    const name = param.toLowerCase();
    if (name === "oc") isAsked = true;
    if (name === "oc" || name.startsWith("oc-algo=")) spans.unshift([at, to]);
    if (name.startsWith("oc-algo=")) {
      algorithms = name.slice(8).replaceAll(/["\s]/g, "").split(",").slice(0, 8);
    }
    at = next < 0 ? end : next;
  }
  return isAsked ? { spans, algorithms } : undefined;
}
