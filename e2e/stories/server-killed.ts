import type { Story } from "../story.ts";

const AWAY_MS = 10_000;
/** From the moment at which the server is there again. */
const BACK_MS = 3000;

export const serverKilled: Story = {
  name: "A call goes on while the server is gone for 10 s, and is whole within 3 s of its return",
  isCall: true,
  async tell(stage) {
    stage.expects(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET/);
    stage.expects(/ERR_EMPTY_RESPONSE|WebSocket connection to .* failed/);
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await alice.calls("Bob", "voice");
    await bob.isCalledBy("Alice", "voice");
    await bob.answers("voice");
    await Promise.all([alice.isConnected(), bob.isConnected()]);

    const killedMs = performance.now();
    await stage.house.kill();
    await Promise.all([alice.reads("Reconnecting…"), bob.reads("Reconnecting…")]);
    await alice.isTold("You still hear each other");
    await stage.picture("server-gone", alice.page);
    const meanwhile = await Promise.all([alice.hears(), bob.hears()]);
    await alice.page.waitForTimeout(Math.max(0, AWAY_MS - (performance.now() - killedMs)));

    await stage.house.start();
    const startedMs = performance.now();
    const within = { withinMs: BACK_MS };
    await Promise.all([alice.reads("Connected", within), bob.reads("Connected", within)]);
    const backMs = performance.now() - startedMs;
    const after = await Promise.all([alice.hears(), bob.hears()]);
    // The call can be changed and ended again.
    await alice.button("Hold the call").click();
    await bob.reads("You are on hold");
    await alice.button("Hold the call").click();
    await bob.isConnected();
    await bob.hangsUp();
    await alice.reads("Bob hung up.");
    return [...meanwhile, `whole ${(backMs / 1000).toFixed(1)} s after the return`, ...after];
  },
};
