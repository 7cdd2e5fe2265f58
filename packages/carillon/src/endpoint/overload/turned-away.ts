/**
 * The answer to who cannot come in: a 503 made of the lines that it has to repeat and of a text
 * that lies ready. Nothing is kept. RFC 3261 §21.5.4, §8.2.7.
 */

import { bytesOf } from "../../grammar/byte-view.ts";
import { skipSpace, trimEnd } from "../../grammar/chars.ts";
import type { Octets } from "../../grammar/octets.ts";
import { findOutside } from "../../grammar/quoted.ts";
import { readPlainVia } from "../../message/plain-via.ts";
import { readVia, type Via } from "../../message/via.ts";
import { type Flow, responseFlow, viaEdit } from "../../transport/flow.ts";
import type { Answer } from "./admission.ts";
import type { Peeked } from "./peek.ts";

/** Seconds after which one may come again: so far apart that not all do so together. */
export interface RetryAfter {
  /** 0 or more. */
  readonly leastSeconds: number;
  /** Not less than the other. */
  readonly mostSeconds: number;
}

/** The topmost Via of a request that was looked at; undefined where it cannot be read. */
export function viaOf(text: Octets, { via: { start: from, end } }: Peeked): Via | undefined {
  const start = skipSpace(text, from, end);
  const plain = readPlainVia(text, bytesOf(text), start, end);
  if (plain) return plain;
  const comma = findOutside(text, start, end, 0x2c);
  if (comma < 0) return undefined;
  const read = readVia(text, start, trimEnd(text, start, comma));
  return read.ok ? read.value : undefined;
}

/** Makes these answers. */
export class TurnedAway {
  readonly #tagStart: string;
  readonly #mac: (octets: Octets) => string;
  /** By how many seconds more than the least are asked for. */
  readonly #ends: readonly Octets[];
  readonly #shortEnd: Octets;

  /** `tagStart` is a token that nobody can guess, which all of its To tags begin with. */
  constructor(tagStart: string, mac: (octets: Octets) => string, retry: RetryAfter) {
    this.#tagStart = tagStart;
    this.#mac = mac;
    const { leastSeconds, mostSeconds } = retry;
    this.#ends = Array.from(
      { length: mostSeconds - leastSeconds + 1 },
      (_, more) => `Retry-After: ${leastSeconds + more}\r\n${END}`,
    );
    this.#shortEnd = END;
  }

  //= RFC 3261 §21.5.4
  //# The server MAY indicate when the client should retry the request in a Retry-After header
  //# field.
  /**
   * The answer. `mark` is a number that is always the same for the request, and decides how long it
   * is to wait; undefined leaves that out.
   */
  answer(text: Octets, peeked: Peeked, via: Via, flow: Flow, mark: number | undefined): Answer {
    const { via: line, from, to, callId, cseq } = peeked;
    const edit = viaEdit(text, via, flow);
    const value = text.slice(line.start, line.end);
    const [at, until] = edit ? [edit.start - line.start, edit.end - line.start] : [0, 0];
    const vias = edit ? `${value.slice(0, at)}${edit.text}${value.slice(until)}` : value;
    let rest = "";
    for (const { start, end } of peeked.moreVias) rest += text.slice(start, end);
    //= RFC 3261 §8.2.6.2
    //# additionally, the UAS MUST add a tag to the To header field in the response
    const tag = `${this.#tagStart}${this.#mac(via.branch)}`;
    const end = mark === undefined ? this.#shortEnd : this.#ends[mark % this.#ends.length];
    const head = `SIP/2.0 503 Service Unavailable\r\nVia:${vias}\r\n${rest}`;
    const whom = text.slice(to.start, to.end - 2);
    const asked = `${text.slice(from.start, from.end)}${whom};tag=${tag}`;
    const which = `${text.slice(callId.start, callId.end)}${text.slice(cseq.start, cseq.end)}`;
    const octets = `${head}${asked}\r\n${which}${end}`;
    return { octets, flow: responseFlow(flow, via) };
  }
}

const END = "Content-Length: 0\r\n\r\n";
