import type { Story } from "../story.ts";

export const voiceCall: Story = {
  name: "A voice call has sound and no picture",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    // Some people double-click everything: it is one call, answered once.
    await alice.button("Voice call Bob").dblclick();
    await bob.isCalledBy("Alice", "voice");
    await bob.button("Answer with voice").dblclick();
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    const figures = await Promise.all([alice.hears(), bob.hears()]);
    await Promise.all([alice.seesNoPicture(), bob.seesNoPicture()]);
    await stage.picture("in-a-voice-call", alice.page);
    const calls = alice.tab.frames.filter(({ text }) => text.startsWith("INVITE "));
    if (calls.length !== 1) throw new Error(`Alice sent ${calls.length} INVITEs`);
    await bob.hangsUp();
    await alice.reads("Bob hung up.");
    return figures;
  },
};
