/** What a plain phone gets of a journal entry: a MESSAGE of its own. RFC 3428 §4, RFC 3862. */
import { CHAT_NAMESPACE, CHAT_PREFIX, chatExtensions } from "../documents/chat-headers.ts";
import { CPIM_TYPE, type CpimExtension, formatCpim } from "../documents/cpim.ts";
import { formatImdn, IMDN_NAMESPACE, IMDN_TYPE } from "../documents/imdn.ts";
import type { Edited, Entry, ReceiptTold, ReceiptWish, Said } from "../documents/journal.ts";
import { fromText, type Octets } from "../grammar/octets.ts";
import { isMadeUpId, nameOf } from "./addresses.ts";
import { octetsOf } from "./content.ts";
import type { Form } from "./delivery.ts";

/** The body of a MESSAGE, and whom it is from. */
export interface PlainMessage {
  /** For the From: the person, or the group, so that an answer goes there. */
  readonly from: string;
  readonly contentType: Octets;
  readonly body: Octets;
  /** The same each time it is sent, so that a second copy can be known; undefined: any. */
  readonly callId?: string;
}

const WISHES: Readonly<Record<ReceiptWish, string>> = {
  ...{ delivered: "positive-delivery", displayed: "display", failed: "negative-delivery" },
};
const PREFIXES = { [IMDN_NAMESPACE]: "imdn", [CHAT_NAMESPACE]: CHAT_PREFIX };

/**
 * Of an entry in the journal of `owner`, an address. What they did themselves reaches no phone of
 * theirs, nor do retractions, read marks, and changes of groups.
 */
export function isForPhones(entry: Entry, owner: string): boolean {
  const { what } = entry;
  if (what.kind === "Receipt") return what.isSeenByServer === undefined;
  // Words that were taken back are not there any more.
  return (
    (what.kind === "Message" || what.kind === "Edited") && what.from !== owner && what.body !== ""
  );
}

/** A message, or what was put in its place. */
export function plainMessage(
  { conversation, at, seq, what }: Entry & { readonly what: Said | Edited },
  owner: string,
  form: Form,
): PlainMessage {
  const isGroup = conversation !== what.from;
  // What somebody wrote without message/cpim comes as they wrote it.
  if (what.kind === "Message" && isMadeUpId(what.id) && !isGroup && form === "Original") {
    const { id, contentType } = what;
    const body = octetsOf(what) ?? "";
    return { from: conversation, contentType: fromText(contentType), body, callId: id };
  }
  if (form === "Text") {
    const by = isGroup ? `${nameOf(what.from)}: ` : "";
    const body = fromText(`${by}${textOf(what)}`);
    return { from: conversation, contentType: "text/plain;charset=UTF-8", body };
  }
  const content = what.kind === "Edited" ? fromText(textOf(what)) : (octetsOf(what) ?? "");
  const body = formatCpim({
    ...{
      from: { name: "", uri: what.from },
      to: { name: "", uri: isGroup ? conversation : owner },
    },
    ...{ dateTime: new Date(at), prefixes: PREFIXES, extensions: extensionsOf(what, seq) },
    ...{ contentHeaders: [["Content-Type", fromText(what.contentType)]], content },
  });
  return { from: conversation, contentType: CPIM_TYPE, body };
}

/** What plain text can say of it; what was put in the place of something else is marked. */
function textOf(what: Said | Edited): string {
  if (what.kind === "Edited") return `* ${what.body}`;
  if (!what.encoding) return what.body;
  const octets = octetsOf(what)?.length ?? 0;
  return `[${what.contentType}, ${octets} octets]`;
}

function extensionsOf(what: Said | Edited, seq: number): readonly CpimExtension[] {
  if (what.kind === "Edited") {
    return [
      imdnHeader("Message-ID", `${what.id}-${seq}`),
      ...chatExtensions({ replaces: what.id }),
    ];
  }
  const { id, replyTo, file, wants = [] } = what;
  const words = wants.map((one) => WISHES[one]).join(", ");
  const asked: readonly CpimExtension[] =
    words === "" ? [] : [imdnHeader("Disposition-Notification", words)];
  const more = chatExtensions({ ...(replyTo !== undefined && { replyTo }), ...(file && { file }) });
  return [imdnHeader("Message-ID", id), ...asked, ...more];
}

const imdnHeader = (name: string, value: string): CpimExtension => {
  return { namespace: IMDN_NAMESPACE, name, value };
};

/** What is needed to tell a sender what became of their message. */
export interface ReceiptOut {
  /** Whom it is for, and who wrote the message. */
  readonly to: string;
  readonly receipt: Pick<ReceiptTold, "id" | "by" | "status">;
  /** When the message was sent. */
  readonly sentAt: number;
  /** Names this receipt. */
  readonly messageId: string;
  readonly now: number;
}

/** Whether a sender who wants this is told of that. */
export const isWanted = (
  wants: readonly ReceiptWish[] | undefined,
  status: ReceiptTold["status"],
): boolean => wants?.includes(status) === true;

//= RFC 5438 §12.1.1
//# When using this extension, the Content-type header field MUST be of MIME type "message/cpim"
//# [RFC3862] for both IMs and IMDNs.
//= RFC 5438 §7.2.1
//# The IM Recipient MUST NOT generate "processing" notifications.
/** A receipt for a sender without a journal, or for their plain phones. RFC 5438 §7.2. */
export function receiptMessage({ to, receipt, sentAt, messageId, now }: ReceiptOut): PlainMessage {
  const { id, by, status } = receipt;
  const body = formatCpim({
    ...{ from: { name: "", uri: by }, to: { name: "", uri: to }, prefixes: PREFIXES },
    dateTime: new Date(now),
    //= RFC 5438 §7.2.1
    //# A Disposition-Notification header field MUST NOT appear in an IMDN since it is forbidden to
    //# request an IMDN for an IMDN.
    //= RFC 5438 §7.2.1
    //# An IMDN MUST contain a Message-ID header field.
    extensions: [imdnHeader("Message-ID", messageId)],
    contentHeaders: [
      ["Content-Type", IMDN_TYPE],
      //= RFC 5438 §7.2.1
      //# IM Recipients MUST insert a Content-Disposition header field set to the value
      //# "notification".
      ["Content-Disposition", "notification"],
    ],
    content: formatImdn({
      ...{ messageId: id, dateTime: new Date(sentAt), recipientUri: by, status },
      kind: status === "displayed" ? "display" : "delivery",
    }),
  });
  return { from: by, contentType: CPIM_TYPE, body };
}
