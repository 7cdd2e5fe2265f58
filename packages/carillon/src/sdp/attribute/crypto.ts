/** `a=crypto`: keys of SRTP in the description itself. RFC 4568 §9; suites of RFC 6188, 7714. */
import { isAlphaNumeric, isNonWs, readInteger, splitList } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** One `a=crypto` line: keys for what its writer sends. RFC 4568 §4. */
export interface CryptoAttribute {
  /** An answer gives back the tag of the offer's line that it takes. */
  readonly tag: number;
  /** `AES_CM_128_HMAC_SHA1_80` and its like: `SRTP_SUITES` has those that are known. */
  readonly suite: string;
  /** At least one. With several, each has an MKI. RFC 4568 §6.1. */
  readonly keys: readonly KeyParam[];
  /** KDR, UNENCRYPTED_SRTP, FEC_ORDER, WSH, or others; one with a hyphen may be ignored. */
  readonly sessionParams: readonly string[];
}

/** `key-method ":" key-info`. RFC 4568 §4.3. */
export interface KeyParam {
  /** `inline`, the only one that RFC 4568 §6.1 has for SRTP. */
  readonly method: string;
  /** What follows the colon: `parseSrtpKey` reads it where the method is `inline`. */
  readonly info: string;
}

/**
 * `a=crypto`, one line for each suite that is offered. RFC 4568 §9.1.
 *
 * `"a=crypto:" tag 1*WSP crypto-suite 1*WSP key-params *(1*WSP session-param)`
 */
export const crypto: AttributeType<CryptoAttribute> = valueAttribute({
  name: "crypto",
  source: "RFC 4568 §9.1",
  expected: "a tag, a suite and keys",
  read: (text) => {
    const words = splitList(text.replaceAll("\t", " "), " ")?.filter((word) => word !== "") ?? [];
    const [tagText = "", suite = "", keyText = "", ...sessionParams] = words;
    //= RFC 4568 §9.1
    //# tag = 1*9DIGIT
    const tag = readInteger(tagText, 0, 999_999_999);
    const keys = readKeys(keyText);
    if (tag === undefined || !isSuite(suite) || !keys) return undefined;
    return sessionParams.every(isNonWs) ? { tag, suite, keys, sessionParams } : undefined;
  },
  write: ({ tag, suite, keys, sessionParams }) =>
    [
      `${tag} ${suite} ${keys.map(({ method, info }) => `${method}:${info}`).join(";")}`,
      ...sessionParams,
    ].join(" "),
});

const isSuite = (text: string): boolean => isAlphaNumeric(text.replaceAll("_", "0"));

function readKeys(text: string): readonly KeyParam[] | undefined {
  const keys: KeyParam[] = [];
  for (const element of splitList(text, ";") ?? [""]) {
    const colon = element.indexOf(":");
    const method = element.slice(0, Math.max(0, colon));
    const info = element.slice(colon + 1);
    if (!isSuite(method) || !isNonWs(info)) return undefined;
    keys.push({ method, info });
  }
  return keys;
}

/** A master key with its salt. RFC 4568 §6.1. */
export interface SrtpKey {
  /** Key and salt, base64. */
  readonly keySalt: string;
  /** Packets, as written: `2^20` or digits. */
  readonly lifetime: string | undefined;
  /**
   * The Master Key Identifier: a number in digits, and how many octets of a packet hold it, 1 to
   * 128.
   */
  readonly mki: { readonly value: string; readonly lengthBytes: number } | undefined;
}

/** Octets of key and salt together, by suite. RFC 4568 §6.2, RFC 6188, RFC 7714. */
export const SRTP_SUITES: ReadonlyMap<string, number> = new Map([
  ["AES_CM_128_HMAC_SHA1_80", 30],
  ["AES_CM_128_HMAC_SHA1_32", 30],
  ["F8_128_HMAC_SHA1_80", 30],
  ["F8_128_HMAC_SHA1_32", 30],
  ["AES_192_CM_HMAC_SHA1_80", 38],
  ["AES_192_CM_HMAC_SHA1_32", 38],
  ["AES_256_CM_HMAC_SHA1_80", 46],
  ["AES_256_CM_HMAC_SHA1_32", 46],
  ["AEAD_AES_128_GCM", 28],
  ["AEAD_AES_256_GCM", 44],
]);

/**
 * Reads what follows `inline:`; undefined where it breaks the grammar. `srtp-key-info = key-salt
 * ["|" lifetime] ["|" mki]`. RFC 4568 §6.1.
 */
export function parseSrtpKey(info: string): SrtpKey | undefined {
  const [keySalt = "", ...rest] = info.split("|", 4);
  if (!isBase64(keySalt) || rest.length > 2) return undefined;
  const mkiText = rest.at(-1)?.includes(":") ? rest.pop() : undefined;
  const [lifetime, ...more] = rest;
  if (more.length > 0 || (lifetime !== undefined && !isLifetime(lifetime))) return undefined;
  const [value = "", lengthText = ""] = (mkiText ?? "").split(":", 2);
  const lengthBytes = readInteger(lengthText, 1, 128);
  if (mkiText === undefined) return { keySalt, lifetime, mki: undefined };
  if (lengthBytes === undefined || !isAllDigits(value)) return undefined;
  return { keySalt, lifetime, mki: { value, lengthBytes } };
}

/** What follows `inline:`. Nothing is checked: see `isKeyOfSuite`. */
export function formatSrtpKey({ keySalt, lifetime, mki }: SrtpKey): string {
  const parts = [keySalt, ...(lifetime === undefined ? [] : [lifetime])];
  return [...parts, ...(mki ? [`${mki.value}:${mki.lengthBytes}`] : [])].join("|");
}

/**
 * True if a key has the length of its suite: a shorter one would be padded by somebody.
 * RFC 4568 §6.2.
 */
export function isKeyOfSuite(suite: string, { keySalt }: SrtpKey): boolean {
  const octets = SRTP_SUITES.get(suite);
  let end = keySalt.length;
  while (keySalt.charCodeAt(end - 1) === 0x3d) end--;
  return octets !== undefined && Math.floor((end * 3) / 4) === octets;
}

const isAllDigits = (text: string): boolean =>
  text !== "" && text.length <= 40 && [...text].every((c) => c >= "0" && c <= "9");

const isLifetime = (text: string): boolean =>
  isAllDigits(text.startsWith("2^") ? text.slice(2) : text);

function isBase64(text: string): boolean {
  const bare = text.replaceAll("+", "0").replaceAll("/", "0").replaceAll("=", "0");
  return text.length <= 256 && isAlphaNumeric(bare);
}
