/**
 * How a user agent answers challenges: with a password or with a token. RFC 3261 §22, RFC 8898.
 *
 * Anybody on the way of a request may challenge it, the person called among them, and what is
 * computed from a password for a stranger's realm and nonce can be guessed at offline. So only
 * one's own server is answered, and that is told by its realm: those that REGISTER was challenged
 * with, since REGISTER goes to the own registrar and nowhere else; before the first of them, the
 * domain of one's address. The domain alone would not do: a realm is fixed for good when a server
 * is set up, and need not be its name.
 */
import { answerChallenge } from "../auth/answer-challenge.ts";
import { type Challenge, parseChallenge } from "../auth/challenge.ts";
import type { Crypto } from "../auth/crypto.ts";
import { ha1 } from "../auth/digest.ts";
import { toHex } from "../grammar/hex.ts";
import type { Octets } from "../grammar/octets.ts";
import { headerLines } from "../message/headers.ts";
import type { Request, Response } from "../message/message.ts";

export interface Shown {
  /** The value of Authorization or Proxy-Authorization. */
  readonly value: Octets;
  /** Whom it is for. */
  readonly realm: string;
  /** True when it answers a challenge that only the last answer's age was wrong about. */
  readonly stale: boolean;
  /** The value for the same request once more, to which somebody behind it had an objection. */
  readonly again?: () => Octets;
}

export interface Credentials {
  /** What can be shown before anybody asks. */
  upFront(): Octets | undefined;
  /**
   * Calls `done` with what answers this 401 or 407, or with nothing if nothing can. `answered` are
   * the realms that this request has answered before.
   */
  answer(refused: Refused, done: (shown: Shown | undefined) => void): void;
}

export interface Refused {
  readonly request: Request;
  readonly response: Response;
  readonly answered: ReadonlySet<string>;
}

/** A registrar and the proxies before it: more realms than that are none. */
const MAX_REALMS = 4;

//= RFC 3261 §22.3
//# These credentials MUST NOT be cached across dialogs
/** Digest with a password: every request is challenged anew, and its answer used once. */
export class PasswordCredentials implements Credentials {
  readonly #crypto: Crypto;
  readonly #username: string;
  readonly #password: string;
  readonly #domain: string;
  readonly #realms = new Set<string>();

  constructor(crypto: Crypto, username: string, password: string, domain: string) {
    this.#crypto = crypto;
    this.#username = username;
    this.#password = password;
    this.#domain = domain;
    // What is wrong with them is told to who gives them, and not in the turn that is challenged.
    ha1(crypto, "MD5", username, domain, password);
  }

  upFront(): undefined {
    return undefined;
  }

  answer({ request, response }: Refused, done: (shown: Shown | undefined) => void): void {
    const { method, uri, body } = request;
    const all = challengesOf(response);
    if (method === "REGISTER") this.#learn(all);
    const challenges = all.filter((one) => one.kind === "Digest" && this.#isOwn(one.realm));
    const who = { crypto: this.#crypto, username: this.#username, password: this.#password };
    done(digestAnswer({ method, uri, body }, challenges, who));
  }

  #learn(challenges: readonly Challenge[]): void {
    for (const one of challenges) {
      if (one.kind === "Digest" && this.#realms.size < MAX_REALMS) this.#realms.add(one.realm);
    }
  }

  #isOwn(realm: string): boolean {
    return this.#realms.size > 0 ? this.#realms.has(realm) : realm === this.#domain;
  }
}

/** The answer to the first of the challenges that can be answered; undefined if none can. */
export function digestAnswer(
  { method, uri, body }: Pick<Request, "method" | "uri" | "body">,
  challenges: readonly Challenge[],
  who: { readonly crypto: Crypto; readonly username: string; readonly password: string },
): Shown | undefined {
  const { crypto, username, password } = who;
  // Every request gets a nonce of its own from its challenge, so each is used by one alone; and
  // once, unless a server further on challenges it as well.
  let nonceCount = 0;
  const sign = (some: readonly Challenge[]) =>
    answerChallenge({
      ...{ crypto, challenges: some, method, uri, body, username, secret: { password } },
      //= RFC 7616 §3.4
      //# The nc value is the hexadecimal count of the number of requests (including the current
      //# request) that the client has sent with the nonce value in this request.
      nonceCount: ++nonceCount,
      cnonce: toHex(crypto.randomBytes(8)),
    });
  const answer = sign(challenges);
  if (!answer.ok) return undefined;
  const { value, challenge } = answer.value;
  const again = (): Octets => {
    const next = sign([challenge]);
    return next.ok ? next.value.value : value;
  };
  return { value, realm: challenge.realm, stale: challenge.stale, again };
}

/**
 * Tokens from `fetch`; one is asked for when the last was refused. A token is shown to one's own
 * server with every request anyway, which takes it off again: whoever challenges,
 * nobody else gets to see it, and each request asks for a new one once at most.
 */
export class TokenCredentials implements Credentials {
  readonly #fetch: () => Promise<string>;
  readonly #call: (run: () => void) => void;
  #token: string | undefined;

  /** `call` brings the world's answer back into the endpoint's turn. */
  constructor(fetch: () => Promise<string>, call: (run: () => void) => void) {
    this.#fetch = fetch;
    this.#call = call;
  }

  /** Gets a first token, so that no round trip is lost on a challenge. */
  async prepare(): Promise<void> {
    this.#token = await this.#fetch();
  }

  upFront(): Octets | undefined {
    return this.#token === undefined ? undefined : `Bearer ${this.#token}`;
  }

  answer({ answered }: Refused, done: (shown: Shown | undefined) => void): void {
    if (answered.has(TOKEN_REALM)) return done(undefined);
    this.#token = undefined;
    this.#again().then(
      (token) => {
        this.#token = token;
        this.#call(() => done({ value: `Bearer ${token}`, realm: TOKEN_REALM, stale: false }));
      },
      () => this.#call(() => done(undefined)),
    );
  }

  /** What is not a promise throws in here, too. */
  async #again(): Promise<string> {
    return this.#fetch();
  }
}

/** Tokens are for one server: whatever its realms are, it counts as one. */
const TOKEN_REALM = "Bearer";

/** What a 401 or a 407 asks for, topmost first. */
export function challengesOf(response: Response): Challenge[] {
  const name = response.status === 401 ? "WWW-Authenticate" : "Proxy-Authenticate";
  return headerLines(response, name).flatMap((line) => {
    const challenge = parseChallenge(line);
    return challenge.ok ? [challenge.value] : [];
  });
}
