/** Keys of SRTP in descriptions: what we offer, and what two descriptions agree on. RFC 4568. */
import { fromBase64url, toBase64url } from "../auth/base64url.ts";
import { type CryptoAttribute, formatSrtpKey, parseSrtpKey } from "../sdp/attribute/crypto.ts";
import { SRTP_SUITE_LIST, type SrtpSuite } from "./srtp-keys.ts";

/**
 * What is offered if nobody says otherwise, best first: without the AEAD ones, which few telephones
 * have.
 */
export const USUAL_SUITES: readonly string[] = [
  "AES_CM_128_HMAC_SHA1_80",
  "AES_CM_128_HMAC_SHA1_32",
];

/**
 * `a=crypto` for an offer or an answer: a line for each suite, each with a key of its own.
 * `randomBytes` has to be unpredictable. Throws a RangeError on an unknown suite. RFC 4568 §6.1
 */
export function ownCrypto(
  randomBytes: (count: number) => Uint8Array,
  suites: readonly string[] = USUAL_SUITES,
): readonly CryptoAttribute[] {
  return suites.map((name, n) => {
    const suite = suiteOf(name);
    if (!suite) throw new RangeError(`${name}: no suite of ours`);
    //= RFC 4568 §6.1
    //# Each master key and salt MUST be a cryptographically random number and MUST be unique to the
    //# entire SDP message.
    const master = randomBytes(suite.keyBytes + suite.saltBytes);
    const info = formatSrtpKey({ keySalt: toBase64(master), lifetime: undefined, mki: undefined });
    return { tag: n + 1, suite: name, keys: [{ method: "inline", info }], sessionParams: [] };
  });
}

/** What one direction of SRTP is encrypted with, as two descriptions agreed on it. RFC 4568 §6.1 */
export interface AgreedKey {
  /** The ciphers and their sizes. */
  readonly suite: SrtpSuite;
  /** Master key and salt together: `keyBytes + saltBytes` octets of the suite. */
  readonly master: Uint8Array;
}

/** The key of an `a=crypto` line; undefined where we could not use it. RFC 4568 §6.1 */
export function keyOf({ suite: name, keys }: CryptoAttribute): AgreedKey | undefined {
  const suite = suiteOf(name);
  const [first, ...more] = keys;
  if (!suite || !first || more.length > 0 || first.method !== "inline") return undefined;
  const key = parseSrtpKey(first.info);
  if (!key || key.mki) return undefined;
  //= RFC 4568 §6.1
  //# If the length (after being decoded from base64) does not match that specified for the
  //# crypto-suite, the crypto attribute in question MUST be considered invalid.
  const master = fromBase64(key.keySalt);
  return master?.length === suite.keyBytes + suite.saltBytes ? { suite, master } : undefined;
}

const suiteOf = (name: string): SrtpSuite | undefined =>
  SRTP_SUITE_LIST.find((suite) => suite.name === name);

function toBase64(bytes: Uint8Array): string {
  const text = toBase64url(bytes).replaceAll("-", "+").replaceAll("_", "/");
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

function fromBase64(text: string): Uint8Array | undefined {
  let end = text.length;
  while (text.charCodeAt(end - 1) === 0x3d) end--;
  return fromBase64url(text.slice(0, end).replaceAll("+", "-").replaceAll("/", "_"));
}
