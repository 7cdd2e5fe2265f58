/** Conversations of `carillon chat --keep FILE`: a file to which every change is added. */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { ConversationStore } from "carillon/chat";
import { CannotStart } from "../cannot-start.ts";

/** A file with more changes than this, of which most are past, is written anew. */
const MANY_CHANGES = 10_000;

/** Texts by name in a file that only its owner reads. Throws CannotStart in words. */
export class KeptConversations implements ConversationStore {
  readonly #path: string;
  readonly #addTo: (path: string, line: string) => void;
  readonly #texts = new Map<string, string>();
  #changes = 0;
  /** A full disk has taken the beginning of a line, perhaps: what comes next must not go on it. */
  #isCut = false;

  constructor(path: string, addTo: (path: string, line: string) => void = appendFileSync) {
    this.#path = path;
    this.#addTo = addTo;
    try {
      if (existsSync(path)) this.#load(readFileSync(path, "utf8"));
      this.#writeAnew();
    } catch (cause) {
      const { code = String(cause) } = cause as { code?: string };
      throw new CannotStart(`--keep ${path} cannot be used: ${code}.`);
    }
  }

  read(name: string): string | undefined {
    return this.#texts.get(name);
  }

  set(name: string, text: string): void {
    const before = this.#texts.get(name);
    this.#texts.set(name, text);
    try {
      this.#append([name, text]);
    } catch (cause) {
      if (before === undefined) this.#texts.delete(name);
      else this.#texts.set(name, before);
      throw cause;
    }
  }

  remove(name: string): void {
    if (!this.#texts.delete(name)) return;
    try {
      this.#append([name]);
    } catch {
      // On a disk that is full it stays: the next time it is there once more.
    }
  }

  names(): Iterable<string> {
    return [...this.#texts.keys()];
  }

  #append(change: readonly string[]): void {
    this.#changes++;
    if (this.#changes > MANY_CHANGES && this.#changes > 4 * this.#texts.size) {
      return this.#writeAnew();
    }
    const line = `${this.#isCut ? "\n" : ""}${JSON.stringify(change)}\n`;
    this.#isCut = true;
    this.#addTo(this.#path, line);
    this.#isCut = false;
  }

  /** A line that is no change is one whose writing was cut short. */
  #load(text: string): void {
    for (const line of text.split("\n")) {
      const [name, value] = changeIn(line);
      if (name === undefined) continue;
      if (value === undefined) this.#texts.delete(name);
      else this.#texts.set(name, value);
    }
  }

  #writeAnew(): void {
    const lines = [...this.#texts].map((change) => `${JSON.stringify(change)}\n`);
    // On the disk before it takes the other's place: else a power cut leaves neither.
    writeFileSync(`${this.#path}.new`, lines.join(""), { mode: 0o600, flush: true });
    renameSync(`${this.#path}.new`, this.#path);
    this.#changes = this.#texts.size;
    this.#isCut = false;
  }
}

function changeIn(line: string): readonly (string | undefined)[] {
  try {
    const change: unknown = JSON.parse(line);
    const isOne = Array.isArray(change) && change.every((one) => typeof one === "string");
    return isOne ? change : [];
  } catch {
    return [];
  }
}
