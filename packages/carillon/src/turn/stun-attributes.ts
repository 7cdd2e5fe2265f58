/** The attributes of STUN and TURN and their values. RFC 8489 §14, RFC 8656 §18. */
import { fromBytes, fromText, type Octets, toBytes } from "../grammar/octets.ts";
import type { StunAttribute } from "./stun-message.ts";

/** Types by their names in the registry. RFC 8489 §18.3, RFC 8656 §18. */
export const attributeTypes = {
  USERNAME: 0x0006,
  MESSAGE_INTEGRITY: 0x0008,
  ERROR_CODE: 0x0009,
  UNKNOWN_ATTRIBUTES: 0x000a,
  CHANNEL_NUMBER: 0x000c,
  LIFETIME: 0x000d,
  XOR_PEER_ADDRESS: 0x0012,
  DATA: 0x0013,
  REALM: 0x0014,
  NONCE: 0x0015,
  XOR_RELAYED_ADDRESS: 0x0016,
  REQUESTED_ADDRESS_FAMILY: 0x0017,
  EVEN_PORT: 0x0018,
  REQUESTED_TRANSPORT: 0x0019,
  DONT_FRAGMENT: 0x001a,
  MESSAGE_INTEGRITY_SHA256: 0x001c,
  PASSWORD_ALGORITHM: 0x001d,
  USERHASH: 0x001e,
  XOR_MAPPED_ADDRESS: 0x0020,
  RESERVATION_TOKEN: 0x0022,
  ADDITIONAL_ADDRESS_FAMILY: 0x8000,
  ADDRESS_ERROR_CODE: 0x8001,
  PASSWORD_ALGORITHMS: 0x8002,
  SOFTWARE: 0x8022,
  FINGERPRINT: 0x8028,
} as const;

/** Of IP: the numbers of RFC 8489 §14.1. */
export type Family = 4 | 6;

/** IPv4 is 1 and IPv6 is 2 on the wire. */
export const familyOf = (code: number | undefined): Family | undefined =>
  code === 1 ? 4 : code === 2 ? 6 : undefined;

/** An attribute whose value is text: SOFTWARE, REALM, NONCE, USERNAME. */
export const textAttribute = (type: number, text: string): StunAttribute => ({
  type,
  value: toBytes(fromText(text)),
});

/** An attribute whose value is one number of 32 bits: LIFETIME. */
export const numberAttribute = (type: number, value: number): StunAttribute => ({
  type,
  value: Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value),
});

/** Four bytes as a number; undefined for a value of another length. */
export function readNumber(value: Uint8Array | undefined): number | undefined {
  if (value?.length !== 4) return undefined;
  return value[0]! * 0x1000000 + ((value[1]! << 16) | (value[2]! << 8) | value[3]!);
}

/** A value's octets, at most `most` of them; undefined for more, and for no value. */
export const readOctets = (value: Uint8Array | undefined, most: number): Octets | undefined =>
  value === undefined || value.length > most ? undefined : fromBytes(value);

/** Why a request is refused. RFC 8489 §14.8, RFC 8656 §19. */
export interface StunError {
  /** 300 to 699. */
  readonly code: number;
  /** For people, and short: it goes to strangers, too. */
  readonly reason: string;
}

/** Their names in the RFCs. */
export type StunErrorName =
  | "BadRequest"
  | "Unauthenticated"
  | "Forbidden"
  | "UnknownAttribute"
  | "AllocationMismatch"
  | "StaleNonce"
  | "AddressFamilyNotSupported"
  | "WrongCredentials"
  | "UnsupportedTransport"
  | "PeerAddressFamilyMismatch"
  | "AllocationQuotaReached"
  | "InsufficientCapacity";

/** The errors that a TURN server answers with. RFC 8489 §14.8, RFC 8656 §19. */
export const stunErrors: Readonly<Record<StunErrorName, StunError>> = {
  BadRequest: { code: 400, reason: "Bad Request" },
  Unauthenticated: { code: 401, reason: "Unauthenticated" },
  Forbidden: { code: 403, reason: "Forbidden" },
  UnknownAttribute: { code: 420, reason: "Unknown Attribute" },
  AllocationMismatch: { code: 437, reason: "Allocation Mismatch" },
  StaleNonce: { code: 438, reason: "Stale Nonce" },
  AddressFamilyNotSupported: { code: 440, reason: "Address Family not Supported" },
  WrongCredentials: { code: 441, reason: "Wrong Credentials" },
  UnsupportedTransport: { code: 442, reason: "Unsupported Transport Protocol" },
  PeerAddressFamilyMismatch: { code: 443, reason: "Peer Address Family Mismatch" },
  AllocationQuotaReached: { code: 486, reason: "Allocation Quota Reached" },
  InsufficientCapacity: { code: 508, reason: "Insufficient Capacity" },
};

/** ERROR-CODE. */
export const errorAttribute = ({ code, reason }: StunError): StunAttribute => ({
  type: attributeTypes.ERROR_CODE,
  value: errorValue(0, code, reason),
});

/** ADDRESS-ERROR-CODE: why there is no relayed address of this family. RFC 8656 §18.12. */
export const addressErrorAttribute = (
  family: Family,
  { code, reason }: StunError,
): StunAttribute => ({
  type: attributeTypes.ADDRESS_ERROR_CODE,
  value: errorValue(family === 4 ? 1 : 2, code, reason),
});

function errorValue(first: number, code: number, reason: string): Uint8Array {
  const text = toBytes(fromText(reason));
  const value = new Uint8Array(4 + text.length);
  value.set([first, 0, Math.floor(code / 100), code % 100]);
  value.set(text, 4);
  return value;
}

/** The code of an ERROR-CODE; undefined if it is none. RFC 8489 §14.8 */
export function readErrorCode(value: Uint8Array | undefined): number | undefined {
  if (value === undefined || value.length < 4) return undefined;
  const [hundreds, rest] = [value[2]! & 7, value[3]!];
  return hundreds < 3 || hundreds > 6 || rest > 99 ? undefined : hundreds * 100 + rest;
}

/** UNKNOWN-ATTRIBUTES. RFC 8489 §14.9. */
export const unknownAttributes = (types: readonly number[]): StunAttribute => ({
  type: attributeTypes.UNKNOWN_ATTRIBUTES,
  value: Uint8Array.from(types.flatMap((type) => [type >>> 8, type & 255])),
});
