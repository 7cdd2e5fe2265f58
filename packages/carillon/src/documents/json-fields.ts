/** Fields of JSON that a peer wrote: what is missing, too long, or of another kind is undefined. */

/** Looks at one field; undefined: it is not what it has to be. */
export type Check<T> = (value: unknown) => T | undefined;

/** Text of `min` to `max` UTF-16 units. */
export const textOf =
  (max: number, min = 0): Check<string> =>
  (value) =>
    typeof value === "string" && value.length >= min && value.length <= max ? value : undefined;

/** A whole number from 0 to 2**53 - 1. */
export const countOf: Check<number> = (value) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** One of these words. */
export const wordOf =
  <T extends string>(...words: readonly T[]): Check<T> =>
  (value) =>
    words.find((one) => one === value);

/** At most `max` of a kind; one that is not of it makes all of them undefined. */
export const listOf =
  <T>(one: Check<T>, max: number): Check<readonly T[]> =>
  (value) => {
    if (!Array.isArray(value) || value.length > max) return undefined;
    const all: T[] = [];
    for (const each of value) {
      const read = one(each);
      if (read === undefined) return undefined;
      all.push(read);
    }
    return all;
  };

/** Names a field that may be left out. */
export interface Optional<T> {
  readonly optional: Check<T>;
}

type Shape<T> = {
  readonly [K in keyof T]-?: undefined extends T[K]
    ? Optional<Exclude<T[K], undefined>>
    : Check<T[K]>;
};

/** An object with these fields; others that it has are left out. */
export function objectOf<T>(shape: Shape<T>): Check<T> {
  const fields = Object.entries(shape) as [string, Check<unknown> | Optional<unknown>][];
  return (value) => {
    if (typeof value !== "object" || value === null) return undefined;
    const read: Record<string, unknown> = {};
    for (const [name, check] of fields) {
      const given = Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined;
      if (typeof check !== "function" && given === undefined) continue;
      const field = typeof check === "function" ? check(given) : check.optional(given);
      if (field === undefined) return undefined;
      read[name] = field;
    }
    return read as T;
  };
}

/** What JSON says; undefined for what is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
