/** One person, large: how they are reached. */
import { ChevronLeft, MessageCircle, Phone, Video } from "lucide-react";
import type { ReactNode } from "react";
import type { Person } from "../api.ts";
import { Avatar } from "../look/avatar.tsx";
import { Button } from "../look/button.tsx";
import { useFocusOn } from "../look/use-focus-on.ts";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { callBarrier } from "./call-barrier.ts";
import { StandingLine } from "./standing-line.tsx";
import { useStanding } from "./use-standing.ts";

export interface PersonStageProps {
  readonly person: Person;
  readonly onBack: () => void;
  readonly onMessage: () => void;
}

export function PersonStage({ person, onBack, onMessage }: PersonStageProps): ReactNode {
  const { phone } = useSession();
  const barrier = callBarrier(useStore(phone.desk), useStore(phone.registration));
  const standing = useStanding(person.aor);
  const heading = useFocusOn<HTMLHeadingElement>(person.name);
  const { displayName, aor } = person;
  const call = (video: boolean) => phone.place({ name: displayName, uri: aor }, video);
  return (
    <div
      className="flex min-h-full flex-col items-center justify-center p-6 text-center
        max-desk:pt-16"
    >
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
      <h2
        ref={heading}
        tabIndex={-1}
        className="mt-6 max-w-full text-display font-semibold
          tracking-tight text-balance wrap-anywhere"
      >
        <bdi>{displayName}</bdi>
      </h2>
      <span className="mt-1 max-w-full">
        <StandingLine standing={standing} />
      </span>
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
      <Button className="mt-3 w-full max-w-[360px]" onClick={onMessage}>
        <MessageCircle size={20} aria-hidden="true" />
        Message
      </Button>
      {standing.words === "Offline" && (
        <p className="mt-4 max-w-[min(360px,100%)] text-small text-ink-2 wrap-anywhere">
          <bdi>{displayName}</bdi> has no page open right now. What you write arrives when they are
          back.
        </p>
      )}
    </div>
  );
}
