/** Which open connection leads where: the alias table of RFC 5923 §4, of all connections. */
import { type AliasRow, aliasKey, reusable } from "../locate/connection-reuse.ts";
import type { Target } from "../locate/target.ts";

/** Rows that one connection may have: a peer that names ever new ports fills no memory. */
const MAX_ROWS_OF_ONE = 4;
/** Connections that may lead to one address, told apart by their certificates. */
const MAX_ROWS_OF_ADDRESS = 16;

export class AliasTable {
  readonly #byKey = new Map<string, readonly AliasRow[]>();
  readonly #keys = new Map<number, Set<string>>();

  get size(): number {
    return this.#byKey.size;
  }

  add(row: AliasRow): void {
    const key = aliasKey(row, row.owner);
    const rows = this.#byKey.get(key) ?? [];
    const keys = this.#keys.get(row.connection) ?? new Set();
    if (keys.has(key) || keys.size >= MAX_ROWS_OF_ONE || rows.length >= MAX_ROWS_OF_ADDRESS) return;
    this.#byKey.set(key, [...rows, row]);
    this.#keys.set(row.connection, keys.add(key));
  }

  find(target: Target, owner: string): AliasRow | undefined {
    return reusable(this.#byKey.get(aliasKey(target, owner)) ?? [], target, owner);
  }

  remove(connection: number): void {
    for (const key of this.#keys.get(connection) ?? []) {
      const left = (this.#byKey.get(key) ?? []).filter((row) => row.connection !== connection);
      if (left.length > 0) this.#byKey.set(key, left);
      else this.#byKey.delete(key);
    }
    this.#keys.delete(connection);
  }
}
