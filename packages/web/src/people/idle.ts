/**
 * Whether somebody is at this browser: one that nobody touches for long tells the house that they
 * are away, and that they are back. What somebody has said themselves stays as they said it.
 */
import type { OwnStatus } from "./presence-api.ts";

/** Longer than a cup of tea takes to make. */
export const IDLE_MS = 10 * 60_000;
/** All pages of a browser tell each other when somebody was at one of them. */
const TOUCHED = "carillon.touched";
const LOOK_MS = 5000;
const TELL_MS = 2000;

/** What to say next; undefined: nothing. `wasSelf`: this page said that they are away. */
export function nextStatus(
  own: OwnStatus,
  { idleMs, wasSelf, inCall }: { idleMs: number; wasSelf: boolean; inCall: boolean },
): OwnStatus | undefined {
  const isIdle = idleMs >= IDLE_MS && !inCall;
  if (isIdle && own.status === "online" && own.until === null) return { ...own, status: "away" };
  if (!isIdle && wasSelf && own.status === "away") return { ...own, status: "online" };
  return undefined;
}

export interface IdleWatch {
  /** Since when nobody has touched a page of this browser. */
  idleMs(): number;
  close(): void;
}

/** `look` is called now and then, and at once when somebody is back. */
export function watchIdle(
  drawer: Pick<Storage, "getItem" | "setItem">,
  look: () => void,
): IdleWatch {
  const closing = new AbortController();
  let touchedMs = Date.now();
  let toldMs = 0;
  const idleMs = (): number => {
    const elsewhere = Number(drawer.getItem(TOUCHED));
    return Date.now() - Math.max(touchedMs, elsewhere <= Date.now() ? elsewhere : 0);
  };
  const touch = (): void => {
    const wasIdle = idleMs() >= IDLE_MS;
    touchedMs = Date.now();
    if (touchedMs - toldMs > TELL_MS) {
      toldMs = touchedMs;
      try {
        drawer.setItem(TOUCHED, String(touchedMs));
      } catch {
        // No room: this page speaks for itself.
      }
    }
    if (wasIdle) look();
  };
  for (const type of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    addEventListener(type, touch, { signal: closing.signal, passive: true, capture: true });
  }
  const timer = setInterval(look, LOOK_MS);
  return {
    idleMs,
    close() {
      closing.abort();
      clearInterval(timer);
    },
  };
}
