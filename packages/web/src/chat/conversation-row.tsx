/** One conversation in the list: who, the last line, when, and how much is unread. */
import type { ConversationView } from "carillon/chat";
import { Users } from "lucide-react";
import type { ReactNode } from "react";
import { Avatar } from "../look/avatar.tsx";
import { useStanding } from "../people/use-standing.ts";
import { listTime } from "./day-words.ts";
import { lastLine } from "./last-line.ts";
import { titleOf } from "./names.ts";
import { Ticks } from "./ticks.tsx";
import { typingWords } from "./typing-words.ts";
import { useNames } from "./use-names.ts";

export interface ConversationRowProps {
  readonly view: ConversationView;
  readonly selected: boolean;
  readonly draft: string;
  readonly onSelect: () => void;
}

export function ConversationRow({ view, selected, draft, onSelect }: ConversationRowProps) {
  const nameOf = useNames();
  const title = titleOf(view, nameOf);
  const last = view.items.at(-1);
  const typing = typingWords(view.composing.map(nameOf), view.isGroup);
  return (
    <li>
      <button
        type="button"
        aria-current={selected}
        onClick={onSelect}
        className={`flex min-h-16 w-full items-center gap-3 rounded-card px-2 text-left
          ${selected ? "bg-tint" : "hover:bg-tint"}`}
      >
        {view.isGroup ? <Avatar name={title} /> : <Face uri={view.uri} name={title} />}
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <span className="min-w-0 flex-1 truncate font-medium">
              {view.isGroup && (
                <Users size={14} aria-label="Group" className="mr-1 inline align-[-1px]" />
              )}
              <bdi>{title}</bdi>
            </span>
            {last !== undefined && (
              <time dateTime={last.at.toISOString()} className="text-small text-ink-2 tabular-nums">
                {listTime(last.at, new Date())}
              </time>
            )}
          </span>
          <span className="flex items-center gap-2 text-small text-ink-2">
            {last?.isOwn && typing === undefined && draft === "" && (
              <Ticks item={last} view={view} spelled={false} />
            )}
            <Line typing={typing} draft={draft} line={lastLine(view, nameOf)} />
            {view.unread > 0 && <Unread count={view.unread} />}
          </span>
        </span>
      </button>
    </li>
  );
}

function Face({ uri, name }: { readonly uri: string; readonly name: string }): ReactNode {
  return <Avatar name={name} presence={useStanding(uri).tone} />;
}

interface LineProps {
  readonly typing: string | undefined;
  readonly draft: string;
  readonly line: string;
}

function Line({ typing, draft, line }: LineProps): ReactNode {
  const place = "min-w-0 flex-1 truncate";
  if (typing !== undefined) return <span className={`${place} text-live`}>{typing}</span>;
  if (draft === "") return <bdi className={place}>{line}</bdi>;
  return (
    <span className={place}>
      <span className="text-bronze">Draft: </span>
      <bdi>{draft}</bdi>
    </span>
  );
}

export interface UnreadProps {
  readonly count: number;
  /** What they are, for whoever does not see where it stands. */
  readonly words?: string;
}

export function Unread({ count, words = "unread" }: UnreadProps): ReactNode {
  return (
    <span
      className="inline-flex h-5 min-w-5 shrink-0 items-center justify-center rounded-full
        bg-bronze px-1.5 text-tiny font-semibold text-on-bronze tabular-nums"
    >
      {count > 99 ? "99+" : count}
      <span className="sr-only"> {words}</span>
    </span>
  );
}
