/** Where conversations are kept on this device, so that they outlive the program. */

/**
 * A few thousand short texts by their names, at once: `localStorage` in a page, a file, memory. A
 * `set` that throws (no room) is taken for one that did not happen.
 */
export interface ConversationStore {
  /** Undefined: there is none of this name. */
  read(name: string): string | undefined;
  set(name: string, text: string): void;
  remove(name: string): void;
  /** All names, in any order. */
  names(): Iterable<string>;
}

/** A store that ends with the program. */
export class MemoryConversationStore implements ConversationStore {
  readonly #texts = new Map<string, string>();

  read(name: string): string | undefined {
    return this.#texts.get(name);
  }

  set(name: string, text: string): void {
    this.#texts.set(name, text);
  }

  remove(name: string): void {
    this.#texts.delete(name);
  }

  names(): Iterable<string> {
    return [...this.#texts.keys()];
  }
}
