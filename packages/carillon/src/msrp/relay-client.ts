/** Signing in to a relay: AUTH, its challenge, and the path it gives. RFC 4976 §5.1. */
import { answerChallenge } from "../auth/answer-challenge.ts";
import { parseChallenge } from "../auth/challenge.ts";
import type { Crypto } from "../auth/crypto.ts";
import { parseNumber } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import type { MsrpConnection } from "./connection.ts";
import type { MsrpHost } from "./link.ts";
import { type MsrpHeader, type MsrpRequest, type MsrpResponse, msrpHeader } from "./message.ts";
import { formatMsrpUri, type MsrpUri, parsePath } from "./msrp-uri.ts";

/** Who signs in to a relay: with a password, or with a token of the house's. */
export type RelayCredentials =
  | { readonly username: string; readonly password: string }
  | { readonly token: () => Promise<string> };

/** A path through a relay. */
export interface RelayPath {
  /** In the order in which this end uses it; reversed in what it tells others. */
  readonly usePath: readonly MsrpUri[];
  /** How long it is valid. */
  readonly expiresSeconds: number;
}

/** The relay was asked and said no: asking once more will not help. */
export class RelayRefusal extends Error {}

export interface Authorizing {
  readonly host: MsrpHost;
  readonly crypto: Crypto;
  readonly connection: MsrpConnection;
  /** The relay: `msrps://house.example:2855;tcp`. */
  readonly relay: MsrpUri;
  /** What this end is called in its session. */
  readonly own: MsrpUri;
  readonly credentials: RelayCredentials;
}

/** Signs in. Rejects with an Error in words. */
export async function authorize(with_: Authorizing): Promise<RelayPath> {
  const { credentials } = with_;
  const upFront: readonly MsrpHeader[] =
    "token" in credentials ? [["Authorization", `Bearer ${await credentials.token()}`]] : [];
  const first = await ask(with_, upFront);
  if (first.status !== 401 || "token" in credentials) return pathIn(first);
  //= RFC 4976 §5.1
  //# Upon receiving a 401 response to a request, the client SHOULD fetch the realm from the
  //# WWW-Authenticate header in the response and retry the request, including an Authorization
  //# header with the correct credentials for the realm.
  return pathIn(await ask(with_, [["Authorization", answerTo(first, with_, credentials)]]));
}

function ask(
  { host, connection, relay, own }: Authorizing,
  headers: readonly MsrpHeader[],
): Promise<MsrpResponse> {
  const request: MsrpRequest = {
    ...{ kind: "Request", method: "AUTH", transactionId: host.random(10) },
    ...{ toPath: [relay], fromPath: [own], headers, contentType: undefined },
  };
  return new Promise((resolve, reject) => {
    connection.ask(request, (response) => {
      if (response) resolve(response);
      else reject(new Error("The relay for messages does not answer."));
    });
  });
}

function answerTo(
  response: MsrpResponse,
  { crypto, host, relay }: Authorizing,
  { username, password }: Extract<RelayCredentials, { username: string }>,
): Octets {
  const asked = parseChallenge(msrpHeader(response, "WWW-Authenticate") ?? "");
  if (!asked.ok) throw new Error("The relay for messages asks for something else than a password.");
  //= RFC 4976 §9.1
  //# The request-URI to be used in calculating H(A2) is the rightmost URI in the To-Path header.
  const uri = formatMsrpUri(relay);
  //= RFC 4976 §9.1
  //# Clients MUST send cnonce and nonce-count parameters in all "Authorization" headers.
  const answer = answerChallenge({
    ...{ crypto, challenges: [asked.value], method: "AUTH", uri, username },
    ...{ secret: { password }, nonceCount: 1, cnonce: host.random(8) },
  });
  if (!answer.ok) throw new Error(`The relay for messages: ${answer.error.message}`);
  return answer.value.value;
}

function pathIn(response: MsrpResponse): RelayPath {
  if (response.status !== 200) {
    throw new RelayRefusal(
      `The relay for messages did not accept the sign-in (${response.status}).`,
    );
  }
  const usePath = parsePath(msrpHeader(response, "Use-Path") ?? "");
  if (!usePath) throw new Error("The relay for messages gave no path.");
  const expiresSeconds = parseNumber(msrpHeader(response, "Expires") ?? "", 2 ** 32) ?? 900;
  return { usePath, expiresSeconds };
}
