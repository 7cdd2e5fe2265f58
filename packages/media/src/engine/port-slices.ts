/** The share of a range of ports that each worker has, so that none tries what another one uses. */

/** UDP ports, both ends included. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Whole pairs of an even and an odd port. Throws a RangeError where there is not one for each. */
export function slicesOf({ from, to }: Range, count: number): readonly Range[] {
  const first = from + (from % 2);
  const pairs = Math.floor((to + 1 - first) / 2);
  const each = Math.floor(pairs / count);
  if (each < 1) throw new RangeError(`${from} to ${to} are too few ports for ${count} workers`);
  return Array.from({ length: count }, (_, n) => {
    const begin = first + 2 * each * n;
    return { from: begin, to: begin + 2 * each - 1 };
  });
}
