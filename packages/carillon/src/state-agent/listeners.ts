/** Who wants to hear of what: listeners by name. */
export class Listeners {
  readonly #all = new Map<string, Set<() => void>>();

  has(name: string): boolean {
    return this.#all.has(name);
  }

  get names(): readonly string[] {
    return [...this.#all.keys()];
  }

  add(name: string, listener: () => void): void {
    const known = this.#all.get(name);
    if (known) known.add(listener);
    else this.#all.set(name, new Set([listener]));
  }

  /** True if it was the last of that name. */
  remove(name: string, listener: () => void): boolean {
    const known = this.#all.get(name);
    if (!known?.delete(listener) || known.size > 0) return false;
    return this.#all.delete(name);
  }

  tell(name: string): void {
    for (const listener of [...(this.#all.get(name) ?? [])]) listener();
  }
}
