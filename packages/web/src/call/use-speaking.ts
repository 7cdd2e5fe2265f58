/** Whether the other side is speaking, as loud as it arrives here. */
import type { WebMedia } from "carillon";
import { useEffect, useState } from "react";

const LOUD = 0.02;
const PERIOD_MS = 120;
/** Words have gaps; a ring that follows each would flicker. */
const HOLD_MS = 400;

export function useSpeaking(media: WebMedia | undefined): boolean {
  const [speaking, setSpeaking] = useState(false);
  useEffect(() => {
    if (media === undefined) return;
    let loudMs = Number.NEGATIVE_INFINITY;
    const timer = setInterval(() => {
      if (level(media) > LOUD) loudMs = performance.now();
      setSpeaking(performance.now() - loudMs < HOLD_MS);
    }, PERIOD_MS);
    return () => clearInterval(timer);
  }, [media]);
  return speaking;
}

function level({ peerConnection }: WebMedia): number {
  const audio = peerConnection.getReceivers().find(({ track }) => track.kind === "audio");
  return audio?.getSynchronizationSources()[0]?.audioLevel ?? 0;
}
