/**
 * The padding that MD5 (RFC 1321 §3.1, §3.2) and SHA-2 (FIPS 180-4 §5.1) share: a one bit, zeros,
 * and the length in bits at the end of the last block.
 */

/** A padded copy, in whole blocks. The length field is as long as an eighth of a block. */
export function padded(
  bytes: Uint8Array,
  blockBytes: 64 | 128,
  order: "little-endian" | "big-endian",
): DataView<ArrayBuffer> {
  const least = bytes.length + 1 + blockBytes / 8;
  const copy = new Uint8Array(Math.ceil(least / blockBytes) * blockBytes);
  copy.set(bytes);
  copy[bytes.length] = 0x80;
  const view = new DataView(copy.buffer);
  const little = order === "little-endian";
  const high = Math.floor(bytes.length / 2 ** 29);
  const low = (bytes.length << 3) >>> 0;
  view.setUint32(copy.length - 8, little ? low : high, little);
  view.setUint32(copy.length - 4, little ? high : low, little);
  return view;
}
