/** From and To in their frequent spelling: `"Name" <uri>;tag=token`. RFC 3261 §20.20, §20.39. */
import { isTokenCode } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { type Params, readParams } from "../grammar/params.ts";
import type { NameAddr } from "../uri/name-addr.ts";
import { bytesOfName, plainParamsEnd, type Wanted } from "./plain-params.ts";

const [SP, QUOTE, LAQUOT, RAQUOT, SEMICOLON] = [0x20, 0x22, 0x3c, 0x3e, 0x3b];
const TAG: Uint8Array = bytesOfName("tag");
const tag: Wanted = { start: 0, end: 0 };

/** What is asked for rarely is read when it is asked for. */
export class PlainAddress implements NameAddr {
  /** Empty where there is none. */
  readonly tag: string;
  readonly #text: Octets;
  readonly #nameStart: number;
  readonly #nameEnd: number;
  readonly #uriStart: number;
  readonly #uriEnd: number;
  readonly #end: number;
  #params: Params | undefined;

  constructor(
    text: Octets,
    nameStart: number,
    nameEnd: number,
    uriStart: number,
    uriEnd: number,
    end: number,
  ) {
    this.tag = text.slice(tag.start, tag.end);
    this.#text = text;
    this.#nameStart = nameStart;
    this.#nameEnd = nameEnd;
    this.#uriStart = uriStart;
    this.#uriEnd = uriEnd;
    this.#end = end;
    this.#params = undefined;
  }

  get displayName(): string {
    return this.#text.slice(this.#nameStart, this.#nameEnd);
  }

  get uri(): Octets {
    return this.#text.slice(this.#uriStart, this.#uriEnd);
  }

  get params(): Params {
    this.#params ??= readParams(this.#text, this.#uriEnd + 1, this.#end) ?? new Map();
    return this.#params;
  }
}

/** The value from `start` to `end`; undefined for the full reader. */
export function readPlainAddress(
  text: Octets,
  bytes: Uint8Array,
  start: number,
  end: number,
): PlainAddress | undefined {
  const isQuoted = bytes[start] === QUOTE;
  const nameStart = isQuoted ? start + 1 : start;
  let at = nameStart;
  if (isQuoted) while (QUOTED[bytes[at]!] === 1) at++;
  else while (isTokenCode(bytes[at]!) || bytes[at] === SP) at++;
  let nameEnd = at;
  if (isQuoted && bytes[at++] !== QUOTE) return undefined;
  while (bytes[at] === SP) at++;
  if (bytes[at] !== LAQUOT) return undefined;
  while (!isQuoted && nameEnd > nameStart && bytes[nameEnd - 1] === SP) nameEnd--;
  const uriStart = ++at;
  while (URI_CODE[bytes[at]!] === 1) at++;
  const uriEnd = at++;
  if (uriEnd === uriStart || bytes[uriEnd] !== RAQUOT) return undefined;
  if (at !== end && bytes[at] !== SEMICOLON) return undefined;
  if (plainParamsEnd(bytes, at, end, TAG, tag) !== end) return undefined;
  return new PlainAddress(text, nameStart, nameEnd, uriStart, uriEnd, end);
}

/** ASCII without a quote or a backslash. */
const QUOTED: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  code >= SP && code < 0x7f && code !== QUOTE && code !== 0x5c ? 1 : 0,
);

/** Whatever does not end a URI in another reader's eyes: `hasDelimiter` of uri/name-addr.ts. */
const URI_CODE: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  code > SP && code !== 0x7f && code !== QUOTE && code !== LAQUOT && code !== RAQUOT ? 1 : 0,
);
