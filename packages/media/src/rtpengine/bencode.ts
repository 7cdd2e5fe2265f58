/**
 * Bencode, which rtpengine's ng protocol speaks: `i42e`, `4:spam`, `l…e`, `d…e`. Texts are octets,
 * one character a byte. Pure and linear: what is read is never larger than what came, and never
 * deeper than it may be.
 */
import type { Octets } from "carillon/sdp";

/** What can be written and read. */
export type Bencoded = number | Octets | readonly Bencoded[] | { readonly [key: Octets]: Bencoded };

/** A value and where it ended, or what was wrong and where. */
export type BencodeResult =
  | { readonly ok: true; readonly value: Bencoded }
  | { readonly ok: false; readonly why: string; readonly at: number };

/** Lists within lists. */
const MAX_DEPTH = 16;

/** Throws a RangeError for a number that is not whole, and for what is nested too deep. */
export function formatBencode(value: Bencoded, depth = 0): Octets {
  if (depth > MAX_DEPTH) throw new RangeError(`more than ${MAX_DEPTH} levels of bencode`);
  if (typeof value === "string") return `${value.length}:${value}`;
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
    return `i${value}e`;
  }
  if (isList(value)) return `l${value.map((one) => formatBencode(one, depth + 1)).join("")}e`;
  const keys = Object.keys(value).sort();
  const pairs = keys.map(
    (key) => `${key.length}:${key}${formatBencode(value[key] ?? "", depth + 1)}`,
  );
  return `d${pairs.join("")}e`;
}

/** One value, with nothing behind it. */
export function parseBencode(text: Octets): BencodeResult {
  const reader = new Reader(text);
  const value = reader.value(0);
  if (value === undefined) return { ok: false, why: reader.why, at: reader.at };
  if (reader.at !== text.length) return { ok: false, why: "something follows", at: reader.at };
  return { ok: true, value };
}

/** A dictionary's entry, if it is one and has it. */
export const entryOf = (value: Bencoded | undefined, key: Octets): Bencoded | undefined =>
  isDictionary(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** True for `d…e`. */
export const isDictionary = (
  value: Bencoded | undefined,
): value is { readonly [key: Octets]: Bencoded } =>
  typeof value === "object" && value !== null && !isList(value);

const isList = (value: Bencoded): value is readonly Bencoded[] => Array.isArray(value);

class Reader {
  readonly #text: Octets;
  at = 0;
  why = "it ends too early";

  constructor(text: Octets) {
    this.#text = text;
  }

  value(depth: number): Bencoded | undefined {
    if (depth > MAX_DEPTH) return this.#fail("it is nested too deep");
    const first = this.#text[this.at];
    if (first === "i") return this.#integer();
    if (first === "l") return this.#list(depth);
    if (first === "d") return this.#dictionary(depth);
    return this.#string();
  }

  #integer(): number | undefined {
    const end = this.#text.indexOf("e", this.at);
    const digits = end < 0 ? "" : this.#text.slice(this.at + 1, end);
    const value = Number(digits);
    if (!/^-?\d{1,16}$/.test(digits) || !Number.isSafeInteger(value)) {
      return this.#fail("a number is none");
    }
    this.at = end + 1;
    return value === 0 ? 0 : value;
  }

  #string(): Octets | undefined {
    let length = 0;
    const begin = this.at;
    for (; this.at < begin + MAX_DIGITS; this.at++) {
      const digit = this.#text.charCodeAt(this.at) - 0x30;
      if (!(digit >= 0 && digit <= 9)) break;
      length = length * 10 + digit;
    }
    if (this.at === begin || this.#text[this.at] !== ":") return this.#fail("a text has no length");
    const from = this.at + 1;
    if (from + length > this.#text.length) return this.#fail("a text is longer than what came");
    this.at = from + length;
    return this.#text.slice(from, this.at);
  }

  #list(depth: number): readonly Bencoded[] | undefined {
    const list: Bencoded[] = [];
    this.at++;
    while (this.#text[this.at] !== "e") {
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      list.push(value);
    }
    this.at++;
    return list;
  }

  #dictionary(depth: number): Bencoded | undefined {
    const entries: [Octets, Bencoded][] = [];
    this.at++;
    while (this.#text[this.at] !== "e") {
      const key = this.#string();
      const value = key === undefined ? undefined : this.value(depth + 1);
      if (key === undefined || value === undefined) return undefined;
      entries.push([key, value]);
    }
    this.at++;
    return Object.fromEntries(entries);
  }

  #fail(why: string): undefined {
    this.why = why;
    return undefined;
  }
}

/** Of a length: no datagram has more. */
const MAX_DIGITS = 6;
