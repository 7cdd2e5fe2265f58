/** Forking, and the reason why the other device stops. RFC 3326 §2. */
import type { Story } from "../story.ts";

export const twoDevices: Story = {
  name: "Both pages of one person ring, and answering on one tells the other why it stops",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    const bob2 = await stage.another(bob);
    await alice.calls("Bob", "video");
    await Promise.all([bob, bob2].map((page) => page.isCalledBy("Alice", "video")));
    await bob2.answers("video");
    await Promise.all([alice.isConnected(), bob2.isConnected()]);
    const ms = await bob.isNotRung({ withinMs: 2000 });
    await bob.isTold("Answered on another device.");
    await stage.picture("answered-elsewhere", bob.page);
    const cancel = await bob.received("a CANCEL", (text) => text.startsWith("CANCEL "));
    const [reason] = /^Reason:.*$/im.exec(cancel) ?? [];
    if (!/^Reason:\s*SIP\s*;\s*cause\s*=\s*200\b/i.test(reason ?? "")) {
      throw new Error(`the CANCEL has no Reason with cause=200: ${reason ?? "none at all"}`);
    }
    const figures = await Promise.all([alice.seesAndHears(), bob2.seesAndHears()]);
    await alice.hangsUp();
    await bob2.reads("Alice hung up.");
    return [...figures, `stopped after ${ms.toFixed(0)} ms by ${reason}`];
  },
};
