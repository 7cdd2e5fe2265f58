/**
 * The answer to who cannot come in: a 503 made of the lines that it has to repeat and of a text
 * that lies ready. Nothing is kept. RFC 3261 §21.5.4, §8.2.7.
 */
import type { Octets } from "../../grammar/octets.ts";
import type { Answer } from "./admission.ts";
import type { Peeked } from "./peek.ts";
import type { Mark } from "./told-before.ts";
import type { TopVia } from "./top-via.ts";

/** Seconds after which one may come again: so far apart that not all do so together. */
export interface RetryAfter {
  /** 0 or more. */
  readonly leastSeconds: number;
  /** Not less than the other. */
  readonly mostSeconds: number;
}

/** Makes these answers. */
export class TurnedAway {
  readonly #tagStart: string;
  /** By how many seconds more than the least are asked for. */
  readonly #ends: readonly Octets[];

  /** `tagStart` is a token that nobody can guess, which all of its To tags begin with. */
  constructor(tagStart: string, { leastSeconds, mostSeconds }: RetryAfter) {
    this.#tagStart = `;tag=${tagStart}`;
    this.#ends = Array.from(
      { length: mostSeconds - leastSeconds + 1 },
      (_, more) => `Retry-After: ${leastSeconds + more}\r\n${END}`,
    );
  }

  //= RFC 3261 §21.5.4
  //# The server MAY indicate when the client should retry the request in a Retry-After header
  //# field.
  /** The answer. What is always the same for the request decides how long it is to wait. */
  answer(text: Octets, peeked: Peeked, via: TopVia, { mark, tag }: Mark): Answer {
    const { from, to, callId, cseq } = peeked;
    let rest = "\r\n";
    for (const { start, end } of peeked.moreVias) rest += text.slice(start, end);
    // What stands together is taken together.
    const who = from.end === to.start ? "" : text.slice(from.start, from.end);
    const whom = text.slice(who === "" ? from.start : to.start, to.end - 2);
    const which = callId.end === cseq.start ? "" : text.slice(callId.start, callId.end);
    const request = text.slice(which === "" ? callId.start : cseq.start, cseq.end);
    //= RFC 3261 §8.2.6.2
    //# additionally, the UAS MUST add a tag to the To header field in the response
    const whole = `${who}${whom}${this.#tagStart}${hexOf(tag)}\r\n${which}${request}`;
    const end = this.#ends[(mark >>> 1) % this.#ends.length];
    return { octets: `${START}${via.answered}${rest}${whole}${end}`, flow: via.back };
  }
}

const START = "SIP/2.0 503 Service Unavailable\r\nVia:";
const END = "Content-Length: 0\r\n\r\n";

/** All 256 of two digits. */
const DIGITS: readonly string[] = Array.from({ length: 256 }, (_, octet) =>
  octet.toString(16).padStart(2, "0"),
);

/** Eight digits. */
function hexOf(word: number): string {
  const upper = `${DIGITS[word >>> 24]}${DIGITS[(word >>> 16) & 255]}`;
  return `${upper}${DIGITS[(word >>> 8) & 255]}${DIGITS[word & 255]}`;
}
