/** Which rows of a view have changed since it was told, for documents that may be partial. */

/** Rows that are new or others than before, and those that are there no more. */
export interface RowChanges<R> {
  readonly changed: readonly R[];
  readonly gone: readonly R[];
}

/** What one subscription has been told. */
export class ToldRows<R extends { readonly id: string }> {
  readonly #rows = new Map<string, { readonly row: R; readonly text: string }>();

  /** What is to be told now; from then on it has been told. */
  tell(rows: readonly R[], isWhole: boolean): RowChanges<R> {
    const changed: R[] = [];
    const ids = new Set(rows.map(({ id }) => id));
    const gone = [...this.#rows.values()].map(({ row }) => row).filter(({ id }) => !ids.has(id));
    for (const { id } of gone) this.#rows.delete(id);
    for (const row of rows) {
      const text = JSON.stringify(row);
      if (isWhole || this.#rows.get(row.id)?.text !== text) changed.push(row);
      this.#rows.set(row.id, { row, text });
    }
    return { changed, gone };
  }

  /** Whether there is anything to tell. */
  differs(rows: readonly R[]): boolean {
    return (
      rows.length !== this.#rows.size ||
      rows.some((row) => this.#rows.get(row.id)?.text !== JSON.stringify(row))
    );
  }
}
