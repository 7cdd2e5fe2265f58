import type { Story } from "../story.ts";

export const reload: Story = {
  name: "A page that is reloaded is back, and one that is closed is offline within 2 s",
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await bob.page.reload();
    const backMs = await bob.isOnline();
    await alice.sees("Bob", "Online");
    await alice.calls("Bob", "voice");
    await bob.isCalledBy("Alice", "voice");
    await bob.answers("voice");
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    // Closed in the middle of a call: that ends, too.
    const closedMs = performance.now();
    await bob.page.close();
    await Promise.all([
      alice.sees("Bob", "Offline", { withinMs: 2000 }),
      alice.reads("Bob hung up.", { withinMs: 2000 }),
    ]);
    const goneMs = performance.now() - closedMs;
    return [`back after ${backMs.toFixed(0)} ms`, `gone after ${goneMs.toFixed(0)} ms`];
  },
};
