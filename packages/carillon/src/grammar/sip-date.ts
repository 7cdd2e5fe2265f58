/** Dates as SIP writes them. RFC 3261 §20.17, §25.1: RFC 1123 dates, always in GMT. */

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/**
 * Milliseconds since the Unix epoch; undefined for anything but a date that exists, with its own
 * day of the week, in exactly this form.
 *
 * `rfc1123-date = wkday "," SP date1 SP time SP "GMT"`, `date1 = 2DIGIT SP month SP 4DIGIT`
 */
export function readSipDate(text: string): number | undefined {
  if (text.length !== 29) return undefined;
  const number = (from: number, to: number): number => Number(text.slice(from, to));
  // As a date so that the year 0099 is not taken for 1999.
  const date = new Date(0);
  date.setUTCFullYear(number(12, 16), MONTHS.indexOf(text.slice(8, 11)), number(5, 7));
  date.setUTCHours(number(17, 19), number(20, 22), number(23, 25));
  // What is not in this form or does not exist, such as 31 April, comes back as another text.
  return date.toUTCString() === text ? date.getTime() : undefined;
}

/** Throws a RangeError on what is no time in the years 0 to 9999. Parts of a second are cut off. */
export function formatSipDate(ms: number): string {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new RangeError(`no date: ${ms}`);
  return date.toUTCString();
}
