/**
 * A first look at a request, for who has no time to read it: what it asks for, whether it belongs
 * to something that is under way, and where the lines stand that an answer repeats. RFC 3261 §7.
 *
 * One walk over the lines; nothing is checked that a refusal does not need.
 */
import { trimmed } from "../../grammar/chars.ts";
import { MAX_HEADER_SECTION } from "../../grammar/limits.ts";
import type { Octets } from "../../grammar/octets.ts";

/** Where something stands in the text, in octets; `end` is behind its last one. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** What one look shows of a request. */
export interface Peeked {
  readonly method: string;
  /** The values of the first Via line, without its line end. */
  readonly via: Place;
  /** All lines of this name together are given back as they are, the first one's place aside. */
  readonly moreVias: readonly Place[];
  /** Whole lines with their ends, folded lines too. */
  readonly from: Place;
  readonly to: Place;
  readonly callId: Place;
  readonly cseq: Place;
  /** It names a dialog, or says that it does. */
  readonly hasToTag: boolean;
  /** Somebody has shown who they are, or tries to. */
  readonly hasCredentials: boolean;
  /** Emergency, by Request-URI (RFC 5031), or marked so: RFC 3261 §20.26, RFC 4412 §3.1. */
  readonly isUrgent: boolean;
}

/** Of one line of a header: its first octet, that behind the colon, and that behind its end. */
interface Line {
  start: number;
  value: number;
  end: number;
}

/** Undefined for what is no request, or has not what every request must have: others say why. */
export function peek(text: Octets): Peeked | undefined {
  let at = 0;
  while (text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF) at += 2;
  const space = text.indexOf(" ", at);
  const firstEnd = text.indexOf("\r\n", at);
  if (space < 0 || firstEnd < space || text.startsWith("SIP/", at)) return undefined;
  const seen = new Seen(text.slice(at, space));
  seen.isUrgent = isService(text, space + 1);
  const line: Line = { start: firstEnd + 2, value: 0, end: 0 };
  for (; !text.startsWith("\r\n", line.start); line.start = line.end) {
    line.end = endOfLine(text, line.start);
    const colon = text.indexOf(":", line.start);
    if (line.end === 0 || colon < 0 || line.end > MAX_HEADER_SECTION) return undefined;
    line.value = colon + 1;
    if (INTERESTING.has(text.charCodeAt(line.start) | 0x20)) seen.take(text, line);
  }
  return seen.whole();
}

/** `urn:service:sos` and what is below it, in whatever case. RFC 5031 §4.2. */
const isService = (text: Octets, at: number): boolean =>
  (text.charCodeAt(at) | 0x20) === 0x75 && /^urn:service:sos\b/i.test(text.slice(at, at + 32));

/** Behind the line and those that it is folded into; 0 where it has no end. */
function endOfLine(text: Octets, start: number): number {
  let end = text.indexOf("\r\n", start);
  while (end >= 0 && (text.charCodeAt(end + 2) === SP || text.charCodeAt(end + 2) === TAB)) {
    end = text.indexOf("\r\n", end + 2);
  }
  return end < 0 ? 0 : end + 2;
}

/** What has been found, line by line. */
class Seen {
  readonly method: string;
  via: Place | undefined;
  moreVias: Place[] = NO_PLACES;
  from: Place | undefined;
  to: Place | undefined;
  callId: Place | undefined;
  cseq: Place | undefined;
  hasToTag = false;
  hasCredentials = false;
  isUrgent = false;

  constructor(method: string) {
    this.method = method;
  }

  take(text: Octets, { start, value, end }: Line): void {
    switch (
      text
        .slice(start, value - 1)
        .trimEnd()
        .toLowerCase()
    ) {
      case "v":
      case "via":
        if (!this.via) this.via = { start: value, end: end - 2 };
        else this.moreVias = [...this.moreVias, { start, end }];
        break;
      case "f":
      case "from":
        this.from = { start, end };
        break;
      case "t":
      case "to":
        this.to = { start, end };
        this.hasToTag = hasTag(text, value, end);
        break;
      case "i":
      case "call-id":
        this.callId = { start, end };
        break;
      case "cseq":
        this.cseq = { start, end };
        break;
      case "authorization":
      case "proxy-authorization":
        this.hasCredentials = true;
        break;
      case "resource-priority":
        this.isUrgent = true;
        break;
      case "priority":
        this.isUrgent ||= trimmed(text, value, end).toLowerCase() === "emergency";
    }
  }

  whole(): Peeked | undefined {
    const { via, from, to, callId, cseq } = this;
    const isWhole = via && from && to && callId && cseq;
    return isWhole ? (this as Seen & Peeked) : undefined;
  }
}

/** `tag` as a parameter; whether it stands in a quoted name is looked at only then. */
function hasTag(text: Octets, start: number, end: number): boolean {
  const angle = text.lastIndexOf(">", end);
  const from = angle > start ? angle : start;
  return /;[ \t\r\n]*tag[ \t\r\n]*=/i.test(text.slice(from, end));
}

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
const TAB = 0x09;
const NO_PLACES: Place[] = [];
/** First letters, in lower case, of the names that are looked at. */
const INTERESTING: ReadonlySet<number> = new Set([..."vftciarp"].map((one) => one.charCodeAt(0)));
