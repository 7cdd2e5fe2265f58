/** Messages in message/cpim, with what is asked about their fate. RFC 5438 §6, §7. */
import { CHAT_NAMESPACE, CHAT_PREFIX } from "../documents/chat-headers.ts";
import {
  type CpimExtension,
  type CpimMessage,
  type CpimToWrite,
  extensionsOf,
  formatCpim,
} from "../documents/cpim.ts";
import { formatImdn, IMDN_NAMESPACE, IMDN_TYPE, type Imdn } from "../documents/imdn.ts";
import { fromText, type Octets } from "../grammar/octets.ts";
import { formatMultipart, type PartToWrite } from "../message/multipart.ts";

/**
 * What a sender may want to hear: that it arrived, that it was shown, that it could not be
 * delivered, that a server has it. RFC 5438 §6.1
 */
export type Wish = "delivered" | "displayed" | "failed" | "processed";

const WISHES: Readonly<Record<Wish, string>> = {
  delivered: "positive-delivery",
  displayed: "display",
  failed: "negative-delivery",
  processed: "processing",
};
const PREFIXES = { [IMDN_NAMESPACE]: "imdn" };

export interface Envelope {
  readonly from: string;
  readonly to: string;
  readonly messageId: string;
  readonly dateTime: Date;
}

/** A message that asks for receipts. */
export function wrapMessage(
  { from, to, messageId, dateTime }: Envelope,
  content: { readonly contentType: string; readonly body: string },
  wishes: readonly Wish[],
  more: readonly CpimExtension[] = [],
): Octets {
  const asked = [...new Set(wishes)].map((one) => WISHES[one]).join(", ");
  const usual: CpimToWrite = {
    ...{ from: { name: "", uri: from }, to: { name: "", uri: to } },
    prefixes: more.length === 0 ? PREFIXES : { ...PREFIXES, [CHAT_NAMESPACE]: CHAT_PREFIX },
    //= RFC 5438 §7.1.1.2
    //# Thus, if the IM Sender would like an IMDN, the IM Sender MUST include the DateTime CPIM
    //# header field.
    dateTime,
    extensions: [
      //= RFC 5438 §7.1.1.1
      //# If the IM Sender requests the reception of IMDNs, the IM Sender MUST include a Message-ID
      //# header field.
      imdnHeader("Message-ID", messageId),
      //= RFC 5438 §7.1.1.3
      //# The IM Sender MUST include a Disposition-Notification header field with the value
      //# "display" to request a display IMDN.
      ...(asked === "" ? [] : [imdnHeader("Disposition-Notification", asked)]),
      ...more,
    ],
    contentHeaders: [["Content-Type", fromText(content.contentType)]],
    content: fromText(content.body),
  };
  return formatCpim(usual);
}

const imdnHeader = (name: string, value: string) => ({ namespace: IMDN_NAMESPACE, name, value });

/** What a message says about itself. */
export interface Asked {
  readonly messageId: string | undefined;
  readonly wishes: ReadonlySet<Wish>;
  readonly originalTo: string | undefined;
  /** Who wants receipts to come by: URIs in angle brackets, in order. */
  readonly recordRoutes: readonly string[];
  /** It is a receipt itself. */
  readonly isReceipt: boolean;
}

export function askedBy(message: CpimMessage): Asked {
  const all = (name: string) => extensionsOf(message, IMDN_NAMESPACE, name);
  const disposition = message.contentHeaders.get("content-disposition") ?? "";
  const isReceipt = /^notification\b/i.test(disposition);
  const words = all("Disposition-Notification")
    .flatMap((value) => value.split(","))
    .map((one) => (one.split(";")[0] ?? "").trim());
  //= RFC 5438 §7.2.1
  //# An IM Sender MUST ignore a delivery notification request in an IMDN if present.
  const wishes = isReceipt
    ? []
    : (Object.keys(WISHES) as Wish[]).filter((one) => words.includes(WISHES[one]));
  return {
    ...{ messageId: all("Message-ID")[0], wishes: new Set(wishes), isReceipt },
    originalTo: uriIn(all("Original-To")[0]),
    recordRoutes: all("IMDN-Record-Route"),
  };
}

/** `[ Formal-name ] "<" URI ">"` */
export const uriIn = (address: string | undefined): string | undefined =>
  address?.endsWith(">") ? address.slice(address.lastIndexOf("<") + 1, -1) : undefined;

/** A receipt, as the body of a MESSAGE. */
export const wrapReceipt = (envelope: Envelope, imdn: Imdn, routes: readonly string[]): Octets =>
  wrapNotification(envelope, { type: IMDN_TYPE, octets: formatImdn(imdn) }, routes);

/** Several of them in one MESSAGE, for senders are prepared for that (§7.1.4); at least one. */
export function wrapReceipts(envelope: Envelope, imdns: readonly Imdn[]): Octets {
  const [only, ...more] = imdns;
  if (only && more.length === 0) return wrapReceipt(envelope, only, []);
  const boundary = `imdn-${envelope.messageId}`;
  const parts = imdns.map(
    (one): PartToWrite => ({ headers: [["Content-Type", IMDN_TYPE]], body: formatImdn(one) }),
  );
  const type = `multipart/mixed;boundary="${boundary}"`;
  return wrapNotification(envelope, { type, octets: formatMultipart(parts, boundary) }, []);
}

function wrapNotification(
  { from, to, messageId, dateTime }: Envelope,
  content: { readonly type: string; readonly octets: Octets },
  routes: readonly string[],
): Octets {
  return formatCpim({
    ...{ from: { name: "", uri: from }, to: { name: "", uri: to }, prefixes: PREFIXES, dateTime },
    //= RFC 5438 §7.2.1
    //# A Disposition-Notification header field MUST NOT appear in an IMDN since it is forbidden to
    //# request an IMDN for an IMDN.
    //= RFC 5438 §7.2.1
    //# IMDN-Record-Route header fields do not make sense in an IMDN and therefore MUST NOT be
    //# placed in an IMDN.
    extensions: [
      //= RFC 5438 §7.2.1
      //# An IMDN MUST contain a Message-ID header field.
      imdnHeader("Message-ID", messageId),
      //= RFC 5438 §7.2.1
      //# If IMDN-Record-Route header fields appear in the IM, the IM Recipient constructing the
      //# IMDN MUST copy the contents of the IMDN-Record-Route header fields into IMDN-Route header
      //# fields in the IMDN and maintain their order.
      ...routes.map((one) => imdnHeader("IMDN-Route", one)),
    ],
    contentHeaders: [
      ["Content-Type", content.type],
      //= RFC 5438 §7.2.1
      //# IM Recipients MUST insert a Content-Disposition header field set to the value
      //# "notification".
      ["Content-Disposition", "notification"],
    ],
    content: content.octets,
  });
}
