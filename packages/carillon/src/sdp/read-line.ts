/**
 * Reading the value of one line. RFC 8866 §5, §9.
 *
 * Each reader takes the text after `=` and gives the line, or undefined where the grammar is
 * broken; `description.ts` adds where that was.
 */
import { isDigits, isHostname } from "../grammar/chars.ts";
import { isIpv4, isIpv6 } from "../uri/host.ts";
import type { Bandwidth, Connection, Key, Line, Origin, Repeat, Timing, Zone } from "./line.ts";
import { isAlphaNumeric, isNonWs, isSdpToken, readInteger, splitList } from "./sdp-chars.ts";

/** Reads a line of this type letter, or undefined: the section of RFC 8866 is in `RULES`. */
export function readLine(type: string, text: string): Line | undefined {
  switch (type) {
    case "v":
      return text === "0" ? { kind: "v" } : undefined;
    case "o":
      return readOrigin(text);
    case "s":
    case "i":
    case "u":
    case "e":
    case "p":
      return { kind: type, text };
    case "c":
      return readConnection(text);
    case "b":
      return readBandwidth(text);
    case "t":
      return readTiming(text);
    case "r":
      return readRepeat(text);
    case "z":
      return readZone(text);
    case "k":
      return readKey(text);
    case "a":
      return readAttributeText(text);
    default:
      return { kind: "other", type, text };
  }
}

/** What each line should be, and where that stands: for the error. */
export const RULES: ReadonlyMap<string, readonly [expected: string, section: string]> = new Map([
  ["v", ["version 0", "§5.1"]],
  ["o", ["a name, two numbers and an address", "§5.2"]],
  ["c", ["IN, IP4 or IP6 and an address that fits", "§5.7"]],
  ["b", ["a type, a colon and a number", "§5.8"]],
  ["t", ["two times", "§5.9"]],
  ["r", ["an interval, a duration and offsets", "§5.10"]],
  ["z", ["pairs of a time and an offset", "§5.11"]],
  ["k", ["a method", "§5.12"]],
  ["a", ["an attribute's name", "§5.13"]],
  ["m", ["a media type, a port up to 65535, a protocol and formats", "§5.14"]],
]);

/**
 * `origin-field = %s"o" "=" username SP sess-id SP sess-version SP nettype SP addrtype SP
 * unicast-address CRLF`
 *
 * Read from its end: there are phones that put their product's name, with spaces, for the user's.
 */
function readOrigin(text: string): Origin | undefined {
  const words = splitWords(text);
  if (words === undefined || words.length < 6) return undefined;
  const [sessionId, sessionVersion, netType, addressType, address] = words.slice(-5);
  const username = words.slice(0, -5).join(" ");
  if (!isId(sessionId) || !isId(sessionVersion) || username.startsWith(" ")) return undefined;
  if (!isWord(netType) || !isWord(addressType) || !isWord(address)) return undefined;
  return { kind: "o", username, sessionId, sessionVersion, netType, addressType, address };
}

/** `sess-id = 1*DIGIT`. Twenty digits hold 64 bits, signed or not. */
function isId(text: string | undefined): text is string {
  return text !== undefined && text.length <= 20 && isDigits(text);
}

const isWord = (text: string | undefined): text is string => text !== undefined && isNonWs(text);

/** `connection-field = %s"c" "=" nettype SP addrtype SP connection-address CRLF` */
function readConnection(text: string): Connection | undefined {
  const [netType = "", addressType = "", where = "", ...rest] = splitWords(text) ?? [];
  if (!isSdpToken(netType) || !isSdpToken(addressType) || !isNonWs(where)) return undefined;
  if (rest.length > 0) return undefined;
  const network = { kind: "c", netType, addressType } as const;
  const isIp = netType.toUpperCase() === "IN";
  const type = isIp ? addressType.toUpperCase() : "";
  if (type === "IP4") return readIp4(network, where);
  if (type === "IP6") return readIp6(network, where);
  return { ...network, address: where, ttl: undefined, count: undefined };
}

type Network = Pick<Connection, "kind" | "netType" | "addressType">;

function readIp4(network: Network, where: string): Connection | undefined {
  const [address = "", ttlText, countText, ...rest] = where.split("/");
  const isAddress = isIpv4(address);
  if (!isAddress && !isName(address)) return undefined;
  if (ttlText === undefined) return { ...network, address, ttl: undefined, count: undefined };
  //= RFC 8866 §5.7
  //# The slash notation for multiple addresses described above MUST NOT be used for IP unicast
  //# addresses.
  if (isAddress && !isMulticast4(address) && countText !== undefined) return undefined;
  const ttl = readInteger(ttlText, 0, 255);
  const count = countText === undefined ? undefined : readInteger(countText, 1, 65_535);
  if (ttl === undefined || (countText !== undefined && count === undefined)) return undefined;
  return rest.length > 0 ? undefined : { ...network, address, ttl, count };
}

function readIp6(network: Network, where: string): Connection | undefined {
  const [address = "", countText, ...rest] = where.split("/");
  const isAddress = isIpv6(address);
  if (!isAddress && !isName(address)) return undefined;
  if (countText === undefined) return { ...network, address, ttl: undefined, count: undefined };
  if (isAddress && !isMulticast6(address)) return undefined;
  //= RFC 8866 §5.7
  //# "IP6" multicast does not use TTL scoping, and hence the TTL value MUST NOT be present for
  //# "IP6" multicast.
  const count = readInteger(countText, 1, 65_535);
  if (count === undefined || rest.length > 0) return undefined;
  return { ...network, address, ttl: undefined, count };
}

/** True for 224.0.0.0 to 239.255.255.255. */
export function isMulticast4(address: string): boolean {
  const first = Number(address.slice(0, address.indexOf(".")));
  return first >= 224 && first <= 239;
}

export const isMulticast6 = (address: string): boolean =>
  address.slice(0, 2).toLowerCase() === "ff" && address.includes(":");

export const isMulticastAddress = (address: string): boolean =>
  isMulticast4(address) || isMulticast6(address);

/** A host name: what is all digits and dots has to be an address. */
const isName = (text: string): boolean =>
  isHostname(text) && !isDigits(text.replaceAll(".", "")) && text.length <= 255;

/** `bandwidth-field = %s"b" "=" bwtype ":" bandwidth CRLF` */
function readBandwidth(text: string): Line | undefined {
  const colon = text.indexOf(":");
  const type = text.slice(0, Math.max(0, colon));
  const bandwidth = readInteger(text.slice(colon + 1), 0, Number.MAX_SAFE_INTEGER);
  if (!isSdpToken(type)) return undefined;
  // Some applications write AS:-1 where they mean that there is no limit.
  if (text.endsWith(":-1")) return { kind: "other", type: "b", text };
  return bandwidth === undefined ? undefined : ({ kind: "b", type, bandwidth } satisfies Bandwidth);
}

/** `time-field = %s"t" "=" start-time SP stop-time CRLF` */
function readTiming(text: string): Timing | undefined {
  const [start = "", stop = "", ...rest] = splitWords(text) ?? [];
  if (!isTime(start) || !isTime(stop) || rest.length > 0) return undefined;
  return { kind: "t", start, stop };
}

/** `time = POS-DIGIT 9*DIGIT`, or "0"; shorter ones are met. */
const isTime = (text: string): boolean => text.length <= 20 && isDigits(text);

/** `repeat-field = %s"r" "=" repeat-interval SP typed-time 1*(SP typed-time) CRLF` */
function readRepeat(text: string): Repeat | undefined {
  const words = splitWords(text);
  if (words === undefined || words.length < 3) return undefined;
  if (!words.every((word) => typedSeconds(word) !== undefined)) return undefined;
  const [interval = "", duration = "", ...offsets] = words;
  return { kind: "r", interval, duration, offsets };
}

/** `zone-field = %s"z" "=" time SP ["-"] typed-time *(SP time SP ["-"] typed-time) CRLF` */
function readZone(text: string): Zone | undefined {
  const words = splitWords(text);
  if (words === undefined || words.length % 2 !== 0) return undefined;
  const adjustments: { time: string; offset: string }[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const [time = "", offset = ""] = words.slice(i, i + 2);
    if (!isTime(time) || typedSeconds(offset.replace("-", "")) === undefined) return undefined;
    if (offset.lastIndexOf("-") > 0) return undefined;
    adjustments.push({ time, offset });
  }
  return { kind: "z", adjustments };
}

const UNIT_SECONDS: ReadonlyMap<string, number> = new Map([
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
]);

/**
 * Seconds of `typed-time = 1*DIGIT [fixed-len-time-unit]`, such as 604800 for `7d`; undefined for
 * what is none. RFC 8866 §5.10.
 */
export function typedSeconds(text: string): number | undefined {
  const unit = UNIT_SECONDS.get(text.slice(-1));
  const digits = unit === undefined ? text : text.slice(0, -1);
  if (digits.length > 11 || !isDigits(digits)) return undefined;
  return Number(digits) * (unit ?? 1);
}

function readKey(text: string): Key | undefined {
  const colon = text.indexOf(":");
  const method = colon < 0 ? text : text.slice(0, colon);
  if (!isAlphaNumeric(method)) return undefined;
  return { kind: "k", method, key: colon < 0 ? undefined : text.slice(colon + 1) };
}

/** `attribute = (attribute-name ":" attribute-value) / attribute-name` */
export function readAttributeText(text: string): Line | undefined {
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  if (!isSdpToken(name)) return undefined;
  return { kind: "a", name, value: colon < 0 ? undefined : text.slice(colon + 1) };
}

/** The words between single spaces; those at the end, which some phones leave, do not count. */
export function splitWords(text: string): readonly string[] | undefined {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end--;
  return splitList(text.slice(0, end), " ");
}
