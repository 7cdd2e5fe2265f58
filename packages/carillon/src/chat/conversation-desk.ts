/** All conversations of a phone at work: the journal, what waits to be sent, and who is writing. */
import type { FileReference } from "../documents/file-reference.ts";
import { type Entry, MAX_MESSAGE_BODY } from "../documents/journal.ts";
import { newTimer } from "../endpoint/wheel.ts";
import { fromText } from "../grammar/octets.ts";
import { NEVER } from "../transaction/timers.ts";
import { type PhoneParts, partsOf } from "../ua/phone-parts.ts";
import { Changing, hear, type IterationOptions, Queue } from "../ua/replay.ts";
import { SipError } from "../ua/sip-error.ts";
import type { Task } from "../ua/takers.ts";
import { afterTurn } from "./after-turn.ts";
import { type Chat, chat, type Writer } from "./chat.ts";
import { addressIn, chatAddress } from "./chat-address.ts";
import type { ChatMessage } from "./chat-message.ts";
import { type ConversationState, MAX_PENDING } from "./conversation.ts";
import { MemoryConversationStore } from "./conversation-store.ts";
import type { ConversationView } from "./conversation-view.ts";
import type { ConversationsOptions, SyncState } from "./conversations-api.ts";
import {
  type ConversationsState,
  conversationIn,
  noConversations,
  reduceAll,
  unreadOf,
  viewsOf,
} from "./conversations-state.ts";
import { JournalCache } from "./journal-cache.ts";
import { JournalReader } from "./journal-reader.ts";
import { isRetracted } from "./kept-item.ts";
import {
  cpimOf,
  isSaid,
  LAST_DATE_MS,
  type Letter,
  type LetterKind,
  MAX_DISPLAYED,
} from "./letter.ts";
import type { LocalEvent } from "./local-event.ts";
import { Outbox, type Outcome } from "./outbox.ts";
import { PlainSide } from "./plain-side.ts";
import { sendSheet } from "./send-letter.ts";
import { viewOf } from "./view-of.ts";

/** What has a 2xx is in the journal: when it is not told of after so long, somebody asks. */
const DOUBT_MS = 5000;
/** Messages that came before it was known whether there is a journal. */
const MAX_UNSORTED = 100;
/** A server that knows nothing of journals says nothing of who is away: it is asked so often. */
const PLAIN_TRIES = 4;

export class ConversationDesk implements Task {
  readonly own: string;
  readonly parts: PhoneParts;
  readonly reader: JournalReader;
  readonly #tellsDisplayed: boolean;
  readonly #outbox: Outbox;
  readonly #chat: Chat;
  readonly #plain: PlainSide;
  readonly #sync = new Changing<SyncState>("Syncing");
  readonly #lists = new Set<Queue<readonly ConversationView[]>>();
  readonly #watchers = new Map<Queue<ConversationView>, string>();
  readonly #doubt = newTimer({ due: () => this.#ask() });
  #state: ConversationsState;
  #views = new WeakMap<ConversationState, ConversationView>();
  #unsorted: ChatMessage[] = [];
  #writing: readonly Writer[] = [];
  #isOver = false;

  constructor(phone: object, options: ConversationsOptions) {
    const { store = new MemoryConversationStore(), tellsDisplayed = true } = options;
    const parts = partsOf(phone);
    this.parts = parts;
    this.own = chatAddress(parts.agent.aor);
    this.#tellsDisplayed = tellsDisplayed;
    this.#chat = chat(phone);
    const cache = new JournalCache(store, this.own);
    this.#state = reduceAll(noConversations(this.own), cache.load());
    this.#outbox = new Outbox(parts.agent, store, {
      send: (letter, done) => this.#send(letter, done),
      accepted: (letter) => this.#accepted(letter),
      refused: (letter, why) => this.#refused(letter, why),
      isHopeless: (_, tries) => this.reader.mode === "Plain" && tries >= PLAIN_TRIES,
    });
    this.#state = reduceAll(this.#state, this.#outbox.letters.flatMap(eventsOf));
    this.reader = new JournalReader(phone, parts, this.own, cache, {
      entered: (entries) => this.#entered(entries),
      forgotten: () => this.#forgotten(),
      changed: () => this.#readerChanged(),
    });
    this.#plain = new PlainSide(this.#chat, this.own, {
      now: () => parts.now(),
      entered: (draft) => parts.whileOpen(() => this.reader.enterPlain(draft)),
    });
    parts.inTurn(() => {
      if (!parts.agent.takers.addTask(this)) throw tooMuch("goes on already");
      this.reader.start();
    });
    void hear(this.#chat.messages(), (message) => this.#received(message));
    void hear(this.#chat.writers.values(), (all) => this.#writers(all));
  }

  // ---- what is shown ---------------------------------------------------------------------------

  get isOver(): boolean {
    return this.#isOver;
  }

  get sync(): Changing<SyncState> {
    return this.#sync;
  }

  get unread(): number {
    return unreadOf(this.#state);
  }

  list(): readonly ConversationView[] {
    return viewsOf(this.#state, (one) => this.#viewOf(one));
  }

  lists({ signal }: IterationOptions = {}): AsyncIterableIterator<readonly ConversationView[]> {
    const queue = new Queue<readonly ConversationView[]>(
      (one) => this.#lists.delete(one),
      signal,
      1,
    );
    queue.push(this.list());
    if (this.#isOver) queue.end();
    if (!queue.ended) this.#lists.add(queue);
    return queue;
  }

  state(uri: string): ConversationState {
    return conversationIn(this.#state, uri);
  }

  view(uri: string): ConversationView {
    return this.#viewOf(this.state(uri));
  }

  views(uri: string, { signal }: IterationOptions = {}): AsyncIterableIterator<ConversationView> {
    const queue = new Queue<ConversationView>((one) => this.#watchers.delete(one), signal, 1);
    queue.push(this.view(uri));
    if (this.#isOver) queue.end();
    if (!queue.ended) this.#watchers.set(queue, uri);
    return queue;
  }

  #viewOf(state: ConversationState): ConversationView {
    const known = this.#views.get(state);
    if (known) return known;
    const view = viewOf(state, this.reader.isFromStart);
    this.#views.set(state, view);
    return view;
  }

  /** Something happened: whoever looks sees it. */
  apply(events: readonly (Entry | LocalEvent)[]): void {
    const before = this.#state;
    this.#state = reduceAll(before, events);
    const changed = (uri: string) => conversationIn(before, uri) !== this.state(uri);
    for (const [queue, uri] of [...this.#watchers]) if (changed(uri)) queue.push(this.view(uri));
    if (this.#lists.size === 0) return;
    const list = this.list();
    for (const queue of [...this.#lists]) queue.push(list);
  }

  // ---- what is done here -----------------------------------------------------------------------

  /** Sends a message: its Message-ID. */
  write(
    uri: string,
    text: string,
    more: { contentType: string; file?: FileReference; replyTo?: string },
  ): string {
    if (fromText(text).length > MAX_MESSAGE_BODY) {
      throw new RangeError(`a message has ${MAX_MESSAGE_BODY} octets at most`);
    }
    if (this.state(uri).pending.length >= MAX_PENDING) throw tooMuch("waits to be sent already");
    return this.post(uri, uri, { kind: "Message", text, ...more });
  }

  /** Puts a letter of one's own into the outbox: its Message-ID. */
  post(to: string, conversation: string, what: LetterKind): string {
    const { inTurn } = this.parts;
    if (this.#outbox.isFull) throw tooMuch("waits to be sent already");
    let id = "";
    inTurn(() => {
      id = this.#put(to, conversation, what);
    });
    return id;
  }

  #put(to: string, conversation: string, what: LetterKind): string {
    const { agent, now } = this.parts;
    //= RFC 5438 §6.3
    //# it is RECOMMENDED that Message-IDs be generated using a cryptographically secure,
    //# pseudo-random number generator and contain at least 64 bits of randomness
    const id = agent.endpoint.ids.unique();
    const letter = { id, to, conversation, at: now(), what };
    this.apply(eventsOf({ ...letter, nth: 0 }));
    this.#outbox.add(letter);
    return id;
  }

  again(uri: string, id: string): void {
    if (!this.state(uri).pending.some((one) => one.id === id && one.state === "Failed")) return;
    this.parts.inTurn(() => {
      this.apply([{ kind: "Again", conversation: uri, id }]);
      this.#outbox.again(id);
    });
  }

  /** Throws away what has not left. False: it has. */
  forget(uri: string, id: string): boolean {
    let isGone = false;
    this.parts.inTurn(() => {
      isGone = this.#outbox.remove(id);
      if (isGone) this.apply([{ kind: "Forgotten", conversation: uri, id }]);
    });
    return isGone;
  }

  composing(uri: string, is: boolean): void {
    if (is) this.#chat.composing(uri);
    else this.#chat.stopped(uri);
  }

  /** All of it has been shown. */
  read(uri: string): void {
    const { items, readUpTo, own } = this.state(uri);
    const unseen = items.filter(({ seq, from }) => seq > readUpTo && from !== own);
    const upTo = unseen.at(-1)?.seq;
    if (upTo === undefined) return;
    if (this.reader.mode === "Plain") {
      for (const { from, id } of unseen) if (this.#tellsDisplayed) this.#plain.shown(from, id);
      return this.parts.inTurn(() => this.apply([{ kind: "Shown", conversation: uri, upTo }]));
    }
    this.parts.inTurn(() => {
      const wanted = unseen.filter((one) => one.wants.includes("displayed") && !isRetracted(one));
      const of = wanted.map(({ id, at }) => ({ id, wroteAt: Math.min(at, LAST_DATE_MS) }));
      for (let i = 0; i < of.length && this.#tellsDisplayed; i += MAX_DISPLAYED) {
        this.#put(uri, uri, { kind: "Displayed", of: of.slice(i, i + MAX_DISPLAYED) });
      }
      for (const { id, what, conversation } of this.#outbox.letters) {
        if (what.kind === "Read" && conversation === uri) this.#outbox.remove(id);
      }
      this.#put(this.own, uri, { kind: "Read", upTo });
    });
  }

  // ---- what comes ------------------------------------------------------------------------------

  #entered(entries: readonly Entry[]): void {
    for (const { conversation, what } of entries) {
      if (what.kind === "Message" && what.from !== this.own) {
        this.#chat.heard(conversation, what.from);
      }
    }
    this.apply(entries);
  }

  /** The journal is another one; what waits here is still to be sent. */
  #forgotten(): void {
    this.#state = reduceAll(noConversations(this.own), this.#outbox.letters.flatMap(eventsOf));
    this.apply([]);
  }

  #readerChanged(): void {
    const { mode, state, isFromStart } = this.reader;
    if (isFromStart !== this.#state.isFromStart) {
      this.#state = { ...this.#state, isFromStart };
      this.#views = new WeakMap();
      this.apply([]);
    }
    if (mode !== undefined && !this.#isSorted) this.#sorted(mode);
    const shown = state === "None" ? "Plain" : state;
    if (shown !== this.#sync.current) this.#sync.set(shown);
  }

  #isSorted = false;

  /** It is known by now whether there is a journal. */
  #sorted(mode: "Journal" | "Plain"): void {
    this.#isSorted = true;
    this.#outbox.open();
    const early = this.#unsorted.splice(0);
    if (mode === "Plain") {
      afterTurn(() => {
        for (const one of early) this.#plain.received(one);
      });
    }
  }

  /** What is pushed to this device: where there is a journal, that has it, too. */
  #received(message: ChatMessage): void {
    const { mode } = this.reader;
    if (mode === "Plain") this.#plain.received(message);
    if (mode === undefined && this.#unsorted.length < MAX_UNSORTED) this.#unsorted.push(message);
  }

  #writers(all: readonly Writer[]): void {
    const now = all.flatMap(({ conversation, from }): readonly Writer[] => {
      const [there, who] = [addressIn(conversation), addressIn(from)];
      return there === undefined || who === undefined ? [] : [{ conversation: there, from: who }];
    });
    const isIn = (some: readonly Writer[], { conversation, from }: Writer) =>
      some.some((one) => one.conversation === conversation && one.from === from);
    const gone = this.#writing.filter((one) => !isIn(now, one));
    const fresh = now.filter((one) => !isIn(this.#writing, one));
    this.#writing = now;
    this.apply([
      ...gone.map((one) => ({ ...one, kind: "Composing", isComposing: false }) as const),
      ...fresh.map((one) => ({ ...one, kind: "Composing", isComposing: true }) as const),
    ]);
  }

  // ---- letters ---------------------------------------------------------------------------------

  #send(letter: Letter, done: (outcome: Outcome) => void): void {
    const { agent, whileOpen } = this.parts;
    if (this.reader.mode === "Plain") {
      const answered = (outcome: Outcome): void => whileOpen(() => done(outcome));
      return afterTurn(() => this.#plain.send(letter, answered));
    }
    if (isSaid(letter)) agent.endpoint.later(() => this.#chat.wrote(letter.to));
    sendSheet(agent, { to: letter.to, body: cpimOf(letter, this.own) }, done);
  }

  #accepted({ id, conversation, what: { kind } }: Letter): void {
    if (kind === "Message") this.apply([{ kind: "Accepted", conversation, id }]);
    if (kind === "Edit" || kind === "Retract") {
      this.apply([{ kind: "ChangeAccepted", conversation, key: id }]);
    }
    const { endpoint } = this.parts.agent;
    if (this.#doubt.at === NEVER) endpoint.schedule(this.#doubt, endpoint.now + DOUBT_MS);
  }

  #refused({ id, conversation, what: { kind } }: Letter, why: string): void {
    if (kind === "Message") this.apply([{ kind: "Refused", conversation, id, why }]);
    if (kind === "Edit" || kind === "Retract") {
      this.apply([{ kind: "ChangeRefused", conversation, key: id }]);
    }
  }

  /** The server has it for good, and does not tell of it: does it still know us? */
  #ask(): void {
    this.#doubt.at = NEVER;
    const isMissing = [...this.#state.byUri.values()].some(
      ({ pending, changes }) =>
        pending.some(({ state }) => state === "Sent") ||
        changes.some(({ isAccepted }) => isAccepted),
    );
    if (isMissing && this.reader.mode === "Journal") this.reader.doubt();
  }

  // ---- for the phone ---------------------------------------------------------------------------

  /** For the phone: the way to the server is gone. */
  cutOff(): void {
    this.reader.cutOff();
    this.#outbox.close();
  }

  /** For the phone: the server knows this device again. */
  back(): void {
    this.reader.back();
    if (this.reader.mode !== undefined) this.#outbox.open();
  }

  /** For the phone, which is being closed: ends it. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.parts.agent.endpoint.schedule(this.#doubt, NEVER);
    this.#outbox.close();
    this.reader.stop();
    this.#chat.leave();
    this.#sync.end();
    for (const queue of [...this.#lists, ...this.#watchers.keys()]) queue.end();
    this.parts.agent.takers.removeTask(this);
  }

  /** For the phone, which is closed: ends it, and sends nothing more. */
  abandon(): void {
    this.leave();
  }
}

const tooMuch = (what: string) => new SipError("SIP_REJECTED", `Too much ${what}.`);

/** What is shown of a letter that waits. */
function eventsOf({ id, conversation, at, what, failed }: Letter): readonly LocalEvent[] {
  switch (what.kind) {
    case "Message": {
      const { kind, ...message } = what;
      const written: LocalEvent = { kind: "Written", conversation, id, at, ...message };
      const refused: LocalEvent = { kind: "Refused", conversation, id, why: failed ?? "" };
      return failed === undefined ? [written] : [written, refused];
    }
    case "Edit":
      return [{ kind: "Changing", conversation, key: id, id: what.of, text: what.text }];
    case "Retract":
      return [{ kind: "Changing", conversation, key: id, id: what.of }];
    case "Read":
      return [{ kind: "Shown", conversation, upTo: what.upTo }];
    case "Displayed":
      return [];
  }
}
