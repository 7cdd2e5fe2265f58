/** The keys of a telephone. RFC 4733 §3.2. */
export const KEYS = "0123456789*#ABCD";

/** The keys that a person may mean, in capitals; throws a RangeError on anything else. */
export function keysIn(tones: string): readonly string[] {
  const keys = [...tones.toUpperCase()];
  const odd = keys.find((key) => !KEYS.includes(key));
  if (odd !== undefined) throw new RangeError(`no telephone has a key ${JSON.stringify(odd)}`);
  return keys;
}
