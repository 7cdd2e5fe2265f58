/** People of the house to be ticked, found by their names. */
import { type ReactNode, useState } from "react";
import type { Person } from "../api.ts";
import { Avatar } from "../look/avatar.tsx";
import { orderPeople, searchPeople } from "../people/people-order.ts";
import { SearchBox } from "../people/search-box.tsx";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";

export interface MemberChoiceProps {
  /** Addresses. */
  readonly chosen: readonly string[];
  readonly onChosen: (chosen: readonly string[]) => void;
  readonly except?: readonly string[];
}

const entry = `flex min-h-12 cursor-pointer items-center gap-3 rounded-card px-2 hover:bg-tint`;

export function MemberChoice({ chosen, onChosen, except = [] }: MemberChoiceProps): ReactNode {
  const { people } = useSession();
  const { list = [] } = useStore(people.people);
  const [search, setSearch] = useState("");
  const others = orderPeople(list).filter(({ aor }) => !except.includes(aor));
  const toggle = ({ aor }: Person): void =>
    onChosen(chosen.includes(aor) ? chosen.filter((one) => one !== aor) : [...chosen, aor]);
  if (others.length === 0) return <p className="mt-4 text-ink-2">There is nobody else to add.</p>;
  return (
    <>
      <SearchBox value={search} onChange={setSearch} label="Search people to add" />
      <ul aria-label="People to add" className="mt-2 max-h-60 overflow-y-auto">
        {searchPeople(others, search).map((person) => (
          <li key={person.aor}>
            <label className={entry}>
              <input
                type="checkbox"
                checked={chosen.includes(person.aor)}
                onChange={() => toggle(person)}
                className="size-6 shrink-0 accent-bronze"
              />
              <Avatar name={person.displayName} />
              <bdi className="min-w-0 truncate">{person.displayName}</bdi>
            </label>
          </li>
        ))}
      </ul>
    </>
  );
}
