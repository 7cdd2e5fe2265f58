/**
 * The call. Covers the stage (on a phone, everything), or is folded into a card in the corner.
 * One element in both shapes, so that sound and picture never start anew.
 */
import type { ReactNode } from "react";
import type { CallCard } from "../phone/desk.ts";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { CallControls } from "./call-controls.tsx";
import { CallHead } from "./call-head.tsx";
import { hasCamera } from "./captured.ts";
import { OtherCalls } from "./other-calls.tsx";
import { OwnPicture } from "./own-picture.tsx";
import { SecondCall } from "./second-call.tsx";
import { useFrames } from "./use-frames.ts";
import { useStream } from "./use-stream.ts";

export function CallLayer({ card }: { readonly card: CallCard }): ReactNode {
  const { phone, place } = useSession();
  const { tab } = useStore(place);
  const desk = useStore(phone.desk);
  const { aside, folded, notice, ringing } = desk;
  const media = phone.media(card.id);
  const video = useStream(media?.remote);
  const seen = useFrames(video);
  const [second] = ringing;
  return (
    <section
      aria-label={`Call with ${card.peer.name}`}
      className={`night group isolate overflow-hidden bg-sky text-ink
        ${placeOf(folded, tab === "Chat", seen)}`}
      data-folded={folded}
    >
      {/* Plays the sound of a voice call, too, and is then only not to be seen. */}
      {/* biome-ignore lint/a11y/useMediaCaption: people speaking live have no captions */}
      <video
        ref={video}
        data-testid="remote-video"
        aria-label={`Picture of ${card.peer.name}`}
        autoPlay
        playsInline
        className={`absolute inset-0 size-full object-cover transition-opacity
          ${seen ? "" : "opacity-0"}`}
      />
      <CallHead card={card} over={seen} folded={folded} media={media} />
      {!folded && media !== undefined && hasCamera(media) && <OwnPicture media={media} />}
      {!folded && second === undefined && aside.length === 0 && notice !== undefined && (
        <p
          className="absolute inset-x-4 bottom-36 mx-auto w-fit rounded-card bg-card/90 px-4 py-2
            text-center text-small"
        >
          {notice}
        </p>
      )}
      <div className={folded ? "hidden" : "contents"}>
        <OtherCalls desk={desk} />
      </div>
      <CallControls card={card} media={media} folded={folded} />
      {second !== undefined && !folded && <SecondCall card={second} />}
    </section>
  );
}

/** Small, it leaves room for where one writes, and is no larger than what there is to see. */
function placeOf(folded: boolean, writes: boolean, seen: boolean): string {
  if (!folded) return full;
  if (writes) return `${small} ${atTop} ${seen ? picture : voice}`;
  return `${small} ${atFoot} ${seen ? largePicture : voice}`;
}

const full = "fixed inset-0 z-20 desk:absolute desk:inset-y-0 desk:right-0 desk:left-[400px]";
const small = "fixed right-3 z-20 rounded-2xl shadow-lift desk:right-6";
const atFoot = "bottom-[calc(84px+env(safe-area-inset-bottom))] desk:bottom-6";
const atTop = "top-[calc(72px+env(safe-area-inset-top))]";
const voice = "h-32 w-52 desk:w-64";
const picture = "h-40 w-52 desk:h-44 desk:w-64";
const largePicture = "h-44 w-60 desk:h-52 desk:w-80";
