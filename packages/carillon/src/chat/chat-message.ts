/** A message to read, whose sender may want to hear what becomes of it. RFC 5438 §7.2. */
import type { Octets } from "../grammar/octets.ts";
import { toText } from "../grammar/octets.ts";
import type { Peer } from "../ua/call-state.ts";

export interface ChatMessageParts {
  readonly from: Peer;
  readonly contentType: string;
  readonly body: Octets;
  readonly text?: string;
  readonly id: string;
  readonly date: Date | undefined;
  /** Tells that it was shown; undefined: nobody wants to hear that. */
  readonly displayed: (() => void) | undefined;
}

/** A message that came in, to show. RFC 3428, RFC 3862 */
export class ChatMessage {
  /** Who sent it, as the server vouches for. */
  readonly from: Peer;
  /** What the body is, with its parameters: `text/plain;charset=UTF-8`. */
  readonly contentType: string;
  /** The body as it came: a string in which each character is one octet. */
  readonly body: Octets;
  /** The body as text: UTF-8, or Latin-1 where a message without receipts says so. */
  readonly text: string;
  /** The Message-ID where it has one, otherwise the Call-ID of its request. */
  readonly id: string;
  /** When it was written, as its sender says. */
  readonly date: Date | undefined;
  #displayed: (() => void) | undefined;

  constructor(parts: ChatMessageParts) {
    const { from, contentType, body, text = toText(parts.body), id, date, displayed } = parts;
    this.from = from;
    this.contentType = contentType;
    this.body = body;
    this.text = text;
    this.id = id;
    this.date = date;
    this.#displayed = displayed;
  }

  /** Whether its sender wants to hear that it was shown. */
  get wantsDisplayed(): boolean {
    return this.#displayed !== undefined;
  }

  /** Says that it has been shown to somebody, once; nothing where its sender does not ask. */
  displayed(): void {
    const tell = this.#displayed;
    this.#displayed = undefined;
    tell?.();
  }
}
