/** What a search over all conversations has found, each to be gone to. */
import type { Found } from "carillon/chat";
import { type ReactNode, useEffect, useState } from "react";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { listTime } from "./day-words.ts";
import { excerpt } from "./excerpt.ts";
import { itemLine } from "./last-line.ts";
import { titleOf } from "./names.ts";
import { useNames } from "./use-names.ts";

export interface SearchHitsProps {
  readonly search: string;
  readonly onOpen: (uri: string, item: string) => void;
}

/** Until somebody pauses in typing. */
const PAUSE_MS = 250;

type Result =
  | { readonly kind: "Looking" }
  | { readonly kind: "Found"; readonly found: readonly Found[]; readonly search: string }
  | { readonly kind: "Failed"; readonly why: string };

export function SearchHits({ search, onOpen }: SearchHitsProps): ReactNode {
  const result = useFound(search);
  if (result.kind === "Looking") return <p className="px-2 py-3 text-ink-2">Looking…</p>;
  if (result.kind === "Failed") return <p className="px-2 py-3 text-ink-2">{result.why}</p>;
  if (result.found.length === 0) {
    return <p className="px-2 py-3 text-ink-2">Nobody has said “{search}”.</p>;
  }
  return (
    <ul aria-label="Found messages">
      {result.found.map((found) => (
        <Hit
          key={`${found.conversation} ${found.item.from} ${found.item.id}`}
          found={found}
          search={result.search}
          onOpen={() => onOpen(found.conversation, found.item.id)}
        />
      ))}
    </ul>
  );
}

function useFound(search: string): Result {
  const { chat } = useSession();
  const [result, setResult] = useState<Result>({ kind: "Looking" });
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => {
      chat.find(search).then(
        (found) => wanted && setResult({ kind: "Found", found, search }),
        () => {
          const why = "The house cannot be asked just now. Check your network, and search again.";
          if (wanted) setResult({ kind: "Failed", why });
        },
      );
    }, PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [chat, search]);
  return result;
}

interface HitProps {
  readonly found: Found;
  readonly search: string;
  readonly onOpen: () => void;
}

function Hit({ found: { conversation, item }, search, onOpen }: HitProps): ReactNode {
  const { chat } = useSession();
  const nameOf = useNames();
  const view = useStore(chat.list).find(({ uri }) => uri === conversation);
  const title = view === undefined ? nameOf(conversation) : titleOf(view, nameOf);
  const line = item.file === undefined ? item.text : itemLine(item);
  return (
    <li>
      <button
        type="button"
        onClick={onOpen}
        className="block min-h-16 w-full rounded-card px-2 py-2 text-left hover:bg-tint"
      >
        <span className="flex items-baseline gap-2">
          <bdi className="min-w-0 flex-1 truncate font-medium">{title}</bdi>
          <span className="text-small text-ink-2 tabular-nums">
            {listTime(item.at, new Date())}
          </span>
        </span>
        <span className="block truncate text-small text-ink-2">
          <bdi>{item.isOwn ? "You" : nameOf(item.from)}</bdi>:{" "}
          <bdi>
            {excerpt(line, search).map(({ text, isHit }, nth) =>
              isHit ? (
                <mark key={nth} className="bg-bronze-tint text-ink">
                  {text}
                </mark>
              ) : (
                text
              ),
            )}
          </bdi>
        </span>
      </button>
    </li>
  );
}
