/**
 * Conversations where the server keeps no journal: what comes and what is sent meanwhile makes one
 * of this device's own.
 */
import type { Entry, ReceiptTold, What } from "../documents/journal.ts";
import { hear } from "../ua/replay.ts";
import type { Chat, SentMessage } from "./chat.ts";
import { addressIn } from "./chat-address.ts";
import type { ChatMessage } from "./chat-message.ts";
import type { Letter } from "./letter.ts";
import type { Outcome } from "./outbox.ts";
import type { Receipt } from "./receipts.ts";
import { outcomeOfError } from "./send-letter.ts";

/** An entry that has no number yet. */
export type Draft = Omit<Entry, "seq">;

export interface PlainUser {
  /** Something for this device's own journal; not in a turn. */
  entered(draft: Draft): void;
  now(): number;
}

/** Messages whose senders may want to hear that they were shown. */
const MAX_UNSHOWN = 1000;

export class PlainSide {
  readonly #chat: Chat;
  readonly #own: string;
  readonly #user: PlainUser;
  readonly #unshown = new Map<string, ChatMessage>();
  /** Whose device knows no message/cpim. */
  readonly #plain = new Set<string>();

  constructor(chat: Chat, own: string, user: PlainUser) {
    this.#chat = chat;
    this.#own = own;
    this.#user = user;
  }

  /** A message that came in. */
  received(message: ChatMessage): void {
    const { id, contentType, text, wantsDisplayed } = message;
    const from = addressIn(message.from.uri);
    if (from === undefined) return;
    if (wantsDisplayed) this.#unshown.set(`${from} ${id}`, message);
    for (const [oldest] of this.#unshown) {
      if (this.#unshown.size <= MAX_UNSHOWN) break;
      this.#unshown.delete(oldest);
    }
    const wants = wantsDisplayed ? { wants: ["displayed" as const] } : {};
    this.#enter(from, { kind: "Message", id, from, contentType, body: text, ...wants });
  }

  /** A message of theirs has been shown. */
  shown(from: string, id: string): void {
    this.#unshown.get(`${from} ${id}`)?.displayed();
    this.#unshown.delete(`${from} ${id}`);
  }

  /** Sends what others can read; for what only a journal knows nobody is there. Not in a turn. */
  send(letter: Letter, done: (outcome: Outcome) => void): void {
    const { what, to } = letter;
    switch (what.kind) {
      case "Message":
        return this.#write(letter, what.text, what.contentType, done);
      case "Edit":
        return this.#write(letter, `* ${what.text}`, undefined, done);
      case "Retract":
        return done({ kind: "Refused", why: `Nothing can be taken back from ${to}.` });
      default:
        return done({ kind: "Accepted" });
    }
  }

  #write(
    letter: Letter,
    body: string,
    contentType: string | undefined,
    done: (outcome: Outcome) => void,
  ): void {
    const { id, to } = letter;
    const type = contentType === undefined ? {} : { contentType };
    const wishes = { receipts: ["delivered", "displayed", "failed"], id } as const;
    const isPlain = this.#plain.has(to);
    this.#chat.send(to, body, isPlain ? type : { ...type, ...wishes }).then(
      (sent) => this.#sent(letter, sent, done),
      (error: unknown) => {
        if (isPlain || !isUnknownType(error)) return done(outcomeOfError(error));
        this.#plain.add(to);
        this.#write(letter, body, contentType, done);
      },
    );
  }

  #sent(letter: Letter, sent: SentMessage, done: (outcome: Outcome) => void): void {
    const { id, to, what } = letter;
    const from = this.#own;
    if (what.kind === "Message") {
      const { contentType, text: body, file, replyTo } = what;
      const more = { ...(file && { file }), ...(replyTo !== undefined && { replyTo }) };
      this.#enter(to, { kind: "Message", id, from, contentType, body, ...more });
    } else if (what.kind === "Edit") {
      const contentType = "text/plain;charset=UTF-8";
      this.#enter(to, { kind: "Edited", id: what.of, from, contentType, body: what.text });
    }
    done({ kind: "Accepted" });
    void hear(sent.notifications(), (one) => this.#told(to, id, one));
  }

  #told(to: string, id: string, { kind, status, recipient }: Receipt): void {
    const by = addressIn(recipient ?? "") ?? to;
    const known = kind === "processing" ? undefined : STATUS[status];
    if (known) this.#enter(to, { kind: "Receipt", id, by, status: known });
  }

  #enter(conversation: string, what: What): void {
    this.#user.entered({ conversation, at: this.#user.now(), what });
  }
}

const isUnknownType = (error: unknown): boolean =>
  error instanceof Error && "status" in error && error.status === 415;

const STATUS: Readonly<Record<string, ReceiptTold["status"]>> = {
  ...{ delivered: "delivered", displayed: "displayed", failed: "failed" },
  ...{ forbidden: "failed", error: "failed" },
};
