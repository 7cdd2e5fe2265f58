import { looker } from "../looker.ts";
import { showsPicture } from "../media.ts";
import type { Story } from "../story.ts";
import { untilSo } from "../until.ts";

export const accessibleCalls: Story = {
  name: "In calls, too, every control has a name and every text enough contrast",
  async tell(stage) {
    const look = looker(stage);
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await alice.calls("Bob", "video");
    await bob.isCalledBy("Alice", "video");
    await alice.reads("Ringing");
    await look(bob.page, "incoming");
    await look(alice.page, "ringing");
    await bob.answers("video");
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    await alice.seesAndHears();
    await look(alice.page, "in-call");
    await alice.page.getByRole("button", { name: /^Connection: / }).click();
    await look(alice.page, "quality");
    await alice.page.keyboard.press("Escape");
    await alice.button("More").click();
    await look(alice.page, "more");
    for (const [entry, screen] of MORE) {
      await alice.button(entry).click();
      await look(alice.page, screen);
      await alice.button("Back to the menu").click();
    }
    await alice.page.keyboard.press("Escape");
    await alice.button("Hold the call").click();
    await alice.reads("On hold");
    await untilSo("the picture is gone", async () => !(await showsPicture(alice.page)));
    await look(alice.page, "on-hold");
    await alice.button("Hold the call").click();
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    const carol = await stage.joins("Carol");
    await carol.sees("Alice", "On the phone");
    await carol.calls("Alice", "voice");
    await alice.button("Hold and answer").waitFor();
    await look(alice.page, "second-call");
    await alice.button("Hold and answer").click();
    await Promise.all([alice.isInCallWith("Carol"), carol.isConnected()]);
    await alice.isConnected();
    await look(alice.page, "one-waits");
    await alice.button("Talk to both").click();
    await alice.button("Talk to each alone").waitFor();
    await look(alice.page, "joined");
    await carol.hangsUp();
    await alice.isInCallWith("Bob");
    await bob.hangsUp();
    await alice.reads("Bob hung up.");
    await look(alice.page, "ended");
    return [`${look.count()} screens`];
  },
};

const MORE = [
  ["Keypad", "keypad"],
  ["Call somebody else as well", "call-as-well"],
  ["Transfer Bob", "transfer"],
  ["Microphone, camera, loudspeaker", "devices"],
] as const;
