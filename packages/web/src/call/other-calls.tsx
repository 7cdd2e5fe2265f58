/** Calls beside the one in front: on hold, or joined with it. */
import { ArrowLeftRight, Merge, PhoneForwarded, Split } from "lucide-react";
import type { ReactNode } from "react";
import { Avatar } from "../look/avatar.tsx";
import { Button } from "../look/button.tsx";
import type { CallCard, Desk } from "../phone/desk.ts";
import { useSession } from "../phone/seat-session.ts";
import { statusWords } from "./status-words.ts";
import { useStream } from "./use-stream.ts";

export function OtherCalls({ desk }: { readonly desk: Desk }): ReactNode {
  const { phone } = useSession();
  const { active, aside, joined, notice } = desk;
  const [other] = aside;
  if (active === undefined || other === undefined) return null;
  const bothTalk = [active, other].every(({ state }) => state.name === "Established");
  return (
    <section
      aria-label={joined ? "Joined calls" : "Calls that wait"}
      className="absolute inset-x-3 bottom-[calc(128px+env(safe-area-inset-bottom))] z-10 mx-auto
        flex max-w-[560px] animate-rise flex-col gap-2 rounded-2xl border border-line bg-card/95 p-3
        shadow-lift"
    >
      {notice !== undefined && <p className="text-small text-ink-2">{notice}</p>}
      {aside.map((card) => (
        <Other key={card.id} card={card} joined={joined} />
      ))}
      <span className="flex flex-wrap gap-2 *:grow">
        {joined ? (
          <Button onClick={() => void phone.part()}>
            <Split size={18} aria-hidden="true" />
            Talk to each alone
          </Button>
        ) : (
          <>
            <Button onClick={() => void phone.join()} disabled={!bothTalk}>
              <Merge size={18} aria-hidden="true" />
              Talk to both
            </Button>
            <Button onClick={() => void phone.connect()} disabled={!bothTalk}>
              <PhoneForwarded size={18} aria-hidden="true" />
              Connect them
            </Button>
          </>
        )}
      </span>
    </section>
  );
}

interface OtherProps {
  readonly card: CallCard;
  readonly joined: boolean;
}

function Other({ card, joined }: OtherProps): ReactNode {
  const { phone } = useSession();
  const { name } = card.peer;
  return (
    <p className="flex items-center gap-3">
      <Avatar name={name} />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-semibold">{name}</span>
        <span data-testid="other-status" className="block text-small text-ink-2">
          {joined ? "Hears both of you" : statusWords(card.state)}
        </span>
      </span>
      <Sound card={card} />
      {!joined && (
        <Button
          aria-label={`Swap to ${name}`}
          onClick={() => void phone.swap(card.id)}
          disabled={card.state.name !== "Established"}
        >
          <ArrowLeftRight size={18} aria-hidden="true" />
          Swap
        </Button>
      )}
    </p>
  );
}

/** Played while it waits, too: whoever is on hold sends nothing. */
function Sound({ card }: { readonly card: CallCard }): ReactNode {
  const { phone } = useSession();
  const audio = useStream<HTMLAudioElement>(phone.media(card.id)?.remote);
  // biome-ignore lint/a11y/useMediaCaption: people speaking live have no captions
  return <audio ref={audio} autoPlay />;
}
