/**
 * Conversations that are told what to do by orders, and tell what happens: the part of
 * `carillon chat` that is the same for a person at the keyboard and for a script.
 */
import type { Conversation, Conversations, ConversationView, Item, SyncState } from "carillon/chat";
import { OrderRefused } from "../phone/refusal-of-order.ts";
import { targetOf } from "../phone/target.ts";
import type { ChatHappening, ChatReply } from "./chat-happening.ts";
import type { ChatOrder } from "./chat-order.ts";
import { ToldItems } from "./told-items.ts";

export interface ChatDeskParts {
  readonly conversations: Conversations;
  /** Where names without an @ are. */
  readonly domain: string | undefined;
  readonly tell: (happening: ChatHappening) => void;
  /** Whether somebody looks at the conversation that is open: what comes there has been read. */
  readonly isWatched: boolean;
}

/** What came of an order. */
export type ChatCarried = Pick<ChatReply, "item" | "id" | "list" | "more">;

/** So many of the last messages are shown when a conversation is opened. */
const SHOWN = 12;
const FOUND = 20;

export class ChatDesk {
  readonly #parts: ChatDeskParts;
  readonly #told = new ToldItems();
  readonly #stop = new AbortController();
  #open: Conversation | undefined;
  /** What was there before is history: it is shown when it is asked for. */
  #isQuiet = true;

  constructor(parts: ChatDeskParts) {
    this.#parts = parts;
    void this.#follow();
    void this.#followState();
  }

  close(): void {
    this.#stop.abort();
  }

  /** Rejects with OrderRefused, SipError, or a RangeError in words. */
  async carryOut(order: ChatOrder): Promise<ChatCarried> {
    switch (order.kind) {
      case "List":
        return { list: this.#parts.conversations.list().map(summary) };
      case "Open":
        return this.#opened(this.#conversation(order.who));
      case "Say":
        return this.#write(this.#current, order.text);
      case "Message":
        return this.#write(this.#conversation(order.who), order.text);
      case "Reply":
        return this.#write(this.#current, order.text, this.#item(order.item).id);
      case "Edit":
        this.#current.edit(this.#own(order.item).id, order.text);
        return {};
      case "Retract":
        this.#current.retract(this.#own(order.item).id);
        return {};
      case "Again":
        this.#current.again(this.#failed(order.item).id);
        return {};
      case "Read":
        (order.who === undefined ? this.#current : this.#conversation(order.who)).read();
        return {};
      case "Earlier":
        return this.#earlier(order.count);
      case "Find":
        return this.#find(order.text);
      case "Group":
        return this.#group(order);
      case "Members":
        await this.#current.setMembers(order.members.map((who) => this.#uriOf(who)));
        return {};
      case "Title":
        await this.#current.setTitle(order.title);
        return {};
      case "Leave":
        await this.#current.leave();
        return {};
      case "Help":
      case "Quit":
        return {};
    }
  }

  /** Something is being typed into the conversation that is open. */
  typing(text: string): void {
    if (text === "") this.#open?.stopped();
    else if (!text.startsWith("/")) this.#open?.composing();
  }

  // ---- which one -------------------------------------------------------------------------------

  get #current(): Conversation {
    if (this.#open) return this.#open;
    throw new OrderRefused("NONE_OPEN", "No conversation is open. Open one: /open WHO");
  }

  #conversation(who: string): Conversation {
    return this.#parts.conversations.open(this.#uriOf(who));
  }

  #uriOf(who: string): string {
    const target = targetOf(who, this.#parts.domain);
    if (!target.ok) throw new OrderRefused("NO_ADDRESS", target.words);
    return target.uri;
  }

  #item(number: number): Item {
    const item = this.#told.byNumber(this.#current.view(), number);
    if (item) return item;
    throw new OrderRefused("NO_MESSAGE", `There is no message ${number} in this conversation.`);
  }

  #own(number: number | undefined): Item {
    if (number !== undefined) return this.#item(number);
    const item = this.#current.view().items.findLast((one) => one.isOwn && !one.isRetracted);
    if (item) return item;
    throw new OrderRefused("NO_MESSAGE", "There is no message of yours in this conversation.");
  }

  #failed(number: number | undefined): Item {
    if (number !== undefined) return this.#item(number);
    const item = this.#current.view().items.findLast((one) => one.state === "Failed");
    if (item) return item;
    throw new OrderRefused("NO_MESSAGE", "No message of yours has failed in this conversation.");
  }

  // ---- what is done ----------------------------------------------------------------------------

  #opened(conversation: Conversation): ChatCarried {
    this.#open = conversation;
    const view = conversation.view();
    if (this.#parts.isWatched) conversation.read();
    const { uri, title } = view;
    const items = view.items.slice(-SHOWN).map((item) => this.#shown(view, item));
    return {
      list: [{ event: "opened", conversation: uri, title }, ...items],
      more: view.hasEarlier || view.items.length > SHOWN,
    };
  }

  #shown(view: ConversationView, item: Item): ChatHappening {
    return { event: "item", ...this.#told.told(view, item) };
  }

  #write(conversation: Conversation, text: string, replyTo?: string): ChatCarried {
    const id = conversation.send(text, replyTo === undefined ? {} : { replyTo });
    const view = conversation.view();
    const item = view.items.findLast((one) => one.id === id);
    return item ? { id, item: this.#told.told(view, item).item } : { id };
  }

  async #earlier(count: number): Promise<ChatCarried> {
    const conversation = this.#current;
    const before = conversation.view().items[0];
    const more = await conversation.earlier(count);
    const view = conversation.view();
    const at = before ? view.items.findIndex(({ id }) => id === before.id) : view.items.length;
    return { list: view.items.slice(0, at).map((item) => this.#shown(view, item)), more };
  }

  async #find(text: string): Promise<ChatCarried> {
    const found = await this.#parts.conversations.find(text, { limit: FOUND });
    const list = found.map(({ conversation, item }) =>
      this.#shown(this.#parts.conversations.open(conversation).view(), item),
    );
    return { list };
  }

  async #group({
    name,
    title,
    members,
  }: Extract<ChatOrder, { readonly kind: "Group" }>): Promise<ChatCarried> {
    const all = members.map((who) => this.#uriOf(who));
    return this.#opened(await this.#parts.conversations.createGroup(name, title, all));
  }

  // ---- what happens ----------------------------------------------------------------------------

  async #follow(): Promise<void> {
    const { conversations, tell, isWatched } = this.#parts;
    for await (const views of conversations.changes(this.#stop)) {
      const open = this.#open;
      // In one in which nothing was said yet somebody may be writing.
      const isNew = open && !views.some(({ uri }) => uri === open.uri);
      const all = isNew ? [...views, open.view()] : views;
      for (const what of this.#told.changes(all, open?.uri, this.#isQuiet)) tell(what);
      if (isWatched && open && open.view().unread > 0) open.read();
    }
  }

  /** Once all of it is known, or nothing more is to be had: what is open, and what is unread. */
  #showWhatIsHere(): void {
    const { conversations, tell } = this.#parts;
    const open = this.#open;
    for (const one of conversations.list()) {
      if (one.unread > 0 && one.uri !== open?.uri) tell(summary(one));
    }
    if (open) for (const one of this.#opened(open).list ?? []) tell(one);
  }

  async #followState(): Promise<void> {
    const { conversations, tell } = this.#parts;
    let last: SyncState | undefined;
    for await (const state of conversations.states(this.#stop)) {
      // Each try is on the way again: that is told once.
      if (state === last || (state === "Syncing" && last !== undefined)) continue;
      last = state;
      tell({ event: "state", state });
      if (!this.#isQuiet || state === "Syncing") continue;
      this.#told.changes(conversations.list(), this.#open?.uri, true);
      this.#isQuiet = false;
      this.#showWhatIsHere();
    }
  }
}

function summary(view: ConversationView): ChatHappening {
  const { uri, title, isGroup, members, unread, items } = view;
  const text = items.at(-1)?.text ?? "";
  return { event: "conversation", conversation: uri, title, group: isGroup, members, unread, text };
}
