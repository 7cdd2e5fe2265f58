/** Whether everything on a screen can be reached: nothing beside it, nothing too small to touch. */
import type { Page } from "playwright-core";

export interface ScreenWish {
  /** The least width and height of what is to be touched. */
  readonly targetPixels: number;
}

/** Waits for what moves to rest, then looks. */
export async function screenFindings(page: Page, wish: ScreenWish): Promise<readonly string[]> {
  await atRest(page);
  return page.evaluate(({ targetPixels }) => {
    const { scrollWidth } = document.documentElement;
    const findings: string[] = [];
    if (scrollWidth > innerWidth) findings.push(`${scrollWidth} pixels wide, not ${innerWidth}`);
    for (const element of document.querySelectorAll<HTMLElement>("button, a[href], input")) {
      if (element.closest('[aria-hidden="true"], [inert]') !== null) continue;
      const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const name = element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
      if (left < -0.5 || right > innerWidth + 0.5) findings.push(`“${name}” is beside the screen`);
      if (top < -0.5 || bottom > innerHeight + 0.5) findings.push(`“${name}” is above or below`);
      if (Math.min(width, height) < targetPixels - 0.5) {
        findings.push(`“${name}” is ${width.toFixed(0)} × ${height.toFixed(0)} pixels`);
      }
      const [x, y] = [(left + right) / 2, (top + bottom) / 2];
      const there = document.elementFromPoint(x, y);
      const open = there === element || element.contains(there) || there?.contains(element);
      if (!open) findings.push(`“${name}” is covered by ${there?.outerHTML.slice(0, 80)}`);
    }
    return findings;
  }, wish);
}

/** So many frames in a row without a change, of at most so many. */
const [STILL_FRAMES, MOST_FRAMES] = [3, 30];

/**
 * Transitions and animations that come to an end have done so, and what is placed by something else
 * is where it belongs: that is reckoned in a frame after the one in which its size has changed.
 */
export async function atRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter((one) => one.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
  await page.evaluate(
    async ([still, most]) => {
      const places = () =>
        [...document.querySelectorAll("button, a[href], input")]
          .map((element) => JSON.stringify(element.getBoundingClientRect()))
          .join();
      let before = places();
      for (let same = 0, frames = 0; same < still && frames < most; frames++) {
        await new Promise(requestAnimationFrame);
        const now = places();
        same = now === before ? same + 1 : 0;
        before = now;
      }
    },
    [STILL_FRAMES, MOST_FRAMES] as const,
  );
}
