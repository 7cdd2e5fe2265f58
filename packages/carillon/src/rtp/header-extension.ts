/** What several header extensions make of the one that RTP has. RFC 8285 §4. */
import { type HeaderExtension, uint16 } from "./packet.ts";

/** One of the header extensions that a packet carries. RFC 8285 §4 */
export interface ExtensionElement {
  /** As `a=extmap` has it: 1 to 14 in the short form, 1 to 255 in the long one. */
  readonly id: number;
  /** 1 to 16 octets in the short form, 0 to 255 in the long one; read, a view of the packet. */
  readonly data: Uint8Array;
}

const ONE_BYTE = 0xbede;
const TWO_BYTE = 0x1000;

/**
 * The elements in order; none of an extension of another kind. What is cut short ends them.
 * RFC 8285 §4.2, §4.3
 */
export function readExtensionElements(extension: HeaderExtension): readonly ExtensionElement[] {
  const { profile, data } = extension;
  if (profile === ONE_BYTE) return oneByteElements(data);
  // The lower four bits are the application's (§4.3).
  return (profile & 0xfff0) === TWO_BYTE ? twoByteElements(data) : [];
}

/** The shorter form where it can be used. Throws a RangeError on an element that fits neither. */
export function formatExtensionElements(elements: readonly ExtensionElement[]): HeaderExtension {
  const isShort = elements.every(
    ({ id, data }) => id >= 1 && id <= 14 && data.length >= 1 && data.length <= 16,
  );
  const octets: number[] = [];
  for (const { id, data } of elements) {
    if (id < 1 || id > 255 || data.length > 255) throw new RangeError("no such header extension");
    if (isShort) octets.push((id << 4) | (data.length - 1));
    else octets.push(id, data.length);
    octets.push(...data);
  }
  while (octets.length % 4 !== 0) octets.push(0);
  return { profile: isShort ? ONE_BYTE : TWO_BYTE, data: Uint8Array.from(octets) };
}

function oneByteElements(data: Uint8Array): readonly ExtensionElement[] {
  const elements: ExtensionElement[] = [];
  for (let at = 0; at < data.length; ) {
    const head = data[at]!;
    const id = head >> 4;
    if (head === 0) {
      at++;
      continue;
    }
    //= RFC 8285 §4.1.2
    //# If such an extension element is encountered, its length field MUST be ignored, processing of
    //# the entire extension MUST terminate at that point
    //= RFC 8285 §4.2
    //# If the ID value 15 is encountered, its length field MUST be ignored, processing of the
    //# entire extension MUST terminate at that point
    if (id === 0 || id === 15) break;
    const end = at + 2 + (head & 0x0f);
    if (end > data.length) break;
    elements.push({ id, data: data.subarray(at + 1, end) });
    at = end;
  }
  return elements;
}

function twoByteElements(data: Uint8Array): readonly ExtensionElement[] {
  const elements: ExtensionElement[] = [];
  for (let at = 0; at < data.length; ) {
    const id = data[at]!;
    if (id === 0) {
      at++;
      continue;
    }
    const end = at + 2 + (data[at + 1] ?? 0);
    if (at + 2 > data.length || end > data.length) break;
    elements.push({ id, data: data.subarray(at + 2, end) });
    at = end;
  }
  return elements;
}

/**
 * Leaves of a packet's extension, in place, the elements whose ids are in `kept` (bit 1 to 14), and
 * makes padding of the rest; false where none is left, or it has another form. RFC 8285 §4.2
 */
export function keepExtensionElements(packet: Uint8Array, kept: number): boolean {
  const head = 12 + 4 * (packet[0]! & 0x0f);
  if ((packet[0]! & 0x10) === 0 || packet.length < head + 4) return false;
  if (uint16(packet, head) !== ONE_BYTE || kept === 0) return false;
  const end = Math.min(packet.length, head + 4 + 4 * uint16(packet, head + 2));
  let isLeft = false;
  for (let at = head + 4; at < end; ) {
    const id = packet[at]! >> 4;
    if (id === 0) {
      packet[at++] = 0;
      continue;
    }
    const next = at + 2 + (packet[at]! & 0x0f);
    if (id === 15 || next > end) {
      packet.fill(0, at, end);
      break;
    }
    if ((kept >> id) & 1) isLeft = true;
    else packet.fill(0, at, next);
    at = next;
  }
  return isLeft;
}
