/** Reading headers of a message by name. RFC 3261 §7.3.1. */
import { MAX_VALUES } from "../grammar/limits.ts";
import type { Octets } from "../grammar/octets.ts";
import { eachElement, unfold } from "../grammar/quoted.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import type { HeaderName } from "./header-name.ts";
import type { Message } from "./message.ts";

/** Where a value stands in its message's text. Offsets count octets. */
export interface Span {
  /** The offset of its first octet. */
  readonly start: number;
  /** The offset behind its last octet: equal to `start` where it is empty. */
  readonly end: number;
}

/** The number of the first line of this name from `from` on, or -1. */
export const findHeader = ({ headers }: Message, name: HeaderName, from = 0): number =>
  headers.names.indexOf(name, from);

/** Whether there is such a header at all, be its value empty or wrong. */
export const hasHeader = (message: Message, name: HeaderName): boolean =>
  findHeader(message, name) >= 0;

/** Where the value of a line stands. */
export const valueSpan = ({ headers }: Message, line: number): Span => ({
  start: headers.at[3 * line + 1] ?? 0,
  end: headers.at[3 * line + 2] ?? 0,
});

/** Where a line stands as a whole, its line end with it. */
export const lineSpan = ({ headers }: Message, line: number): Span => ({
  start: headers.at[3 * line] ?? headers.end,
  end: headers.at[3 * line + 3] ?? headers.end,
});

/**
 * The whole value of the first header of this name, folds made spaces; undefined if absent. A name
 * that is none of `KNOWN_HEADERS` is given in lower case: `header(call.invite, "x-room")`.
 */
export function header(message: Message, name: HeaderName): Octets | undefined {
  const line = findHeader(message, name);
  return line < 0 ? undefined : lineValue(message, line);
}

/** The whole values of all headers of this name, in order; names as for `header`. */
export function headerLines(message: Message, name: HeaderName): Octets[] {
  const values: Octets[] = [];
  for (let i = findHeader(message, name); i >= 0; i = findHeader(message, name, i + 1)) {
    values.push(lineValue(message, i));
  }
  return values;
}

function lineValue(message: Message, line: number): Octets {
  const { start, end } = valueSpan(message, line);
  return unfold(message.text.slice(start, end));
}

/**
 * Where each comma-separated element of all headers of this name stands, in order.
 * RFC 3261 §7.3.1.
 *
 * Errors: `bad-header` (400) when a quote stays open, an element is empty, or there are over 64.
 */
export function elementSpans(message: Message, name: HeaderName): Result<readonly Span[]> {
  const spans: Span[] = [];
  for (let i = findHeader(message, name); i >= 0; i = findHeader(message, name, i + 1)) {
    const { start, end } = valueSpan(message, i);
    // `Supported:` and its like may list nothing.
    if (start === end) continue;
    const left = MAX_VALUES - spans.length;
    const fine = eachElement(message.text, start, end, left, (from, to) =>
      spans.push({ start: from, end: to }),
    );
    if (!fine) {
      const what = `${name}: an empty element, an open quote or over ${MAX_VALUES} elements`;
      return bad("bad-header", what, start, "RFC 3261 §7.3.1");
    }
  }
  return ok(spans);
}

/**
 * The comma-separated elements of all headers of this name, in order. RFC 3261 §7.3.1. Errors as
 * `elementSpans`.
 */
export function elements(message: Message, name: HeaderName): Result<readonly Octets[]> {
  const spans = elementSpans(message, name);
  if (!spans.ok) return spans;
  return ok(spans.value.map(({ start, end }) => unfold(message.text.slice(start, end))));
}

/**
 * True when a header that lists tokens (Supported, Require, Allow) names this one, whatever its
 * case.
 */
export function listsToken(message: Message, name: HeaderName, token: string): boolean {
  const all = elements(message, name);
  return all.ok && all.value.some((one) => one.toLowerCase() === token.toLowerCase());
}
