/** Moves the focus to an element when what it shows becomes another thing. */
import { type RefObject, useEffect, useRef } from "react";

export function useFocusOn<T extends HTMLElement>(thing: string): RefObject<T | null> {
  const ref = useRef<T>(null);
  useEffect(() => ref.current?.focus({ preventScroll: true }), [thing]);
  return ref;
}
