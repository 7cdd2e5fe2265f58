/**
 * The tokens a page signs in with over SIP: `Authorization: Bearer TOKEN`. RFC 8898.
 *
 * `base64url( version 1 | expires 6 | length 1 | account | session ) "." base64url( mac 16 )`
 *
 * Not a JWT. RFC 8898 §1.3 leaves the format to whoever issues and reads a token; here that is the
 * same domain, and a client sees an opaque string. A JWT would bring a choice of algorithms made
 * by the bearer, JSON from a stranger, three times the length in every request, and a library
 * that is asynchronous. This is one synchronous HMAC over bytes of one layout.
 *
 * RFC 8898 §2.1.2 wants tokens protected from other SIP elements "unless some other mechanism is
 * used": ours are good for minutes, go from a page straight to the domain that made them, and a
 * server that forwards a request takes them out.
 */
import { fromBytes, fromText, type Octets, toBytes, toText } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { equalText } from "./constant-time.ts";
import type { Crypto } from "./crypto.ts";

/** What a token says. RFC 8898 §1.3 leaves that to whoever issues it. */
export interface TokenClaims {
  /** The account's name: at most 255 octets as UTF-8. */
  readonly account: string;
  /** The page session that the token belongs to and ends with. */
  readonly session: string;
  /** Milliseconds since 1970, whole ones. */
  readonly expiresAt: number;
}

const VERSION = 1;
const HEAD_BYTES = 8;
const MAC_BYTES = 16;
/** The longest claims that are minted, and so the longest that are looked at. */
const MAX_PAYLOAD = 512;
const MAX_TOKEN = 720;

/**
 * Makes a token: at most 720 characters that go into a header as they are. Throws a RangeError on
 * claims that do not fit, an account of more than 255 octets among them.
 */
export function mintToken(crypto: Crypto, key: Uint8Array, claims: TokenClaims): string {
  const account = fromText(claims.account);
  const session = fromText(claims.session);
  const payload = new Uint8Array(HEAD_BYTES + account.length + session.length);
  if (account.length > 255 || payload.length > MAX_PAYLOAD) throw new RangeError("claims too long");
  if (!(claims.expiresAt >= 0 && claims.expiresAt < 2 ** 48)) throw new RangeError("expiresAt");
  const view = new DataView(payload.buffer);
  const ms = Math.floor(claims.expiresAt);
  view.setUint8(0, VERSION);
  view.setUint16(1, Math.floor(ms / 2 ** 32));
  view.setUint32(3, ms % 2 ** 32);
  view.setUint8(7, account.length);
  payload.set(toBytes(account + session), HEAD_BYTES);
  const text = toBase64url(payload);
  return `${text}.${mac(crypto, key, text)}`;
}

/**
 * Reads a token that somebody sent. Errors, all with status 401: `token-malformed`,
 * `token-forged`, `token-expired`. The caller still asks whether the session lives. `now` is
 * milliseconds since 1970.
 */
export function readToken(
  crypto: Crypto,
  key: Uint8Array,
  token: Octets,
  now: number,
): Result<TokenClaims> {
  const dot = token.indexOf(".");
  const payload = token.slice(0, Math.max(dot, 0));
  const bytes = token.length > MAX_TOKEN ? undefined : fromBase64url(payload);
  if (dot < 0 || bytes === undefined) {
    return refuse("token-malformed", "this is not a token of ours");
  }
  //= RFC 8898 §2.2
  //# the UAS/registrar MUST validate the access token using the procedures associated with the type
  //# of access token (structured or reference) used
  if (!equalText(mac(crypto, key, payload), token.slice(dot + 1))) {
    return refuse("token-forged", "the token was not made by this domain");
  }
  const claims = readClaims(bytes);
  if (claims === undefined) return refuse("token-malformed", "the token is of another version");
  //= RFC 8898 §2.2
  //# If the token provided is an expired access token, then the UAS/registrar MUST reply with a 401
  //# (Unauthorized) response
  if (claims.expiresAt <= now)
    return refuse("token-expired", "the token has expired: get a new one");
  return ok(claims);
}

//= RFC 8898 §2.2
//# If the validation fails, the UAS/registrar MUST reply with a 401 (Unauthorized) response.
const refuse = (code: string, what: string) => bad(code, what, 0, "RFC 8898 §2.2", 401);

/** Claims that we signed ourselves; a later version may have laid them out differently. */
function readClaims(payload: Uint8Array): TokenClaims | undefined {
  if (payload.length < HEAD_BYTES || payload[0] !== VERSION) return undefined;
  const view = new DataView(payload.buffer);
  const sessionAt = HEAD_BYTES + view.getUint8(7);
  if (sessionAt > payload.length) return undefined;
  return {
    account: toText(fromBytes(payload.subarray(HEAD_BYTES, sessionAt))),
    session: toText(fromBytes(payload.subarray(sessionAt))),
    expiresAt: view.getUint16(1) * 2 ** 32 + view.getUint32(3),
  };
}

/** The label keeps a token's signature apart from anything else that the key may sign. */
function mac(crypto: Crypto, key: Uint8Array, payload: string): string {
  const bytes = toBytes(`carillon token\0${payload}`);
  return toBase64url(crypto.hmac(key, bytes).subarray(0, MAC_BYTES));
}
