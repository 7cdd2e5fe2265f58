/** How long the call goes on, once a second. */
import { type ReactNode, useEffect, useState } from "react";
import { durationText } from "./duration.ts";

/** `sinceMs` counts like `performance.timeOrigin + performance.now()`: no clock change moves it. */
export function CallClock({ sinceMs }: { readonly sinceMs: number }): ReactNode {
  const [nowMs, setNowMs] = useState(clock);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(clock()), 500);
    return () => clearInterval(timer);
  }, []);
  return <span className="ml-1">{durationText(nowMs - sinceMs)}</span>;
}

const clock = (): number => performance.timeOrigin + performance.now();
