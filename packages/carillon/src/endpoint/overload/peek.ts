/**
 * A first look at a request, for who has no time to read it: what it asks for, whether it belongs
 * to something that is under way, and where the lines stand that an answer repeats. RFC 3261 §7.
 *
 * One walk over the octets; nothing is checked that a refusal does not need.
 */
import { bytesOf } from "../../grammar/byte-view.ts";
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

/**
 * Undefined for what is no request, or has not what every request must have: others say why. What
 * comes back is the same object each time, and good until the next call.
 */
export function peek(text: Octets): Peeked | undefined {
  const bytes = bytesOf(text);
  let at = 0;
  while (bytes[at] === CR && bytes[at + 1] === LF) at += 2;
  if (bytes[at] === LETTER_S && text.startsWith("SIP/", at)) return undefined;
  const space = text.indexOf(" ", at);
  const firstEnd = text.indexOf("\r\n", at);
  if (space < 0 || firstEnd < space) return undefined;
  seen.begin(methodOf(text, at, space), isService(text, space + 1));
  for (let start = firstEnd + 2; bytes[start] !== CR || bytes[start + 1] !== LF; ) {
    const end = endOfLine(text, bytes, start);
    if (end === 0 || end > MAX_HEADER_SECTION) return undefined;
    if (INTERESTING[bytes[start]!] === 1 && !seen.take(text, bytes, start, end)) return undefined;
    start = end;
  }
  return seen.isWhole() ? seen : undefined;
}

/** The usual ones are always the same string. */
function methodOf(text: Octets, start: number, end: number): string {
  if (end - start === 6 && text.startsWith("INVITE", start)) return "INVITE";
  return text.slice(start, end);
}

/** `urn:service:sos` and what is below it, in whatever case. RFC 5031 §4.2. */
const isService = (text: Octets, at: number): boolean =>
  (text.charCodeAt(at) | 0x20) === 0x75 && /^urn:service:sos\b/i.test(text.slice(at, at + 32));

/** Behind the line and those that it is folded into; 0 where it has no end. */
function endOfLine(text: Octets, bytes: Uint8Array, start: number): number {
  let end = text.indexOf("\r\n", start);
  while (end >= 0 && (bytes[end + 2] === SP || bytes[end + 2] === TAB)) {
    end = text.indexOf("\r\n", end + 2);
  }
  return end < 0 ? 0 : end + 2;
}

/** A place that can be used again. */
class Span implements Place {
  start = 0;
  /** 0 where nothing was found. */
  end = 0;

  set(start: number, end: number): void {
    this.start = start;
    this.end = end;
  }
}

/** What has been found, line by line. */
class Seen implements Peeked {
  method = "";
  readonly via = new Span();
  moreVias: readonly Place[] = NO_PLACES;
  readonly from = new Span();
  readonly to = new Span();
  readonly callId = new Span();
  readonly cseq = new Span();
  hasToTag = false;
  hasCredentials = false;
  isUrgent = false;

  begin(method: string, isUrgent: boolean): void {
    this.method = method;
    this.moreVias = NO_PLACES;
    this.via.end = this.from.end = this.to.end = this.callId.end = this.cseq.end = 0;
    this.hasToTag = this.hasCredentials = false;
    this.isUrgent = isUrgent;
  }

  isWhole(): boolean {
    const { via, from, to, callId, cseq } = this;
    const { end } = via;
    return end > 0 && from.end > 0 && to.end > 0 && callId.end > 0 && cseq.end > 0;
  }

  /** One line, with its end. False where it is none. */
  take(text: Octets, bytes: Uint8Array, start: number, end: number): boolean {
    let colon = start;
    while (bytes[colon] !== COLON) if (++colon >= end) return false;
    let nameEnd = colon;
    while (bytes[nameEnd - 1] === SP || bytes[nameEnd - 1] === TAB) nameEnd--;
    // Of names that are looked at, the first letter and the length say which it may be.
    switch (bytes[start]! | 0x20) {
      case LETTER_V:
        if (isNamed(bytes, start, nameEnd, VIA)) this.#via(start, colon + 1, end);
        break;
      case LETTER_F:
        if (isNamed(bytes, start, nameEnd, FROM)) this.from.set(start, end);
        break;
      case LETTER_T:
        if (!isNamed(bytes, start, nameEnd, TO)) break;
        this.to.set(start, end);
        this.hasToTag = hasTag(text, bytes, colon + 1, end);
        break;
      case LETTER_I:
        if (nameEnd - start === 1) this.callId.set(start, end);
        break;
      case LETTER_C:
        if (isLong(bytes, start, nameEnd, CALL_ID)) this.callId.set(start, end);
        else if (isLong(bytes, start, nameEnd, CSEQ)) this.cseq.set(start, end);
        break;
      case LETTER_A:
        this.hasCredentials ||= isLong(bytes, start, nameEnd, AUTHORIZATION);
        break;
      case LETTER_P:
        if (isLong(bytes, start, nameEnd, PROXY_AUTHORIZATION)) this.hasCredentials = true;
        else if (isLong(bytes, start, nameEnd, PRIORITY)) {
          this.isUrgent ||= trimmed(text, colon + 1, end).toLowerCase() === "emergency";
        }
        break;
      case LETTER_R:
        this.isUrgent ||= isLong(bytes, start, nameEnd, RESOURCE_PRIORITY);
    }
    return true;
  }

  #via(start: number, value: number, end: number): void {
    if (this.via.end === 0) this.via.set(value, end - 2);
    else this.moreVias = [...this.moreVias, { start, end }];
  }
}

/** By this name, or by its first letter alone. RFC 3261 §7.3.3. */
const isNamed = (bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean =>
  end - start === 1 || isLong(bytes, start, end, name);

/** In whatever case; what is no letter has that bit as well. */
function isLong(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length) return false;
  for (let i = 1; i < name.length; i++) {
    if ((bytes[start + i]! | 0x20) !== name[i]) return false;
  }
  return true;
}

/** `tag` as a parameter; whether it stands in a quoted name is looked at only then. */
function hasTag(text: Octets, bytes: Uint8Array, start: number, end: number): boolean {
  // The usual To of who calls ends with its address.
  if (bytes[end - 3] === RAQUOT) return false;
  const angle = text.lastIndexOf(">", end);
  const from = angle > start ? angle : start;
  return /;[ \t\r\n]*tag[ \t\r\n]*=/i.test(text.slice(from, end));
}

const lettersOf = (name: string): Uint8Array =>
  Uint8Array.from(name, (letter) => letter.charCodeAt(0) | 0x20);
const VIA: Uint8Array = lettersOf("via");
const FROM: Uint8Array = lettersOf("from");
const TO: Uint8Array = lettersOf("to");
const CALL_ID: Uint8Array = lettersOf("call-id");
const CSEQ: Uint8Array = lettersOf("cseq");
const AUTHORIZATION: Uint8Array = lettersOf("authorization");
const PROXY_AUTHORIZATION: Uint8Array = lettersOf("proxy-authorization");
const PRIORITY: Uint8Array = lettersOf("priority");
const RESOURCE_PRIORITY: Uint8Array = lettersOf("resource-priority");
const [LETTER_V, LETTER_F, LETTER_T, LETTER_I] = [0x76, 0x66, 0x74, 0x69];
const [LETTER_C, LETTER_A, LETTER_P, LETTER_R] = [0x63, 0x61, 0x70, 0x72];
const LETTER_S = 0x53;
/** First letters of the names that are looked at. */
const INTERESTING: Uint8Array = new Uint8Array(256);
for (const letter of "vftciarpVFTCIARP") INTERESTING[letter.charCodeAt(0)] = 1;
const [CR, LF, SP, TAB, COLON, RAQUOT] = [0x0d, 0x0a, 0x20, 0x09, 0x3a, 0x3e];
const NO_PLACES: readonly Place[] = [];
const seen = new Seen();
