/** Typed headers of a message: its lines by name, through the header's reader. RFC 3261 §7.3.1. */
import type { Octets } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import type { HeaderName } from "./header-name.ts";
import { headerLines } from "./headers.ts";
import type { Message } from "./message.ts";

/**
 * The value of a header that stands in a message once at most; undefined where it is absent.
 * RFC 3261 §7.3.1.
 *
 * Errors: `repeated-header` (400), and those of the reader.
 */
export function readHeader<T>(
  message: Message,
  name: HeaderName,
  parse: (octets: Octets) => Result<T>,
): Result<T | undefined> {
  const [line, ...more] = headerLines(message, name);
  if (more.length > 0) {
    return bad("repeated-header", `${name} stands there twice`, 0, "RFC 3261 §7.3.1");
  }
  return line === undefined ? ok(undefined) : parse(line);
}

//= RFC 3261 §7.3.1
//# It MUST be possible to combine the multiple header field rows into one "field-name: field-value"
//# pair, without changing the semantics of the message, by appending each subsequent field-value
//# to the first, each separated by a comma.
/**
 * The value of a header whose lines mean the same as one line with commas; undefined where it is
 * absent. Lines that list nothing count for nothing. RFC 3261 §7.3.1. Errors: those of the
 * reader.
 */
export function readJoined<T>(
  message: Message,
  name: HeaderName,
  parse: (octets: Octets) => Result<T>,
): Result<T | undefined> {
  const lines = headerLines(message, name);
  if (lines.length === 0) return ok(undefined);
  return parse(lines.filter((line) => line !== "").join(", "));
}
