/** One person, large: how they are reached. */
import { ChevronLeft, Phone, Video } from "lucide-react";
import type { ReactNode } from "react";
import type { Person } from "../api.ts";
import { Avatar } from "../look/avatar.tsx";
import { Button } from "../look/button.tsx";
import { useFocusOn } from "../look/use-focus-on.ts";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { callBarrier } from "./call-barrier.ts";
import { presenceWord } from "./presence-word.ts";

export interface PersonStageProps {
  readonly person: Person;
  readonly onBack: () => void;
}

export function PersonStage({ person, onBack }: PersonStageProps): ReactNode {
  const { phone, people } = useSession();
  const barrier = callBarrier(useStore(phone.desk), useStore(phone.registration));
  const stale = !useStore(people.people).current;
  const heading = useFocusOn<HTMLHeadingElement>(person.name);
  const { displayName, aor } = person;
  const online = person.online && !stale;
  const call = (video: boolean) => phone.place({ name: displayName, uri: aor }, video);
  return (
    <div className="flex h-full flex-col items-center justify-center p-6 text-center">
      <button
        type="button"
        onClick={onBack}
        className="safe-top absolute top-2 left-2 inline-flex min-h-11 items-center gap-1
          rounded-card pr-3 pl-1 text-bronze desk:hidden"
      >
        <ChevronLeft size={24} aria-hidden="true" />
        People
      </button>
      <Avatar name={displayName} size="large" />
      <h2 ref={heading} tabIndex={-1} className="mt-6 text-display font-semibold tracking-tight">
        {displayName}
      </h2>
      <p className={`mt-1 font-medium ${online ? "text-live" : "text-ink-2"}`}>
        {presenceWord(person, stale)}
      </p>
      <p className="mt-1 font-mono text-small break-all text-ink-2">{aor}</p>
      <div className="mt-8 flex w-full max-w-[360px] gap-3">
        <Button className="flex-1" disabled={barrier !== undefined} onClick={() => call(false)}>
          <Phone size={20} aria-hidden="true" />
          Voice call
        </Button>
        <Button
          tone="primary"
          className="flex-1"
          disabled={barrier !== undefined}
          onClick={() => call(true)}
        >
          <Video size={20} aria-hidden="true" />
          Video call
        </Button>
      </div>
      {!person.online && !stale && (
        <p className="mt-4 max-w-[360px] text-small text-ink-2">
          {displayName} has no page open right now. The dot turns green when they are back.
        </p>
      )}
    </div>
  );
}
