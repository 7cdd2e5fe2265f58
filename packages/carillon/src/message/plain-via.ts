/** The topmost Via in its frequent spelling. RFC 3261 §20.42. */
import { isHostCode, isTokenCode } from "../grammar/chars.ts";
import { LazyParams } from "../grammar/lazy-params.ts";
import type { Octets } from "../grammar/octets.ts";
import { readParams } from "../grammar/params.ts";
import { isHost } from "../uri/host.ts";
import { foundParams, plainParamsEnd } from "./plain-params.ts";
import type { Via } from "./via.ts";

const SP = 0x20;
const SEMICOLON = 0x3b;
const COLON = 0x3a;
const COMMA = 0x2c;
const PROTOCOL: Uint8Array = Uint8Array.from("SIP/2.0/", (letter) => letter.charCodeAt(0));

/** The parameters of a Via, and what every answer to it has to know of them. */
export class ViaParams extends LazyParams {
  /** Where a value of rport would be written; 0 where there is no rport, or it has a value. */
  declare readonly rportEnd: number;
  declare readonly hasRport: boolean;
  declare readonly hasReceived: boolean;

  constructor(text: Octets, start: number, end: number) {
    super(text, start, end, readParams);
    const { rportEnd, rportValueEnd, received } = foundParams;
    this.rportEnd = rportValueEnd === rportEnd ? rportEnd : 0;
    this.hasRport = rportEnd > 0;
    this.hasReceived = received > 0;
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
  while (isHostCode(bytes[at]!)) at++;
  const host = text.slice(hostStart, at);
  if (!isHost(host)) return undefined;
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
  const elementEnd = plainParamsEnd(bytes, at, end);
  if (elementEnd < 0) return undefined;
  return {
    transport: transportAt(text, bytes, start + PROTOCOL.length, hostStart - 1),
    host: host.toLowerCase(),
    port: port < 0 ? undefined : port,
    params: new ViaParams(text, at, elementEnd),
    branch: text.slice(foundParams.branchStart, foundParams.branchEnd),
    start,
    paramsStart: at,
    end: elementEnd,
  };
}

const TRANSPORTS = ["UDP", "TCP", "TLS", "WS", "WSS"];

/** In capitals; the usual ones are always the same string. */
function transportAt(text: Octets, bytes: Uint8Array, start: number, end: number): string {
  for (const one of TRANSPORTS) {
    if (
      one.length === end - start &&
      bytes[start] === one.charCodeAt(0) &&
      text.startsWith(one, start)
    )
      return one;
  }
  return text.slice(start, end).toUpperCase();
}
