import { LossyLink } from "../lossy-link.ts";
import { openElsewhere } from "../other-network.ts";
import type { Story } from "../story.ts";

const HERE = "10.77.0.1";
const THERE = "10.77.0.2";
/** One after the other: a lost packet more or less decides about a second. */
const LATER = [9, 10, 11, 12, 13].map((last) => `10.77.0.${last}`);
const LOSS = 0.1;
const BACK_MS = 3000;

export const addressChange: Story = {
  name: "Over a line that loses 10 % a call outlives a change of address: sound is back within 3 s",
  async tell(stage) {
    stage.expects(/ERR_NETWORK_CHANGED|ERR_ADDRESS_UNREACHABLE|ERR_INTERNET_DISCONNECTED/);
    stage.expects(
      /ERR_INCOMPLETE_CHUNKED_ENCODING|WebSocket connection to .* failed|ERR_TIMED_OUT/,
    );
    await stage.house.stop();
    await stage.house.start({ host: "0.0.0.0" });
    const origin = stage.house.address.replace("localhost", HERE);
    const { browser, pid } = await openElsewhere(stage.folder, origin);
    const link = new LossyLink({ pid, here: HERE, there: THERE, loss: LOSS });
    try {
      const bob = await stage.joins("Bob");
      const away = await browser.newContext({ permissions: ["microphone", "camera"] });
      const alice = await stage.joins("Alice", away, stage.house.invite.replace("localhost", HERE));
      await alice.sees("Bob", "Online");
      await alice.calls("Bob", "voice");
      await bob.isCalledBy("Alice", "voice");
      await bob.answers("voice");
      await Promise.all([alice.isConnected(), bob.isConnected()]);
      await Promise.all([alice.hears(), bob.hears()]);

      const backMs: number[] = [];
      for (const there of LATER) {
        const movedMs = performance.now();
        link.move(there);
        // What was on its way has arrived by then.
        await alice.page.waitForTimeout(300);
        await Promise.all([alice.hearsAgain(), bob.hearsAgain()]);
        backMs.push(performance.now() - movedMs);
        await Promise.all([alice.isConnected(), bob.isConnected()]);
        await Promise.all([alice.hears(), bob.hears()]);
      }
      await alice.hangsUp();
      await bob.reads("Alice hung up.");
      const { packets, lost } = link.count;
      const seconds = backMs.map((ms) => (ms / 1000).toFixed(1)).join(", ");
      const inOrder = backMs.toSorted((one, other) => one - other);
      const median = inOrder[(inOrder.length - 1) / 2] ?? 0;
      if (!(median > 0 && median <= BACK_MS))
        throw new Error(`sound was back only after ${seconds} s`);
      return [`back after ${seconds} s`, `${((100 * lost) / packets).toFixed(1)} % lost`];
    } finally {
      link.close();
      await browser.close();
    }
  },
};
