/** What became of messages, as their readers and other servers tell. RFC 5438 §7.1.2. */
import { IMDN_TYPE, type Imdn, parseImdn } from "../documents/imdn.ts";
import { MAX_MESSAGE_ID, type ReceiptTold } from "../documents/journal.ts";
import type { Octets } from "../grammar/octets.ts";
import { isMediaType, type MediaType } from "../message/header/content-type.ts";
import { parseMultipart } from "../message/multipart.ts";

/** What became of one message. */
export interface ToldReceipt {
  /** Its Message-ID. */
  readonly id: string;
  readonly status: ReceiptTold["status"];
}

const STATUSES: Readonly<Record<string, ReceiptTold["status"]>> = {
  "delivery delivered": "delivered",
  "delivery failed": "failed",
  "delivery forbidden": "failed",
  "delivery error": "failed",
  "display displayed": "displayed",
};

//= RFC 5438 §7.1.4
//# An IM Sender that requested IMDNs MUST be prepared to receive multiple aggregated or
//# non-aggregated IMDNs.
//= RFC 5438 §7.2.1
//# IMDN-Record-Route header fields do not make sense in an IMDN and therefore MUST NOT be placed in
//# an IMDN. IMDN Recipients MUST ignore it if present.
/** Those that say something to a sender; undefined: none can be read. */
export function readReceipts(type: MediaType, body: Octets): readonly ToldReceipt[] | undefined {
  if (isMediaType(type, IMDN_TYPE)) {
    const imdn = parseImdn(body);
    return imdn.ok ? toldBy(imdn.value) : undefined;
  }
  const parts = parseMultipart(type, body);
  if (!parts.ok) return undefined;
  const told = parts.value
    .filter((one) => isMediaType(one.contentType, IMDN_TYPE))
    .flatMap((one) => {
      const imdn = parseImdn(one.body);
      return imdn.ok ? [imdn.value] : [];
    });
  return told.length === 0 ? undefined : told.flatMap(toldBy);
}

function toldBy({ messageId: id, kind, status }: Imdn): readonly ToldReceipt[] {
  const word = `${kind} ${status}`;
  const told = Object.hasOwn(STATUSES, word) ? STATUSES[word] : undefined;
  return told && id.length <= MAX_MESSAGE_ID ? [{ id, status: told }] : [];
}
