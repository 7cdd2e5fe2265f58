/** One's own picture: mirrored, in a corner, carried to another one by hand or by key. */
import type { WebMedia } from "carillon";
import { MicOff, VideoOff } from "lucide-react";
import { type PointerEvent, type ReactNode, useRef, useState } from "react";
import { type Corner, nearestCorner, nextCorner } from "./corner.ts";
import { useStream } from "./use-stream.ts";

const places: Readonly<Record<Corner, string>> = {
  "top-left": "top-[calc(72px+env(safe-area-inset-top))] left-3",
  // On a phone below the name, on a desk beside it.
  "top-right": "top-[calc(72px+env(safe-area-inset-top))] right-3 desk:top-3",
  "bottom-left": "bottom-[calc(128px+env(safe-area-inset-bottom))] left-3 desk:bottom-4",
  "bottom-right": "bottom-[calc(128px+env(safe-area-inset-bottom))] right-3 desk:bottom-4",
};

export function OwnPicture({ media }: { readonly media: WebMedia }): ReactNode {
  const video = useStream(media.local);
  const [corner, setCorner] = useState<Corner>("top-right");
  const drag = useDrag(setCorner);
  return (
    <button
      type="button"
      title="Drag to another corner"
      className={`absolute z-10 h-36 w-27 touch-none overflow-hidden rounded-2xl border border-line
        bg-card shadow-lift desk:h-36 desk:w-48 ${places[corner]}`}
      onClick={(event) => event.detail === 0 && setCorner(nextCorner(corner))}
      {...drag}
    >
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: without controls it takes no focus */}
      <video
        ref={video}
        data-testid="local-video"
        aria-hidden="true"
        muted
        autoPlay
        playsInline
        className={`size-full object-cover ${media.sharing ? "" : "-scale-x-100"}
          ${media.cameraOn || media.sharing ? "" : "invisible"}`}
      />
      {!media.cameraOn && !media.sharing && (
        <span
          aria-hidden="true"
          className="absolute inset-0 flex flex-col items-center justify-center gap-1 bg-card
            text-ink-2"
        >
          <VideoOff size={24} aria-hidden="true" />
          <span className="text-tiny">Camera off</span>
        </span>
      )}
      <span
        className="absolute bottom-1.5 left-1.5 flex items-center gap-1 rounded-full bg-sky/80 px-2
          py-0.5 text-tiny"
      >
        {media.muted && <MicOff size={12} aria-hidden="true" className="text-stop" />}
        {media.muted ? "You, muted" : "You"}
      </span>
      <span className="sr-only">: move your picture to another corner</span>
    </button>
  );
}

/** Follows the finger while it is down, then rests in the nearest corner of the call. */
function useDrag(rest: (corner: Corner) => void) {
  const from = useRef<{ x: number; y: number }>(undefined);
  return {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      event.currentTarget.setPointerCapture(event.pointerId);
      from.current = { x: event.clientX, y: event.clientY };
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      if (from.current === undefined) return;
      const [x, y] = [event.clientX - from.current.x, event.clientY - from.current.y];
      event.currentTarget.style.transform = `translate(${x}px, ${y}px)`;
    },
    onPointerUp(event: PointerEvent<HTMLElement>) {
      const call = event.currentTarget.parentElement?.getBoundingClientRect();
      from.current = undefined;
      event.currentTarget.style.transform = "";
      if (call === undefined) return;
      const [x, y] = [event.clientX - call.left, event.clientY - call.top];
      rest(nearestCorner(x / call.width, y / call.height));
    },
    onPointerCancel(event: PointerEvent<HTMLElement>) {
      from.current = undefined;
      event.currentTarget.style.transform = "";
    },
  };
}
