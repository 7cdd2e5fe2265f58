/** One person in the list: who, whether they are here, and the two ways to call them. */
import { Phone, Video } from "lucide-react";
import { memo, type ReactNode } from "react";
import type { Person } from "../api.ts";
import { Avatar } from "../look/avatar.tsx";
import { StandingLine } from "./standing-line.tsx";
import { useStanding } from "./use-standing.ts";

export interface PersonRowProps {
  readonly person: Person;
  readonly selected: boolean;
  /** Why nobody can be called just now. */
  readonly barrier: string | undefined;
  readonly onSelect: () => void;
  readonly onCall: (video: boolean) => void;
}

/** A thousand of them are not drawn anew for each that changes; what they do stays the same. */
export const PersonRow = memo(
  Row,
  (a, b) =>
    a.selected === b.selected &&
    a.barrier === b.barrier &&
    a.person.name === b.person.name &&
    a.person.displayName === b.person.displayName &&
    a.person.aor === b.person.aor &&
    a.person.online === b.person.online,
);

function Row(props: PersonRowProps): ReactNode {
  const { person, selected, barrier, onSelect, onCall } = props;
  const { displayName, aor } = person;
  const standing = useStanding(aor);
  return (
    <li
      // What is out of sight is not laid out and painted: a list may be long.
      className={`flex items-center rounded-card pr-1 [contain-intrinsic-size:auto_60px]
        [content-visibility:auto] *:focus-visible:-outline-offset-2
        ${selected ? "bg-tint" : "hover:bg-tint"}`}
    >
      <button
        type="button"
        aria-current={selected}
        onClick={onSelect}
        className="flex min-h-15 min-w-0 flex-1 items-center gap-3 rounded-card px-2 text-left"
      >
        <Avatar name={displayName} presence={standing.tone} />
        <span className="min-w-0">
          <bdi className="block truncate font-medium">{displayName}</bdi>
          <StandingLine standing={standing} />
        </span>
      </button>
      <CallButton person={person} kind="Voice call" barrier={barrier} onClick={() => onCall(false)}>
        <Phone size={20} aria-hidden="true" />
      </CallButton>
      <CallButton person={person} kind="Video call" barrier={barrier} onClick={() => onCall(true)}>
        <Video size={21} aria-hidden="true" />
      </CallButton>
    </li>
  );
}

interface CallButtonProps {
  readonly person: Person;
  readonly kind: string;
  readonly barrier: string | undefined;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function CallButton({ person, kind, barrier, onClick, children }: CallButtonProps): ReactNode {
  const label = `${kind} ${person.displayName}`;
  return (
    <button
      type="button"
      aria-label={label}
      title={barrier ?? label}
      disabled={barrier !== undefined}
      onClick={onClick}
      className={`inline-flex size-11 shrink-0 items-center justify-center rounded-full
        transition-colors enabled:hover:bg-bronze-tint enabled:hover:text-bronze
        disabled:opacity-40 ${person.online ? "text-bronze" : "text-ink-2"}`}
    >
      {children}
    </button>
  );
}
