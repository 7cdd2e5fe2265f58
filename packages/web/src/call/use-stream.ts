/** Shows a stream in a video element. */
import { type RefObject, useEffect, useRef } from "react";

export function useStream(stream: MediaStream | undefined): RefObject<HTMLVideoElement | null> {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.srcObject = stream ?? null;
    // Answering or calling was a click, so this is allowed; a stream swapped meanwhile aborts it.
    if (stream !== undefined) element.play().catch(() => {});
  }, [stream]);
  return video;
}
