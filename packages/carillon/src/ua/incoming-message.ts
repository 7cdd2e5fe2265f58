/** An instant message as it came. RFC 3428 §7. */

import type { Millis } from "../grammar/millis.ts";
import { flat, type Octets, toText } from "../grammar/octets.ts";
import { type MediaType, parseContentType } from "../message/header/content-type.ts";
import { parseDate } from "../message/header/date.ts";
import { parseExpires } from "../message/header/expires.ts";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import type { Peer } from "./call-state.ts";

/** Answers the request that brought a message, once. */
export type Answering = (status: number) => void;

export interface MessageParts {
  readonly from: Peer;
  readonly type: MediaType;
  readonly contentType: string;
  readonly body: Octets;
  readonly id: string;
  readonly dateMs: Millis | undefined;
  readonly expiresMs: Millis | undefined;
}

/** An instant message as it came. RFC 3428 §7. */
export class IncomingMessage {
  /** Who sent it, by what its From says. */
  readonly from: Peer;
  /** `text/plain;charset=UTF-8` */
  readonly contentType: string;
  /** The body as it came: a string in which each character is one octet. */
  readonly body: Octets;
  /** The Message-ID where it has one (RFC 5438), otherwise the Call-ID of its request. */
  readonly id: string;
  /** When it was sent, as its sender says. */
  readonly date: Date | undefined;
  /** When it is of no more use; undefined: it always is. Shown later, it should be shown as old. */
  readonly expires: Date | undefined;
  readonly #type: MediaType;
  readonly #answer: Answering;

  constructor(parts: MessageParts, answer: Answering) {
    const { from, type, contentType, body, id, dateMs, expiresMs } = parts;
    this.from = from;
    this.contentType = flat(contentType);
    this.body = flat(body);
    this.id = flat(id);
    this.date = dateMs === undefined ? undefined : new Date(dateMs);
    this.expires = expiresMs === undefined ? undefined : new Date(expiresMs);
    this.#type = type;
    this.#answer = answer;
  }

  /** The body as text. */
  get text(): string {
    return isLatin1(this.#type) ? this.body : toText(this.body);
  }

  /** Says that it has arrived. Done already unless the listener wanted to do it (`explicit`). */
  accept(): void {
    this.#answer(200);
  }

  /** Says that it is not wanted: with 603 they hear that it came and was declined. */
  reject(status = 603): void {
    if (!(status >= 300 && status <= 699)) throw new RangeError(`status ${status} refuses nothing`);
    this.#answer(status);
  }
}

const isLatin1 = ({ params }: MediaType): boolean =>
  params.get("charset")?.toLowerCase() === "iso-8859-1";

const CHARSETS: readonly string[] = ["utf-8", "us-ascii", "iso-8859-1"];
/** Whether text of this type can be made letters. */
export const isReadable = ({ type, params }: MediaType): boolean =>
  type !== "text" || CHARSETS.includes((params.get("charset") ?? "utf-8").toLowerCase());

/** The type of a request's body, `text/plain` where it says none; undefined if it is unreadable. */
export function bodyType(request: Request): MediaType | undefined {
  const type = parseContentType(header(request, "Content-Type") ?? "text/plain");
  return type.ok ? type.value : undefined;
}

/** What the headers say of when it was sent, and until when it is of use. */
export function datesOf(
  request: Request,
  receivedMs: Millis,
): Pick<MessageParts, "dateMs" | "expiresMs"> {
  const date = parseDate(header(request, "Date") ?? "");
  const dateMs = date.ok ? date.value : undefined;
  const expires = parseExpires(header(request, "Expires") ?? "");
  //= RFC 3428 §7
  //# MESSAGE requests without an Expires header field do not expire. If the MESSAGE request
  //# containing an Expires header field also contains a Date header field, the UAS SHOULD interpret
  //# the Expires header field value as delta time from the Date header field value. If the request
  //# does not contain a Date header field, the UAS SHOULD interpret the Expires header value as
  //# delta time from the time the UAS received the request.
  const expiresMs = expires.ok ? (dateMs ?? receivedMs) + 1000 * expires.value : undefined;
  return { dateMs, expiresMs };
}
