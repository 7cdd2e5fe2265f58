/** What stands in somebody's way who does not see, or not well: no names, too little contrast. */
import type { Page } from "playwright-core";
import { screenFindings } from "./screen.ts";

/** WCAG 2.2 §1.4.3: text, and large text. */
const TEXT_RATIO = 4.5;
const LARGE_TEXT_RATIO = 3;
/** WCAG 2.2 §2.5.8, for whoever has a mouse. */
const LEAST_TARGET_PIXELS = 24;

export async function accessibilityFindings(page: Page): Promise<readonly string[]> {
  const screen = await screenFindings(page, { targetPixels: LEAST_TARGET_PIXELS });
  return [...screen, ...(await nameless(page)), ...(await faint(page))];
}

const NAMED_ROLES = new Set([
  ...["button", "link", "textbox", "searchbox", "checkbox", "dialog", "alertdialog"],
  ...["toolbar", "navigation", "region", "heading", "image", "Video"],
]);

interface Node {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
  readonly backendDOMNodeId?: number;
}

/** Asks Chromium itself, which computes names as it tells them to a screen reader. */
async function nameless(page: Page): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page);
  const tree = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  return (tree.nodes as readonly Node[])
    .filter(({ ignored, role }) => !ignored && NAMED_ROLES.has(role?.value ?? ""))
    .filter(({ name }) => (name?.value ?? "").trim() === "")
    .map(({ role, backendDOMNodeId }) => `a ${role?.value} without a name (${backendDOMNodeId})`);
}

/** Text too faint against what lies under it, whatever the picture there. */
function faint(page: Page): Promise<readonly string[]> {
  return page.evaluate(
    ({ text, largeText }) => {
      type Colour = readonly [number, number, number, number];
      const drawing = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      if (drawing === null) throw new Error("no canvas");
      /** Whatever way CSS writes it. */
      const parsed = (css: string): Colour => {
        drawing.clearRect(0, 0, 1, 1);
        drawing.fillStyle = css;
        drawing.fillRect(0, 0, 1, 1);
        const [red = 0, green = 0, blue = 0, alpha = 0] = drawing.getImageData(0, 0, 1, 1).data;
        return [red, green, blue, alpha / 255];
      };
      const over = (top: Colour, under: Colour): Colour => {
        const mix = (i: 0 | 1 | 2): number => top[i] * top[3] + under[i] * (1 - top[3]);
        return [mix(0), mix(1), mix(2), 1];
      };
      /** A picture may be of any colour: white is the worst, since what lies on it is light. */
      const showsPicture = (element: Element): boolean =>
        element.querySelector(":scope > video")?.checkVisibility({ opacityProperty: true }) ??
        false;
      const ground = (element: Element | null): Colour => {
        if (element === null || showsPicture(element)) return [255, 255, 255, 1];
        const own = parsed(getComputedStyle(element).backgroundColor);
        return own[3] === 1 ? own : over(own, ground(element.parentElement));
      };
      const light = ([red, green, blue]: Colour): number => {
        const [r = 0, g = 0, b = 0] = [red, green, blue].map((channel) => {
          const part = channel / 255;
          return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const contrast = (one: Colour, other: Colour): number => {
        const [a, b] = [light(one), light(other)];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      };
      const words = (element: Element): string => {
        const own = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
        return own
          .map(({ textContent }) => textContent?.trim())
          .join(" ")
          .trim();
      };
      const findings: string[] = [];
      for (const element of document.body.querySelectorAll<HTMLElement>("*")) {
        if (words(element) === "" || element.closest(":disabled, noscript, .sr-only")) continue;
        if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        const style = getComputedStyle(element);
        const under = ground(element);
        const ratio = contrast(over(parsed(style.color), under), under);
        const pixels = Number.parseFloat(style.fontSize);
        const large = pixels >= 24 || (pixels >= 18.66 && Number(style.fontWeight) >= 700);
        if (ratio < (large ? largeText : text)) {
          findings.push(`“${words(element)}” has a contrast of ${ratio.toFixed(2)}`);
        }
      }
      return findings;
    },
    { text: TEXT_RATIO, largeText: LARGE_TEXT_RATIO },
  );
}
