/** Looks at screens for what somebody could not read, reach or hear read out. */
import type { Page } from "playwright-core";
import { accessibilityFindings } from "./accessibility.ts";
import type { Stage } from "./stage.ts";

/** Looks at a screen in both themes. */
export function looker(stage: Stage) {
  let count = 0;
  const look = async (page: Page, screen: string): Promise<void> => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const findings = await accessibilityFindings(page);
      await stage.picture(`${colorScheme}-${screen}`, page);
      if (findings.length > 0) throw new Error(`${screen}, ${colorScheme}: ${findings.join("; ")}`);
      count++;
    }
  };
  return Object.assign(look, { count: () => count });
}
