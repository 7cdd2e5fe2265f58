/** Bytes as lower-case hexadecimal digits, as digests are written. RFC 8760 §2.2. */

const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

//= RFC 8760 §2.2
//# The bits in the digest are converted from the most significant to the least significant bit,
//# four bits at a time, to the ASCII representation as follows.
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += PAIRS[byte];
  return text;
}
