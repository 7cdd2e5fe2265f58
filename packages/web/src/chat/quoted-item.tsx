/** The message that another one answers, in two lines. */

import type { Item } from "carillon/chat";
import type { ReactNode } from "react";
import { itemLine } from "./last-line.ts";
import { useNames } from "./use-names.ts";

export function QuotedItem({ item }: { readonly item: Item }): ReactNode {
  const nameOf = useNames();
  return (
    <span className="block min-w-0 border-l-2 border-current pl-2 text-left text-small">
      <bdi className="block truncate font-semibold">{item.isOwn ? "You" : nameOf(item.from)}</bdi>
      <bdi className="block truncate">{itemLine(item)}</bdi>
    </span>
  );
}
