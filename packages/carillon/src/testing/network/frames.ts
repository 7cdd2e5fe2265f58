/**
 * Messages on a stream, as WebSocket has them: each with its length before it, whole or not at
 * all. RFC 6455's own frames belong to drivers; here only their effect counts.
 */
import type { Octets } from "../../grammar/octets.ts";

export const framed = (message: Octets): Octets => `${message.length}\n${message}`;

export class FrameReader {
  #octets = "";

  /** The messages that have become whole with these octets. */
  read(octets: Octets): readonly Octets[] {
    this.#octets += octets;
    const whole: Octets[] = [];
    for (;;) {
      const head = this.#octets.indexOf("\n") + 1;
      const end = head + Number(this.#octets.slice(0, head));
      if (head === 0 || this.#octets.length < end) return whole;
      whole.push(this.#octets.slice(head, end));
      this.#octets = this.#octets.slice(end);
    }
  }
}
