import { Chatter } from "../chatter.ts";
import type { Story } from "../story.ts";
import { untilSo } from "../until.ts";

/** More than a page of the history, so that what is found is not there yet. */
const MESSAGES = 70;

export const chatSearch: Story = {
  name: "A search over all conversations goes to the message, though it was long ago",
  async tell(stage) {
    const [aliceAtPage, bobAtPage] = await stage.join2("Alice", "Bob");
    const carol = new Chatter(await stage.joins("Carol"));
    const [alice, bob] = [new Chatter(aliceAtPage), new Chatter(bobAtPage)];
    await carol.opens("Bob");
    await carol.writes("The carillon has 47 bells");
    await alice.opens("Bob");
    await alice.writes("The great bell is called Hosanna");
    for (let nth = 1; nth < MESSAGES; nth++) {
      await alice.composer.fill(`stroke ${nth} of ${MESSAGES}`);
      await alice.composer.press("Enter");
    }
    await alice.sees(`stroke ${MESSAGES - 1} of`, "Delivered", { withinMs: 20_000 });

    // A page that was not there knows the end only.
    await bob.page.close();
    const fresh = await stage.another(bobAtPage, await stage.newProfile());
    const reader = new Chatter(fresh);
    await reader.rail("Chat").click();
    await reader.page.getByRole("searchbox", { name: "Search messages" }).fill("hosanna");
    const hit = reader.page.getByRole("list", { name: "Found messages" }).getByRole("button");
    await hit.first().waitFor();
    await stage.picture("chat-found", reader.page);
    const found = await hit.count();
    if (found !== 1) throw new Error(`${found} messages were found`);
    await hit.click();
    const message = reader.message("Hosanna");
    const jumpMs = await untilSo("the message is in sight", async () => {
      const box = await message.boundingBox().catch(() => null);
      return box !== null && box.y > 0 && box.y < 800;
    });
    await stage.picture("chat-jumped", reader.page);
    const box = reader.page.getByRole("searchbox", { name: "Search messages" });
    await box.fill("bells carillon");
    await hit.filter({ hasText: "Carol" }).first().waitFor();
    await box.fill("no such word");
    await reader.page.getByText("Nobody has said").waitFor();

    // From the end upwards, what came before is there when one scrolls, and nothing jumps.
    await box.fill("");
    await reader.goesTo("Carol");
    await reader.goesTo("Alice");
    await scrollsUp(reader);
    return [`${MESSAGES} messages, found and gone to in ${jumpMs.toFixed(0)} ms`];
  },
};

/** Turns the wheel until the first message is in sight. */
async function scrollsUp(reader: Chatter): Promise<void> {
  await reader.messages.last().hover();
  const first = reader.message("Hosanna");
  await untilSo(
    "the first message is in sight",
    async () => {
      await reader.page.mouse.wheel(0, -600);
      const box = await first.boundingBox({ timeout: 200 }).catch(() => null);
      return box !== null && box.y > 0;
    },
    { withinMs: 20_000 },
  );
}
