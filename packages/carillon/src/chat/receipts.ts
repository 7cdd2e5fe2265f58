/** What became of messages that were sent, as their readers tell. RFC 5438 §7.1.2. */
import { IMDN_TYPE, type Imdn, parseImdn } from "../documents/imdn.ts";
import type { Octets } from "../grammar/octets.ts";
import { isMediaType, parseContentType } from "../message/header/content-type.ts";
import { parseMultipart } from "../message/multipart.ts";
import { type IterationOptions, Queue } from "../ua/replay.ts";

/** One word of one reader about a message. RFC 5438 §7.1.2 */
export interface Receipt {
  /** What it tells of: `delivery`, `display`, or the `processing` by a server. RFC 5438 §7 */
  readonly kind: Imdn["kind"];
  /** `delivered`, `displayed`, `failed`, `processed`, `stored`, `forbidden`, `error` */
  readonly status: string;
  /** Who it is about, where it says so: a list has several readers. */
  readonly recipient: string | undefined;
}

/** Messages whose receipts are waited for: the oldest are given up for new ones. */
const MAX_SENT = 1000;
/** Receipts of one message. */
const MAX_RECEIPTS = 100;

/** Of one message. */
export class SentReceipts {
  readonly #known: Receipt[] = [];
  readonly #queues = new Set<Queue<Receipt>>();
  #isOver = false;

  /** Those that came, and everyone that comes. */
  values({ signal }: IterationOptions = {}): AsyncIterableIterator<Receipt> {
    const queue = new Queue<Receipt>((one) => this.#queues.delete(one), signal);
    for (const one of this.#known) queue.push(one);
    if (this.#isOver) queue.end();
    if (!queue.ended) this.#queues.add(queue);
    return queue;
  }

  add(receipt: Receipt): void {
    const isKnown = this.#known.some(
      (one) =>
        one.kind === receipt.kind &&
        one.status === receipt.status &&
        one.recipient === receipt.recipient,
    );
    if (isKnown || this.#known.length >= MAX_RECEIPTS) return;
    this.#known.push(receipt);
    for (const queue of [...this.#queues]) queue.push(receipt);
  }

  end(): void {
    this.#isOver = true;
    for (const queue of [...this.#queues]) queue.end();
  }
}

export class Receipts {
  readonly #byId = new Map<string, SentReceipts>();

  /** For a message that is about to be sent. */
  expect(messageId: string): SentReceipts {
    // One that is sent again has the receipts of before.
    const sent = this.#byId.get(messageId) ?? new SentReceipts();
    this.#byId.set(messageId, sent);
    for (const [oldest, given] of this.#byId) {
      if (this.#byId.size <= MAX_SENT) break;
      this.#byId.delete(oldest);
      given.end();
    }
    return sent;
  }

  //= RFC 5438 §7.1.2
  //# An IM Sender matches an IMDN to an IM by matching the Message-ID header field value in the IM
  //# with the <message-id> element value in the body of the IMDN.
  /** False: it cannot be read. */
  take(contentType: Octets, body: Octets): boolean {
    const all = receiptsIn(contentType, body);
    for (const { messageId, kind, status, recipientUri, originalRecipientUri } of all ?? []) {
      const recipient = originalRecipientUri ?? recipientUri;
      this.#byId.get(messageId)?.add({ kind, status, recipient });
    }
    return all !== undefined;
  }

  end(): void {
    for (const sent of this.#byId.values()) sent.end();
  }
}

//= RFC 5438 §7.1.4
//# An IM Sender that requested IMDNs MUST be prepared to receive multiple aggregated or
//# non-aggregated IMDNs.
function receiptsIn(contentType: Octets, body: Octets): readonly Imdn[] | undefined {
  const type = parseContentType(contentType);
  if (!type.ok) return undefined;
  if (isMediaType(type.value, IMDN_TYPE)) {
    const imdn = parseImdn(body);
    return imdn.ok ? [imdn.value] : undefined;
  }
  const parts = parseMultipart(type.value, body);
  if (!parts.ok) return undefined;
  return parts.value
    .filter((one) => isMediaType(one.contentType, IMDN_TYPE))
    .flatMap((one) => {
      const imdn = parseImdn(one.body);
      return imdn.ok ? [imdn.value] : [];
    });
}
