import { Chatter } from "../chatter.ts";
import type { Story } from "../story.ts";
import { untilSo } from "../until.ts";

export const chatTwo: Story = {
  name: "Two people write: ticks, typing, a reply, a change, a deletion, on all of their pages",
  async tell(stage) {
    const [aliceAtPage, bobAtPage] = await stage.join2("Alice", "Bob");
    const [alice, bob] = [new Chatter(aliceAtPage), new Chatter(bobAtPage)];
    await alice.opens("Bob");
    await alice.writes("Lunch at one?");
    const sentMs = await alice.sees("Lunch at one?", "Delivered");
    await bob.hasUnread(1);
    await iconIsDrawn(bob);
    await bob.rail("Chat").click();
    await stage.picture("chat-list", bob.page);
    await bob.goesTo("Alice");
    await bob.reads("Lunch at one?");
    await alice.sees("Lunch at one?", "Displayed");
    await bob.hasUnread(0);

    await bob.composer.pressSequentially("Ye");
    const typingMs = await alice.seesTyping("Bob is typing");
    await stage.picture("chat-typing", alice.page);
    await bob.writes("Yes, at the tower: https://example.org/map.");
    await alice.reads("Yes, at the tower");
    await alice.seesNobodyTyping();
    const link = alice.page.getByRole("link", { name: "https://example.org/map" });
    const [rel, target] = [await link.getAttribute("rel"), await link.getAttribute("target")];
    if (rel !== "noopener noreferrer" || target !== "_blank") throw new Error(`${rel}, ${target}`);

    await alice.does("Reply", "Yes, at the tower");
    await alice.writes("I bring bread");
    await bob.message("I bring bread").getByText("Yes, at the tower").waitFor();
    await alice.does("Edit", "I bring bread");
    await alice.writes("I bring bread and cheese");
    await bob.reads("I bring bread and cheese");
    await bob.message("bread and cheese").getByText("edited").waitFor();
    await alice.does("Delete for everyone", "bread and cheese");
    await bob.reads("This message was deleted.");

    // Another page of the same person shows the same, and a line that begins goes on there.
    const alice2 = new Chatter(await stage.another(aliceAtPage));
    await alice2.goesTo("Bob");
    await alice2.reads("Lunch at one?");
    await alice2.reads("This message was deleted.");
    await alice2.writes("From my other page");
    await alice.reads("From my other page");
    await bob.reads("From my other page");
    await stage.picture("chat-two", bob.page);
    return [`delivered in ${sentMs.toFixed(0)} ms, typing seen in ${typingMs.toFixed(0)} ms`];
  },
};

/** The tab's icon has a number on it. */
async function iconIsDrawn({ page, label }: Chatter): Promise<void> {
  const icon = page.locator('link[rel="icon"]');
  const drawn = async () =>
    (await icon.getAttribute("href"))?.startsWith("data:image/png") ?? false;
  await untilSo(`the icon of ${label} has a number`, drawn);
}
