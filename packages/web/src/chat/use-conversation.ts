/** One conversation, followed while it is shown. */

import type { Conversation, ConversationView } from "carillon/chat";
import { useEffect, useMemo, useState } from "react";
import { follow } from "../phone/call-book.ts";
import { useSession } from "../phone/seat-session.ts";
import { sameView } from "./same-view.ts";

export function useConversation(uri: string): {
  readonly conversation: Conversation;
  readonly view: ConversationView;
} {
  const { chat } = useSession();
  const conversation = useMemo(() => chat.open(uri), [chat, uri]);
  const [view, setView] = useState(() => conversation.view());
  useEffect(() => {
    const closing = new AbortController();
    const see = (next: ConversationView): void => setView((before) => sameView(before, next));
    see(conversation.view());
    void follow(conversation.changes({ signal: closing.signal }), see);
    return () => closing.abort();
  }, [conversation]);
  // Of the one before, until the effect has run.
  return { conversation, view: view.uri === conversation.uri ? view : conversation.view() };
}
