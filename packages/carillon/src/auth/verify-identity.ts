/**
 * Whether a caller is who they say, by the Identity header of somebody who may speak for them. The
 * steps of RFC 8224 §6.2, in its order. What is signed by whom the world says: nothing is fetched
 * from here, and nothing is asked for but what is allowed.
 */
import type { Octets } from "../grammar/octets.ts";
import { bad, type Result } from "../grammar/result.ts";
import { parseIdentity } from "../message/header/identity.ts";
import { parseUri } from "../uri/uri.ts";
import { type Party, type Passport, readPassport, type Said } from "./passport.ts";

/** What the world knows of certificates. */
export interface Signers {
  /** Of this https URI, if it is known and believed; asked only where `isAllowed` says so. */
  key(x5u: string): unknown;
  /** Whether certificates are taken from this host, which is in lower case: an allow-list. */
  isAllowed(host: string): boolean;
  /** ECDSA with P-256 and SHA-256 over these octets; `signature` is R and S. */
  verify(key: unknown, signed: Octets, signature: Uint8Array): boolean;
  /** Whether whoever has this key may speak for them. RFC 8226 §9. */
  speaksFor(key: unknown, orig: Party): boolean;
}

/** What a request says of itself, in canonical form. RFC 8224 §8. */
export interface IdentityToCheck extends Said {
  /** The value of the header. */
  readonly identity: Octets;
  /** Seconds since 1970. */
  readonly now: number;
  /** Extensions that are known; `shaken` and `div` are read like any other. */
  readonly ppts: readonly string[];
}

//= RFC 8224 §6.2
//# The verifier furthermore ensures that the value of the Date header field of the request meets
//# local policy for freshness (sixty seconds is RECOMMENDED)
const FRESH_SECONDS = 60;
/** PASSporTs that are remembered; those of more than a minute ago are refused anyway. */
const MAX_SEEN = 10_000;

/** Judges Identity headers, and remembers which of them were used. RFC 8224 §6.2. */
export class IdentityVerifier {
  readonly #signers: Signers;
  /** By what was signed: for whom it was good, and until when. */
  readonly #seen = new Map<string, number>();

  constructor(signers: Signers) {
    this.#signers = signers;
  }

  /**
   * The PASSporT, which is true. Errors, with the status of RFC 8224 §6.2.2: `bad-header` and
   * `bad-passport` (438), `unknown-ppt` (428), `bad-info` (436), `stale` (403), `replayed` (403),
   * `not-theirs` (437), `untrue` (438).
   */
  check(what: IdentityToCheck): Result<Passport> {
    const identity = parseIdentity(what.identity);
    if (!identity.ok) return refused("bad-header", identity.error.message, 438);
    const { ppt } = identity.value;
    //= RFC 8224 §6.2
    //# If a "ppt" parameter value is present and the verifier does not support it, it MUST ignore
    //# the Identity header field.
    if (ppt !== undefined && !what.ppts.includes(ppt)) {
      return refused("unknown-ppt", `nothing is known of ${ppt}`, 428);
    }
    const passport = readPassport(identity.value, what);
    if (!passport.ok) return passport;
    const fault = this.#fault(passport.value, what);
    return fault ?? passport;
  }

  #fault(passport: Passport, what: IdentityToCheck): Result<never> | undefined {
    const { orig, dest, iat, signed, signature } = passport;
    if (Math.abs(what.now - iat) > FRESH_SECONDS || Math.abs(iat - what.iat) > FRESH_SECONDS) {
      return refused("stale", "it was signed at another time", 403);
    }
    if (!isSame(orig, what.orig)) return refused("untrue", "it is about another caller", 438);
    const isMeant = what.dest.every((one) => dest.some((other) => isSame(one, other)));
    if (!isMeant) return refused("untrue", "it is for somebody else", 438);
    const key = this.#isFetched(passport.x5u) ? this.#signers.key(passport.x5u) : undefined;
    if (key === undefined) return refused("bad-info", "its certificate is not to be had", 436);
    //= RFC 8224 §6.2
    //# The verifier MUST validate the signature in the Identity header field over the PASSporT
    //# object.
    if (!this.#signers.verify(key, signed, signature)) {
      return refused("untrue", "its signature is wrong", 438);
    }
    if (!this.#signers.speaksFor(key, orig)) {
      return refused("not-theirs", "whoever signed it may not speak for the caller", 437);
    }
    return this.#use(signed, what.now) ? undefined : refused("replayed", "it was used", 403);
  }

  /** Whether a certificate may come from there: over https, at its usual port, where allowed. */
  #isFetched(x5u: string): boolean {
    const [, host] = /^https:\/\/([A-Za-z0-9.-]{1,253})(?::443)?(?:\/[!-~]*)?$/.exec(x5u) ?? [];
    return host !== undefined && this.#signers.isAllowed(host.toLowerCase());
  }

  /** Once each: whoever has seen one could call others with it for a minute. */
  #use(signed: Octets, now: number): boolean {
    for (const [one, until] of this.#seen) {
      if (until >= now && this.#seen.size <= MAX_SEEN) break;
      this.#seen.delete(one);
    }
    if (this.#seen.has(signed)) return false;
    this.#seen.set(signed, now + 2 * FRESH_SECONDS);
    return true;
  }
}

/**
 * A URI of a call in its canonical form: a number where it is one, RFC 8224 §8.3, and else the
 * address alone, RFC 8224 §8.5. Undefined for what is neither.
 */
export function canonicalParty(uri: Octets): Party | undefined {
  const parsed = parseUri(uri);
  if (!parsed.ok) return undefined;
  const { value } = parsed;
  if (value.scheme === "tel") return numberOf(value.number);
  if (value.scheme === "other") return undefined;
  const { user, host, params } = value;
  const isPhone = user?.startsWith("+") === true || params.get("user")?.toLowerCase() === "phone";
  if (user !== undefined && isPhone) return numberOf(user.split(";")[0] ?? "");
  return { kind: "uri", uri: user === undefined ? `sip:${host}` : `sip:${user}@${host}` };
}

//= RFC 8224 §8.3
//# Implementations MUST drop any "+"s, internal dashes, parentheses, or other non-numeric
//# characters, except for the "#" or "*" keys
function numberOf(text: string): Party | undefined {
  const number = text.replaceAll(/[^0-9#*]/g, "");
  return number === "" ? undefined : { kind: "tn", number };
}

const isSame = (one: Party, other: Party): boolean =>
  one.kind === "tn"
    ? other.kind === "tn" && one.number === other.number
    : other.kind === "uri" && one.uri === other.uri;

const refused = (code: string, why: string, status: number): Result<never> =>
  bad(code, why, 0, "RFC 8224 §6.2", status);
