import type { Story } from "../story.ts";

export const reload: Story = {
  name: "A page that is reloaded is back, with its call, and one that is closed is offline in 2 s",
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await bob.page.reload();
    const backMs = await bob.isOnline();
    await alice.sees("Bob", "Online");
    await alice.calls("Bob", "voice");
    await bob.isCalledBy("Alice", "voice");
    await bob.answers("voice");
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    await alice.hears();

    // Loaded anew in the middle of a call: it goes on.
    const reloadedMs = performance.now();
    await bob.page.reload();
    await bob.isConnected();
    const callBackMs = performance.now() - reloadedMs;
    await alice.isConnected();
    const heard = await Promise.all([alice.hears(), bob.hears()]);
    await stage.picture("back-in-the-call", bob.page);
    // And so it does on the other side, which called.
    await alice.page.reload();
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    heard.push(await bob.hears());
    await bob.button("Hold the call").click();
    await alice.reads("You are on hold");
    await bob.button("Hold the call").click();
    await alice.isConnected();

    // Closed in the middle of a call: that ends, once it is clear that nobody comes back.
    const closedMs = performance.now();
    await bob.page.close();
    await alice.sees("Bob", "Offline", { withinMs: 2000 });
    const goneMs = performance.now() - closedMs;
    await alice.reads("Bob left.", { withinMs: 10_000 });
    const leftMs = performance.now() - closedMs;
    return [
      ...[`back after ${backMs.toFixed(0)} ms`, `in the call after ${callBackMs.toFixed(0)} ms`],
      ...heard,
      ...[`gone after ${goneMs.toFixed(0)} ms`, `left after ${leftMs.toFixed(0)} ms`],
    ];
  },
};
