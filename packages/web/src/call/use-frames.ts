/**
 * Whether pictures arrive just now. Asked of the video itself: it covers voice calls, a camera
 * turned off over there and a picture that has not come yet, whatever the other side's program.
 */
import { type RefObject, useEffect, useState } from "react";

const STALE_MS = 2500;

export function useFrames(video: RefObject<HTMLVideoElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    if (!("requestVideoFrameCallback" in element)) return watchSize(element, setSeen);
    let lastMs = Number.NEGATIVE_INFINITY;
    const frame = (): void => {
      lastMs = performance.now();
      setSeen(true);
      handle = element.requestVideoFrameCallback(frame);
    };
    let handle = element.requestVideoFrameCallback(frame);
    const timer = setInterval(() => {
      // A hidden page draws no frames; that says nothing about the other side.
      if (!document.hidden && performance.now() - lastMs > STALE_MS) setSeen(false);
    }, 500);
    return () => {
      clearInterval(timer);
      element.cancelVideoFrameCallback(handle);
    };
  }, [video]);
  return seen;
}

/** For browsers that do not report frames: a video that knows its size has had a picture. */
function watchSize(element: HTMLVideoElement, setSeen: (seen: boolean) => void): () => void {
  const timer = setInterval(() => setSeen(element.videoWidth > 0), 500);
  return () => clearInterval(timer);
}
