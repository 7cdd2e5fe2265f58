/**
 * The client's side of digest: which of the challenges of a 401 or 407 to answer, and the
 * credentials that answer it. RFC 3261 §22.2 and §22.3, RFC 8760 §2.4, RFC 7616 §3.4.
 *
 * Whether to answer at all is the caller's question: only what its own server asks for, and not
 * twice with the same credentials unless the challenge is stale (RFC 3261 §22.1).
 */
import type { Octets } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { hashAlgorithm, isWeaker, sessionAlgorithm } from "./algorithm.ts";
import type { Challenge, DigestChallenge } from "./challenge.ts";
import { formatCredentials } from "./credentials.ts";
import type { Crypto, HashAlgorithm } from "./crypto.ts";
import { digestResponse, ha1, isAuthInt, nfcOctets, sessionHa1, usernameHash } from "./digest.ts";

/** A password as text, or what a server or a careful client keeps of it. */
export type DigestSecret =
  | { readonly password: string }
  | { readonly ha1: Readonly<Partial<Record<HashAlgorithm, string>>> };

/** A request that was challenged, and who its sender is. */
export interface ChallengesToAnswer {
  /** Needed for `hash` only. */
  readonly crypto: Crypto;
  /** In the order of their header lines, topmost first. */
  readonly challenges: readonly Challenge[];
  /** Of the request that is sent anew: it is hashed into the response. RFC 7616 §3.4.3. */
  readonly method: string;
  /** The Request-URI. */
  readonly uri: Octets;
  /** As it is sent, for a qop of auth-int; left out where there is none. */
  readonly body?: Octets | undefined;
  /** Text. */
  readonly username: string;
  /** An HA1 answers challenges of its own realm and algorithm only; a password any. */
  readonly secret: DigestSecret;
  /** How often the nonce has been used, this time included: 1 for a fresh challenge. */
  readonly nonceCount: number;
  /** Unpredictable ASCII, made anew for each request. */
  readonly cnonce: string;
  /** Answer challenges of this realm only. Give it: a stranger may challenge for any other. */
  readonly realm?: Octets | undefined;
  /** Refuse to answer with anything weaker. */
  readonly minimum?: HashAlgorithm | undefined;
}

/** What `answerChallenge` chose, ready to be sent. */
export interface Answer {
  /** The value for Authorization or Proxy-Authorization. */
  readonly value: Octets;
  /** The challenge that it answers, to be used again with a higher nonce count. */
  readonly challenge: DigestChallenge;
}

/**
 * Answers the topmost challenge that it can. Errors: `no-usable-challenge`, its message saying
 * why the last one was passed over.
 */
export function answerChallenge(to: ChallengesToAnswer): Result<Answer> {
  let reason = "there is no challenge to answer";
  //= RFC 8760 §2.4
  //# When the UAC receives a response with multiple WWW-Authenticate/ Proxy-Authenticate header
  //# fields with the same realm, it SHOULD use the topmost header field that it supports unless a
  //# local policy dictates otherwise.
  for (const challenge of to.challenges) {
    const usable = judge(challenge, to);
    if (typeof usable !== "string") return ok(answer(usable, to));
    reason = usable;
  }
  //= RFC 8760 §2.4
  //# If the UAC cannot respond to any of the challenges in the response, then it SHOULD abandon
  //# attempts to send the request unless a local policy dictates otherwise
  return bad("no-usable-challenge", reason, 0, "RFC 8760 §2.4", 401);
}

interface Usable {
  readonly challenge: DigestChallenge;
  readonly algorithm: HashAlgorithm;
  readonly qop: Octets | undefined;
  readonly ha1: string;
}

/** What is needed to answer a challenge, or why it is passed over. */
function judge(challenge: Challenge, to: ChallengesToAnswer): Usable | string {
  //= RFC 8760 §2.4
  //# The client MUST ignore any challenge it does not understand.
  if (challenge.kind !== "Digest") return "the challenge is not for Digest";
  if (to.realm !== undefined && challenge.realm !== to.realm) return "the realm is another one";
  //= RFC 7616 §3.3
  //# If the algorithm is not understood, the challenge SHOULD be ignored (and a different one used,
  //# if there is more than one).
  const session = sessionAlgorithm(challenge.algorithm);
  const algorithm = session ?? hashAlgorithm(challenge.algorithm);
  if (algorithm === undefined) return "the digest algorithm is not understood";
  if (to.minimum && isWeaker(algorithm, to.minimum)) return `${algorithm} is not strong enough`;
  const qop = chooseQop(challenge.qop);
  if (qop === undefined && challenge.qop.length > 0) return "no qop of the challenge is understood";
  if (session !== undefined && qop === undefined)
    return "a session key needs a cnonce, and so a qop";
  const secret = ha1For(challenge, algorithm, to);
  return secret === undefined
    ? `there is no secret for ${algorithm}`
    : { challenge, algorithm, qop, ha1: secret };
}

//= RFC 7616 §3.4
//# Its value MUST be one of the alternatives the server indicated it supports in the
//# WWW-Authenticate header field.
/** auth before auth-int, since elements on the way may change a body. Spelled as it was sent. */
function chooseQop(offered: readonly Octets[]): Octets | undefined {
  //= RFC 7616 §3.3
  //# Unrecognized options MUST be ignored.
  return offered.find((qop) => qop.toLowerCase() === "auth") ?? offered.find(isAuthInt);
}

function ha1For(
  challenge: DigestChallenge,
  algorithm: HashAlgorithm,
  { crypto, username, secret }: ChallengesToAnswer,
): string | undefined {
  if ("ha1" in secret) return secret.ha1[algorithm];
  return ha1(crypto, algorithm, username, challenge.realm, secret.password);
}

function answer({ challenge, algorithm, qop, ha1 }: Usable, to: ChallengesToAnswer): Answer {
  const { crypto } = to;
  const { realm, nonce, opaque } = challenge;
  const isSession = sessionAlgorithm(challenge.algorithm) !== undefined;
  const secret = isSession ? sessionHa1(crypto, algorithm, ha1, nonce, to.cnonce) : ha1;
  //= RFC 8760 §2.6
  //# A UAS MUST be able to properly handle a "qop" parameter received in an
  //# Authorization/Proxy-Authorization header field, and a UAC MUST be able to properly handle a
  //# "qop" parameter received in WWW-Authenticate and Proxy-Authenticate header fields.
  //= RFC 3261 §22.4
  //# If a client receives a "qop" parameter in a challenge header field, it MUST send the "qop"
  //# parameter in any resulting authorization header field.
  //= RFC 3261 §22.4
  //# RFC 2617 notes that a cnonce value MUST NOT be sent in an Authorization (and by extension
  //# Proxy-Authorization) header field if no qop directive has been sent.
  //= RFC 7616 §3.4
  //# This parameter MUST be used by all implementations.
  const counted = qop === undefined ? {} : { qop, nc: to.nonceCount, cnonce: to.cnonce };
  //= RFC 7616 §3.4.6
  //# This MAY be "*", an "absolute-URI", or an "absolute-path" as specified in Section 2.7 of
  //# [RFC7230], but it MUST agree with the request-target. In particular, it MUST be an
  //# "absolute-URI" if the request-target is an "absolute-URI".
  const fields = { nonce, uri: to.uri, ...counted };
  const response = digestResponse(crypto, algorithm, secret, to.method, fields, to.body);
  const value = formatCredentials({
    kind: "Digest",
    ...named(challenge, algorithm, to),
    realm,
    //= RFC 7616 §3.4
    //# The values of the opaque and algorithm fields must be those supplied in the WWW-Authenticate
    //# response header field for the entity being requested.
    opaque,
    algorithm: challenge.algorithm,
    response,
    ...fields,
  });
  return { value, challenge };
}

//= RFC 7616 §3.4.4
//# If the client supports the userhash parameter, and the userhash parameter value in the
//# WWW-Authentication header field is set to "true", then the client MUST calculate a hash of the
//# username after any other hash calculation and include the userhash parameter with the value of
//# "true" in the Authorization header field.
function named(
  { realm, userhash }: DigestChallenge,
  algorithm: HashAlgorithm,
  { crypto, username }: ChallengesToAnswer,
): { readonly username: Octets; readonly userhash?: boolean } {
  if (!userhash) return { username: nfcOctets(username) };
  return { username: usernameHash(crypto, algorithm, username, realm), userhash };
}
