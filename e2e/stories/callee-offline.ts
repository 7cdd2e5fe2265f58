import type { Story } from "../story.ts";

export const calleeOffline: Story = {
  name: "A call to somebody who is not online ends at once, in words",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await bob.page.close();
    await alice.sees("Bob", "Offline");
    await alice.calls("Bob", "video");
    const ms = await alice.reads("Bob is not online.", { withinMs: 3000 });
    await stage.picture("callee-offline", alice.page);
    return [`told after ${ms.toFixed(0)} ms`];
  },
};
