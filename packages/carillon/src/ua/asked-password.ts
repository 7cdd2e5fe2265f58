/**
 * A password that is asked for when it is wanted, and shown to one's own server. RFC 3261 §22.
 *
 * A program that sends a single request registers nowhere first, so nothing has taught it its
 * server's realms. It is told: `realm` is the one whose challenges are answered. With REGISTER
 * every realm is, if none was named, since that goes to the own registrar and nowhere else.
 */
import type { Challenge } from "../auth/challenge.ts";
import type { Crypto } from "../auth/crypto.ts";
import {
  type Credentials,
  challengesOf,
  digestAnswer,
  type Refused,
  type Shown,
} from "./credentials.ts";

/** Who signs a request, where its server wants that. RFC 3261 §22. */
export interface Account {
  /** Text. */
  readonly username: string;
  /** Asks for it, once at most, and not before a challenge wants it. May reject. */
  readonly password: () => Promise<string>;
  /** Whose challenges are answered, if it is not the domain of the sender's address. */
  readonly realm?: string;
}

export class AskedPassword implements Credentials {
  readonly #crypto: Crypto;
  readonly #account: Account;
  readonly #domain: string;
  readonly #call: (run: () => void) => void;
  #password: Promise<string> | undefined;

  /** `domain` is the sender's; `call` brings the password back into the endpoint's turn. */
  constructor(crypto: Crypto, account: Account, domain: string, call: (run: () => void) => void) {
    this.#crypto = crypto;
    this.#account = account;
    this.#domain = domain;
    this.#call = call;
  }

  upFront(): undefined {
    return undefined;
  }

  answer({ request, response }: Refused, done: (shown: Shown | undefined) => void): void {
    // Read now: of a request that was answered nothing is kept.
    const { method, uri, body } = request;
    const isOurs = (one: Challenge) => one.kind === "Digest" && this.#isOwn(method, one.realm);
    const challenges = challengesOf(response).filter(isOurs);
    if (challenges.length === 0) return done(undefined);
    this.#password ??= this.#ask();
    this.#password.then(
      (password) => {
        const who = { crypto: this.#crypto, username: this.#account.username, password };
        this.#call(() => done(digestAnswer({ method, uri, body }, challenges, who)));
      },
      () => this.#call(() => done(undefined)),
    );
  }

  /** What is not a promise throws in here, too. */
  async #ask(): Promise<string> {
    return this.#account.password();
  }

  #isOwn(method: string, realm: string): boolean {
    const { realm: named } = this.#account;
    if (named === undefined && method === "REGISTER") return true;
    return realm === (named ?? this.#domain);
  }
}
