/** Conversations of `carillon chat --keep FILE`: a file to which every change is added. */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { ConversationStore } from "carillon/chat";
import { CannotStart } from "../cannot-start.ts";

/** A file with more changes than this, of which most are past, is written anew. */
const MANY_CHANGES = 10_000;

/** Texts by name in a file that only its owner reads. Throws CannotStart in words. */
export class KeptConversations implements ConversationStore {
  readonly #path: string;
  readonly #texts = new Map<string, string>();
  #changes = 0;

  constructor(path: string) {
    this.#path = path;
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
    this.#texts.set(name, text);
    this.#append([name, text]);
  }

  remove(name: string): void {
    if (this.#texts.delete(name)) this.#append([name]);
  }

  names(): Iterable<string> {
    return [...this.#texts.keys()];
  }

  #append(change: readonly string[]): void {
    this.#changes++;
    if (this.#changes > MANY_CHANGES && this.#changes > 4 * this.#texts.size) this.#writeAnew();
    else appendFileSync(this.#path, `${JSON.stringify(change)}\n`);
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
    writeFileSync(`${this.#path}.new`, lines.join(""), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
    this.#changes = this.#texts.size;
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
