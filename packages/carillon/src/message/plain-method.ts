/** Methods, each as one string that is always the same, so that comparing them costs nothing. */
import type { Octets } from "../grammar/octets.ts";

const METHODS = [
  ...["INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "OPTIONS", "MESSAGE", "SUBSCRIBE", "NOTIFY"],
  ...["REFER", "INFO", "PRACK", "UPDATE", "PUBLISH"],
];

/** By first letter and length. */
const bySlot: (string | undefined)[] = Array.from({ length: 512 }, () => undefined);
const slotOf = (first: number, length: number): number => ((first << 4) | (length & 15)) & 511;
for (const method of METHODS) bySlot[slotOf(method.charCodeAt(0), method.length)] = method;

/** The method that stands in `text` and its bytes from `start` to `end`. */
export function plainMethod(text: Octets, bytes: Uint8Array, start: number, end: number): string {
  const known = bySlot[slotOf(bytes[start]!, end - start)];
  if (known === undefined || known.length !== end - start) return text.slice(start, end);
  for (let i = 0; i < known.length; i++) {
    if (bytes[start + i] !== known.charCodeAt(i)) return text.slice(start, end);
  }
  return known;
}
