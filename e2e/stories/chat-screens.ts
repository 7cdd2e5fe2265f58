import { Chatter } from "../chatter.ts";
import { looker } from "../looker.ts";
import { screenFindings } from "../screen.ts";
import type { Stage } from "../stage.ts";
import type { Story } from "../story.ts";
import { untilSo } from "../until.ts";

export const chatAccessible: Story = {
  name: "Every control of the chat has a name and every text enough contrast, by day and by night",
  async tell(stage) {
    const [aliceAtPage, bobAtPage] = await stage.join2("Alice", "Bob");
    const [alice, bob] = [new Chatter(aliceAtPage), new Chatter(bobAtPage)];
    const look = looker(stage);
    await alice.rail("Chat").click();
    await look(alice.page, "chat-nothing");
    await alice.opens("Bob");
    await look(alice.page, "chat-new");
    await alice.writes("Lunch at one?");
    await alice.sees("Lunch at one?", "Delivered");
    await bob.rail("Chat").click();
    await look(bob.page, "chat-unread");
    await bob.goesTo("Alice");
    await bob.writes("Yes, https://example.org/map");
    await alice.reads("Yes, ");
    await alice.does("Reply", "Yes, ");
    await look(alice.page, "chat-reply");
    await alice.writes("Good");
    await alice.sees("Good", "Displayed");
    return [`${look.count()} screens`];
  },
};

export const chatDialogsAccessible: Story = {
  name: "So has what goes with a message, a new group, and what one says of oneself",
  async tell(stage) {
    const aliceAtPage = await stage.joins("Alice");
    await stage.joins("Carol");
    const alice = new Chatter(aliceAtPage);
    await aliceAtPage.sees("Carol", "Online");
    const look = looker(stage);
    await alice.opens("Carol");
    await alice.attaches({
      name: "plan.pdf",
      mimeType: "application/pdf",
      buffer: Buffer.alloc(9),
    });
    await look(alice.page, "chat-attached");
    await aliceAtPage.button("Take off plan.pdf").click();
    await aliceAtPage.button("Record a voice note").click();
    await aliceAtPage.button("Stop recording").waitFor();
    await look(alice.page, "chat-recording");
    await aliceAtPage.button("Throw the voice note away").click();
    await aliceAtPage.button("New group").click();
    await look(alice.page, "chat-new-group");
    await alice.page.keyboard.press("Escape");
    await aliceAtPage.button(/^You, Alice/).click();
    await look(alice.page, "you");
    await aliceAtPage.button("Who sees you").click();
    await alice.page.getByRole("combobox", { name: "Carol" }).waitFor();
    await look(alice.page, "rules");
    return [`${look.count()} screens`];
  },
};

export const chatPhoneWidth: Story = {
  name: "On a phone one writes and reads, with nothing out of reach",
  async tell(stage) {
    await stage.profile({
      viewport: { width: 360, height: 740 },
      isMobile: true,
      hasTouch: true,
      deviceScaleFactor: 2,
    });
    const [aliceAtPage, bobAtPage] = await stage.join2("Alice", "Bob");
    const [alice, bob] = [new Chatter(aliceAtPage), new Chatter(bobAtPage)];
    await alice.opens("Bob");
    await fits(stage, alice, "phone-chat-new");
    await alice.writes("Lunch at one? I know a place, and it is not far from the tower.");
    await bob.rail("Chat").tap();
    await bob.row("Alice").waitFor();
    await fits(stage, bob, "phone-chat-list");
    await bob.row("Alice").tap();
    await bob.writes("Yes");
    await fits(stage, bob, "phone-chat");
    await alice.reads("Yes");
    await aliceAtPage.button("More for the message of Bob").tap();
    await alice.page.getByRole("menuitem", { name: "Reply" }).tap();
    await fits(stage, alice, "phone-chat-reply");
    await turnedRound(alice);
    await alice.writes("See you there");
    await aliceAtPage.button("Record a voice note").tap();
    await aliceAtPage.button("Stop recording").tap();
    await aliceAtPage.button("Send the voice note").waitFor();
    await fits(stage, alice, "phone-chat-voice");
    await aliceAtPage.button("Throw the voice note away").tap();
    await aliceAtPage.button("Call Bob").tap();
    await bobAtPage.isCalledBy("Alice", "voice");
    await bobAtPage.answers("voice");
    await aliceAtPage.isConnected();
    await aliceAtPage.button("Chat").tap();
    await fits(stage, alice, "phone-chat-in-a-call");
    await alice.writes("And now by voice");
    await bobAtPage.button("Chat, 1 unread").tap();
    await bob.reads("And now by voice");
    return [];
  },
};

/** With the phone on its side and back again, the last message stays in sight. */
async function turnedRound({ page, label }: Chatter): Promise<void> {
  const upright = page.viewportSize();
  if (upright === null) throw new Error("a phone has a size");
  for (const size of [{ width: upright.height, height: upright.width }, upright]) {
    await page.setViewportSize(size);
    const last = page.getByRole("list", { name: "Messages", exact: true }).getByText("Yes").last();
    await untilSo(`${label} sees the last message at ${size.width} pixels`, () =>
      last.evaluate((element) => {
        const box = element.closest(".overflow-y-auto")?.getBoundingClientRect();
        return box !== undefined && element.getBoundingClientRect().bottom <= box.bottom;
      }),
    );
  }
}

async function fits(stage: Stage, { page, label }: Chatter, picture: string): Promise<void> {
  await stage.picture(picture, page);
  const findings = await screenFindings(page, { targetPixels: 44 });
  if (findings.length > 0) throw new Error(`${label}, ${picture}: ${findings.join("; ")}`);
}
