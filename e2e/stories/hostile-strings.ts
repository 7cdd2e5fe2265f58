import { HOSTILE_STRINGS } from "carillon/testing";
import { openHostilePage } from "../hostile-page.ts";
import type { Story } from "../story.ts";

const GIVEN = HOSTILE_STRINGS.map(({ name, text }) => ({ name, text }));
/** More of them nobody reads. */
const MOST_TOLD = 12;

export const hostileStrings: Story = {
  name: "Hostile strings are shown as text wherever the page shows what others say",
  async tell(stage) {
    // What a text names is tried to be loaded only if something is wrong, which is looked at below.
    const page = await openHostilePage(stage);
    const fields = await page.evaluate(() => window.hostile.fieldNames());
    const wrong: string[] = [];
    for (const field of fields) {
      const found = await page.evaluate(([name, all]) => window.hostile.lookAt(name, all), [
        field,
        GIVEN,
      ] as const);
      wrong.push(...found);
    }
    const { ran, title } = await page.evaluate(() => ({
      ran: window.ran,
      title: document.title,
    }));
    if (ran.length > 0) throw new Error(`it ran: ${[...new Set(ran)].join(", ")}`);
    if (title !== "Hostile") throw new Error(`the title is ${title}`);
    if (wrong.length > 0) {
      throw new Error(`${wrong.length} wrong:\n${wrong.slice(0, MOST_TOLD).join("\n")}`);
    }
    return [`${GIVEN.length} texts`, `${fields.length} places`];
  },
};
