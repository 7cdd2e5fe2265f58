/**
 * Texts of a phone in the terminal. Where there is a server they are conversations, so that they
 * arrive whenever the other side comes, and one hears how far they have come; between phones alone
 * they are messages.
 */
import { type Conversations, conversations } from "carillon/chat";
import { type CorePhone, SipError } from "carillon/ua";
import type { ChatHappening } from "../chat/chat-happening.ts";
import { nameOf } from "../chat/chat-words.ts";
import { ToldItems } from "../chat/told-items.ts";
import type { Happening } from "./happening.ts";

export interface CorrespondenceParts {
  readonly phone: CorePhone;
  /** What stands behind the @ at one's server; undefined without one. */
  readonly domain: string | undefined;
  readonly tell: (happening: Happening) => void;
}

/** Whoever sends a text hears within this time what came of it, or that it waits. */
const PATIENCE_MS = 32_000;

export class Correspondence {
  readonly #parts: CorrespondenceParts;
  readonly #all: Conversations | undefined;
  readonly #told = new ToldItems();
  #isQuiet = true;

  constructor(parts: CorrespondenceParts) {
    const { phone, domain } = parts;
    this.#parts = parts;
    if (domain === undefined) {
      void this.#takeMessages();
      return;
    }
    this.#all = conversations(phone);
    void this.#follow(this.#all);
    void this.#waitForHistory(this.#all);
  }

  /** Resolves once the server has it, or it is clear that it has to wait; rejects if refused. */
  async send(to: string, text: string): Promise<void> {
    const { phone, tell } = this.#parts;
    if (this.#all) return this.#converse(this.#all, to, text);
    const { status } = await phone.message(to, text);
    tell({ event: "sent", to, status });
  }

  async #converse(all: Conversations, to: string, text: string): Promise<void> {
    const conversation = all.open(to);
    const id = conversation.send(text);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    for await (const { items } of conversation.changes({ signal })) {
      const item = items.findLast((one) => one.id === id && one.isOwn);
      if (item?.state === "Failed")
        throw new SipError("SIP_REJECTED", item.why ?? "It was refused.");
      if (item && item.state !== "Waiting") return;
    }
    this.#parts.tell({ event: "tick", to, state: "Waiting" });
  }

  async #takeMessages(): Promise<void> {
    const { phone, tell } = this.#parts;
    for await (const { from, text } of phone.messages()) {
      tell({ event: "message", from: from.uri, name: from.displayName, text });
    }
  }

  async #follow(all: Conversations): Promise<void> {
    for await (const views of all.changes()) {
      for (const what of this.#told.changes(views, undefined, this.#isQuiet)) this.#tell(what);
    }
  }

  /** What was there before is not told again. */
  async #waitForHistory(all: Conversations): Promise<void> {
    for await (const state of all.states()) {
      if (state === "Syncing") continue;
      this.#told.changes(all.list(), undefined, true);
      this.#isQuiet = false;
      return;
    }
  }

  #tell(what: ChatHappening): void {
    const { tell, domain } = this.#parts;
    if (what.event === "message" && !what.own) {
      const who = nameOf(what.from, domain);
      const name = what.isGroup ? `${who} in ${what.title}` : who;
      return tell({ event: "message", from: what.from, name, text: what.text });
    }
    if ((what.event !== "changed" && what.event !== "message") || !what.own) return;
    const { conversation: to, state } = what;
    if (state === "Sent") tell({ event: "sent", to, status: 202 });
    // A refusal is told to who waits for it.
    else if (state === "Delivered" || state === "Displayed") tell({ event: "tick", to, state });
  }
}
