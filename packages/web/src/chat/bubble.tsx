/** One message: who, what, when, how far it has come, and what can be done with it. */

import type { ConversationView, Item } from "carillon/chat";
import { type ReactNode, useState } from "react";
import { Avatar } from "../look/avatar.tsx";
import { BubbleMenu } from "./bubble-menu.tsx";
import { timeWords } from "./day-words.ts";
import { FileView } from "./file-view.tsx";
import { beginning, MessageText } from "./message-text.tsx";
import { QuotedItem } from "./quoted-item.tsx";
import { Ticks } from "./ticks.tsx";
import type { Row } from "./timeline.ts";
import { useNames } from "./use-names.ts";

export interface BubbleActions {
  reply(item: Item): void;
  edit(item: Item): void;
  retract(item: Item): void;
  again(item: Item): void;
  /** Goes to the message that this one answers. */
  goTo(item: Item): void;
}

export interface BubbleProps {
  readonly row: Extract<Row, { kind: "Item" }>;
  readonly view: ConversationView;
  readonly quoted: Item | undefined;
  /** The last of one's own: its ticks are spelled out. */
  readonly isNewestOwn: boolean;
  readonly marked: boolean;
  /** The newest of all: the keys come in here. */
  readonly isStop: boolean;
  readonly actions: BubbleActions;
}

export function Bubble(props: BubbleProps): ReactNode {
  const { row, view, marked, isStop, actions } = props;
  const { item, goesOn, isLast } = row;
  const name = useNames()(item.from);
  const { isOwn } = item;
  const showsName = view.isGroup && !isOwn;
  return (
    <li
      data-key={row.key}
      className={`group/row flex items-end gap-2 px-4 ${goesOn ? "mt-0.5" : "mt-3"}
        ${isOwn ? "flex-row-reverse" : ""}`}
    >
      {showsName && (
        <span className="w-10 shrink-0 max-desk:hidden">{isLast && <Avatar name={name} />}</span>
      )}
      <div
        className={`flex max-w-[min(560px,82%)] flex-col ${isOwn ? "items-end" : "items-start"}`}
      >
        <span className="sr-only">
          <bdi>{isOwn ? "You" : name}</bdi>, {timeWords(item.at)}:
        </span>
        {showsName && !goesOn && (
          <bdi
            aria-hidden="true"
            className="mb-0.5 max-w-full truncate px-1 text-small font-medium text-ink-2"
          >
            {name}
          </bdi>
        )}
        <div
          className={`max-w-full overflow-hidden rounded-2xl px-3 py-2 transition-shadow
            ${isOwn ? "bg-bronze text-on-bronze" : "border border-line bg-card text-ink"}
            ${marked ? "ring-3 ring-live" : ""}`}
        >
          <Inside {...props} />
        </div>
        {(isLast || item.state === "Failed" || item.isEdited) && <Foot {...props} />}
      </div>
      <BubbleMenu
        item={item}
        isStop={isStop}
        name={isOwn ? "your message" : `the message of ${name}`}
        {...actions}
      />
    </li>
  );
}

function Inside({ row: { item }, quoted, actions }: BubbleProps): ReactNode {
  const [whole, setWhole] = useState(false);
  if (item.isRetracted) return <p className="italic">This message was deleted.</p>;
  const { file, text } = item;
  const first = beginning(text);
  return (
    <>
      {quoted !== undefined && (
        <button
          type="button"
          onClick={() => actions.goTo(quoted)}
          className="mb-1 block min-h-11 w-full rounded-card bg-black/10 px-2 py-1"
        >
          <QuotedItem item={quoted} />
        </button>
      )}
      {file !== undefined && <FileView file={file} />}
      {file === undefined && <MessageText text={whole ? text : first} />}
      {file === undefined && text === "" && <p className="italic">It can not be shown here.</p>}
      {file === undefined && text.length > first.length && !whole && (
        <button type="button" onClick={() => setWhole(true)} className="min-h-11 underline">
          Show all of it
        </button>
      )}
    </>
  );
}

function Foot({ row: { item }, view, isNewestOwn, actions }: BubbleProps): ReactNode {
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-2 px-1 text-small text-ink-2">
      {item.isEdited && !item.isRetracted && <span>edited</span>}
      <time dateTime={item.at.toISOString()} className="tabular-nums">
        {timeWords(item.at)}
      </time>
      {item.isOwn && <Ticks item={item} view={view} spelled={isNewestOwn} />}
      {item.state === "Failed" && (
        <button
          type="button"
          onClick={() => actions.again(item)}
          className="min-h-11 font-medium text-bronze underline underline-offset-2"
        >
          Try again
        </button>
      )}
    </p>
  );
}
