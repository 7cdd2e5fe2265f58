/** PASSporT: the token in an Identity header, in its full and in its compact form. RFC 8225. */
import { MAX_VALUES } from "../grammar/limits.ts";
import { fromBytes, fromText, type Octets, toBytes, toText } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import type { Identity } from "../message/header/identity.ts";
import { fromBase64url, toBase64url } from "./base64url.ts";

/** Who calls or is called: a number in canonical form, or a URI. RFC 8225 §5.2.1. */
export type Party =
  | { readonly kind: "tn"; readonly number: string }
  | { readonly kind: "uri"; readonly uri: string };

/** What a PASSporT says, and what its signature is over. RFC 8225 §4, §5. */
export interface Passport {
  /** Where the certificate is. */
  readonly x5u: string;
  /** The extension that it is of, such as `shaken`. */
  readonly ppt: string | undefined;
  /** Who calls. RFC 8225 §5.2.1. */
  readonly orig: Party;
  /** Whom they call, one at least. RFC 8225 §5.2.1. */
  readonly dest: readonly Party[];
  /** Seconds since 1970. */
  readonly iat: number;
  /** Header, a dot and claims, as they were signed. */
  readonly signed: Octets;
  /** R and S, 32 octets each. RFC 7518 §3.4. */
  readonly signature: Uint8Array;
}

/** What a compact form leaves out, as it stands in the request. RFC 8225 §7. */
export interface Said {
  /** Who calls, by From or P-Asserted-Identity. RFC 8224 §8. */
  readonly orig: Party;
  /** Whom they call, by To. RFC 8224 §8. */
  readonly dest: readonly Party[];
  /** The Date of the request, in seconds since 1970. */
  readonly iat: number;
}

/** Octets of a full form: those of calls are some hundred. */
const MAX_TOKEN = 4096;
const MAX_JSON = 3000;
const MAX_TEXT = 256;
const SIGNATURE_BYTES = 64;
const SOURCE = "RFC 8225 §4";

/**
 * The PASSporT of an Identity header. Its compact form, in which header and claims are empty, is
 * made whole with what the request says. Whether it is true is not looked at. RFC 8224 §4.
 *
 * Errors: `bad-passport` (438).
 */
export function readPassport(identity: Identity, said: Said): Result<Passport> {
  if (identity.digest.length > MAX_TOKEN) return refused("it is too long");
  const parts = identity.digest.split(".");
  const [head = "", claims = "", last = ""] = parts;
  if (parts.length !== 3) return refused("it has no two dots");
  const signature = fromBase64url(last);
  if (signature?.length !== SIGNATURE_BYTES) return refused("its signature is none of ES256");
  if (head === "" && claims === "") return ok(compact(identity, said, signature));
  const header = readHeader(objectIn(head), identity);
  if (!header.ok) return header;
  const claimed = readClaims(objectIn(claims));
  if (!claimed.ok) return claimed;
  return ok({ ...header.value, ...claimed.value, signed: `${head}.${claims}`, signature });
}

/**
 * What is signed of these: base64url of both objects, with a dot between. Keys are in their order
 * and no white space is between them. RFC 8225 §9.
 */
export function formatPassport(x5u: string, ppt: string | undefined, said: Said): Octets {
  //= RFC 8225 §9
  //# The JSON object MUST contain no whitespace or line breaks before or after any syntactic
  //# elements.
  //= RFC 8225 §9
  //# JSON objects MUST have the keys ordered lexicographically by the Unicode [UNICODE] code points
  //# of the member names.
  const named = ppt === undefined ? {} : { ppt };
  const header = { alg: "ES256", ...named, typ: "passport", x5u };
  const claims = { dest: partiesIn(said.dest), iat: said.iat, orig: partyIn(said.orig) };
  return `${encoded(header)}.${encoded(claims)}`;
}

function compact(identity: Identity, said: Said, signature: Uint8Array): Passport {
  const { info: x5u, ppt } = identity;
  return { x5u, ppt, ...said, signed: formatPassport(x5u, ppt, said), signature };
}

type Json = Readonly<Record<string, unknown>>;

/** A JSON object in base64url, without what every object has; undefined where it is none. */
function objectIn(text: string): ReadonlyMap<string, unknown> | undefined {
  const bytes = fromBase64url(text);
  if (!bytes || bytes.length > MAX_JSON) return undefined;
  try {
    const value: unknown = JSON.parse(toText(fromBytes(bytes)));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return new Map(Object.entries(value));
  } catch {
    return undefined;
  }
}

function readHeader(
  header: ReadonlyMap<string, unknown> | undefined,
  { info, alg, ppt }: Identity,
): Result<Pick<Passport, "x5u" | "ppt">> {
  if (!header) return refused("its header is no JSON object");
  const said = header.get("ppt");
  //= RFC 8225 §4.1
  //# For the PASSporT, the "typ" header MUST be the string "passport".
  if (header.get("typ") !== "passport") return refused("its typ is not passport");
  // "none", and HMAC with a public key, are what this keeps out.
  if (header.get("alg") !== "ES256" || (alg ?? "ES256") !== "ES256") return refused("not ES256");
  if (header.get("x5u") !== info) return refused("its x5u is not what info says");
  if (said !== ppt) return refused("its ppt is not what the header says");
  if (header.has("crit")) return refused("it wants what is not known here");
  return ok({ x5u: info, ppt });
}

function readClaims(
  claims: ReadonlyMap<string, unknown> | undefined,
): Result<Pick<Passport, "orig" | "dest" | "iat">> {
  if (!claims) return refused("its claims are no JSON object");
  const iat = claims.get("iat");
  if (typeof iat !== "number" || !Number.isSafeInteger(iat) || iat < 0) return refused("no iat");
  //= RFC 8225 §5.2.1
  //# There MUST be exactly one "orig" claim with exactly one identity claim object in a PASSporT
  //# object.
  const origs = readParties(claims.get("orig"), (value) => [value]);
  const [orig] = origs ?? [];
  if (!orig || origs?.length !== 1) return refused("its orig is not one number or URI");
  const dest = readParties(claims.get("dest"), (value) => (Array.isArray(value) ? value : []));
  if (!dest || dest.length === 0) return refused("its dest is no numbers or URIs");
  return ok({ orig, dest, iat });
}

/** All that stands in `orig` or `dest`; undefined where something else does. */
function readParties(
  value: unknown,
  all: (value: unknown) => readonly unknown[],
): readonly Party[] | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const parties: Party[] = [];
  for (const [kind, some] of Object.entries(value)) {
    for (const text of all(some)) {
      if (typeof text !== "string" || text === "" || text.length > MAX_TEXT) return undefined;
      if (kind === "tn" && /^[0-9#*]+$/.test(text)) parties.push({ kind, number: text });
      else if (kind === "uri") parties.push({ kind, uri: text });
      else return undefined;
    }
  }
  return parties.length > MAX_VALUES ? undefined : parties;
}

const partyIn = (party: Party): Json =>
  party.kind === "tn" ? { tn: party.number } : { uri: party.uri };

function partiesIn(parties: readonly Party[]): Json {
  const [tn, uri] = [[] as string[], [] as string[]];
  for (const party of parties) {
    if (party.kind === "tn") tn.push(party.number);
    else uri.push(party.uri);
  }
  return { ...(tn.length > 0 && { tn }), ...(uri.length > 0 && { uri }) };
}

const encoded = (object: Json): Octets => toBase64url(toBytes(fromText(JSON.stringify(object))));

const refused = (why: string): ReturnType<typeof bad> => bad("bad-passport", why, 0, SOURCE, 438);
