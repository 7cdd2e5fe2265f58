import type { Story } from "../story.ts";

export const serverRestart: Story = {
  name: "When the server stops the pages say so, and they come back by themselves",
  async tell(stage) {
    stage.expects(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET/);
    stage.expects(/ERR_EMPTY_RESPONSE|WebSocket connection to .* failed/);
    const [alice, bob] = await stage.join2("Alice", "Bob");
    const stoppedMs = performance.now();
    const code = await stage.house.stop();
    const stopMs = performance.now() - stoppedMs;
    if (code !== 0) throw new Error(`the program ended with ${code}`);
    await alice.isTold(/tries again by itself/);
    await alice.sees("Bob", "Not known just now");
    await alice.cannotCall("Bob");
    await stage.picture("reconnecting", alice.page);
    await stage.house.start();
    const startedMs = performance.now();
    await Promise.all([
      alice.isOnline({ withinMs: 15_000 }),
      bob.isOnline({ withinMs: 15_000 }),
      alice.sees("Bob", "Online", { withinMs: 15_000 }),
    ]);
    const backMs = performance.now() - startedMs;
    await alice.calls("Bob", "voice");
    await bob.isCalledBy("Alice", "voice");
    await bob.answers("voice");
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    await alice.hangsUp();
    await bob.reads("Alice hung up.");
    return [
      `stopped in ${(stopMs / 1000).toFixed(1)} s`,
      `back ${(backMs / 1000).toFixed(1)} s after the start`,
    ];
  },
};
