import { heldNodes } from "../held-nodes.ts";
import type { Story } from "../story.ts";
import { untilSo } from "../until.ts";

/** A call has about 200; what is drawn before and after it is nearly the same. */
const NODES_OF_HALF_A_CALL = 100;

export const voiceCall: Story = {
  name: "A voice call has sound and no picture",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    const before = await heldNodes(alice.page);
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
    await alice.button("Back").click();
    let held = before;
    await untilSo("the page holds nothing of the call", async () => {
      held = await heldNodes(alice.page);
      return held < before + NODES_OF_HALF_A_CALL;
    });
    return [...figures, `${held} nodes, ${before} before`];
  },
};
