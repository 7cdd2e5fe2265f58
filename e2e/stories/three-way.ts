import type { Person } from "../person.ts";
import type { Story } from "../story.ts";
import { untilSo } from "../until.ts";

export const threeWay: Story = {
  name: "A second call is taken while the first waits, they are swapped, joined, and put through",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    const carol = await stage.joins("Carol");
    await bob.sees("Carol", "Online");
    await alice.calls("Bob", "voice");
    await bob.isCalledBy("Alice", "voice");
    await bob.answers("voice");
    await Promise.all([alice.isConnected(), bob.isConnected()]);

    // Somebody calls during the call: it waits.
    await carol.calls("Bob", "voice");
    await bob.button("Hold and answer").click();
    await Promise.all([carol.isConnected(), alice.reads("You are on hold")]);
    await bob.isInCallWith("Carol");
    await stage.picture("one-waits", bob.page);
    await carol.hears();

    await bob.button("Swap to Alice").click();
    await bob.isInCallWith("Alice");
    await Promise.all([alice.isConnected(), carol.reads("You are on hold")]);
    await alice.hears();

    // All three: whoever speaks is heard by the other two.
    await bob.button("Talk to both").click();
    await bob.button("Talk to each alone").waitFor();
    await Promise.all([alice.isConnected(), carol.isConnected()]);
    await stage.picture("three-of-us", bob.page);
    await bob.button("Mute microphone").click();
    await carol.button("Mute microphone").click();
    const heard = await carol.hears();
    await carol.button("Mute microphone").click();
    await alice.button("Mute microphone").click();
    const heardBack = await alice.hears();
    await alice.button("Mute microphone").click();
    await bob.button("Mute microphone").click();

    await bob.button("Talk to each alone").click();
    await bob.button("Connect them").waitFor();
    await carol.reads("You are on hold");

    // Put through to each other: both calls of Bob's end, theirs goes on.
    await bob.button("Connect them").click();
    await bob.isTold(/You passed (Alice|Carol) on/);
    await Promise.all([alice.isInCallWith("Carol"), carol.isInCallWith("Alice")]);
    await Promise.all([alice.isConnected(), carol.isConnected()]);
    const through = await Promise.all([alice.hears(), carol.hears()]);
    await carol.hangsUp();
    await alice.reads("Carol hung up.");
    return [heard, heardBack, ...through];
  },
};

export const transferStory: Story = {
  name: "A call is passed on to somebody else, who answers; if they do not, it comes back",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    const carol = await stage.joins("Carol");
    await bob.sees("Carol", "Online");
    await alice.calls("Bob", "voice");
    await bob.isCalledBy("Alice", "voice");
    await bob.answers("voice");
    await Promise.all([alice.isConnected(), bob.isConnected()]);

    await passOn(bob, "Alice", "Carol");
    await carol.isCalledBy("Alice", "voice");
    await alice.isTold("Bob connects you with Carol.");
    await carol.declines();
    await bob.isTold(/declined/i);
    await alice.isInCallWith("Bob");
    await bob.button("Hold the call").click();
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    const again = await Promise.all([alice.hears(), bob.hears()]);

    await passOn(bob, "Alice", "Carol");
    await carol.isCalledBy("Alice", "voice");
    await carol.answers("voice");
    await bob.reads("You passed Alice on.");
    await stage.picture("passed-on", bob.page);
    await Promise.all([alice.isInCallWith("Carol"), alice.isConnected(), carol.isConnected()]);
    const through = await Promise.all([alice.hears(), carol.hears()]);
    await alice.hangsUp();
    await carol.reads("Alice hung up.");
    return [...again, ...through];
  },
};

async function passOn(by: Person, who: string, to: string): Promise<void> {
  await by.button("More").click();
  await by.button(`Transfer ${who}`).click();
  const choice = by.button(`Transfer ${who} to ${to}`);
  await untilSo(`${by.label} can choose ${to}`, () => choice.isVisible());
  await choice.click();
}
