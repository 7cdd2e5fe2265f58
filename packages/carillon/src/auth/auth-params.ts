/**
 * What challenges and credentials are written in: a scheme, then parameters between commas.
 * RFC 3261 §25.1 (challenge, credentials, auth-param), RFC 7616 §3.3 and §3.4.
 *
 * A header line holds exactly one challenge or one credentials: its commas stand between
 * parameters, and a second scheme behind a comma is an error.
 */
import { isSpace, isToken, isTokenCode, sameIgnoringCase, skipSpace } from "../grammar/chars.ts";
import { MAX_PARAMS } from "../grammar/limits.ts";
import type { Octets } from "../grammar/octets.ts";
import { quote, skipQuoted, unquote } from "../grammar/quoted.ts";
import { bad, ok, type Result } from "../grammar/result.ts";

/** By lower-case name. Values are what the quoted strings say: `unq()` of RFC 7616 §3.3. */
export type AuthParams = ReadonlyMap<string, Octets>;

export interface AuthScheme {
  /** As written; schemes are compared without regard to case. */
  readonly name: Octets;
  /** Where what follows the scheme and its white space starts. */
  readonly next: number;
}

const COMMA = 0x2c;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const fail = (what: string, offset: number) => bad("bad-auth", what, offset, "RFC 3261 §25.1");

//= RFC 3261 §7.3.1
//# Multiple header field rows with these names MAY be present in a message, but since their
//# grammar does not follow the general form listed in Section 7.3, they MUST NOT be combined into
//# a single header field row.

/** Reads `auth-scheme LWS`. Errors: `bad-auth` (400). */
export function readAuthScheme(octets: Octets): Result<AuthScheme> {
  const start = skipSpace(octets, 0, octets.length);
  const end = tokenEnd(octets, start);
  if (end === start) return fail("expected an authentication scheme", start);
  if (end < octets.length && !isSpace(octets.charCodeAt(end))) {
    return fail("expected white space after the authentication scheme", end);
  }
  return ok({ name: octets.slice(start, end), next: skipSpace(octets, end, octets.length) });
}

export function isScheme(scheme: AuthScheme, name: string): boolean {
  return sameIgnoringCase(scheme.name, name);
}

/** Reads `auth-param *(COMMA auth-param)` from `start` to the end. Errors: `bad-auth` (400). */
export function readAuthParams(octets: Octets, start: number): Result<AuthParams> {
  const params = new Map<string, Octets>();
  for (let at = start; ; at++) {
    const end = readParam(octets, at, params);
    if (typeof end === "string") return fail(end, at);
    if (end === octets.length) return ok(params);
    if (octets.charCodeAt(end) !== COMMA) return fail("expected a comma", end);
    at = end;
  }
}

/**
 * Reads one parameter, with the white space around it, into `params`. Where it ended, or what is
 * wrong with it.
 *
 * `auth-param = auth-param-name EQUAL ( token / quoted-string )`
 */
function readParam(octets: Octets, at: number, params: Map<string, Octets>): number | string {
  const start = skipSpace(octets, at, octets.length);
  const nameEnd = tokenEnd(octets, start);
  if (nameEnd === start) return "expected a parameter name";
  const equals = skipSpace(octets, nameEnd, octets.length);
  if (octets.charCodeAt(equals) !== EQUALS) return "expected an equals sign after the name";
  const name = octets.slice(start, nameEnd).toLowerCase();
  //= RFC 3261 §7.3.1
  //# any given parameter-name MUST NOT appear more than once.
  if (params.has(name)) return "a parameter is given twice";
  if (params.size === MAX_PARAMS) return `more than ${MAX_PARAMS} parameters`;
  const from = skipSpace(octets, equals + 1, octets.length);
  const quoted = octets.charCodeAt(from) === QUOTE;
  const to = quoted ? skipQuoted(octets, from, octets.length) : tokenEnd(octets, from);
  if (to <= from) return quoted ? "a quoted string does not end" : "expected a value";
  const value = quoted ? readQuoted(octets, from, to) : octets.slice(from, to);
  if (value === undefined) return "NUL or a line end in a quoted string";
  params.set(name, value);
  return skipSpace(octets, to, octets.length);
}

function tokenEnd(octets: Octets, start: number): number {
  let end = start;
  while (end < octets.length && isTokenCode(octets.charCodeAt(end))) end++;
  return end;
}

/**
 * What the quoted string between two positions says. Nearly all are plain, and those are a slice.
 *
 * A quoted-pair may hold NUL by the grammar. Nothing needs it, so it is refused: whatever can be
 * read can then be written again, by formatters that throw on it.
 */
function readQuoted(octets: Octets, from: number, to: number): Octets | undefined {
  if (isPlain(octets, from + 1, to - 1)) return octets.slice(from + 1, to - 1);
  const value = unquote(octets.slice(from, to));
  return /[\0\r\n]/.test(value) ? undefined : value;
}

function isPlain(octets: Octets, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = octets.charCodeAt(i);
    if (code === BACKSLASH || code < 0x20) return false;
  }
  return true;
}

/**
 * Writes a scheme and its parameters, leaving out those that are undefined. Throws a RangeError
 * on NUL, CR or LF in a quoted value, on a token that is none, and on a character over 255.
 */
export function formatAuth(scheme: string, params: readonly AuthParam[]): Octets {
  const written = params.filter(([, , value]) => value !== undefined).map(formatParam);
  return written.length === 0 ? scheme : `${scheme} ${written.join(", ")}`;
}

/** Which values are quoted is not a matter of taste: see the quotes in challenge.ts. */
export type AuthParam = readonly [name: string, form: "quoted" | "token", Octets | undefined];

function formatParam([name, form, value = ""]: AuthParam): Octets {
  if (form === "quoted") return `${name}=${quote(octetsOnly(name, value))}`;
  if (!isToken(value)) throw new RangeError(`${name} has to be a token`);
  return `${name}=${value}`;
}

function octetsOnly(name: string, value: Octets): Octets {
  for (let i = 0; i < value.length; i++) {
    if (value.charCodeAt(i) > 255) throw new RangeError(`${name} is text, not octets: fromText()`);
  }
  return value;
}
