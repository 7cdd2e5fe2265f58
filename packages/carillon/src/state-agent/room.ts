/** How much fits into one NOTIFY. */
import { fromText } from "../grammar/octets.ts";

/** A text's octets in XML, or a few more: what is escaped there counts as what it becomes. */
export const octetsInXml = (text: string): number =>
  fromText(text).length + 5 * (text.match(/[&<>"\t\r\n]/g)?.length ?? 0);

/** As many as fit from the first on; `octetsOf` says how much each takes. */
export function fitting<T>(
  all: readonly T[],
  octets: number,
  octetsOf: (one: T) => number,
): readonly T[] {
  let left = octets;
  const end = all.findIndex((one) => {
    left -= octetsOf(one);
    return left < 0;
  });
  return end < 0 ? all : all.slice(0, end);
}
