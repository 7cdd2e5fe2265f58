/** Dates as RFC 3339 writes them, in documents. */

const DATE = "\\d{4}-\\d\\d-\\d\\d";
const TIME = "(?:[01]\\d|2[0-3]):[0-5]\\d:(?:[0-5]\\d|60)(?:\\.\\d{1,12})?";
const OFFSET = "(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)";
const FORM = new RegExp(`^${DATE}T${TIME}${OFFSET}$`, "i");

/** Milliseconds since the Unix epoch; undefined for what is not in this form or does not exist. */
export function readDateTime(text: string): number | undefined {
  if (!FORM.test(text)) return undefined;
  // A leap second is the one after it.
  const isLeap = text.startsWith("60", 17);
  const plain = isLeap ? `${text.slice(0, 17)}59${text.slice(19)}` : text;
  const ms = Date.parse(plain.toUpperCase());
  const [month, day] = [Number(text.slice(5, 7)), Number(text.slice(8, 10))];
  const last = new Date(0);
  last.setUTCFullYear(Number(text.slice(0, 4)), month, 0);
  const exists = month >= 1 && month <= 12 && day >= 1 && day <= last.getUTCDate();
  return exists && !Number.isNaN(ms) ? ms + (isLeap ? 1000 : 0) : undefined;
}

/** `2001-02-02T10:48:54Z`. Throws a RangeError on what is no time in the years 0 to 9999. */
export function formatDateTime(ms: number): string {
  const text = new Date(ms).toISOString();
  if (text.length !== 24) throw new RangeError(`no date: ${ms}`);
  return text.endsWith(".000Z") ? `${text.slice(0, 19)}Z` : text;
}
