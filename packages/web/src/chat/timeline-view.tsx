/** The messages of a conversation, with what is new, who is writing, and what came before. */

import type { Conversation, ConversationView, Item } from "carillon/chat";
import { ArrowDown } from "lucide-react";
import {
  Fragment,
  type KeyboardEvent,
  memo,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { isCovering } from "../phone/desk.ts";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { Bubble, type BubbleActions } from "./bubble.tsx";
import { dayWords } from "./day-words.ts";
import { keyOf, type Row, timeline } from "./timeline.ts";
import { TypingLine } from "./typing-line.tsx";
import { UploadList } from "./upload-list.tsx";
import { useAttention } from "./use-attention.ts";
import { useNewLine } from "./use-new-line.ts";
import { type Scrolling, useScrolling } from "./use-scrolling.ts";

export interface TimelineViewProps {
  readonly conversation: Conversation;
  readonly view: ConversationView;
  readonly title: string;
  /** The message to go to, by its Message-ID. */
  readonly goal: string | undefined;
  readonly actions: Omit<BubbleActions, "goTo">;
}

export function TimelineView(props: TimelineViewProps): ReactNode {
  const { conversation, view, title, goal, actions } = props;
  const { items } = view;
  const { phone } = useSession();
  // What lies behind a call is not seen.
  const covered = isCovering(useStore(phone.desk));
  const looked = useAttention() && !covered;
  const { loading, earlier } = useEarlier(conversation, view);
  const first = items[0] && keyOf(items[0]);
  const { box, isAtEnd, toEnd, moved, scrolled } = useScrolling({
    firstKey: first,
    content: view,
    earlier,
  });
  const reads = looked && isAtEnd;
  const { newFrom, clear } = useNewLine(view, { looked, reads });
  const { marked, mark } = useGoal(view, goal, { box, moved, earlier });
  useEffect(() => {
    if (reads && view.unread > 0) conversation.read();
  }, [reads, view.unread, conversation]);
  const ownCount = items.filter(({ isOwn }) => isOwn).length;
  const before = useRef(ownCount);
  useEffect(() => {
    // Who writes has read what is above, and wants to see it go.
    if (ownCount > before.current && items.at(-1)?.isOwn) {
      clear();
      toEnd();
    }
    before.current = ownCount;
  });
  const rows = useMemo(() => timeline(items, newFrom), [items, newFrom]);
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={box}
        onScroll={scrolled}
        className="h-full overflow-y-auto overscroll-contain py-3 [overflow-anchor:none]"
      >
        <div className="flex min-h-full flex-col justify-end">
          <p role="status" className="h-6 text-center text-small text-ink-2">
            {loading ? "Fetching what came before…" : ""}
          </p>
          {items.length === 0 && <Nothing title={title} isGroup={view.isGroup} />}
          <Rows rows={rows} view={view} marked={marked} actions={{ ...actions, goTo: mark }} />
          <UploadList conversation={conversation.uri} />
          <TypingLine view={view} />
        </div>
      </div>
      {!isAtEnd && (
        <button
          type="button"
          aria-label={view.unread > 0 ? `To the ${view.unread} new messages` : "To the end"}
          onClick={toEnd}
          className="absolute right-4 bottom-3 inline-flex h-11 min-w-11 items-center justify-center
            gap-1 rounded-full border border-line bg-card px-3 shadow-lift"
        >
          {view.unread > 0 && <span className="font-semibold">{view.unread}</span>}
          <ArrowDown size={20} aria-hidden="true" />
        </button>
      )}
      <Announcer view={view} title={title} />
    </div>
  );
}

interface RowsProps {
  readonly rows: readonly Row[];
  readonly view: ConversationView;
  readonly marked: string | undefined;
  readonly actions: BubbleActions;
}

function Rows({ rows, view, marked, actions }: RowsProps): ReactNode {
  const byId = useMemo(() => new Map(view.items.map((item) => [item.id, item])), [view.items]);
  const newestOwn = view.items.findLast(({ isOwn, isRetracted }) => isOwn && !isRetracted);
  const now = new Date();
  return (
    <ol aria-label="Messages" onKeyDownCapture={moveBetween}>
      {rows.map((row) => (
        <Fragment key={row.key}>
          {row.kind === "Day" && <Line words={dayWords(row.at, now)} tone="text-ink-2" />}
          {row.kind === "New" && <Line words="New messages" tone="text-bronze font-medium" />}
          {row.kind === "Item" && (
            <MemoBubble
              row={row}
              view={view}
              quoted={row.item.replyTo === undefined ? undefined : byId.get(row.item.replyTo)}
              isNewestOwn={row.item === newestOwn}
              marked={row.key === marked}
              isStop={row === rows.at(-1)}
              actions={actions}
            />
          )}
        </Fragment>
      ))}
    </ol>
  );
}

/** A conversation of thousands of messages is not drawn anew for each that comes in. */
const MemoBubble = memo(
  Bubble,
  (a, b) =>
    a.row.item === b.row.item &&
    a.row.goesOn === b.row.goesOn &&
    a.row.isLast === b.row.isLast &&
    a.quoted === b.quoted &&
    a.isNewestOwn === b.isNewestOwn &&
    a.marked === b.marked &&
    a.isStop === b.isStop &&
    a.view.members === b.view.members,
);

/** Arrows go from message to message, on what can be done with each. */
function moveBetween(event: KeyboardEvent<HTMLOListElement>): void {
  const steps: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };
  const step = steps[event.key];
  const from = event.target;
  if (step === undefined || !(from instanceof HTMLElement)) return;
  if (from.dataset["more"] === undefined || from.ariaExpanded === "true") return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-more]")];
  event.preventDefault();
  event.stopPropagation();
  all[all.indexOf(from) + step]?.focus();
}

function Line({ words, tone }: { readonly words: string; readonly tone: string }): ReactNode {
  return (
    <li className={`flex items-center gap-3 px-4 pt-4 text-small ${tone}`}>
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
      {words}
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
    </li>
  );
}

function Nothing({ title, isGroup }: { readonly title: string; readonly isGroup: boolean }) {
  return (
    <p className="m-auto max-w-80 p-6 text-center text-ink-2">
      {isGroup ? "Nobody has written yet." : <Beginning name={title} />}
    </p>
  );
}

function Beginning({ name }: { readonly name: string }): ReactNode {
  return (
    <>
      Write to <bdi>{name}</bdi>. It arrives even if they are not here: the house keeps it.
    </>
  );
}

/** Says what comes in to whoever does not see it. */
function Announcer({ view, title }: { readonly view: ConversationView; readonly title: string }) {
  const last = view.items.at(-1);
  const [opened] = useState(() => last && keyOf(last));
  const isNews = last !== undefined && !last.isOwn && keyOf(last) !== opened;
  return (
    <p aria-live="polite" className="sr-only">
      {isNews && (
        <>
          <bdi>{title}</bdi>: <bdi>{last.text.slice(0, 200)}</bdi>
        </>
      )}
    </p>
  );
}

/** Fetches what came before, one page at a time. */
function useEarlier(conversation: Conversation, view: ConversationView) {
  const [loading, setLoading] = useState(false);
  const busy = useRef(false);
  const earlier = (): void => {
    if (busy.current || !view.hasEarlier) return;
    busy.current = true;
    setLoading(true);
    // What cannot be fetched now is fetched when somebody scrolls again.
    conversation
      .earlier()
      .catch(() => false)
      .finally(() => {
        busy.current = false;
        setLoading(false);
      });
  };
  return { loading, earlier };
}

/** How long the message that was looked for stays marked. */
const MARKED_MS = 2500;
/** Pages that are fetched on the way to it. */
const MOST_PAGES = 40;

/** Goes to a message, fetching what came before until it is there. */
function useGoal(
  { uri, items, hasEarlier }: ConversationView,
  goal: string | undefined,
  { box, moved, earlier }: Pick<Scrolling, "box" | "moved"> & { readonly earlier: () => void },
) {
  const [marked, setMarked] = useState<string>();
  const left = useRef({ goal: "", pages: 0 });
  const mark = (item: Item): void => {
    const key = keyOf(item);
    const rows = box.current?.querySelectorAll<HTMLElement>("[data-key]") ?? [];
    const row = [...rows].find(({ dataset }) => dataset["key"] === key);
    row?.scrollIntoView({ block: "center" });
    moved();
    setMarked(key);
    setTimeout(() => setMarked((now) => (now === key ? undefined : now)), MARKED_MS);
  };
  // Looked for again with each page.
  useEffect(() => {
    if (goal === undefined) return;
    const name = `${uri} ${goal}`;
    if (left.current.goal !== name) left.current = { goal: name, pages: MOST_PAGES };
    if (left.current.pages === 0) return;
    const item = items.find(({ id }) => id === goal);
    if (item === undefined && hasEarlier) {
      left.current.pages--;
      earlier();
      return;
    }
    left.current.pages = 0;
    if (item !== undefined) mark(item);
  }, [goal, uri, items]);
  return { marked, mark };
}
