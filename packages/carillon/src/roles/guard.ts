/** Who is asking: digest and tokens, checked without keeping state. RFC 3261 §22, RFC 8898. */
import { hashAlgorithm } from "../auth/algorithm.ts";
import { formatChallenge } from "../auth/challenge.ts";
import { checkDigest } from "../auth/check-digest.ts";
import { type DigestCredentials, parseCredentials } from "../auth/credentials.ts";
import type { Crypto, HashAlgorithm } from "../auth/crypto.ts";
import { checkNonce, issueNonce, type NonceIssuer } from "../auth/nonce.ts";
import { NonceWindow } from "../auth/nonce-window.ts";
import { readToken } from "../auth/token.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { toText } from "../grammar/octets.ts";
import { header, headerLines } from "../message/headers.ts";
import type { Millis } from "../transaction/timers.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Accounts, Device } from "./accounts.ts";
import { fitting, type Offer } from "./challenge-room.ts";
import { offeredAlgorithms } from "./offered-algorithms.ts";
import type { Strangers } from "./strangers.ts";

/** Who it is, or what to say to find out. */
export type Verdict =
  | {
      readonly kind: "Known";
      readonly account: string;
      /** In words, for the log. */
      readonly by: string;
      /** The id of the device or of the session. */
      readonly credential: string;
    }
  | {
      readonly kind: "Asked";
      readonly reply: Reply;
      readonly why: string;
      /** A name was looked up: how long that took must not be told. */
      readonly isCompared: boolean;
    }
  /** Nothing is said: there would be too much, to somebody who may not have asked. */
  | { readonly kind: "Silent" };

export interface GuardOptions {
  readonly crypto: Crypto;
  readonly key: Uint8Array;
  readonly tokenKey: Uint8Array;
  readonly node: string;
  readonly realm: string;
  readonly accounts: Accounts;
  /** How often strangers may try, and how much they are answered; as they like if left out. */
  readonly strangers?: Strangers;
  /** The https URI where tokens are to be had, if clients may know. */
  readonly authzServer?: string;
}

/** The only qop that is offered: elements on the way may change a body. */
const QOP = "auth";

/** Credentials looked at in one request: each costs hashes, and a header line is cheap to send. */
const MAX_TRIED = 4;

const WRONG = "wrong user name or password";
const TOO_OFTEN = "too many wrong passwords before";

const SILENT = { kind: "Silent" } as const;

/** A registrar and a user agent ask with 401, a proxy with 407. RFC 3261 §22.2, §22.3. */
type Asking = "WWW" | "Proxy";

export class Guard {
  readonly #options: GuardOptions;
  readonly #issuer: NonceIssuer;
  readonly #window = new NonceWindow();

  constructor(options: GuardOptions) {
    const { crypto, key, node, realm } = options;
    this.#options = options;
    this.#issuer = { crypto, key, node, realm, boot: crypto.randomBytes(6) };
  }

  /** Judges a request by the credentials it carries for this realm. */
  check(from: Incoming, now: Millis): Verdict {
    //= RFC 3261 §22.1
    //# Additionally, registrars and redirect servers MAY make use of 401 (Unauthorized) responses
    //# for authentication, but proxies MUST NOT, and instead MAY use the 407 (Proxy Authentication
    //# Required) response.
    const asking: Asking = from.request.method === "REGISTER" ? "WWW" : "Proxy";
    const name = asking === "WWW" ? "Authorization" : "Proxy-Authorization";
    let stale = false;
    let why = "no credentials";
    let isCompared = false;
    //= RFC 8898 §2.3
    //# When a proxy wishes to authenticate a received request, it MUST search the request for
    //# Proxy-Authorization header fields with 'realm' parameters that match its realm. It then MUST
    //# successfully validate the credentials from at least one Proxy-Authorization header field for
    //# its realm. When the scheme is "Bearer", the proxy MUST validate the access token using the
    //# procedures associated with the type of access token (structured or reference) used
    //= RFC 3261 §22.3
    //# Note that if an authentication scheme that does not support realms is used in the
    //# Proxy-Authorization header field, a proxy server MUST attempt to parse all
    //# Proxy-Authorization header field values to determine whether one of them has what the proxy
    //# server considers to be valid credentials.
    for (const value of headerLines(from.request, name).slice(0, MAX_TRIED)) {
      const credentials = parseCredentials(value);
      if (!credentials.ok) {
        why = credentials.error.message;
      } else if (credentials.value.kind === "Bearer") {
        const claims = this.#token(from, credentials.value.token, now);
        if (typeof claims !== "string") return claims;
        why = claims;
      } else if (credentials.value.kind === "Digest") {
        const found = this.#digest(from, credentials.value, now);
        if (found === "Stale") stale = true;
        else if (typeof found !== "string") return found;
        why = typeof found === "string" ? found : why;
        isCompared ||= found === WRONG || found === TOO_OFTEN;
      }
    }
    if (this.#options.strangers?.answers(from.flow, now) === false) return SILENT;
    return { kind: "Asked", why, isCompared, reply: this.#challenge(from, asking, stale, now) };
  }

  #token(from: Incoming, token: string, now: Millis): Verdict | string {
    const { crypto, tokenKey, accounts, strangers } = this.#options;
    const claims = readToken(crypto, tokenKey, token, now);
    if (!claims.ok) return claims.error.message;
    const { account, session } = claims.value;
    if (!accounts.session(session)) return "the page has signed out";
    const by = `session ${session.slice(0, 6)}`;
    strangers?.succeeded({ flow: from.flow, account, callId: from.essentials.callId }, now);
    return { kind: "Known", account, by, credential: session };
  }

  #digest(from: Incoming, credentials: DigestCredentials, now: Millis): Verdict | "Stale" | string {
    const { accounts, realm, strangers } = this.#options;
    if (credentials.realm !== realm) return "credentials for another realm";
    //= RFC 7616 §3.4
    //# Its value MUST be one of the alternatives the server indicated it supports in the
    //# WWW-Authenticate header field.
    if (credentials.qop?.toLowerCase() !== QOP) return "a qop that was not offered";
    const { flow } = from;
    const nonce = checkNonce(this.#issuer, credentials.nonce, flow.remote.host, now);
    if (nonce === "Forged") return "a nonce that is not ours";
    //= RFC 7616 §3.3
    //# The server SHOULD only set stale to true if it receives a request for which the nonce is
    //# invalid.
    // Without a look at the response: a guess is answered only where a nonce was fresh for it.
    if (nonce === "Stale") return "Stale";
    const algorithm = hashAlgorithm(credentials.algorithm);
    if (!algorithm) return "an algorithm that was not offered";
    const name = toText(credentials.username);
    const devices = accounts.devices(name);
    const isSomebody = devices.length > 0;
    const { callId } = from.essentials;
    const attempt = { flow, callId, account: isSomebody ? name : undefined };
    if (strangers?.mayTry(attempt, now) === false) return TOO_OFTEN;
    const device = this.#deviceOf(from, credentials, algorithm, devices);
    if (!device) {
      strangers?.failed(attempt, now);
      return WRONG;
    }
    strangers?.succeeded({ ...attempt, account: name }, now);
    const nc = credentials.nc ?? 0;
    if (this.#window.use(credentials.nonce, nc, now) === "Stale") return "Stale";
    const { id, account } = device;
    return { kind: "Known", account, by: `device ${id}`, credential: id };
  }

  /** The device whose password it is. */
  #deviceOf(
    from: Incoming,
    credentials: DigestCredentials,
    algorithm: HashAlgorithm,
    devices: readonly Device[],
  ): Device | undefined {
    const { crypto } = this.#options;
    const { method, uri: requestUri, body } = from.request;
    const isRight = (device: Device | undefined) => {
      const usable = device && (algorithm !== "MD5" || device.deskPhone);
      const ha1 = usable ? device.ha1[algorithm] : undefined;
      const result = checkDigest({ crypto, credentials, method, requestUri, ha1, body });
      return result === "Right" || (result === "OtherUri" && isSameTarget(from, credentials));
    };
    // With nobody of that name the same work is done once, so that time tells nothing.
    if (devices.length === 0) isRight(undefined);
    return devices.find(isRight);
  }

  #challenge(from: Incoming, asking: Asking, stale: boolean, now: Millis): Reply {
    const { realm, accounts, authzServer } = this.#options;
    const nonce = issueNonce(this.#issuer, from.flow.remote.host, now);
    const userAgent = header(from.request, "User-Agent");
    const algorithms = offeredAlgorithms(accounts.hasDeskPhones === true, userAgent);
    //= RFC 8760 §2.3
    //# If the UAS challenges the originator using multiple WWW-Authenticate/ Proxy-Authenticate
    //# header fields with the same realm, then each of these header fields MUST use a different
    //# digest algorithm. The UAS MUST add these header fields to the response in the order in which
    //# it would prefer to see them used, starting with the most preferred algorithm at the top.
    //= RFC 7616 §3.7
    //# If the server responds with multiple challenges, then each one of these challenges MUST use
    //# a different digest algorithm. The server MUST add these challenges to the response in order
    //# of preference, starting with the most preferred algorithm, followed by the less preferred
    //# algorithm.
    //= RFC 3261 §22.4
    //# servers MUST always send a "qop" parameter in WWW-Authenticate and Proxy-Authenticate header
    //# field values.
    //= RFC 8760 §2.6
    //# A UAS MUST always send a "qop" parameter in WWW-Authenticate and Proxy-Authenticate header
    //# field values
    //= RFC 7616 §3.3
    //# This parameter MUST be used by all implementations.
    const digest = algorithms.map((algorithm): Offer => {
      const value = { kind: "Digest", realm, nonce, stale, algorithm, qop: [QOP] } as const;
      return { scheme: algorithm, value: formatChallenge(value) };
    });
    //= RFC 8898 §2.2
    //# If the UAS/registrar chooses to challenge the request and is willing to accept an access
    //# token as a credential, it MUST include a WWW-Authenticate header field in the response that
    //# indicates a "Bearer" scheme and includes an AS address, encoded as an https URI [RFC7230],
    //# from which the UAC can obtain an access token.
    //= RFC 8898 §2.3
    //# If the proxy chooses to challenge the request and is willing to accept an access token as a
    //# credential, it MUST include a Proxy-Authenticate header field in the response that indicates
    //# a "Bearer" scheme and includes an AS address, encoded as an https URI [RFC7230], from which
    //# the UAC can obtain an access token.
    // Last, for phones that look no further than the first; and not to those that stumble there.
    const isAlone = algorithms.length === 1;
    const bearer: Offer[] =
      authzServer === undefined || isAlone
        ? []
        : [{ scheme: "Bearer", value: formatChallenge({ kind: "Bearer", realm, authzServer }) }];
    return {
      //= RFC 3261 §22.2
      //# The WWW-Authenticate response-header field MUST be included in 401 (Unauthorized) response
      //# messages.
      //= RFC 3261 §22.3
      //# The proxy MUST populate the 407 (Proxy Authentication Required) message with a
      //# Proxy-Authenticate header field value applicable to the proxy for the requested resource.
      //= RFC 7616 §3.8
      //# Upon receiving a request that requires authentication, the proxy/server MUST issue the
      //# "407 Proxy Authentication Required" response with a "Proxy-Authenticate" header field.
      status: asking === "WWW" ? 401 : 407,
      headers: fitting(from, [...digest, ...bearer]).map(({ value }) => [
        asking === "WWW" ? "WWW-Authenticate" : "Proxy-Authenticate",
        value,
      ]),
    };
  }
}

//= RFC 7616 §3.4.6
//# The authenticating server MUST assure that the resource designated by the "uri" parameter is the
//# same as the resource specified in the Request-Line
/**
 * Whether credentials made for another spelling of the Request-URI mean the same user. For any
 * other user they do not count: a phone can be made to sign a request for an address of somebody
 * else's choice, who would then use it for a call at its expense.
 */
function isSameTarget({ request }: Incoming, { uri }: DigestCredentials): boolean {
  const [one, other] = [parseSipUri(request.uri), parseSipUri(uri)];
  if (!one.ok || !other.ok) return false;
  return one.value.user === other.value.user && one.value.host === other.value.host;
}
