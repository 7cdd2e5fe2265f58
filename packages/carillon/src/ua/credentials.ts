/** How a user agent answers challenges: with a password or with a token. RFC 3261 §22, RFC 8898. */
import { answerChallenge } from "../auth/answer-challenge.ts";
import { type Challenge, parseChallenge } from "../auth/challenge.ts";
import type { Crypto } from "../auth/crypto.ts";
import { toHex } from "../grammar/hex.ts";
import type { Octets } from "../grammar/octets.ts";
import { headerLines } from "../message/headers.ts";
import type { Request, Response } from "../message/message.ts";

export interface Credentials {
  /** What can be shown before anybody asks. */
  upFront(): Octets | undefined;
  /** Calls `done` with what answers this 401 or 407, or with nothing if nothing can. */
  answer(request: Request, response: Response, done: (value: Octets | undefined) => void): void;
}

/** Digest with a password. */
export function passwordCredentials(
  crypto: Crypto,
  username: string,
  password: string,
): Credentials {
  return {
    upFront: () => undefined,
    answer({ method, uri, body }, response, done) {
      const cnonce = toHex(crypto.randomBytes(8));
      const challenges = challengesOf(response);
      const secret = { password };
      // Every request gets a nonce of its own from its challenge, so each is used once.
      const to = { crypto, challenges, method, uri, body, username, secret, nonceCount: 1, cnonce };
      const answer = answerChallenge(to);
      done(answer.ok ? answer.value.value : undefined);
    },
  };
}

/** Tokens from `fetch`; one is asked for when the last was refused. */
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
    return this.#token && `Bearer ${this.#token}`;
  }

  answer(_: Request, __: Response, done: (value: Octets | undefined) => void): void {
    this.#token = undefined;
    this.#fetch().then(
      (token) => {
        this.#token = token;
        this.#call(() => done(this.upFront()));
      },
      () => this.#call(() => done(undefined)),
    );
  }
}

function challengesOf(response: Response): Challenge[] {
  const name = response.status === 401 ? "WWW-Authenticate" : "Proxy-Authenticate";
  return headerLines(response, name).flatMap((line) => {
    const challenge = parseChallenge(line);
    return challenge.ok ? [challenge.value] : [];
  });
}
