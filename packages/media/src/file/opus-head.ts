/** The identification header of Opus in a file. RFC 7845 §5.1. */

/** `preSkip`: samples at 48 kHz that a player leaves out at the beginning. */
export function opusHead(channels: number, preSkip: number): Uint8Array {
  const head = Buffer.alloc(19);
  head.write("OpusHead", 0, "latin1");
  head[8] = 1;
  head[9] = channels;
  head.writeUInt16LE(preSkip, 10);
  head.writeUInt32LE(48_000, 12);
  return head;
}
