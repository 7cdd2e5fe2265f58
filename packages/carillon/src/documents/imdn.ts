/** Notices of what became of a message: delivered, displayed. RFC 5438 §11. */
import { formatDateTime, readDateTime } from "../grammar/date-time.ts";
import type { Octets } from "../grammar/octets.ts";
import { ok, type Result } from "../grammar/result.ts";
import { childOf, childrenOf, elementsOf, textIn } from "../xml/element.ts";
import { formatXml } from "../xml/format-xml.ts";
import { badDocument, readDocument } from "./read-document.ts";

/** A notice of what became of a message. RFC 5438 §11.1. */
export interface Imdn {
  /** The Message-ID of the message that it is about. */
  readonly messageId: string;
  /**
   * When that was sent, as it said itself. Undefined is written as the Unix epoch, since something
   * has to stand there.
   */
  readonly dateTime: Date | undefined;
  /** The URI in the message's CPIM To. RFC 5438 §11.1.3. */
  readonly recipientUri?: string | undefined;
  /** The URI in its CPIM Original-To, if it had one. RFC 5438 §11.1.4. */
  readonly originalRecipientUri?: string | undefined;
  /** What `status` is about: the way, a gateway or list on it, or the reader. RFC 5438 §11.1.6. */
  readonly kind: "delivery" | "processing" | "display";
  /** `delivered`, `failed`, `displayed`, `processed`, `stored`, `forbidden`, `error` */
  readonly status: string;
}

const KINDS = ["delivery", "processing", "display"] as const;
const NAMESPACE = "urn:ietf:params:xml:ns:imdn";
const SOURCE = "RFC 5438 §11.1";

/** The document's type, for Content-Type and Accept. RFC 5438 §11.1.8. */
export const IMDN_TYPE = "message/imdn+xml";
/** Of its headers in message/cpim. */
export const IMDN_NAMESPACE = "urn:ietf:params:imdn";

/**
 * Reads one; what else stands in it is passed over. RFC 5438 §11.1.
 *
 * Errors (400): those of `parseXml`; `bad-document` for another root, without a message-id, or
 * without a status.
 */
export function parseImdn(octets: Octets): Result<Imdn> {
  const root = readDocument(octets, NAMESPACE, "imdn", SOURCE);
  if (!root.ok) return root;
  const messageId = textIn(root.value, "message-id");
  const kind = KINDS.find((one) => childOf(root.value, `${one}-notification`));
  const notification = kind && childOf(root.value, `${kind}-notification`);
  const status = notification && childOf(notification, "status");
  const word = status && childrenOf(status)[0]?.name;
  if (!messageId || !kind || word === undefined) {
    return badDocument("a notice about no message, or that says nothing", SOURCE);
  }
  const dateMs = readDateTime(textIn(root.value, "datetime") ?? "");
  return ok({
    ...{ messageId, kind, status: word },
    dateTime: dateMs === undefined ? undefined : new Date(dateMs),
    recipientUri: textIn(root.value, "recipient-uri"),
    originalRecipientUri: textIn(root.value, "original-recipient-uri"),
  });
}

/**
 * Writes one. Throws a RangeError on a status that is no XML name, and on a date outside of the
 * years 0 to 9999.
 */
export function formatImdn(imdn: Imdn): Octets {
  const { messageId, dateTime, recipientUri, originalRecipientUri, kind, status } = imdn;
  const element = elementsOf(NAMESPACE);
  const simple = (name: string, text: string | undefined) =>
    text === undefined ? undefined : element(name, {}, [text]);
  return formatXml(
    element("imdn", {}, [
      simple("message-id", messageId),
      simple("datetime", formatDateTime(dateTime?.getTime() ?? 0)),
      simple("recipient-uri", recipientUri),
      //= RFC 5438 §11.1.4
      //# It MUST be present if the IM carried the Original-To header field.
      simple("original-recipient-uri", originalRecipientUri),
      element(`${kind}-notification`, {}, [element("status", {}, [element(status)])]),
    ]),
  );
}
