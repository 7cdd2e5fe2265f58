/** One view out of documents that each tell a part: versions in order. RFC 3680, 4235, 4575. */

/** What became of a document. */
export type Coherent<T> =
  | {
      readonly kind: "New";
      readonly value: T;
      /** One is missing before it: the whole state is to be asked for. */
      readonly isTorn: boolean;
    }
  /** It is older than what is known. */
  | { readonly kind: "Old" };

/** Rows that one view may have: more than that nobody looks at. */
export const MAX_ROWS = 1000;

/** What is known with what is new put over it, by their ids; what is over comes out at the end. */
export function mergedRows<R extends { readonly id: string }>(
  known: readonly R[],
  changed: readonly R[],
  isOver: (row: R) => boolean,
): readonly R[] {
  const rows = new Map(known.filter((one) => !isOver(one)).map((one) => [one.id, one]));
  for (const one of changed) if (rows.size < MAX_ROWS || rows.has(one.id)) rows.set(one.id, one);
  return [...rows.values()];
}
