/** When what had the focus is gone and nothing took it, brings it to where one goes on from. */
import { useEffect, useRef } from "react";

/** Dialogs give the focus back a moment after they close. */
const SETTLE_MS = 60;

export function useFocusHome(idle: boolean, homeId: string): void {
  const before = useRef(idle);
  useEffect(() => {
    const becameIdle = idle && !before.current;
    before.current = idle;
    if (!becameIdle) return;
    const timer = setTimeout(() => {
      if (document.activeElement === document.body) document.getElementById(homeId)?.focus();
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [idle, homeId]);
}
