/** What became of messages: from devices and other domains, to their senders. RFC 5438. */
import type { Entry, ReceiptTold, Said } from "../documents/journal.ts";
import { fromText } from "../grammar/octets.ts";
import { withAnswer } from "../roles/answer.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { JournalName, PostingKey } from "./message-store.ts";
import { ownMessage } from "./own-message.ts";
import { isWanted, receiptMessage } from "./plain-message.ts";
import type { PostOffice, Sender } from "./post-office.ts";
import type { ToldReceipt } from "./received-receipts.ts";

/** A message that somebody sent, in their own journal or in that of whoever got it. */
export type SaidEntry = Entry & { readonly what: Said };

export class Receipts {
  readonly #office: PostOffice;

  constructor(office: PostOffice) {
    this.#office = office;
  }

  //= RFC 5438 §7.1.2
  //# An IM Sender matches an IMDN to an IM by matching the Message-ID header field value in the IM
  //# with the <message-id> element value in the body of the IMDN.
  /**
   * Receipts that `by` sends to `user`, a person or a group here. What is about no message that
   * they were sent is forgotten without a word. `kept` once all of them are in their journals.
   */
  take(
    by: Sender,
    user: string,
    told: readonly ToldReceipt[],
    kept: () => void,
    failed: (cause: unknown) => void,
  ): void {
    const { host } = this.#office;
    const writes = new Writes(kept, failed);
    for (const one of told) {
      if (host.accounts.has(user)) this.#fromSendersJournal(by, user, one, writes);
      else if (by.account !== undefined) this.#fromOwnJournal(by.account, by, user, one, writes);
    }
    writes.end();
  }

  /** Whoever wrote it is told the receipt themselves. */
  #fromSendersJournal(
    by: Sender,
    sender: string,
    { id, status }: ToldReceipt,
    writes: Writes,
  ): void {
    const { journals } = this.#office;
    const address = this.#office.addressOf(sender);
    const found = (entries: readonly Entry[]) => {
      for (const { conversation, what } of entries) {
        if (what.kind !== "Message" || what.from !== address) continue;
        const tell = () =>
          this.#post(by.address, { id, status }, { account: sender, conversation }, {}, writes);
        if (conversation === by.address) tell();
        else if (by.account !== undefined) this.#ifMember(conversation, by.account, tell, writes);
      }
    };
    const { done, failed } = writes.begin();
    withAnswer(journals.store.said(sender, id), (entries) => done(() => found(entries)), failed);
  }

  #ifMember(group: string, account: string, goOn: () => void, writes: Writes): void {
    const name = this.#office.nameIn(group);
    if (name === undefined) return;
    const { store } = this.#office.journals;
    const { done, failed } = writes.begin();
    withAnswer(
      store.group(name),
      (found) => done(() => found?.members.includes(account) && goOn()),
      failed,
    );
  }

  /** The group is told: whose message it is stands in the journal of whoever has seen it. */
  #fromOwnJournal(
    account: string,
    by: Sender,
    group: string,
    { id, status }: ToldReceipt,
    writes: Writes,
  ): void {
    const address = this.#office.addressOf(group);
    const found = (entries: readonly Entry[]) => {
      for (const { conversation, what } of entries) {
        if (what.kind !== "Message" || conversation !== address) continue;
        const sender = this.#office.accountAt(what.from);
        if (sender === undefined || sender === account) continue;
        this.#post(by.address, { id, status }, { account: sender, conversation }, {}, writes);
      }
    };
    const { done, failed } = writes.begin();
    withAnswer(
      this.#office.journals.store.said(account, id),
      (entries) => done(() => found(entries)),
      failed,
    );
  }

  #post(
    by: string,
    { id, status }: ToldReceipt,
    journal: JournalName,
    more: Pick<ReceiptTold, "isSeenByServer"> = {},
    writes: Pick<Writes, "begin"> = NOBODY_WAITS,
  ): void {
    const what: ReceiptTold = { kind: "Receipt", id, by, status, ...more };
    // What the server saw stands in the way of nobody's own word.
    const word = more.isSeenByServer ? "seen" : status;
    const key = keyOf(by, word, this.#office.addressOf(journal.account), id);
    const { done, failed } = writes.begin();
    this.#office.journals.post({ key, what, journals: [journal] }, () => done(), failed);
  }

  /**
   * A client that reads the journal has these messages of it: as good as its own word. RFC 5438
   * §7.2.1.1.
   */
  delivered(account: string, entries: readonly SaidEntry[]): void {
    this.#tellNew(account, entries, (own, entry) => this.#tell(own, entry));
  }

  //= RFC 5438 §12.2
  //# If the Disposition-Notification header field contains a value of "positive-delivery", the
  //# intermediary MUST NOT generate a delivery notification if it receives a SIP 2xx class response
  //# for the sent IM.
  /** A plain phone has said 2xx: that is a tick for those who see ticks, and no IMDN. */
  taken(account: string, entry: SaidEntry): void {
    if (this.#office.accountAt(entry.what.from) === undefined) return;
    this.#tellNew(account, [entry], (own, { what, conversation }) =>
      this.#toSender(own, what, conversation, { isSeenByServer: true }),
    );
  }

  #tellNew(
    account: string,
    entries: readonly SaidEntry[],
    tell: (own: string, entry: SaidEntry) => void,
  ): void {
    const own = this.#office.addressOf(account);
    const others = entries.filter(({ what }) => what.from !== own && this.#isHeard(what));
    if (others.length === 0) return;
    const keys = others.map(({ what }) => keyOf(own, "delivered", what.from, what.id));
    withAnswer(
      this.#office.journals.store.knows(keys),
      (known) => {
        for (const [nth, entry] of others.entries()) if (!known[nth]) tell(own, entry);
      },
      () => {},
    );
  }

  /** People here hear it always; others where they asked. */
  #isHeard({ from, wants }: Said): boolean {
    return this.#office.nameIn(from) === undefined
      ? isWanted(wants, "delivered")
      : this.#office.accountAt(from) !== undefined;
  }

  #tell(own: string, { what, conversation, at }: SaidEntry): void {
    const { id, from } = what;
    if (this.#office.accountAt(from) !== undefined) {
      return this.#toSender(own, what, conversation);
    }
    const receipt: ReceiptTold = { kind: "Receipt", id, by: own, status: "delivered" };
    const posted = { key: keyOf(own, "delivered", from, id), what: receipt, journals: [] };
    // The key alone is kept: whoever lives elsewhere hears it once.
    this.#office.journals.post(
      posted,
      ({ kind }) => kind === "New" && this.#sendElsewhere(from, receipt, at),
      () => {},
    );
  }

  #toSender(
    own: string,
    { id, from }: Said,
    conversation: string,
    more: Pick<ReceiptTold, "isSeenByServer"> = {},
  ): void {
    const account = this.#office.accountAt(from);
    if (account === undefined) return;
    const isGroup = conversation !== from;
    const journal = { account, conversation: isGroup ? conversation : own };
    this.#post(own, { id, status: "delivered" }, journal, more);
  }

  //= RFC 5438 §7.2.1
  //# If there is no IMDN-Record-Route header field, the IM Recipient MUST send the IMDN to the URI
  //# in the From header field.
  #sendElsewhere(to: string, receipt: ReceiptTold, sentAt: number): void {
    const { host, journals } = this.#office;
    const uri = parseSipUri(fromText(to));
    if (!uri.ok) return;
    const messageId = host.endpoint.ids.unique();
    const message = receiptMessage({ to, receipt, sentAt, messageId, now: journals.now });
    host.toServers(uri.value, ownMessage(host, fromText(to), to, message), () => {});
  }
}

//= RFC 5438 §7.2.1
//# In this case, the IM Recipient MUST be able to construct multiple IMDNs per IM. An IM Recipient
//# MUST NOT construct more than one IMDN per disposition type.
/** One receipt of each kind, of each reader, about each message of each sender. */
const keyOf = (by: string, status: string, sender: string, id: string): PostingKey => ({
  from: by,
  id: `r ${status} ${sender} ${id}`,
});

/** Several writes of which somebody waits for the last, or for the first that fails. */
class Writes {
  readonly #kept: () => void;
  readonly #failed: (cause: unknown) => void;
  /** One that is over when all have begun. */
  #open = 1;
  #isOver = false;

  constructor(kept: () => void, failed: (cause: unknown) => void) {
    this.#kept = kept;
    this.#failed = failed;
  }

  begin(): { done(goOn?: () => void): void; failed(cause: unknown): void } {
    this.#open++;
    return {
      done: (goOn = () => {}) => {
        goOn();
        this.end();
      },
      failed: (cause) => {
        if (this.#isOver) return;
        this.#isOver = true;
        this.#failed(cause);
      },
    };
  }

  end(): void {
    this.#open--;
    if (this.#open > 0 || this.#isOver) return;
    this.#isOver = true;
    this.#kept();
  }
}

/** What the server has seen itself is told again by nobody, and asked for by nobody. */
const NOBODY_WAITS = {
  begin: () => ({ done: (goOn = () => {}) => goOn(), failed: () => {} }),
  end: () => {},
};
