/** Whether somebody looks at this page: it is in front, and has the keys. */
import { useSyncExternalStore } from "react";

export const isLookedAt = (): boolean =>
  document.visibilityState === "visible" && document.hasFocus();

export function useAttention(): boolean {
  return useSyncExternalStore(subscribe, isLookedAt);
}

function subscribe(listener: () => void): () => void {
  const closing = new AbortController();
  for (const type of ["focus", "blur"]) addEventListener(type, listener, closing);
  document.addEventListener("visibilitychange", listener, closing);
  return () => closing.abort();
}
