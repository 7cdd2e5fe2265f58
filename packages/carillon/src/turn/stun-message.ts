/**
 * STUN messages as bytes: reading and writing. RFC 8489 §5, §14. One pass, in which nothing of the
 * peer's is copied: values are views of what was received.
 */
import { bad, ok, type Result } from "../grammar/result.ts";
import { attributeTypes } from "./stun-attributes.ts";

/** What a message is. RFC 8489 §5. */
export type StunClass = "Request" | "Indication" | "Success" | "Error";

/** One attribute as it is on the wire, without its padding. RFC 8489 §14. */
export interface StunAttribute {
  /** 0 to 65535; below 0x8000 a receiver has to understand it. */
  readonly type: number;
  /** The bytes of the value. */
  readonly value: Uint8Array;
}

/** A message to be written. RFC 8489 §5. */
export interface StunContent {
  /** Request, indication, or one of two answers. */
  readonly class: StunClass;
  /** 0 to 4095, such as 1 for Binding. */
  readonly method: number;
  /** 12 bytes. */
  readonly transactionId: Uint8Array;
  /** In the order in which they are written. */
  readonly attributes: readonly StunAttribute[];
}

/** A message that was received. What stands behind its integrity is left out, but for what may. */
export interface StunMessage extends StunContent {
  /** All of it, as it was received. */
  readonly bytes: Uint8Array;
  /** Where MESSAGE-INTEGRITY begins, its header included; undefined if it is not there. */
  readonly integrityAt: number | undefined;
  /** The same of MESSAGE-INTEGRITY-SHA256. */
  readonly integritySha256At: number | undefined;
  /** It had a FINGERPRINT, which was right. */
  readonly hasFingerprint: boolean;
}

/** The methods of STUN and TURN. RFC 8489 §18.2, RFC 8656 §17. */
export const methods = {
  Binding: 0x001,
  Allocate: 0x003,
  Refresh: 0x004,
  Send: 0x006,
  Data: 0x007,
  CreatePermission: 0x008,
  ChannelBind: 0x009,
} as const;

/** In bytes. */
export const STUN_HEADER_BYTES = 20;
/** More attributes than this has nobody a use for. */
const MAX_ATTRIBUTES = 64;
const MAGIC_COOKIE = 0x2112a442;
const SOURCE = "RFC 8489 §5";
const CLASSES: readonly StunClass[] = ["Request", "Indication", "Success", "Error"];

//= RFC 8489 §5
//# The most significant 2 bits of every STUN message MUST be zeroes.
/** Whether these bytes claim to be STUN: enough to tell it from media. Never throws. */
export const isStunMessage = (bytes: Uint8Array): boolean =>
  bytes.length >= STUN_HEADER_BYTES && bytes[0]! < 0x40 && u32At(bytes, 4) === MAGIC_COOKIE;

/**
 * Reads a message. A FINGERPRINT that is there is checked, and nothing else of its contents.
 * Errors: `bad-stun` for what is no message at all or breaks off, `bad-fingerprint`.
 */
export function readStun(bytes: Uint8Array): Result<StunMessage> {
  if (!isStunMessage(bytes)) return bad("bad-stun", "no STUN message", 0, SOURCE);
  const length = u16At(bytes, 2);
  //= RFC 8489 §5
  //# Since all STUN attributes are padded to a multiple of 4 bytes, the last 2 bits of this field
  //# are always zero.
  if (length % 4 !== 0 || length !== bytes.length - STUN_HEADER_BYTES) {
    return bad("bad-stun", "a length that is not the message's", 2, SOURCE);
  }
  const read = readAttributes(bytes);
  if (typeof read === "number")
    return bad("bad-stun", "an attribute that breaks off", read, SOURCE);
  const { fingerprintAt } = read;
  if (
    fingerprintAt !== undefined &&
    fingerprintOf(bytes, fingerprintAt) !== u32At(bytes, fingerprintAt + 4)
  ) {
    return bad(
      "bad-fingerprint",
      "a fingerprint of something else",
      fingerprintAt,
      "RFC 8489 §14.7",
    );
  }
  const type = u16At(bytes, 0);
  return ok({
    class: CLASSES[((type >> 4) & 1) | ((type >> 7) & 2)]!,
    method: (type & 0xf) | ((type & 0xe0) >> 1) | ((type & 0x3e00) >> 2),
    transactionId: bytes.subarray(8, STUN_HEADER_BYTES),
    attributes: read.attributes,
    bytes,
    integrityAt: read.integrityAt,
    integritySha256At: read.integritySha256At,
    hasFingerprint: fingerprintAt !== undefined,
  });
}

interface ReadAttributes {
  readonly attributes: readonly StunAttribute[];
  integrityAt?: number;
  integritySha256At?: number;
  fingerprintAt?: number;
}

/** A number says where it is wrong. */
function readAttributes(bytes: Uint8Array): ReadAttributes | number {
  const attributes: StunAttribute[] = [];
  const read: ReadAttributes = { attributes };
  for (let at = STUN_HEADER_BYTES; at < bytes.length; ) {
    //= RFC 8489 §14.7
    //# When present, the FINGERPRINT attribute MUST be the last attribute in the message and thus
    //# will appear after MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256.
    if (read.fingerprintAt !== undefined || attributes.length === MAX_ATTRIBUTES) return at;
    const type = u16At(bytes, at);
    const length = u16At(bytes, at + 2);
    const end = at + 4 + length;
    if (end > bytes.length) return at;
    const place = placeOf(type, length, read);
    if (place === undefined) return at;
    if (place === "Kept") attributes.push({ type, value: bytes.subarray(at + 4, end) });
    else if (place !== "Ignored") read[place] = at;
    at = padded(end);
  }
  return read;
}

type Place = "Kept" | "Ignored" | "integrityAt" | "integritySha256At" | "fingerprintAt" | undefined;

/** What becomes of an attribute; undefined for one that has a length which it cannot have. */
function placeOf(type: number, length: number, read: ReadAttributes): Place {
  if (type === attributeTypes.FINGERPRINT) return length === 4 ? "fingerprintAt" : undefined;
  if (type === attributeTypes.MESSAGE_INTEGRITY_SHA256) {
    return length === 32 ? unlessThere(read, "integritySha256At") : undefined;
  }
  if (read.integritySha256At !== undefined) return "Ignored";
  if (type === attributeTypes.MESSAGE_INTEGRITY) {
    return length === 20 ? unlessThere(read, "integrityAt") : undefined;
  }
  // RFC 8489 §14.5: what follows the integrity is not covered by it, and so is not believed.
  return read.integrityAt === undefined ? "Kept" : "Ignored";
}

const unlessThere = (read: ReadAttributes, at: "integrityAt" | "integritySha256At"): Place =>
  read[at] === undefined ? at : "Ignored";

/** The message as bytes, without integrity and fingerprint. Throws on an id of another length. */
export function writeStun({
  class: kind,
  method,
  transactionId,
  attributes,
}: StunContent): Uint8Array {
  if (transactionId.length !== 12) throw new RangeError("a transaction id has 12 bytes");
  let length = 0;
  for (const { value } of attributes) length += 4 + padded(value.length);
  const bytes = new Uint8Array(STUN_HEADER_BYTES + length);
  const of = CLASSES.indexOf(kind);
  const type = (method & 0xf) | ((method & 0x70) << 1) | ((method & 0xf80) << 2);
  putU16(bytes, 0, type | ((of & 1) << 4) | ((of & 2) << 7));
  putU16(bytes, 2, length);
  putU32(bytes, 4, MAGIC_COOKIE);
  bytes.set(transactionId, 8);
  let at = STUN_HEADER_BYTES;
  for (const { type, value } of attributes) at = putAttribute(bytes, at, type, value);
  return bytes;
}

/** The message with one more attribute at its end, and its length put right. */
export function withAttribute(bytes: Uint8Array, type: number, value: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + 4 + padded(value.length));
  longer.set(bytes);
  putAttribute(longer, bytes.length, type, value);
  putU16(longer, 2, longer.length - STUN_HEADER_BYTES);
  return longer;
}

//= RFC 8489 §14.7
//# The value of the attribute is computed as the CRC-32 of the STUN message up to (but excluding)
//# the FINGERPRINT attribute itself, XOR'ed with the 32-bit value 0x5354554e.
/** The message with a FINGERPRINT, which has to be the last thing that is done to it. */
export function withFingerprint(bytes: Uint8Array): Uint8Array {
  const longer = withAttribute(bytes, attributeTypes.FINGERPRINT, new Uint8Array(4));
  putU32(longer, bytes.length + 4, fingerprintOf(longer, bytes.length));
  return longer;
}

/** The value of an attribute, the first one of its type; undefined if there is none. */
export function attribute(message: StunContent, type: number): Uint8Array | undefined {
  for (const one of message.attributes) if (one.type === type) return one.value;
  return undefined;
}

const fingerprintOf = (bytes: Uint8Array, end: number): number =>
  (crc32(bytes, end) ^ 0x5354554e) >>> 0;

const CRC_TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** CRC-32 of the first `end` bytes. RFC 1952 §8. */
function crc32(bytes: Uint8Array, end: number): number {
  let crc = 0xffffffff;
  for (let i = 0; i < end; i++) crc = CRC_TABLE[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function putAttribute(bytes: Uint8Array, at: number, type: number, value: Uint8Array): number {
  putU16(bytes, at, type);
  putU16(bytes, at + 2, value.length);
  bytes.set(value, at + 4);
  return at + 4 + padded(value.length);
}

const padded = (length: number): number => (length + 3) & ~3;

/** Two bytes as a number, in network order. */
export const u16At = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
/** Four bytes as a number, in network order. */
export const u32At = (bytes: Uint8Array, at: number): number =>
  u16At(bytes, at) * 0x10000 + u16At(bytes, at + 2);

/** Writes two bytes in network order. */
export function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** Writes four bytes in network order. */
export function putU32(bytes: Uint8Array, at: number, value: number): void {
  putU16(bytes, at, value >>> 16);
  putU16(bytes, at + 2, value & 0xffff);
}
