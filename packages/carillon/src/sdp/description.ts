/**
 * Session descriptions: `application/sdp`. RFC 8866, 4566.
 *
 * Lines stay in the order they came in, those of unknown attributes and letters too, so that
 * writing what was read gives the same octets. Taken in although the RFC does not allow it, since
 * it is met and can be read in one way only:
 *
 * - LF alone at a line's end, no end at the last line, empty lines after it;
 * - an order of lines other than the RFC's within a section (RFC 3264 §9 itself has `c=` after
 *   `t=`), no `s=`, an empty one, no `t=`;
 * - a multicast address without its ttl, and a unicast one with: RFC 4585 and RFC 4568 show them;
 * - a user name with spaces in `o=`; spaces at the end of `m= o= c= t=`, which are dropped;
 * - `b=AS:-1`, and lines of letters that SDP does not have, such as the `y=` and `f=` of cameras.
 *
 * Refused, since two readers might take it differently: a second `v= o= s= i= u=`, a second `c=`
 * that is not multicast, lines of the session in a media section, control characters that end a
 * line elsewhere, numbers out of their range.
 */
import type { Octets } from "../grammar/octets.ts";
import { bad, ok, type ParseError, type Result } from "../grammar/result.ts";
import {
  MAX_ATTRIBUTES,
  MAX_CANDIDATES,
  MAX_FIELDS,
  MAX_LINE,
  MAX_MEDIA,
  MAX_SDP,
} from "./limits.ts";
import { type Connection, formatLine, type Line, type Origin } from "./line.ts";
import { formatMediaField, type MediaSection, readMediaField } from "./media-section.ts";
import { isMulticastAddress, RULES, readLine } from "./read-line.ts";
import { badByte } from "./sdp-chars.ts";

/** A session description: the session's lines, and its media sections. RFC 8866 §5. */
export interface Description {
  /** From `v=` to the first `m=`. */
  readonly session: readonly Line[];
  /** In order: a section's index is its slot for as long as the session lasts. RFC 3264 §8. */
  readonly media: readonly MediaSection[];
}

interface Failure {
  readonly ok: false;
  readonly error: ParseError;
}

/** A section while it is read. */
interface Section {
  readonly media: MediaSection | undefined;
  readonly start: number;
  readonly lines: Line[];
  readonly once: Set<string>;
  attributes: number;
  candidates: number;
}

const fail = (what: string, offset: number, section = "§5"): Failure =>
  bad("bad-sdp", what, offset, `RFC 8866 ${section}`);
const tooMuch = (what: string, offset: number): Failure =>
  bad("sdp-too-large", what, offset, "RFC 8866 §5", 413);

/** Letters whose second line in a section is refused. */
const ONCE = "vosiuk";
const SESSION_ONLY = "vosueptrz";

/**
 * Reads a description. Errors: `bad-sdp` (400) where it breaks the grammar, `sdp-too-large` (413)
 * over 65,536 octets, 64 media sections, or too many lines in one. RFC 8866 §9.
 */
export function parseSdp(text: Octets): Result<Description> {
  if (text.length > MAX_SDP) return tooMuch(`more than ${MAX_SDP} octets`, MAX_SDP);
  const sections: Section[] = [openSection(undefined, 0)];
  for (let at = 0; at < text.length; ) {
    const lf = text.indexOf("\n", at);
    const next = lf < 0 ? text.length : lf + 1;
    const failure = takeLine(sections, text, at, lineEnd(text, at, lf < 0 ? text.length : lf));
    if (failure === "end") {
      if (!isBlank(text, at)) return fail("expected a type letter and =", at);
      break;
    }
    if (failure) return failure;
    at = next;
  }
  return finish(sections);
}

//= RFC 3264 §5
//# The offer (and answer) MUST be a valid SDP message, as defined by RFC 2327 [1], with one
//# exception.
/**
 * A description as it is sent, each line with CRLF. Throws a RangeError on NUL, a line end or a
 * character over 255 in a line.
 */
export function formatSdp({ session, media }: Description): Octets {
  let text = "";
  for (const line of session) text += checked(formatLine(line));
  for (const section of media) {
    text += checked(formatMediaField(section));
    for (const line of section.lines) text += checked(formatLine(line));
  }
  return text;
}

/** A line end inside a value would be another line: an injection, and the caller's mistake. */
function checked(line: string): string {
  if (badByte(line, 0, line.length) >= 0) {
    throw new RangeError(`a line of SDP cannot hold NUL, CR, LF or wide characters: ${line}`);
  }
  return `${line}\r\n`;
}

/**
 * The `o=` line. Throws a RangeError where there is none; what `parseSdp` read has one.
 * RFC 8866 §5.2.
 */
export function originOf({ session }: Description): Origin {
  const origin = session.find((line): line is Origin => line.kind === "o");
  if (origin === undefined) throw new RangeError("a description needs an o= line");
  return origin;
}

/** The `c=` line that holds for a media section: its own, or the session's. RFC 8866 §5.7. */
export function connectionOf(d: Description, media: MediaSection): Connection | undefined {
  return connectionIn(media.lines) ?? connectionIn(d.session);
}

const connectionIn = (lines: readonly Line[]): Connection | undefined =>
  lines.find((line): line is Connection => line.kind === "c");

const openSection = (media: MediaSection | undefined, start: number): Section => ({
  media,
  start,
  lines: [],
  once: new Set<string>(),
  attributes: 0,
  candidates: 0,
});

const lineEnd = (text: string, start: number, end: number): number =>
  end > start && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end;

function isBlank(text: string, start: number): boolean {
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== 0x0a && code !== 0x0d) return false;
  }
  return true;
}

/** Takes the line from `start` to `end` in; what is wrong with it, or "end" at an empty line. */
function takeLine(
  sections: Section[],
  text: string,
  start: number,
  end: number,
): Failure | "end" | undefined {
  if (start === end) return "end";
  if (end - start > MAX_LINE) return tooMuch(`a line of more than ${MAX_LINE} octets`, start);
  const type = text.charAt(start);
  //= RFC 8866 §5
  //# Whitespace separators are not used on either side of the "=" sign
  if (!isLetter(type) || text.charAt(start + 1) !== "=") {
    return fail("expected a type letter and =", start);
  }
  const wrong = badByte(text, start, end);
  if (wrong >= 0) return fail("NUL or CR inside a line", wrong);
  const value = text.slice(start + 2, end);
  if (type === "m") return takeMedia(sections, value, start);
  return takeField(sections.at(-1) as Section, type, value, start);
}

const isLetter = (type: string): boolean =>
  (type >= "a" && type <= "z") || (type >= "A" && type <= "Z");

function takeMedia(sections: Section[], value: string, start: number): Failure | undefined {
  const media = readMediaField(value);
  if (!media) return broken("m", start);
  if (sections.length > MAX_MEDIA) return tooMuch(`more than ${MAX_MEDIA} media sections`, start);
  sections.push(openSection(media, start));
  return undefined;
}

function takeField(
  section: Section,
  type: string,
  value: string,
  start: number,
): Failure | undefined {
  const misplaced = misplacedLine(section, type);
  if (misplaced !== undefined) return fail(misplaced, start);
  const line = readLine(type, value);
  if (!line) return broken(type, start);
  if (line.kind === "c" && isSecond(section, line)) {
    return fail("a second c= that is not multicast", start, "§5.7");
  }
  if (isOver(section, line)) return tooMuch(`too many ${type}= lines in a section`, start);
  section.lines.push(line);
  return undefined;
}

function misplacedLine({ media, lines, once }: Section, type: string): string | undefined {
  if (media === undefined && lines.length === 0 && type !== "v") return "v= comes first";
  if (media !== undefined && SESSION_ONLY.includes(type)) return `${type}= in a media section`;
  if (!ONCE.includes(type)) return undefined;
  //= RFC 3264 §5
  //# Although the SDP specification allows for multiple session descriptions to be concatenated
  //# together into a large SDP message, an SDP message used in the offer/answer model MUST contain
  //# exactly one session description.
  if (once.has(type)) return `a second ${type}= line`;
  once.add(type);
  return undefined;
}

//= RFC 8866 §5.7
//# Multiple addresses or "c=" lines MUST NOT be specified at session level.
function isSecond({ media, once }: Section, { address }: Connection): boolean {
  const isFirst = !once.has("c");
  once.add("c");
  if (isFirst) return false;
  return media === undefined || !isMulticastAddress(address);
}

function isOver(section: Section, line: Line): boolean {
  if (line.kind !== "a") return section.lines.length - section.attributes >= MAX_FIELDS;
  if (line.name === "candidate") section.candidates++;
  section.attributes++;
  return section.attributes > MAX_ATTRIBUTES || section.candidates > MAX_CANDIDATES;
}

function broken(type: string, start: number): Failure {
  const [expected, section] = RULES.get(type) ?? ["a line", "§5"];
  return fail(`${type}=: expected ${expected}`, start, section);
}

function finish([first, ...sections]: readonly Section[]): Result<Description> {
  const session = first?.lines ?? [];
  if (!first?.once.has("v")) return fail("v= comes first", 0, "§5.1");
  if (!first.once.has("o")) return fail("o= is missing", 0, "§5.2");
  const media: MediaSection[] = [];
  for (const section of sections) {
    //= RFC 8866 §5.7
    //# A session description MUST contain either at least one "c=" line in each media description
    //# or a single "c=" line at the session level.
    if (!first.once.has("c") && !section.once.has("c") && section.media?.port !== 0) {
      return fail("c= is missing", section.start, "§5.7");
    }
    if (section.media) media.push({ ...section.media, lines: section.lines });
  }
  return ok({ session, media });
}
