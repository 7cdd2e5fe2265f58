import type { Story } from "../story.ts";

export const secondCaller: Story = {
  name: "Somebody who calls during a call can be declined, or taken instead",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    const carol = await stage.joins("Carol");
    await alice.calls("Bob", "voice");
    await bob.isCalledBy("Alice", "voice");
    await bob.answers("voice");
    await Promise.all([alice.isConnected(), bob.isConnected()]);

    const banner = bob.page.getByRole("region", { name: "Carol is calling as well" });
    await carol.calls("Bob", "voice");
    await banner.waitFor();
    await stage.picture("second-caller", bob.page);
    await bob.declines();
    await carol.reads("Bob declined.");
    const first = await alice.hears();

    await carol.button("Call again").click();
    await banner.waitFor();
    await bob.button("Hang up and answer").click();
    await alice.reads("Bob hung up.");
    await Promise.all([carol.isConnected(), bob.isConnected()]);
    const second = await Promise.all([carol.hears(), bob.hears()]);
    await carol.hangsUp();
    await bob.reads("Carol hung up.");
    return [first, ...second];
  },
};
