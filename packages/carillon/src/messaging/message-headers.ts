/** What a message in message/cpim says about itself. RFC 3862, RFC 5438 §6. */
import { type ChatHeaders, chatHeadersOf } from "../documents/chat-headers.ts";
import { type CpimMessage, extensionsOf } from "../documents/cpim.ts";
import { IMDN_NAMESPACE } from "../documents/imdn.ts";
import { MAX_MESSAGE_ID, type ReceiptWish } from "../documents/journal.ts";
import { type Refusal, refusal } from "./refusal.ts";

/** What a message says about itself, and about others. */
export interface MessageHeaders extends ChatHeaders {
  /** Its Message-ID; undefined where it has none. */
  readonly id?: string;
  /** What its sender wants to hear. */
  readonly wants: readonly ReceiptWish[];
  /** It is a receipt itself. */
  readonly isReceipt: boolean;
}

/** Of a message without any. */
export const NO_HEADERS: MessageHeaders = { wants: [], isReceipt: false };

const WISHES: readonly (readonly [word: string, wish: ReceiptWish])[] = [
  ["positive-delivery", "delivered"],
  ["display", "displayed"],
  ["negative-delivery", "failed"],
];

/** Reads them. Refused (400): what cannot be read, and what has to be understood and is not. */
export function messageHeaders(message: CpimMessage): MessageHeaders | Refusal {
  const all = (name: string) => extensionsOf(message, IMDN_NAMESPACE, name);
  //= RFC 3862 §3.5
  //# By using the mandatory-to-recognize indicator, a sender is notifying the recipient that it
  //# MUST understand the named header or feature in order to properly understand the message.
  if (message.require.length > 0) {
    return refusal(400, `headers that are not understood here: ${message.require.join(", ")}`);
  }
  const chat = chatHeadersOf(message);
  if (!chat.ok) return refusal(400, chat.error.message);
  const id = all("Message-ID")[0]?.trim();
  if (id !== undefined && (id === "" || id.length > MAX_MESSAGE_ID)) {
    return refusal(400, "a Message-ID has 1 to 256 characters");
  }
  const disposition = message.contentHeaders.get("content-disposition") ?? "";
  //= RFC 5438 §7.1.2
  //# This does mean the IM Sender MUST understand the Content-Disposition MIME header in CPIM
  //# messages.
  const isReceipt = /^notification\b/i.test(disposition);
  const words = all("Disposition-Notification")
    .flatMap((value) => value.split(","))
    .map((one) => (one.split(";")[0] ?? "").trim());
  //= RFC 5438 §7.2.1
  //# An IM Sender MUST ignore a delivery notification request in an IMDN if present.
  const wants = isReceipt
    ? []
    : WISHES.filter(([word]) => words.includes(word)).map(([, wish]) => wish);
  return { ...chat.value, ...(id !== undefined && { id }), wants, isReceipt };
}
