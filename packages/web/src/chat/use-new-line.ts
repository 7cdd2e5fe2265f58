/** Where the line of what is new stands: set when it comes in unseen, and kept while one reads. */

import type { ConversationView } from "carillon/chat";
import { useEffect, useState } from "react";
import { firstNew } from "./timeline.ts";

export interface NewLine {
  readonly newFrom: string | undefined;
  clear(): void;
}

/**
 * For one conversation, as long as it is open. `looked`: somebody looks at the page; `reads`: and
 * at the conversation's end.
 */
export function useNewLine(
  { items, unread }: ConversationView,
  { looked, reads }: { readonly looked: boolean; readonly reads: boolean },
): NewLine {
  const [newFrom, setLine] = useState(() => firstNew(items, unread));
  useEffect(() => {
    const wanted = firstNew(items, unread);
    // What comes in while somebody looks needs no line.
    if (wanted !== undefined && !reads) setLine((before) => before ?? wanted);
  }, [items, unread, reads]);
  useEffect(() => {
    // Whoever turns away has read it all, or finds the line again.
    if (!looked && unread === 0) setLine(undefined);
  }, [looked, unread]);
  return { newFrom, clear: () => setLine(undefined) };
}
