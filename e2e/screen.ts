/** Whether everything on a screen can be reached: nothing beside it, nothing too small to touch. */
import type { Page } from "playwright-core";

export interface ScreenWish {
  /** The least width and height of what is to be touched. */
  readonly targetPixels: number;
}

/** What is placed beside something else is where it belongs some frames after its size changed. */
const PLACED_MS = 250;

/** Waits for what moves to rest, then looks; once more where something was still on its way. */
export async function screenFindings(page: Page, wish: ScreenWish): Promise<readonly string[]> {
  await atRest(page);
  const findings = await look(page, wish);
  if (findings.length === 0) return findings;
  await page.waitForTimeout(PLACED_MS);
  return look(page, wish);
}

function look(page: Page, wish: ScreenWish): Promise<readonly string[]> {
  return page.evaluate(({ targetPixels }) => {
    const { scrollWidth } = document.documentElement;
    const findings: string[] = [];
    if (scrollWidth > innerWidth) findings.push(`${scrollWidth} pixels wide, not ${innerWidth}`);
    for (const element of document.querySelectorAll<HTMLElement>("h1, h2, h3, p, dd")) {
      if (element.closest(".sr-only") !== null) continue;
      const { left, right } = element.getBoundingClientRect();
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const words = element.textContent?.slice(0, 40);
      if (left < -0.5 || right > innerWidth + 0.5) findings.push(`“${words}” is cut off`);
    }
    for (const element of document.querySelectorAll<HTMLElement>("button, a[href], input")) {
      if (element.closest('[aria-hidden="true"], [inert]') !== null) continue;
      const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const name = element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
      if (left < -0.5 || right > innerWidth + 0.5) findings.push(`“${name}” is beside the screen`);
      if (top < -0.5 || bottom > innerHeight + 0.5) findings.push(`“${name}” is above or below`);
      // WCAG 2.2 §2.5.8: a link in a sentence is as high as its line.
      const isInline = getComputedStyle(element).display === "inline";
      if (!isInline && Math.min(width, height) < targetPixels - 0.5) {
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

/** Transitions and animations that come to an end have done so. */
export async function atRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter((one) => one.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}
