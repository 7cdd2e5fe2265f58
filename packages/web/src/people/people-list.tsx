/** The list: who is in the house, found by name, called with one press. */
import { UserPlus } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import type { Person } from "../api.ts";
import { Button } from "../look/button.tsx";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { callBarrier } from "./call-barrier.ts";
import { ConnectionLine } from "./connection-line.tsx";
import { countPeople, orderPeople, searchPeople } from "./people-order.ts";
import { PersonRow } from "./person-row.tsx";
import { SearchBox } from "./search-box.tsx";

export interface PeopleListProps {
  readonly selected: string | undefined;
  readonly onSelect: (name: string) => void;
  readonly onInvite: () => void;
  /** Behind the stage on a phone: there, but out of reach. */
  readonly covered: boolean;
}

export function PeopleList({ covered, ...rest }: PeopleListProps): ReactNode {
  const { people, me } = useSession();
  const { list, current } = useStore(people.people);
  const [search, setSearch] = useState("");
  const others = useMemo(() => orderPeople(list ?? []), [list]);
  return (
    <section
      aria-label="People"
      className={`flex min-h-0 flex-col border-line bg-card transition-[visibility] duration-200
        desk:border-r ${covered ? "max-desk:invisible" : ""}`}
    >
      <header className="px-4 pt-[calc(16px+env(safe-area-inset-top))]">
        <div className="flex items-baseline justify-between gap-2 pt-1">
          <h2 id="people" tabIndex={-1} className="text-title font-semibold tracking-tight">
            People
          </h2>
          <p className="truncate text-small text-ink-2">
            {current ? counted(others, me.domain) : me.domain}
          </p>
        </div>
        {others.length > 0 && (
          <SearchBox value={search} onChange={setSearch} label="Search people" />
        )}
      </header>
      <ConnectionLine />
      <div className="min-h-0 flex-1 overflow-y-auto px-2 py-2">
        {list === undefined ? (
          <p className="px-2 py-3 text-ink-2">Looking who is here…</p>
        ) : (
          <Rows people={others} search={search} {...rest} />
        )}
      </div>
    </section>
  );
}

interface RowsProps extends Omit<PeopleListProps, "covered"> {
  readonly people: readonly Person[];
  readonly search: string;
}

function Rows({ people, search, selected, onSelect, onInvite }: RowsProps): ReactNode {
  const { phone } = useSession();
  const barrier = callBarrier(useStore(phone.desk), useStore(phone.registration));
  if (people.length === 0) return <Nobody onInvite={onInvite} />;
  const found = searchPeople(people, search);
  if (found.length === 0) {
    return <p className="px-2 py-3 text-ink-2">Nobody here is called “{search.trim()}”.</p>;
  }
  return (
    <ul>
      {found.map((person) => (
        <PersonRow
          key={person.name}
          person={person}
          selected={person.name === selected}
          barrier={barrier}
          onSelect={() => onSelect(person.name)}
          onCall={(video) => void phone.place({ name: person.displayName, uri: person.aor }, video)}
        />
      ))}
    </ul>
  );
}

function Nobody({ onInvite }: { readonly onInvite: () => void }): ReactNode {
  return (
    <div className="px-2 py-3">
      <p className="text-ink-2">You are the first one here. Invite someone, and call them.</p>
      <Button tone="primary" className="mt-4 w-full max-w-[420px]" onClick={onInvite}>
        <UserPlus size={20} aria-hidden="true" />
        Invite someone
      </Button>
    </div>
  );
}

function counted(people: readonly Person[], domain: string): string {
  if (people.length === 0) return domain;
  const { here, away } = countPeople(people);
  return away === 0 ? `${here} online` : `${here} online, ${away} offline`;
}
