/**
 * Candidates that come after a description, as an SDP fragment. RFC 8840 §9
 * (`application/trickle-ice-sdpfrag`).
 *
 * A fragment always holds all candidates of its generation so far, so that one that is lost, or
 * overtaken, does no harm.
 */
import { candidate } from "./attribute/candidate.ts";
import { MAX_CANDIDATES, MAX_MEDIA, MAX_SDP } from "./limits.ts";

/** A candidate of a fragment, and where it belongs. RFC 8840 §4.4 */
export interface TrickledCandidate {
  /** The `m=` line that it is for. */
  readonly mid: string;
  /** What stands after `a=`: `candidate:1 1 UDP …`. */
  readonly line: string;
  /** Of the ICE generation that it belongs to. */
  readonly ufrag: string;
}

/** What a fragment says. RFC 8840 §9 */
export interface Fragment {
  /** In the order in which they stand there. */
  readonly candidates: readonly TrickledCandidate[];
  /** The generations, by their credentials: `ufrag` to `pwd`. */
  readonly generations: ReadonlyMap<string, string>;
  /** No more will follow, for any `m=` line. */
  readonly isLast: boolean;
}

//= RFC 8840 §8.2
//# The Offerer or Answerer MAY include an "end-of-candidates" attribute in case candidate discovery
//# has ended and no further candidates are to be trickled.
/** The same description, saying that it has all candidates. */
export const withEnd = (description: string): string =>
  description.replace(/\r?\nm=/, `\r\n${END}$&`);

const END = "a=end-of-candidates";

/**
 * The fragment that tells of the candidates in a description, and of their end; empty if it has no
 * ICE credentials.
 */
export function fragmentOf(description: string): string {
  const [session = [], ...sections] = sectionsOf(description);
  const told = sections.map(sectionLines).filter((lines) => lines.length > 0);
  //= RFC 8840 §4.4
  //# All INFO requests MUST carry the "ice-pwd" and "ice-ufrag" attributes that allow mapping them
  //# to a specific ICE generation.
  const credentials = session.filter(isCredential);
  const isKnown = credentials.length > 0 || told.flat().some(isCredential);
  if (!isKnown) return "";
  //= RFC 8840 §7
  //# When doing so, the Answerer MUST include all identification-tags in the same order that is
  //# used or will be used in the Answer.
  const groups = session.filter((line) => line.startsWith("a=group:BUNDLE"));
  //= RFC 8840 §4.4
  //# An "end-of-candidates" attribute, preceding the first pseudo "m=" line, indicates the end of
  //# all trickling from that agent, as opposed to end of trickling for a specific "m=" line, which
  //# would be indicated by a media-level "end-of-candidates" attribute.
  const end = session.filter((line) => line === END);
  return [...credentials, ...groups, ...end, ...told.flat(), ""].join("\r\n");
}

/** Empty for an `m=` line that is carried with another one. */
function sectionLines(lines: readonly string[], index: number): readonly string[] {
  const mid = lines.find((line) => line.startsWith("a=mid:"));
  const candidates = lines.filter((line) => line.startsWith("a=candidate:"));
  if (mid === undefined || (candidates.length === 0 && index > 0)) return [];
  //= RFC 8840 §4.4
  //# Agents MUST include a pseudo "m=" line and an identification tag in a "mid" attribute for
  //# every "m=" line whose candidate list they intend to update. Such "mid" attributes MUST
  //# immediately precede the list of candidates for that specific "m=" line.
  return [lines[0] ?? "", ...lines.filter(isCredential), mid, ...candidates];
}

const isCredential = (line: string): boolean =>
  line.startsWith("a=ice-ufrag:") || line.startsWith("a=ice-pwd:");

/** The session's lines, and those of each `m=` line; without line ends. */
const sectionsOf = (text: string): readonly (readonly string[])[] =>
  `\n${text}`
    .split("\nm=", MAX_MEDIA + 1)
    .map((section, index) =>
      (index === 0 ? section : `m=${section}`).split("\n").map((line) => line.trimEnd()),
    );

/** Reads what a peer sent; undefined if it is too long, or has nothing that says what it is for. */
export function parseFragment(text: string): Fragment | undefined {
  if (text.length > MAX_SDP) return undefined;
  const [session = [], ...sections] = sectionsOf(text);
  const whole = attributesOf(session);
  const candidates: TrickledCandidate[] = [];
  const generations = new Map<string, string>();
  const note = ({ ufrag, pwd }: Attributes) => void (ufrag && pwd && generations.set(ufrag, pwd));
  note(whole);
  for (const section of sections) {
    const own = attributesOf(section);
    const its = { ...own, ufrag: own.ufrag || whole.ufrag, pwd: own.pwd || whole.pwd };
    note(its);
    if (own.mid === "") continue;
    for (const line of own.candidates) candidates.push({ mid: own.mid, line, ufrag: its.ufrag });
  }
  if (generations.size === 0 || candidates.length > MAX_CANDIDATES) return undefined;
  const ends = sections.length > 0 && sections.every((one) => attributesOf(one).isLast);
  return { candidates, generations, isLast: whole.isLast || ends };
}

interface Attributes {
  readonly ufrag: string;
  readonly pwd: string;
  readonly mid: string;
  readonly candidates: readonly string[];
  readonly isLast: boolean;
}

//= RFC 8840 §9.2
//# A sender SHOULD use lower case for attributes from such earlier grammar, but a receiver MUST
//# treat them as case insensitive.
//= RFC 8840 §9.2
//# An Agent MUST ignore any received unknown extension-attribute-fields.
function attributesOf(lines: readonly string[]): Attributes {
  const values = (name: string): readonly string[] =>
    lines
      .filter((line) => line.slice(0, name.length).toLowerCase() === name)
      .map((line) => line.slice(name.length));
  const [ufrag = ""] = values("a=ice-ufrag:");
  const [pwd = ""] = values("a=ice-pwd:");
  const [mid = ""] = values("a=mid:");
  const candidates = values("a=candidate:").map((value) => `candidate:${value}`);
  return { ufrag, pwd, mid, candidates, isLast: values("a=end-of-candidates").includes("") };
}

//= RFC 8840 §4.4
//# Such candidates are considered to be equal if their IP address port, transport, and component ID
//# are the same.
/** Two candidates with the same key are one; undefined for what is no candidate. */
export function candidateKey({ mid, line, ufrag }: TrickledCandidate): string | undefined {
  const read = candidate.parse(line.slice("candidate:".length));
  if (!read.ok) return undefined;
  const { address, port, transport, component } = read.value;
  return [ufrag, mid, component, transport, address, port].join(" ").toLowerCase();
}

/** The candidates that stand in a description. */
export function candidatesIn(description: string): readonly TrickledCandidate[] {
  return parseFragment(description)?.candidates ?? [];
}

/** The ICE credentials in a description: each `ufrag` with its `pwd`. */
export const generationsIn = (description: string): ReadonlyMap<string, string> =>
  parseFragment(description)?.generations ?? new Map();
