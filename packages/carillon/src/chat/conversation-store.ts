/** Where conversations are kept on this device, so that they outlive the program. */

/**
 * A few thousand short texts by their names, at once: `localStorage` in a page, a file, memory. A
 * `set` that throws (no room) is taken for one that did not happen.
 */
export interface ConversationStore {
  /** Undefined: there is none of this name. */
  read(name: string): string | undefined;
  /** Puts it in the place of what had this name. */
  set(name: string, text: string): void;
  /** Nothing has this name from then on. */
  remove(name: string): void;
  /** All names, in any order. */
  names(): Iterable<string>;
}

/** A store that ends with the program. */
export class MemoryConversationStore implements ConversationStore {
  readonly #texts = new Map<string, string>();

  /** As a `ConversationStore` has it. */
  read(name: string): string | undefined {
    return this.#texts.get(name);
  }

  /** As a `ConversationStore` has it. */
  set(name: string, text: string): void {
    this.#texts.set(name, text);
  }

  /** As a `ConversationStore` has it. */
  remove(name: string): void {
    this.#texts.delete(name);
  }

  /** As a `ConversationStore` has it. */
  names(): Iterable<string> {
    return [...this.#texts.keys()];
  }
}
