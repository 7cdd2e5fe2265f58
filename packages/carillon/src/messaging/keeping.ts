/** What is written into journals: what somebody says, changes, takes back, and has read. */
import type { Edited, Entry, Retracted, Said } from "../documents/journal.ts";
import { withAnswer } from "../roles/answer.ts";
import type { ServiceRequest } from "../roles/services.ts";
import type { Asker } from "./asker.ts";
import type { MessageHeaders } from "./message-headers.ts";
import type { JournalName, Posting } from "./message-store.ts";
import type { PostOffice, Sender } from "./post-office.ts";
import type { Received } from "./received-message.ts";
import { refusal } from "./refusal.ts";

/** What goes into conversations. */
export type Keepable = Extract<Received, { readonly kind: "Words" | "Retraction" }>;

export class Keeping {
  readonly #office: PostOffice;

  constructor(office: PostOffice) {
    this.#office = office;
  }

  /** `to`: the person or group it is for; undefined where those are several. */
  keep(
    asker: Asker,
    sender: Sender,
    what: Keepable,
    journals: readonly JournalName[],
    to: string | undefined,
  ): void {
    const posting = this.postingOf(asker.asked, sender, what, { journals, to });
    const kept = () => asker.accepted(`kept in ${journals.length} journal(s)`);
    const post = () =>
      this.#office.journals.post(
        posting,
        ({ kind }) => {
          if (kind === "New") kept();
          else this.#ifSame(asker, sender.account ?? to ?? "", posting, kept);
        },
        (cause) => asker.failed(cause),
      );
    const about = what.kind === "Retraction" ? what.of : what.headers.replaces;
    if (about === undefined) return post();
    this.#ifOwn(asker, sender, about, to, post);
  }

  /**
   * What is written of it. A Message-ID counts for one conversation: what has the same in another,
   * or for several people, is another message.
   */
  postingOf(
    asked: ServiceRequest,
    sender: Sender,
    what: Keepable,
    {
      journals,
      to = "",
    }: { readonly journals: readonly JournalName[]; readonly to: string | undefined },
  ): Omit<Posting, "at"> {
    const id = what.headers.id ?? this.#office.idFor(asked);
    const key = { from: sender.address, id: `m ${to} ${id}` };
    return { key, journals, what: whatOf(sender.address, id, what) };
  }

  /**
   * Only the same words are the message that is there already. Others under its Message-ID (of a
   * device that counts, and begins anew) would be acknowledged and gone.
   */
  #ifSame(
    asker: Asker,
    account: string,
    { what, journals }: Pick<Posting, "what" | "journals">,
    kept: () => void,
  ): void {
    if (what.kind !== "Message") return kept();
    const isHere = (uri: string) => journals.some(({ conversation }) => conversation === uri);
    const isOther = ({ conversation, what: said }: Entry) =>
      said.kind === "Message" &&
      said.from === what.from &&
      isHere(conversation) &&
      // Words that were taken back are not there any more.
      said.body !== "" &&
      said.body !== what.body;
    withAnswer(
      this.#office.journals.store.said(account, what.id),
      (found) => (found.some(isOther) ? asker.refuse(SAID_BEFORE) : kept()),
      (cause) => asker.failed(cause),
    );
  }

  /** Only what one has said oneself, in this conversation, is changed or taken back. */
  #ifOwn(asker: Asker, sender: Sender, id: string, to: string | undefined, goOn: () => void): void {
    const [account, conversation] =
      sender.account === undefined
        ? [to ?? "", sender.address]
        : [sender.account, this.#office.addressOf(to ?? "")];
    const isIt = (one: Entry) =>
      one.what.kind === "Message" &&
      one.what.from === sender.address &&
      one.conversation === conversation;
    withAnswer(
      this.#office.journals.store.said(account, id),
      (found) =>
        found.some(isIt)
          ? goOn()
          : asker.refuse(refusal(404, "there is no such message of theirs")),
      (cause) => asker.failed(cause),
    );
  }

  /** How far somebody has read their own journal. */
  readMark(asker: Asker, sender: Sender, user: string, upTo: number): void {
    const { store } = this.#office.journals;
    if (sender.account !== user) {
      return asker.refuse(refusal(403, "that something was read is for one's own address"));
    }
    const found = (entry: Entry | undefined) => {
      // It may be over its time by now: then there is nothing left to mark.
      if (!entry) return asker.accepted("a mark of what was read, too late", 200);
      const { conversation } = entry;
      this.#office.journals.post(
        {
          ...{ key: { from: sender.address, id: `read ${upTo}` }, what: { kind: "Read", upTo } },
          journals: [{ account: user, conversation }],
        },
        () => asker.accepted("a mark of what was read"),
        (cause) => asker.failed(cause),
      );
    };
    withAnswer(store.entry(user, upTo), found, (cause) => asker.failed(cause));
  }
}

const SAID_BEFORE = refusal(400, "its Message-ID is that of another message, with other words");

/** The journals of a message from one to others, each with each alone. */
export function namesFor(
  office: PostOffice,
  sender: Sender,
  accounts: readonly string[],
): readonly JournalName[] {
  const own = sender.account;
  const names: JournalName[] = [];
  for (const account of accounts) {
    if (own !== undefined) names.push({ account: own, conversation: office.addressOf(account) });
    if (own !== account) names.push({ account, conversation: sender.address });
  }
  return names;
}

function whatOf(from: string, id: string, what: Keepable): Said | Edited | Retracted {
  if (what.kind === "Retraction") return { kind: "Retracted", id: what.of, from };
  const { headers, content } = what;
  const { contentType, body } = content;
  if (headers.replaces !== undefined) {
    return { kind: "Edited", id: headers.replaces, from, contentType, body };
  }
  return { kind: "Message", id, from, ...content, ...aboutIt(headers) };
}

const aboutIt = ({ file, replyTo, wants }: MessageHeaders): Partial<Said> => ({
  ...(file && { file }),
  ...(replyTo !== undefined && { replyTo }),
  ...(wants.length > 0 && { wants }),
});
