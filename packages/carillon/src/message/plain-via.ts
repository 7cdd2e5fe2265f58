/** The topmost Via in its frequent spelling. RFC 3261 §20.42. */
import { isHostCode, isTokenCode } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { type Params, readParams } from "../grammar/params.ts";
import { bytesOfName, plainParamsEnd, type Wanted } from "./plain-params.ts";
import type { Via } from "./via.ts";

const [SP, SEMICOLON, COLON, DOT, COMMA] = [0x20, 0x3b, 0x3a, 0x2e, 0x2c];
const PROTOCOL: Uint8Array = bytesOfName("SIP/2.0/");
const BRANCH: Uint8Array = bytesOfName("branch");
const branch: Wanted = { start: 0, end: 0 };

/** What is asked for rarely is read when it is asked for. */
class PlainVia implements Via {
  readonly host: string;
  readonly port: number | undefined;
  readonly branch: string;
  readonly start: number;
  readonly paramsStart: number;
  readonly end: number;
  readonly #text: Octets;
  #params: Params | undefined;

  constructor(text: Octets, host: string, port: number, start: number, params: number, end: number) {
    this.#text = text;
    this.host = host;
    this.port = port < 0 ? undefined : port;
    this.branch = text.slice(branch.start, branch.end);
    this.start = start;
    this.paramsStart = params;
    this.end = end;
    this.#params = undefined;
  }

  get transport(): string {
    const start = this.start + PROTOCOL.length;
    return this.#text.slice(start, this.#text.indexOf(" ", start)).toUpperCase();
  }

  get params(): Params {
    this.#params ??= readParams(this.#text, this.paramsStart, this.end) ?? new Map();
    return this.#params;
  }
}

/** The first element of the value from `start` to `end`; undefined for the full reader. */
export function readPlainVia(
  text: Octets,
  bytes: Uint8Array,
  start: number,
  end: number,
): Via | undefined {
  for (let i = 0; i < PROTOCOL.length; i++) if (bytes[start + i] !== PROTOCOL[i]) return undefined;
  let at = start + PROTOCOL.length;
  while (isTokenCode(bytes[at]!)) at++;
  if (bytes[at] !== SP || at === start + PROTOCOL.length) return undefined;
  const hostStart = ++at;
  const hostEnd = plainHostEnd(bytes, hostStart);
  if (hostEnd < 0) return undefined;
  at = hostEnd;
  let port = -1;
  if (bytes[at] === COLON) {
    const portStart = ++at;
    port = 0;
    for (let digit = bytes[at]! - 48; digit >= 0 && digit <= 9; digit = bytes[++at]! - 48)
      port = port * 10 + digit;
    if (at === portStart || at - portStart > 5 || port > 65_535) return undefined;
  }
  const code = bytes[at];
  if (at !== end && code !== SEMICOLON && code !== COMMA) return undefined;
  const elementEnd = plainParamsEnd(bytes, at, end, BRANCH, branch);
  if (elementEnd < 0) return undefined;
  const host = text.slice(hostStart, hostEnd).toLowerCase();
  return new PlainVia(text, host, port, start, at, elementEnd);
}

/** Where a host name or an IPv4 address ends; -1 for what has to be looked at more closely. */
export function plainHostEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  let named = false;
  let before = DOT;
  for (let code = bytes[at]!; isHostCode(code); code = bytes[++at]!) {
    if (code === DOT && before === DOT) return -1;
    named ||= code > 0x39 || code === 0x2d;
    before = code;
  }
  if (at === start || at - start > 255) return -1;
  return named || isPlainIpv4(bytes, start, at) ? at : -1;
}

/** Four numbers up to 255 without leading zeros, given digits and single dots. */
function isPlainIpv4(bytes: Uint8Array, start: number, end: number): boolean {
  let numbers = 0;
  let [value, digits] = [0, 0];
  for (let at = start; at <= end; at++) {
    if (at < end && bytes[at] !== DOT) {
      if (digits > 0 && value === 0) return false;
      value = value * 10 + bytes[at]! - 48;
      digits++;
      continue;
    }
    if (digits === 0 || value > 255) return false;
    numbers++;
    value = 0;
    digits = 0;
  }
  return numbers === 4;
}
