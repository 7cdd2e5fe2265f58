/** The conversations, the latest first; a search goes over all that was ever said. */
import { MessageCirclePlus, UsersRound } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "../look/button.tsx";
import { IconButton } from "../look/icon-button.tsx";
import { plainName } from "../look/plain-name.ts";
import type { Place } from "../pages/place.ts";
import { ConnectionLine } from "../people/connection-line.tsx";
import { SearchBox } from "../people/search-box.tsx";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { ConversationRow } from "./conversation-row.tsx";
import { NewGroupDialog } from "./new-group-dialog.tsx";
import { NotificationLine } from "./notification-line.tsx";
import { SearchHits } from "./search-hits.tsx";

export interface ConversationListProps {
  readonly place: Place;
  readonly onGo: (place: Place) => void;
  /** Behind the stage on a phone: there, but out of reach. */
  readonly covered: boolean;
}

export function ConversationList({ place, onGo, covered }: ConversationListProps): ReactNode {
  const { chat } = useSession();
  const list = useStore(chat.list);
  const state = useStore(chat.state);
  const [search, setSearch] = useState("");
  const [makes, setMakes] = useState(false);
  const open = (uri: string, item?: string): void =>
    onGo({ tab: "Chat", conversation: uri, ...(item !== undefined && { item }) });
  return (
    <section
      aria-label="Conversations"
      className={`flex min-h-0 flex-col border-line bg-card transition-[visibility] duration-200
        desk:border-r ${covered ? "max-desk:invisible" : ""}`}
    >
      <header className="px-4 pt-[calc(16px+env(safe-area-inset-top))]">
        <div className="flex items-center justify-between gap-2">
          <h2 id="chat" tabIndex={-1} className="text-title font-semibold tracking-tight">
            Chat
          </h2>
          <span className="-my-2 -mr-2 flex">
            <IconButton label="New message" onClick={() => onGo({ tab: "People" })}>
              <MessageCirclePlus size={22} aria-hidden="true" />
            </IconButton>
            <IconButton label="New group" onClick={() => setMakes(true)}>
              <UsersRound size={22} aria-hidden="true" />
            </IconButton>
          </span>
        </div>
        {list.length > 0 && (
          <SearchBox value={search} onChange={setSearch} label="Search messages" />
        )}
      </header>
      <ConnectionLine />
      <NotificationLine />
      <div className="min-h-0 flex-1 overflow-y-auto px-2 py-2">
        {search.trim() !== "" && <SearchHits search={search.trim()} onOpen={open} />}
        {search.trim() === "" && list.length > 0 && (
          <ul>
            {list.map((view) => (
              <ConversationRow
                key={view.uri}
                view={view}
                selected={view.uri === place.conversation}
                draft={view.uri === place.conversation ? "" : plainName(chat.drafts.of(view.uri))}
                onSelect={() => open(view.uri)}
              />
            ))}
          </ul>
        )}
        {search.trim() === "" && list.length === 0 && (
          <Nothing syncing={state === "Syncing"} onPeople={() => onGo({ tab: "People" })} />
        )}
      </div>
      <NewGroupDialog open={makes} onOpenChange={setMakes} onMade={(uri) => open(uri)} />
    </section>
  );
}

interface NothingProps {
  readonly syncing: boolean;
  readonly onPeople: () => void;
}

function Nothing({ syncing, onPeople }: NothingProps): ReactNode {
  if (syncing) return <p className="px-2 py-3 text-ink-2">Looking what was said…</p>;
  return (
    <div className="px-2 py-3">
      <p className="text-ink-2">
        Nothing was said yet. Choose somebody and write to them: it arrives, whether they are here
        or not.
      </p>
      <Button tone="primary" className="mt-4 w-full max-w-[420px]" onClick={onPeople}>
        <MessageCirclePlus size={20} aria-hidden="true" />
        Choose somebody
      </Button>
    </div>
  );
}
