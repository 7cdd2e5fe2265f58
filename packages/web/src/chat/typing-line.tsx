/** Who is writing, under the last message. */

import type { ConversationView } from "carillon/chat";
import type { ReactNode } from "react";
import { typingWords } from "./typing-words.ts";
import { useNames } from "./use-names.ts";

export function TypingLine({ view }: { readonly view: ConversationView }): ReactNode {
  const nameOf = useNames();
  const { composing, isGroup, uri } = view;
  const words = typingWords(composing.map(nameOf), isGroup);
  return (
    <p
      role="status"
      data-testid="typing"
      className="min-h-6 truncate px-5 pt-1 text-small text-ink-2"
    >
      {words !== undefined && (
        <bdi>
          {isGroup ? "" : `${nameOf(uri)} `}
          {words}
        </bdi>
      )}
    </p>
  );
}
