import type { Page } from "playwright-core";
import type { Story } from "../story.ts";
import { untilSo } from "../until.ts";

export const keyboard: Story = {
  name: "Without a mouse one finds a person, calls, answers, mutes and hangs up",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await stage.joins("Carol");
    await alice.sees("Carol", "Online");
    const keys = alice.page.keyboard;

    let steps = await tabTo(alice.page, "Search people");
    await keys.type("bob");
    await untilSo("only Bob is found", async () => (await alice.row("Carol").count()) === 0);
    steps += await tabTo(alice.page, "Video call Bob");
    await keys.press("Enter");

    await bob.isCalledBy("Alice", "video");
    const answer = "Answer with video";
    await untilSo("to answer has the focus", async () => (await focused(bob.page)) === answer);
    // A key pressed the very moment it rings was meant elsewhere and does nothing, so again.
    const answered = async (): Promise<boolean> => {
      if ((await focused(bob.page)) === answer) await bob.page.keyboard.press("Enter");
      return bob.button("Hang up").isVisible();
    };
    await untilSo("Enter answers", answered);
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    const figures = await Promise.all([alice.seesAndHears(), bob.seesAndHears()]);

    await keys.press("m");
    await alice.isPressed("Mute microphone", true);
    steps += await tabTo(alice.page, "Turn camera off");
    await keys.press("Space");
    await alice.isPressed("Turn camera off", true);
    await stage.picture("keyboard-focus", alice.page);
    steps += await tabTo(alice.page, "Hang up");
    await keys.press("Enter");
    await bob.reads("Alice hung up.");
    steps += await tabTo(alice.page, "Back");
    await keys.press("Enter");
    await stage.picture("back-on-the-list", alice.page);
    return [...figures, `${steps} times Tab`];
  },
};

/** Presses Tab until the focus is there; tells how often. */
export async function tabTo(page: Page, name: string): Promise<number> {
  const passed: string[] = [];
  while ((await focused(page)) !== name) {
    passed.push(await focused(page));
    if (passed.length > 40) throw new Error(`Tab does not lead to “${name}”: ${passed.join(", ")}`);
    await page.keyboard.press("Tab");
  }
  return passed.length;
}

/** The name of what has the focus, or nothing. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? "";
  });
}
