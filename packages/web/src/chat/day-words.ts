/** Days and times of messages, in the words of whoever reads them. */

const DAY_MS = 86_400_000;

/** The same for all times of one day, where the reader is. */
export function dayKey(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`;
}

/** Above the messages of a day: "Today", "Yesterday", "Tuesday", "12 March 2026". */
export function dayWords(at: Date, now: Date, locale?: string): string {
  const days = daysBetween(at, now);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days > 1 && days < 7) return at.toLocaleDateString(locale, { weekday: "long" });
  const year = at.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return at.toLocaleDateString(locale, { day: "numeric", month: "long", ...year });
}

/** "14:05" */
export function timeWords(at: Date, locale?: string): string {
  return (locale === undefined ? clock : clockOf(locale)).format(at);
}

const clockOf = (locale?: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
/** Kept: a conversation has thousands of times. */
const clock = clockOf();

/** In the list, where there is little room: the time of today, else the day. */
export function listTime(at: Date, now: Date, locale?: string): string {
  const days = daysBetween(at, now);
  if (days === 0) return timeWords(at, locale);
  if (days === 1) return "Yesterday";
  if (days > 1 && days < 7) return at.toLocaleDateString(locale, { weekday: "short" });
  return at.toLocaleDateString(locale, { day: "numeric", month: "numeric", year: "2-digit" });
}

/** Midnights between two times; a day of 23 or 25 hours is one as well. */
function daysBetween(at: Date, now: Date): number {
  const midnight = (date: Date) =>
    Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS;
  return Math.round(midnight(now) - midnight(at));
}
