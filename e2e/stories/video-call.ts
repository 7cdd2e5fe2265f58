/** The main job. */
import type { Story } from "../story.ts";

export const videoCall: Story = {
  name: "Two tabs of one browser see and hear each other, and either side can hang up",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await stage.picture("people", alice.page);
    const figures: string[] = [];
    for (const [ender, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      await alice.calls("Bob", "video");
      await bob.isCalledBy("Alice", "video");
      await alice.reads("Ringing");
      await stage.picture("ringing", alice.page);
      await stage.picture("incoming", bob.page);
      await bob.answers("video");
      await Promise.all([alice.isConnected(), bob.isConnected()]);
      figures.push(...(await Promise.all([alice.seesAndHears(), bob.seesAndHears()])));
      await stage.picture("in-a-video-call", alice.page);
      await ender.hangsUp();
      await other.reads(`${ender.name} hung up.`, { withinMs: 2000 });
      await ender.reads("You hung up.");
      await stage.picture("ended", other.page);
      await alice.button("Back").click();
      await bob.button("Back").click();
    }
    return figures;
  },
};
