import { Chatter } from "../chatter.ts";
import type { Story } from "../story.ts";
import { untilSo } from "../until.ts";
import { focused, tabTo } from "./keyboard.ts";

export const chatKeyboard: Story = {
  name: "Without a mouse one writes lines, changes the last message, and answers another",
  async tell(stage) {
    const [aliceAtPage, bobAtPage] = await stage.join2("Alice", "Bob");
    const [alice, bob] = [new Chatter(aliceAtPage), new Chatter(bobAtPage)];
    await bob.opens("Alice");
    await bob.writes("Which bell?");
    await alice.opens("Bob");
    const keys = alice.page.keyboard;
    const hasFocus = async () => (await focused(alice.page)) === "Message to Bob";
    await untilSo("one writes at once", hasFocus);
    await keys.type("The great one,");
    await keys.press("Shift+Enter");
    await keys.type("I thnk");
    await keys.press("Enter");
    await bob.reads("The great one,\nI thnk");
    await alice.sees("I thnk", "Displayed");

    await keys.press("ArrowUp");
    await alice.page.getByText("Change your message").waitFor();
    await keys.press("Escape");
    await alice.page.getByText("Change your message").waitFor({ state: "detached" });
    await keys.press("ArrowUp");
    await untilSo("the text is there to be changed", async () => {
      return (await alice.composer.inputValue()) === "The great one,\nI thnk";
    });
    await keys.press("Control+A");
    await keys.type("The great one");
    await keys.press("Enter");
    await bob.message("The great one").getByText("edited").waitFor();

    // Back from where one writes to the newest message, and from there to the others.
    const back = async (name: string): Promise<void> => {
      for (let nth = 0; nth < 20 && (await focused(alice.page)) !== name; nth++) {
        await keys.press("Shift+Tab");
      }
    };
    await back("More for your message");
    await keys.press("ArrowUp");
    await untilSo("the focus is at Bob's message", async () => {
      return (await focused(alice.page)) === "More for the message of Bob";
    });
    await keys.press("Enter");
    await alice.page.getByRole("menuitem", { name: "Reply" }).waitFor();
    await keys.press("Enter");
    await untilSo("one writes the answer", hasFocus);
    await keys.type("That one");
    await keys.press("Enter");
    await bob.message("That one").getByText("Which bell?").waitFor();
    const steps = await tabTo(alice.page, "Record a voice note");
    await stage.picture("chat-keyboard", alice.page);
    return [`${steps} times Tab to the voice note`];
  },
};
