/** Which entries of a journal are asked for: the parameters of `Event: carillon-journal`. */
import { parseNumber } from "../grammar/chars.ts";
import { fromText, toText } from "../grammar/octets.ts";
import type { Params } from "../grammar/params.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { MAX_ADDRESS, MAX_JOURNAL_ENTRIES } from "./journal.ts";

/** Which entries of a journal are asked for. `after` alone stays open for what comes later. */
export interface JournalQuery {
  /** Those with a greater number, the oldest first; `latest`: only what comes from now on. */
  readonly after?: number | "latest";
  /** Those with a smaller number, the newest of them. */
  readonly before?: number;
  /** How many at most, 1 to 1,000; the server's own limit if left out. */
  readonly limit?: number;
  /** Those of one conversation: its address. */
  readonly with?: string;
  /** Messages in which this stands, the newest; 1 to 256 characters. */
  readonly find?: string;
}

/** The value of Event, without its parameters. */
export const JOURNAL_EVENT = "carillon-journal";

/** Characters of what is looked for. */
const MAX_FIND = 256;
const MAX_SEQ = Number.MAX_SAFE_INTEGER;
const SOURCE = "carillon-journal";

/**
 * Reads the parameters of an Event header. Nothing at all asks for everything, from the beginning.
 *
 * Errors (400): `bad-query` for a number that is none, for a text that is too long, and for `after`
 * beside `before` or `find`.
 */
export function parseJournalQuery(params: Params): Result<JournalQuery> {
  const number = (name: string, max: number) => {
    const text = params.get(name);
    return text === undefined ? undefined : (parseNumber(text, max) ?? Number.NaN);
  };
  const text = (name: string) => {
    const value = params.get(name);
    return value === undefined ? undefined : toText(value);
  };
  const after = params.get("after") === "latest" ? "latest" : number("after", MAX_SEQ);
  const before = number("before", MAX_SEQ);
  const limit = number("limit", MAX_JOURNAL_ENTRIES);
  const [partner, find] = [text("with"), text("find")];
  if ([after, before, limit].some(Number.isNaN) || limit === 0) return fail("not a number");
  if (partner === "" || (partner?.length ?? 0) > MAX_ADDRESS) return fail("with: not an address");
  if (find === "" || (find?.length ?? 0) > MAX_FIND) return fail("find: 1 to 256 characters");
  if (after !== undefined && (before !== undefined || find !== undefined)) {
    return fail("after is for what comes, before and find for what was");
  }
  return ok({
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
    ...(limit !== undefined && { limit }),
    ...(partner !== undefined && { with: partner }),
    ...(find !== undefined && { find }),
  });
}

const fail = (what: string) => bad("bad-query", what, 0, SOURCE);

/** Writes them. A text with a line end in it cannot be asked for: throws a RangeError. */
export function formatJournalQuery(query: JournalQuery): Params {
  const params = new Map<string, string>();
  for (const name of ["after", "before", "limit", "with", "find"] as const) {
    const value = query[name];
    if (value === undefined) continue;
    const octets = fromText(`${value}`);
    if (octets === "" || /[\r\n\0]/.test(octets)) throw new RangeError(`cannot be asked: ${name}`);
    params.set(name, octets);
  }
  return params;
}
