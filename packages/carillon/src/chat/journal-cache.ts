/** The latest part of the journal, kept here: it is shown before the server is heard. */
import { type Entry, formatJournalPage, parseJournalPage } from "../documents/journal.ts";
import { parseNumber } from "../grammar/chars.ts";
import { fromText, toText } from "../grammar/octets.ts";
import type { ConversationStore } from "./conversation-store.ts";

/** Which part of the journal is known: everything from `oldest` to `last`. */
export interface Position {
  /** Whose journal it is: one's own address. */
  readonly own: string;
  /** `Plain`: there is none on the server, and these are this device's own. */
  readonly mode: "Journal" | "Plain";
  readonly oldest: number;
  readonly last: number;
  /** There is nothing before `oldest`. */
  readonly isFromStart: boolean;
}

/** Entries that are kept, and their characters: a page has room for some millions. */
const MAX_ENTRIES = 2000;
const MAX_CHARACTERS = 1_500_000;
const PREFIX = "entry ";
const POSITION = "position";

export class JournalCache {
  readonly #store: ConversationStore;
  /** Characters of each, by number. */
  readonly #sizes = new Map<number, number>();
  #characters = 0;
  #position: Position | undefined;
  /** The store takes nothing more: it stays as it is, and what is missing is asked for again. */
  #isFull = false;

  constructor(store: ConversationStore, own: string) {
    this.#store = store;
    const position = positionOf(store.read(POSITION));
    if (position?.own === own) this.#position = position;
    else this.clear();
  }

  /** Undefined: nothing is known. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** What is kept, by its numbers. */
  load(): readonly Entry[] {
    const all: Entry[] = [];
    for (const name of [...this.#store.names()]) {
      if (!name.startsWith(PREFIX)) continue;
      const text = this.#store.read(name) ?? "";
      const entry = entryOf(text);
      if (!entry) this.#store.remove(name);
      else {
        all.push(entry);
        this.#noteSize(entry.seq, text.length);
      }
    }
    return all.sort((a, b) => a.seq - b.seq);
  }

  /** Keeps entries, and what is known by then. */
  save(entries: readonly Entry[], position: Position): void {
    this.#position = position;
    if (this.#isFull) return;
    try {
      for (const entry of entries) this.#saveEntry(entry);
      this.#trim();
      this.#store.set(POSITION, JSON.stringify(this.#position));
    } catch {
      this.#isFull = true;
    }
  }

  /** Forgets all of it. */
  clear(): void {
    this.#position = undefined;
    this.#sizes.clear();
    this.#characters = 0;
    this.#isFull = false;
    this.#store.remove(POSITION);
    for (const name of [...this.#store.names()]) {
      if (name.startsWith(PREFIX)) this.#store.remove(name);
    }
  }

  #saveEntry(entry: Entry): void {
    if (this.#sizes.has(entry.seq)) return;
    const text = toText(formatJournalPage({ entries: [entry], last: entry.seq, isWhole: false }));
    this.#store.set(PREFIX + entry.seq, text);
    this.#noteSize(entry.seq, text.length);
  }

  #noteSize(seq: number, size: number): void {
    this.#sizes.set(seq, size);
    this.#characters += size;
  }

  /** The oldest give way. */
  #trim(): void {
    if (this.#sizes.size <= MAX_ENTRIES && this.#characters <= MAX_CHARACTERS) return;
    const position = this.#position;
    // Some more than needed, so that it does not come to this with each.
    const oldest = [...this.#sizes.keys()].sort((a, b) => a - b);
    for (const seq of oldest) {
      const { size } = this.#sizes;
      if (size <= MAX_ENTRIES * 0.9 && this.#characters <= MAX_CHARACTERS * 0.9) break;
      this.#store.remove(PREFIX + seq);
      this.#characters -= this.#sizes.get(seq) ?? 0;
      this.#sizes.delete(seq);
      if (position) this.#position = { ...position, oldest: seq + 1, isFromStart: false };
    }
  }
}

function positionOf(text: string | undefined): Position | undefined {
  try {
    const { own, mode, oldest, last, isFromStart } = JSON.parse(text ?? "") as Position;
    const isWhole =
      typeof own === "string" &&
      (mode === "Journal" || mode === "Plain") &&
      [oldest, last].every((one) => parseNumber(String(one), Number.MAX_SAFE_INTEGER) === one);
    return isWhole ? { own, mode, oldest, last, isFromStart: isFromStart === true } : undefined;
  } catch {
    return undefined;
  }
}

function entryOf(text: string): Entry | undefined {
  const page = parseJournalPage(fromText(text));
  return page.ok ? page.value.entries[0] : undefined;
}
