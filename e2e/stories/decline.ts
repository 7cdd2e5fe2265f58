import type { Story } from "../story.ts";

export const decline: Story = {
  name: "Who declines stops the ringing, and the caller reads it in words",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await alice.calls("Bob", "video");
    await bob.isCalledBy("Alice", "video");
    await bob.declines();
    const ms = await alice.reads("Bob declined.", { withinMs: 2000 });
    await bob.isNotRung();
    await alice.button("Call again").waitFor();
    await stage.picture("declined", alice.page);
    // The way back: the next call rings again.
    await alice.button("Call again").click();
    await bob.isCalledBy("Alice", "video");
    await bob.page.keyboard.press("Escape");
    await alice.reads("Bob declined.");
    return [`told after ${ms.toFixed(0)} ms`];
  },
};
