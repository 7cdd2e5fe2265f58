/** Plays a stream in a video or audio element, on the loudspeaker that was chosen. */
import { type RefObject, useEffect, useRef } from "react";
import { useStore } from "../store.ts";
import { loudspeaker, playOn } from "./loudspeaker.ts";

export function useStream<T extends HTMLMediaElement = HTMLVideoElement>(
  stream: MediaStream | undefined,
): RefObject<T | null> {
  const media = useRef<T>(null);
  const speaker = useStore(loudspeaker);
  useEffect(() => {
    const element = media.current;
    if (element === null) return;
    element.srcObject = stream ?? null;
    // Answering or calling was a click, so this is allowed; a stream swapped meanwhile aborts it.
    if (stream !== undefined) element.play().catch(() => {});
    // Browsers keep what plays, though it is on no page any more, and with it all that was around.
    return () => {
      element.srcObject = null;
    };
  }, [stream]);
  useEffect(() => {
    const element = media.current;
    if (element !== null && !element.muted) void playOn(element, speaker);
  }, [speaker]);
  return media;
}
