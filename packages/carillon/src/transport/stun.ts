/**
 * The little of STUN that keeps a UDP flow alive: a Binding Request, and its answer with the
 * address it came from. RFC 5389 §6, §15.2; RFC 5626 §8. Octets are one-byte characters.
 */
import type { Octets } from "../grammar/octets.ts";
import type { Address } from "../uri/host.ts";
import { formatIp, ipOctets } from "./ip-octets.ts";

const BINDING_REQUEST = 0x0001;
const BINDING_RESPONSE = 0x0101;
const MAGIC_COOKIE = 0x2112a442;
const XOR_MAPPED_ADDRESS = 0x0020;
const HEADER_BYTES = 20;

//= RFC 5389 §6
//# The magic cookie field MUST contain the fixed value 0x2112A442 in network byte order.
/** `random` is 24 hexadecimal digits, the transaction's name. */
export const bindingRequest = (random: string): Octets =>
  `${u16(BINDING_REQUEST)}${u16(0)}${u32(MAGIC_COOKIE)}${fromHex(random.slice(0, 24))}`;

/** The answer to a Binding Request from this address; undefined for anything else. */
export function bindingResponse(request: Octets, from: Address): Octets | undefined {
  if (!isStun(request) || readU16(request, 0) !== BINDING_REQUEST) return undefined;
  const name = request.slice(4, HEADER_BYTES);
  const address = ipOctets(from.host);
  if (!address) return undefined;
  //= RFC 5389 §15.2
  //# X-Port is computed by taking the mapped port in host byte order, XOR'ing it with the most
  //# significant 16 bits of the magic cookie, and then the converting the result to network byte
  //# order.
  const port = u16(from.port ^ (MAGIC_COOKIE >>> 16));
  const family = address.length === 4 ? 1 : 2;
  const value = `\0${String.fromCharCode(family)}${port}${xor(address, name)}`;
  const attribute = `${u16(XOR_MAPPED_ADDRESS)}${u16(value.length)}${value}`;
  return `${u16(BINDING_RESPONSE)}${u16(attribute.length)}${name}${attribute}`;
}

/** Where the answer to this request says that it came from; undefined if it is no answer to it. */
export function mappedAddress(response: Octets, request: Octets): Address | undefined {
  const name = request.slice(4, HEADER_BYTES);
  const isOurs = isStun(response) && response.slice(4, HEADER_BYTES) === name;
  if (!isOurs || readU16(response, 0) !== BINDING_RESPONSE) return undefined;
  for (let at = HEADER_BYTES; at + 4 <= response.length; ) {
    const length = readU16(response, at + 2);
    const value = response.slice(at + 4, at + 4 + length);
    if (readU16(response, at) === XOR_MAPPED_ADDRESS) return addressIn(value, name);
    // Attributes begin at multiples of four.
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return undefined;
}

//= RFC 5389 §6
//# The most significant 2 bits of every STUN message MUST be zeroes.
/** Whether octets are STUN and no SIP, which begins with a letter. */
export const isStun = (octets: Octets): boolean =>
  octets.length >= HEADER_BYTES &&
  octets.charCodeAt(0) < 0x40 &&
  readU16(octets, 4) * 0x10000 + readU16(octets, 6) === MAGIC_COOKIE &&
  readU16(octets, 2) === octets.length - HEADER_BYTES;

function addressIn(value: Octets, name: Octets): Address | undefined {
  const size = value.charCodeAt(1) === 1 ? 4 : 16;
  if (value.length !== 4 + size) return undefined;
  const port = readU16(value, 2) ^ (MAGIC_COOKIE >>> 16);
  const plain = xor(value.slice(4), name);
  return { host: formatIp(plain), port };
}

const xor = (octets: Octets, key: Octets): Octets =>
  Array.from(octets, (one, i) => String.fromCharCode(one.charCodeAt(0) ^ key.charCodeAt(i))).join(
    "",
  );

const u16 = (value: number): Octets => String.fromCharCode((value >>> 8) & 255, value & 255);
const u32 = (value: number): Octets => u16(value >>> 16) + u16(value & 0xffff);
const readU16 = (octets: Octets, at: number): number =>
  octets.charCodeAt(at) * 256 + octets.charCodeAt(at + 1);
const fromHex = (digits: string): Octets =>
  digits.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
