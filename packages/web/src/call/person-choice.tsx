/** People of the house to choose one from, those first who are here. */
import type { ReactNode } from "react";
import { Avatar } from "../look/avatar.tsx";
import { orderPeople } from "../people/people-order.ts";
import { presenceWord } from "../people/presence-word.ts";
import type { Peer } from "../phone/desk.ts";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";

export interface PersonChoiceProps {
  /** The address of whom one speaks with already. */
  readonly except: string;
  /** What choosing somebody does: the button's name begins with it. */
  readonly verb: string;
  readonly onChoose: (peer: Peer) => void;
}

export function PersonChoice({ except, verb, onChoose }: PersonChoiceProps): ReactNode {
  const { people } = useSession();
  const { list = [], current } = useStore(people.people);
  const others = orderPeople(list).filter(({ aor }) => aor !== except);
  if (others.length === 0) {
    return <p className="px-2 pb-2 text-small text-ink-2">There is nobody else in this house.</p>;
  }
  return (
    <ul>
      {others.map((person) => {
        const { name, displayName, aor } = person;
        return (
          <li key={name}>
            <button
              type="button"
              aria-label={`${verb} ${displayName}`}
              onClick={() => onChoose({ name: displayName, uri: aor })}
              className="flex min-h-13 w-full items-center gap-3 rounded-card px-2 text-left
                hover:bg-tint"
            >
              <Avatar name={displayName} presence={person.online && current ? "live" : "off"} />
              <span className="min-w-0">
                <span className="block truncate">{displayName}</span>
                <span className="block text-small text-ink-2">
                  {presenceWord(person, !current)}
                </span>
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
