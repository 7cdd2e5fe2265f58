/**
 * Whether somebody is at this browser. All its pages tell each other when somebody touched one of
 * them, so that one that lies below does not say that they are away.
 */

/** Longer than a cup of tea takes to make. */
export const IDLE_MS = 10 * 60_000;
const TOUCHED = "carillon.touched";
const LOOK_MS = 5000;
/** Others need not know of each move of a hand. */
const TELL_MS = 2000;

/** Who talks needs no hands. */
export const isIdle = (untouchedMs: number, inCall: boolean): boolean =>
  untouchedMs >= IDLE_MS && !inCall;

/** `told`: in ms since 1970, as another page has written it. */
export function untouchedMs(nowMs: number, touchedMs: number, told: string | null): number {
  const elsewhere = Number(told ?? 0);
  // A clock that was set back, or nonsense: this page speaks for itself.
  const isSane = elsewhere > 0 && elsewhere <= nowMs;
  return nowMs - Math.max(touchedMs, isSane ? elsewhere : 0);
}

/** `look` is called now and then, and at once when somebody is back; until it is told to stop. */
export function watchIdle(
  drawer: Pick<Storage, "getItem" | "setItem">,
  inCall: () => boolean,
  changed: (idle: boolean) => void,
): () => void {
  const closing = new AbortController();
  let touchedMs = Date.now();
  let toldMs = 0;
  let before = false;
  const look = (): void => {
    const now = isIdle(untouchedMs(Date.now(), touchedMs, read(drawer)), inCall());
    if (now !== before) changed(now);
    before = now;
  };
  const touch = (): void => {
    touchedMs = Date.now();
    if (touchedMs - toldMs > TELL_MS) {
      toldMs = touchedMs;
      write(drawer, String(touchedMs));
    }
    if (before) look();
  };
  for (const type of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    addEventListener(type, touch, { signal: closing.signal, passive: true, capture: true });
  }
  const timer = setInterval(look, LOOK_MS);
  return () => {
    closing.abort();
    clearInterval(timer);
  };
}

function read(drawer: Pick<Storage, "getItem">): string | null {
  try {
    return drawer.getItem(TOUCHED);
  } catch {
    return null;
  }
}

function write(drawer: Pick<Storage, "setItem">, text: string): void {
  try {
    drawer.setItem(TOUCHED, text);
  } catch {
    // No room: this page speaks for itself.
  }
}
