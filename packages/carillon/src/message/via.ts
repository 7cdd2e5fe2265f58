/** Via. RFC 3261 §20.42, §18.2.1; rport of RFC 3581. */
import { isSpace, isToken, skipSpace, trimEnd, trimmed } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { type Params, readParams } from "../grammar/params.ts";
import { findOutside } from "../grammar/quoted.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { readHostPort } from "../uri/host.ts";
import { findHeader, valueSpan } from "./headers.ts";
import type { Message } from "./message.ts";

/** The topmost Via of a message: who sent it, and where a response goes. RFC 3261 §20.42. */
export interface Via {
  /** Upper case: UDP, TCP, TLS, WS, WSS, SCTP, or another. */
  readonly transport: string;
  /** sent-by: lower case, IPv6 without brackets. */
  readonly host: string;
  /** 0 to 65535; undefined where sent-by names none. */
  readonly port: number | undefined;
  /** `received`, `rport`, `maddr`, …: names in lower case, quotes taken off. */
  readonly params: Params;
  /** Empty where there is none, as from a peer of RFC 2543. */
  readonly branch: string;
  /** The offset of its first octet in the message's text, for `splice`. */
  readonly start: number;
  /** Where its parameters start, at the semicolon or at `end`. */
  readonly paramsStart: number;
  /** The offset behind its last octet, before a comma if another Via follows. */
  readonly end: number;
}

/** A branch that begins so was made by an element of RFC 3261. §8.1.1.7 */
export const MAGIC_COOKIE = "z9hG4bK";

const fail = (what: string, offset: number) => bad("bad-via", what, offset, "RFC 3261 §20.42");

/** Reads the topmost Via of a message. RFC 3261 §20.42. Errors: `bad-via` (400). */
export function topVia(message: Message): Result<Via> {
  const line = findHeader(message, "Via");
  if (line < 0) return fail("a message needs a Via", 0);
  const { start, end } = valueSpan(message, line);
  const comma = findOutside(message.text, start, end, 0x2c);
  if (comma < 0) return fail("a quote in Via does not end", start);
  return readVia(message.text, start, trimEnd(message.text, start, comma));
}

/**
 * Reads one Via element that stands from `start` to `end`.
 *
 * `via-parm = sent-protocol LWS sent-by *( SEMI via-params )`
 */
export function readVia(text: Octets, start: number, end: number): Result<Via> {
  const semicolon = findOutside(text, start, end, 0x3b);
  if (semicolon < 0) return fail("a quote in Via does not end", start);
  const transport = readProtocol(text, start, semicolon);
  if (!transport) return fail("expected SIP/2.0/TRANSPORT and a space", start);
  const where = readSentBy(trimmed(text, transport.end, semicolon));
  if (!where) return fail("expected a host and a port up to 65535", transport.end);
  const params = readParams(text, semicolon, end);
  if (!params) return fail("the parameters of Via break the grammar", semicolon);
  return ok({
    transport: transport.name,
    host: where.host,
    port: where.port,
    params,
    branch: params.get("branch") ?? "",
    start,
    paramsStart: trimEnd(text, start, semicolon),
    end,
  });
}

/** `sent-protocol = protocol-name SLASH protocol-version SLASH transport`, then LWS. */
function readProtocol(
  text: Octets,
  start: number,
  end: number,
): { name: string; end: number } | undefined {
  if (text.startsWith("SIP/2.0/", start)) {
    const nameStart = start + 8;
    const nameEnd = text.indexOf(" ", nameStart);
    if (nameEnd > nameStart && nameEnd < end && isToken(text, nameStart, nameEnd)) {
      return { name: text.slice(nameStart, nameEnd).toUpperCase(), end: nameEnd };
    }
  }
  // White space may stand around each slash.
  const first = text.indexOf("/", start);
  const second = first < 0 ? -1 : text.indexOf("/", first + 1);
  if (second < 0 || second >= end) return undefined;
  const nameStart = skipSpace(text, second + 1, end);
  let nameEnd = nameStart;
  while (nameEnd < end && isToken(text, nameEnd, nameEnd + 1)) nameEnd++;
  const isSip = trimmed(text, start, first).toUpperCase() === "SIP";
  const isTwo = trimmed(text, first + 1, second) === "2.0";
  if (!isSip || !isTwo || nameEnd === nameStart || skipSpace(text, nameEnd, end) === nameEnd)
    return undefined;
  return { name: text.slice(nameStart, nameEnd).toUpperCase(), end: nameEnd };
}

/** `sent-by = host [ COLON port ]`, where white space may stand around the colon. */
function readSentBy(text: string): { host: string; port: number | undefined } | undefined {
  if (!hasSpace(text)) return readHostPort(text);
  const colon = text.lastIndexOf(":");
  if (colon < 0) return undefined;
  return readHostPort(`${trimmed(text, 0, colon)}:${trimmed(text, colon + 1, text.length)}`);
}

function hasSpace(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (isSpace(text.charCodeAt(i))) return true;
  return false;
}
