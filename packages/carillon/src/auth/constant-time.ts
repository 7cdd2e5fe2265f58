/**
 * Comparisons whose time tells nothing about where two secrets differ. The lengths are public:
 * different ones end at once.
 */

/** Whether two byte strings are the same, in a time that depends on their lengths alone. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** Whether two strings are the same. */
export function equalText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/**
 * Whether `hex` is the lower-case hexadecimal form of `bytes`. It spells the bytes out one by one
 * and reads nothing of what it compares with, so it needs no table and no string.
 */
export function equalHex(bytes: Uint8Array, hex: string): boolean {
  if (hex.length !== 2 * bytes.length) return false;
  let difference = 0;
  for (let i = 0; i < bytes.length; i++) {
    difference |= digit(bytes[i]! >> 4) ^ hex.charCodeAt(2 * i);
    difference |= digit(bytes[i]! & 15) ^ hex.charCodeAt(2 * i + 1);
  }
  return difference === 0;
}

/** "0" to "9" and "a" to "f", without a branch: 39 lies between "9" + 1 and "a". */
const digit = (nibble: number): number => 48 + nibble + (((9 - nibble) >> 4) & 39);
