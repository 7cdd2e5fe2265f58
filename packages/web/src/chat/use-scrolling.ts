/**
 * Where a conversation stands: at its end it stays there, and elsewhere what is read stays in its
 * place, whatever comes in above or below.
 */
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";

/** This close to the end is at the end. */
const NEAR_PIXELS = 60;
/** This close to the beginning, what came before is fetched. */
const EARLY_PIXELS = 300;

export interface Scrolling {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly isAtEnd: boolean;
  toEnd(): void;
  /** It was brought elsewhere: there it stays. */
  moved(): void;
  /** For the box's own `onScroll`. */
  scrolled(): void;
}

export interface ScrollingOptions {
  /** What tells the first message from others: with another one, something came in above. */
  readonly firstKey: string | undefined;
  /** Changes whenever anything in the box does. */
  readonly content: unknown;
  readonly earlier: () => void;
}

export function useScrolling({ firstKey, content, earlier }: ScrollingOptions): Scrolling {
  const box = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const kept = useRef({ isAtEnd: true, belowPixels: 0, firstKey, width: 0, height: 0 });
  const keep = (): void => {
    const element = box.current;
    if (element === null) return;
    const belowPixels = element.scrollHeight - element.scrollTop;
    const atEnd = belowPixels - element.clientHeight < NEAR_PIXELS;
    const { clientWidth: width, clientHeight: height } = element;
    kept.current = { isAtEnd: atEnd, belowPixels, firstKey, width, height };
    setAtEnd(atEnd);
  };
  const toEnd = (): void => box.current?.scrollTo({ top: box.current.scrollHeight });
  // Runs for whatever changed in the box.
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const before = kept.current;
    if (before.isAtEnd) element.scrollTop = element.scrollHeight;
    else if (before.firstKey !== firstKey) {
      element.scrollTop = element.scrollHeight - before.belowPixels;
    }
    keep();
  }, [firstKey, content]);
  useEffect(() => {
    // What does not fill the box cannot be scrolled, and what came before is wanted all the same.
    const element = box.current;
    if (element !== null && element.scrollHeight <= element.clientHeight) earlier();
  }, [firstKey]);
  useLayoutEffect(() => stayAtEnd(box.current, kept), []);
  return {
    box,
    isAtEnd,
    toEnd,
    moved: keep,
    scrolled() {
      // A phone was turned, and its lines break elsewhere: nobody scrolled away from the end.
      if (kept.current.isAtEnd && hasOtherSize(box.current, kept.current)) toEnd();
      keep();
      if ((box.current?.scrollTop ?? EARLY_PIXELS) < EARLY_PIXELS) earlier();
    },
  };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const hasOtherSize = (element: HTMLDivElement | null, { width, height }: Size): boolean =>
  element !== null && (element.clientWidth !== width || element.clientHeight !== height);

/** The composer grows, a keyboard comes up: the end stays in sight. */
function stayAtEnd(
  element: HTMLDivElement | null,
  kept: { readonly current: { readonly isAtEnd: boolean } },
): (() => void) | undefined {
  if (element === null) return undefined;
  const watch = new ResizeObserver(() => {
    if (kept.current.isAtEnd) element.scrollTop = element.scrollHeight;
  });
  watch.observe(element);
  if (element.firstElementChild !== null) watch.observe(element.firstElementChild);
  return () => watch.disconnect();
}
