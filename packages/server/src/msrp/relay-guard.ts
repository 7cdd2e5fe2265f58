/**
 * Who asks to be relayed: a page by the token that it signs in with for SIP, everything else by
 * digest with its device's password. Nothing is kept of a stranger. RFC 4976 §9.1, RFC 8898.
 */
import {
  checkDigest,
  checkNonce,
  type DigestCredentials,
  digestResponse,
  formatChallenge,
  hashAlgorithm,
  issueNonce,
  type NonceIssuer,
  NonceWindow,
  parseCredentials,
  readToken,
} from "carillon/auth";
import {
  formatMsrpUri,
  type MsrpConnection,
  type MsrpHeader,
  type MsrpRequest,
  msrpHeader,
  parseMsrpUri,
  type RelayVerdict,
  sameMsrpUri,
} from "carillon/msrp";
import { nodeCrypto } from "carillon/node";
import type { Accounts } from "carillon/roles";
import { toText } from "./octets.ts";

export interface RelayGuardParts {
  readonly accounts: Accounts;
  readonly realm: string;
  readonly key: Uint8Array;
  readonly tokenKey: Uint8Array;
  readonly node: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const crypto = nodeCrypto();

export class RelayGuard {
  readonly #parts: RelayGuardParts;
  readonly #issuer: NonceIssuer;
  readonly #window = new NonceWindow();

  constructor(parts: RelayGuardParts) {
    const { key, node, realm } = parts;
    this.#parts = parts;
    this.#issuer = { crypto, key, node, realm: `msrp ${realm}`, boot: crypto.randomBytes(6) };
  }

  authenticate(request: MsrpRequest, on: MsrpConnection): RelayVerdict {
    const source = String(on.number);
    const shown = msrpHeader(request, "Authorization");
    if (shown === undefined) return this.#ask(source, false);
    const read = parseCredentials(withUri(shown, request));
    if (!read.ok) return this.#ask(source, false);
    if (read.value.kind === "Bearer") return this.#token(read.value.token, source);
    if (read.value.kind === "Digest" && !isForTarget(read.value.uri, request)) {
      return this.#ask(source, false);
    }
    return read.value.kind === "Digest"
      ? this.#digest(read.value, source)
      : this.#ask(source, false);
  }

  #token(token: string, source: string): RelayVerdict {
    const { accounts, tokenKey, now } = this.#parts;
    const claims = readToken(crypto, tokenKey, token, now());
    if (!claims.ok || !accounts.session(claims.value.session)) return this.#ask(source, false);
    return { kind: "Known", account: claims.value.account, headers: [] };
  }

  #digest(credentials: DigestCredentials, source: string): RelayVerdict {
    const { accounts, realm, now } = this.#parts;
    const { nonce, uri } = credentials;
    const algorithm = hashAlgorithm(credentials.algorithm);
    const age = checkNonce(this.#issuer, nonce, source, now());
    const isOffered = credentials.realm === realm && credentials.qop?.toLowerCase() === "auth";
    if (!isOffered || !algorithm || age === "Forged") return this.#ask(source, false);
    const devices = accounts.devices(toText(credentials.username));
    const ha1Of = (one: (typeof devices)[number] | undefined): string | undefined =>
      one && (algorithm !== "MD5" || one.deskPhone) ? one.ha1[algorithm] : undefined;
    const isRight = (ha1: string | undefined): boolean =>
      checkDigest({ crypto, credentials, method: "AUTH", requestUri: uri, ha1 }) === "Right";
    // With nobody of that name the same work is done once, so that time tells nothing.
    if (devices.length === 0) isRight(undefined);
    const device = devices.find((one) => isRight(ha1Of(one)));
    if (!device) return this.#ask(source, false);
    const isUsed = () => this.#window.use(nonce, credentials.nc ?? 0, now()) === "Stale";
    if (age === "Stale" || isUsed()) return this.#ask(source, true);
    const ha1 = ha1Of(device) ?? "";
    //= RFC 4976 §9.1
    //# Relays MUST include rspauth, cnonce, nc, and qop parameters in a "Authentication-Info"
    //# header for all "200 OK" responses to an AUTH request.
    const proof = digestResponse(crypto, algorithm, ha1, "", credentials);
    const nc = (credentials.nc ?? 0).toString(16).padStart(8, "0");
    const info = `rspauth="${proof}", cnonce="${credentials.cnonce}", nc=${nc}, qop=auth`;
    const headers: readonly MsrpHeader[] = [["Authentication-Info", info]];
    return { kind: "Known", account: device.account, headers };
  }

  //= RFC 4976 §9.1
  //# Clients MUST NOT attempt to use Basic authentication, and relays MUST NOT request or accept
  //# Basic authentication.
  #ask(source: string, stale: boolean): RelayVerdict {
    const { realm, accounts, now } = this.#parts;
    const nonce = issueNonce(this.#issuer, source, now());
    const algorithms = accounts.hasDeskPhones ? ["SHA-256", "MD5"] : ["SHA-256"];
    const headers = algorithms.map((algorithm): MsrpHeader => {
      const how = { realm, nonce, stale, algorithm, qop: ["auth"] } as const;
      return ["WWW-Authenticate", formatChallenge({ kind: "Digest", ...how })];
    });
    return { kind: "Asked", headers };
  }
}

//= RFC 4976 §9.1
//# The request-URI to be used in calculating H(A2) is the rightmost URI in the To-Path header.
/** What is told has to be the same: nobody signs for one relay what another one gets. */
function isForTarget(uri: string, { toPath }: MsrpRequest): boolean {
  const [named, target] = [parseMsrpUri(uri), toPath.at(-1)];
  return named !== undefined && target !== undefined && sameMsrpUri(named, target);
}

/** RFC 4976's own examples leave the uri out: it is known. */
function withUri(shown: string, request: MsrpRequest): string {
  const target = request.toPath.at(-1);
  const isDigest = /^Digest /i.test(shown);
  if (!target || !isDigest || /[\s,]uri=/i.test(shown)) return shown;
  return `${shown}, uri="${formatMsrpUri(target)}"`;
}
