import { hearsNothing } from "../media.ts";
import type { Story } from "../story.ts";

export const holdStory: Story = {
  name: "Who is on hold hears nothing, both sides say so, and either can hold",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await alice.calls("Bob", "voice");
    await bob.isCalledBy("Alice", "voice");
    await bob.answers("voice");
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    await Promise.all([alice.hears(), bob.hears()]);

    await alice.isPressed("Hold the call", false);
    await alice.button("Hold the call").click();
    await Promise.all([alice.reads("On hold"), bob.reads("You are on hold")]);
    await alice.isPressed("Hold the call", true);
    await bob.isPressed("Hold the call", false);
    await stage.picture("on-hold", alice.page);
    const silence = await Promise.all([
      hearsNothing(alice.page, "Alice"),
      hearsNothing(bob.page, "Bob"),
    ]);

    await bob.page.keyboard.press("h");
    await Promise.all([alice.reads("Both on hold"), bob.reads("Both on hold")]);
    await alice.button("Hold the call").click();
    await Promise.all([alice.reads("You are on hold"), bob.reads("On hold")]);
    await bob.button("Hold the call").click();
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    const back = await Promise.all([alice.hears(), bob.hears()]);
    await bob.hangsUp();
    await alice.reads("Bob hung up.");
    return [...silence, ...back];
  },
};
