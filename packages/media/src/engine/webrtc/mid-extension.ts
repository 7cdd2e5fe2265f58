/** The identification tag of a media section in the packets of its streams. RFC 8843 §15. */
import { formatExtensionElements, formatRtp, parseRtp, readExtensionElements } from "carillon/rtp";

/** `a=extmap` of it. RFC 8843 §16.2 */
export const MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid";

const FIXED_BYTES = 12;

/**
 * The packet with the tag in it, in a header extension with this number (1 to 14); one that it had
 * before is replaced, others stay. What is no RTP comes back as it is. `tag`: 1 to 16 octets.
 */
export function withMid(packet: Uint8Array, id: number, tag: Uint8Array): Uint8Array {
  const first = packet[0] ?? 0;
  if (packet.length < FIXED_BYTES || first >> 6 !== 2) return packet;
  return (first & 0x10) === 0 ? extended(packet, id, tag) : replaced(packet, id, tag);
}

/** Its tag, a view of the packet; undefined where it has none, and for what is no RTP. */
export function midOfPacket(packet: Uint8Array, id: number): Uint8Array | undefined {
  if (((packet[0] ?? 0) & 0x10) === 0) return undefined;
  const parsed = parseRtp(packet);
  if (!parsed.ok || !parsed.value.extension) return undefined;
  return readExtensionElements(parsed.value.extension).find((each) => each.id === id)?.data;
}

/** By far the most have no extension: one copy, and no object. RFC 8285 §4.2 */
function extended(packet: Uint8Array, id: number, tag: Uint8Array): Uint8Array {
  const at = FIXED_BYTES + 4 * ((packet[0] ?? 0) & 0x0f);
  if (packet.length < at) return packet;
  const words = (tag.length + 4) >> 2;
  const bytes = new Uint8Array(packet.length + 4 + 4 * words);
  bytes.set(packet.subarray(0, at));
  bytes[0] = (packet[0] ?? 0) | 0x10;
  bytes.set([0xbe, 0xde, 0, words, (id << 4) | (tag.length - 1)], at);
  bytes.set(tag, at + 5);
  bytes.set(packet.subarray(at), at + 4 + 4 * words);
  return bytes;
}

function replaced(packet: Uint8Array, id: number, tag: Uint8Array): Uint8Array {
  const parsed = parseRtp(packet);
  if (!parsed.ok || !parsed.value.extension) return packet;
  const others = readExtensionElements(parsed.value.extension).filter((each) => each.id !== id);
  const extension = formatExtensionElements([...others, { id, data: tag }]);
  return formatRtp({ ...parsed.value, extension });
}
