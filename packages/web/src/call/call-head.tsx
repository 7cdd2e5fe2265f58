/** Who one speaks with and how the call stands: in the middle, or at the top over a picture. */
import type { WebMedia } from "carillon";
import { Minimize2 } from "lucide-react";
import type { ReactNode } from "react";
import { Avatar } from "../look/avatar.tsx";
import { RoundButton } from "../look/round-button.tsx";
import { useFocusOn } from "../look/use-focus-on.ts";
import type { CallCard } from "../phone/desk.ts";
import { useSession } from "../phone/seat-session.ts";
import { CallClock } from "./call-clock.tsx";
import { QualityBars } from "./quality-bars.tsx";
import { calmWords, cardWords, recordingWords } from "./status-words.ts";
import { useSpeaking } from "./use-speaking.ts";
import { Waves } from "./waves.tsx";

export interface CallHeadProps {
  readonly card: CallCard;
  /** There is a picture below. */
  readonly over: boolean;
  readonly folded: boolean;
  readonly media: WebMedia | undefined;
}

export function CallHead({ card, over, folded, media }: CallHeadProps): ReactNode {
  const { phone } = useSession();
  const heading = useFocusOn<HTMLHeadingElement>(card.id);
  const place = folded ? `${corner} ${alone}` : over ? `${corner} ${beside}` : middle;
  const flows = media?.connected ?? false;
  return (
    <>
      {!folded && (
        <span className="absolute top-[calc(12px+env(safe-area-inset-top))] left-3 z-10">
          <RoundButton small label="Make the call small" onClick={() => phone.fold(true)}>
            <Minimize2 size={20} aria-hidden="true" />
          </RoundButton>
        </span>
      )}
      {!folded && media !== undefined && card.establishedMs !== undefined && (
        <span className="absolute top-[calc(12px+env(safe-area-inset-top))] left-17 z-10">
          <QualityBars media={media} card={card} />
        </span>
      )}
      <div className={place} data-over={over}>
        {!over && <Face card={card} media={media} folded={folded} />}
        <h2
          ref={heading}
          tabIndex={-1}
          className={`max-w-full truncate font-semibold
            ${over || folded ? "" : "mt-8 text-display"}`}
        >
          {card.peer.name}
        </h2>
        <p
          data-testid="call-status"
          data-state={card.state.name}
          className={`tabular-nums ${over || folded ? "text-small" : "mt-1"} text-ink-2`}
        >
          {card.state.name === "Established" && flows && (
            <span
              aria-hidden="true"
              className="mr-2 inline-block size-2 rounded-full bg-live align-[1px]"
            />
          )}
          {cardWords(card, flows)}{" "}
          {flows && card.establishedMs !== undefined && <CallClock sinceMs={card.establishedMs} />}
        </p>
        <RecordingLine card={card} />
        {card.state.name === "Reconnecting" && !folded && (
          <p role="status" className="mt-1 max-w-[420px] text-small text-ink-2">
            {calmWords(flows)}
          </p>
        )}
      </div>
    </>
  );
}

/** That what is said is written down: as long as that is so, and wherever the call is shown. */
function RecordingLine({ card: { recording } }: { readonly card: CallCard }): ReactNode {
  const words = recordingWords(recording);
  if (words === undefined) return null;
  return (
    <p role="status" data-testid="recording" className="mt-1 text-small font-semibold text-stop">
      {words}
    </p>
  );
}

const middle = "absolute inset-x-4 top-[20%] flex flex-col items-center text-center desk:top-[24%]";
const corner = `absolute top-[calc(12px+env(safe-area-inset-top))] left-31 rounded-2xl bg-sky/90
  px-3 py-1.5 backdrop-blur group-data-[folded=true]:top-2 group-data-[folded=true]:left-2`;
/** Above the own picture, where a long line reaches down to it. */
const beside = "z-20 max-w-[calc(100%-136px)] desk:max-w-[40%]";
const alone = "max-w-[calc(100%-16px)]";

function Face({ card, media, folded }: Omit<CallHeadProps, "over">): ReactNode {
  const speaking = useSpeaking(media);
  if (folded) return null;
  const face = <Avatar name={card.peer.name} size="large" />;
  if (card.state.name === "Ringing" && !card.waking) return <Waves>{face}</Waves>;
  return (
    <span
      className={`inline-flex rounded-full ring-4 ring-offset-4 ring-offset-sky transition-shadow
        ${speaking ? "ring-bronze" : "ring-transparent"}`}
    >
      {face}
    </span>
  );
}
