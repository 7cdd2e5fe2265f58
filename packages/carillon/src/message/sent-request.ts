/** A request that was made here and is sent: hardly ever does anybody look into it. */
import type { Octets } from "../grammar/octets.ts";
import { type HeaderIndex, parseMessage, type Request } from "./message.ts";

/**
 * Known by what it was made of, and read when somebody asks for a header: for an ACK of its own or
 * a CANCEL. Reading it throws a RangeError where the text is no such request, or was forgotten.
 */
export class SentRequest implements Request {
  readonly kind = "Request" as const;
  readonly method: string;
  readonly uri: Octets;
  text: Octets;
  #read: Request | undefined;

  constructor(method: string, uri: Octets, text: Octets) {
    this.method = method;
    this.uri = uri;
    this.text = text;
  }

  /** Nobody will ask again, nor send it once more. */
  forget(): void {
    this.text = "";
    this.#read = undefined;
  }

  get headers(): HeaderIndex {
    return this.#whole().headers;
  }

  get body(): Octets {
    return this.#whole().body;
  }

  #whole(): Request {
    if (this.#read) return this.#read;
    const message = parseMessage(this.text);
    if (!message.ok || message.value.kind !== "Request") throw new RangeError("not a request");
    this.#read = message.value;
    return message.value;
  }
}
