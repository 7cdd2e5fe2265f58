import { Chatter } from "../chatter.ts";
import type { Story } from "../story.ts";

export const chatOffline: Story = {
  name: "What is written while the house or a reader is away waits, and arrives in order",
  async tell(stage) {
    stage.expects(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET/);
    stage.expects(/ERR_EMPTY_RESPONSE|WebSocket connection to .* failed/);
    const [aliceAtPage, bobAtPage] = await stage.join2("Alice", "Bob");
    const [alice, bob] = [new Chatter(aliceAtPage), new Chatter(bobAtPage)];
    await alice.opens("Bob");
    await alice.writes("before");
    await alice.sees("before", "Delivered");

    // The house is gone: it waits in the page, also in one that is loaded anew.
    await stage.house.kill();
    await alice.writes("one");
    await alice.writes("two");
    await alice.sees("two", "Waiting");
    await stage.picture("chat-waiting", alice.page);
    await stage.house.start();
    await aliceAtPage.isOnline({ withinMs: 20_000 });
    const backMs = await alice.sees("two", "Delivered", { withinMs: 20_000 });
    await bob.goesTo("Alice");
    await bob.reads("two", { withinMs: 20_000 });
    await inOrder(bob, ["before", "one", "two"]);

    // Bob is gone: the house keeps it.
    await bob.page.close();
    await aliceAtPage.sees("Bob", "Offline").catch(() => undefined);
    for (const text of ["three", "four", "five"]) await alice.writes(text);
    await alice.sees("five", "Sent");
    const again = await stage.another(bobAtPage);
    const bob2 = new Chatter(again);
    await bob2.hasUnread(3);
    await bob2.goesTo("Alice");
    await bob2.reads("five");
    await bob2.page.getByText("New messages").waitFor();
    await stage.picture("chat-back", bob2.page);
    await inOrder(bob2, ["before", "one", "two", "three", "four", "five"]);
    await alice.sees("five", "Displayed");
    return [`sent ${(backMs / 1000).toFixed(1)} s after the house was back`];
  },
};

/** Each of them once, in this order. */
async function inOrder({ messages, label }: Chatter, texts: readonly string[]): Promise<void> {
  const shown = await messages.allTextContents();
  const found = texts.map((text) => shown.flatMap((line, at) => (line.includes(text) ? [at] : [])));
  const isRight = found.every(
    (places, nth) => places.length === 1 && (places[0] ?? 0) > (found[nth - 1]?.[0] ?? -1),
  );
  if (!isRight) throw new Error(`${label} reads ${shown.join(" | ")}`);
}
