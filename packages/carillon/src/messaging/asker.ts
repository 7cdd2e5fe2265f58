/** Whoever sent a request that was taken on, until they have their answer. */
import { explanation } from "../endpoint/refusal.ts";
import { type ServerTransaction, UNCONCERNED } from "../endpoint/server-transaction.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { StoreBusy } from "../roles/answer.ts";
import type { ServiceHost, ServiceRequest } from "../roles/services.ts";
import { type Refusal, refusal } from "./refusal.ts";

/** How soon to try again where nothing is known of why it failed. */
const RETRY_SECONDS = 10;

export class Asker {
  readonly asked: ServiceRequest;
  readonly #host: ServiceHost;
  readonly #server: ServerTransaction;

  private constructor(host: ServiceHost, asked: ServiceRequest, server: ServerTransaction) {
    this.#host = host;
    this.asked = asked;
    this.#server = server;
  }

  /** Undefined where it has been taken on already, or there are too many. */
  static of(host: ServiceHost, asked: ServiceRequest): Asker | undefined {
    const server = host.endpoint.accept(asked.from, UNCONCERNED);
    return server && new Asker(host, asked, server);
  }

  //= RFC 3428 §7
  //# A UAS which is, in fact, a message relay, storing the message and forwarding it later on, or
  //# forwarding it into a non-SIP domain, SHOULD return a 202 (Accepted) [5] response indicating
  //# that the message was accepted, but end to end delivery has not been guaranteed.
  //= RFC 3428 §7
  //# A 2xx response to a MESSAGE request MUST NOT contain a body. A UAS MUST NOT insert a Contact
  //# header field into a 2xx response.
  /** `why` is for the log. */
  accepted(why: string, status = 202): void {
    this.#host.words.log(this.asked.from, "Forwarded", why);
    this.#server.reply({ status });
  }

  refuse({ status, why, headers = [] }: Refusal): void {
    this.#host.words.log(this.asked.from, "Refused", why, status);
    const said = explanation(this.#host.endpoint.product, why);
    this.#server.reply({ status, headers: [...headers, said] });
  }

  /** With a response from elsewhere. */
  passOn(status: number, headers: readonly HeaderField[], body: Octets): void {
    this.#server.reply({ status, headers, body });
  }

  //= RFC 4320 §4.2
  //# A transaction-stateful SIP element MUST NOT send a response with Status-Code of 408 to a
  //# non-INVITE request.
  /** Nobody has said anything in time: nothing is said here either. */
  leave(why: string): void {
    this.#host.words.log(this.asked.from, "Refused", why, 408);
    this.#server.abandon();
  }

  /** The store has not taken it. */
  failed(cause: unknown): void {
    this.refuse(notKept(cause));
  }
}

/** What is answered where the store did not take something. */
export const notKept = (cause: unknown): Refusal => {
  const seconds = cause instanceof StoreBusy ? cause.retryAfterSeconds : RETRY_SECONDS;
  return refusal(503, `it could not be kept: ${cause}`, [["Retry-After", `${seconds}`]]);
};
