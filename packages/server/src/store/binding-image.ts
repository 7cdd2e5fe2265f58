/**
 * All bindings in memory, which is where every look-up finds them. Time is the steady clock's.
 */
import type { Binding } from "carillon/roles";
import { BindingPacker } from "./packed-bindings.ts";

/** Expiry is looked after in rounds of this length; what has expired is not handed out anyway. */
const SLOT_MS = 10_000;

interface Entry {
  packed: string;
  /** When somebody has to look at it: a slot in which nothing need have expired, or 0. */
  slot: number;
}

export class BindingImage {
  readonly #packer = new BindingPacker();
  /** Who was here stays until their slot is over: coming and going costs no memory. */
  readonly #entries = new Map<string, Entry>();
  readonly #slots = new Map<number, string[]>();
  readonly #byConnection = new Map<number, Set<string>>();

  /** Those that have not expired. */
  bindings(account: string, now: number): readonly Binding[] {
    const packed = this.#entries.get(account)?.packed ?? "";
    if (packed === "") return NONE;
    return this.#packer.unpack(packed).filter(({ expiresAt }) => expiresAt > now);
  }

  put(account: string, bindings: readonly Binding[]): void {
    const known = this.#entries.get(account);
    if (known === undefined && bindings.length === 0) return;
    const entry = known ?? { packed: "", slot: 0 };
    if (known === undefined) this.#entries.set(account, entry);
    entry.packed = this.#packer.pack(bindings);
    // No slot will come to take it out.
    if (entry.packed === "" && entry.slot === 0) this.#entries.delete(account);
    this.#plan(account, entry, bindings);
    for (const { flow } of bindings) if (flow.connection > 0) this.#index(flow.connection, account);
  }

  /** Takes a connection out of the index: whose bindings may have been reached through it. */
  drop(connection: number): Iterable<string> {
    const accounts: Iterable<string> = this.#byConnection.get(connection) ?? NONE;
    this.#byConnection.delete(connection);
    return accounts;
  }

  /** Accounts of which something may have expired by now. The caller puts back what is left. */
  due(now: number): readonly string[] {
    const accounts: string[] = [];
    const current = Math.floor(now / SLOT_MS);
    for (const [slot, some] of this.#slots) {
      if (slot >= current) continue;
      this.#slots.delete(slot);
      for (const account of some) {
        const entry = this.#entries.get(account);
        if (entry?.slot !== slot) continue;
        entry.slot = 0;
        if (entry.packed === "") this.#entries.delete(account);
        else accounts.push(account);
      }
    }
    return accounts;
  }

  /** Accounts that are kept here, those who have just left among them. */
  get size(): number {
    return this.#entries.size;
  }

  /** One place in one slot for each account; it moves to an earlier one, and never to a later. */
  #plan(account: string, entry: Entry, bindings: readonly Binding[]): void {
    if (bindings.length === 0) return;
    const first = Math.min(...bindings.map(({ expiresAt }) => expiresAt));
    const slot = Math.floor(first / SLOT_MS);
    if (entry.slot !== 0 && entry.slot <= slot) return;
    entry.slot = slot;
    const some = this.#slots.get(slot);
    if (some === undefined) this.#slots.set(slot, [account]);
    else some.push(account);
  }

  #index(connection: number, account: string): void {
    const accounts = this.#byConnection.get(connection);
    if (accounts === undefined) this.#byConnection.set(connection, new Set([account]));
    else accounts.add(account);
  }
}

const NONE: readonly never[] = [];
