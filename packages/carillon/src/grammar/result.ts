/**
 * The outcome of reading what a peer sent. Bad bytes are a value, never an exception: only the
 * caller's own mistakes throw.
 */

/** What was wrong with a peer's bytes, and what a server should say about it. */
export interface ParseError {
  /** Stable, for programs: `"bad-uri"`, `"bad-via"`, … */
  readonly code: string;
  /** For people: what was expected, in one line without line ends. */
  readonly message: string;
  /** Octets from the start of the text that was read. */
  readonly offset: number;
  /** The status a server should answer a request like this with. */
  readonly status: number;
  /** Where the rule stands, such as `RFC 3261 §20.42`. */
  readonly source: string;
}

/** The value that was read, or what is wrong with the text: look at `ok` first. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ParseError };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

export const bad = (
  code: string,
  message: string,
  offset: number,
  source: string,
  status = 400,
): { readonly ok: false; readonly error: ParseError } => ({
  ok: false,
  error: { code, message, offset, status, source },
});
