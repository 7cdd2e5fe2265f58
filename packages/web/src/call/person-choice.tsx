/** People of the house to choose one from, those first who are here. */
import type { ReactNode } from "react";
import type { Person } from "../api.ts";
import { Avatar } from "../look/avatar.tsx";
import { orderPeople } from "../people/people-order.ts";
import { StandingLine } from "../people/standing-line.tsx";
import { useStanding } from "../people/use-standing.ts";
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
  const { list = [] } = useStore(people.people);
  const others = orderPeople(list).filter(({ aor }) => aor !== except);
  if (others.length === 0) {
    return <p className="px-2 pb-2 text-small text-ink-2">There is nobody else in this house.</p>;
  }
  return (
    <ul>
      {others.map((person) => (
        <Row key={person.name} person={person} verb={verb} onChoose={onChoose} />
      ))}
    </ul>
  );
}

interface RowProps extends Pick<PersonChoiceProps, "verb" | "onChoose"> {
  readonly person: Person;
}

function Row({ person: { displayName, aor }, verb, onChoose }: RowProps): ReactNode {
  const standing = useStanding(aor);
  return (
    <li>
      <button
        type="button"
        aria-label={`${verb} ${displayName}`}
        onClick={() => onChoose({ name: displayName, uri: aor })}
        className="flex min-h-13 w-full items-center gap-3 rounded-card px-2 text-left
          hover:bg-tint"
      >
        <Avatar name={displayName} presence={standing.tone} />
        <span className="min-w-0">
          <bdi className="block truncate">{displayName}</bdi>
          <StandingLine standing={standing} />
        </span>
      </button>
    </li>
  );
}
