import { Chatter } from "../chatter.ts";
import { Person } from "../person.ts";
import type { Story } from "../story.ts";
import { playedTone, tonesIn } from "../tone-page.ts";
import { until } from "../until.ts";

const VOICE_HZ = 440;
const SPOKEN_MS = 3000;

export const chatVoice: Story = {
  name: "A voice note is recorded, heard before it is sent, and heard where it arrives",
  async tell(stage) {
    const tab = await stage.open("Alice");
    await tonesIn(tab.page, VOICE_HZ);
    const aliceAtPage = new Person("Alice", tab);
    await aliceAtPage.joins(stage.house.invite);
    const bobAtPage = await stage.joins("Bob");
    await aliceAtPage.sees("Bob", "Online");
    const [alice, bob] = [new Chatter(aliceAtPage), new Chatter(bobAtPage)];
    await alice.opens("Bob");
    await aliceAtPage.button("Record a voice note").click();
    const level = alice.page.getByLabel("How loud you are");
    const loud = await until("the level of the voice is shown", async () => {
      const value = await level.evaluate((meter) => (meter as HTMLMeterElement).value);
      return value > 0.5 ? value : undefined;
    });
    await stage.picture("chat-recording", alice.page);
    await alice.page.waitForTimeout(SPOKEN_MS);
    await aliceAtPage.button("Stop recording").click();
    await aliceAtPage.button("Play Your voice note").click();
    const own = await playedTone(alice.page, "Alice", VOICE_HZ);
    await aliceAtPage.button("Send the voice note").click();

    await bob.goesTo("Alice");
    const play = bob.page.getByRole("button", { name: "Play Voice note" });
    await play.waitFor({ timeout: 20_000 });
    const scrubber = bob.page.getByRole("slider", { name: "Voice note: where in it" });
    const seconds = await until("its length is known", async () => {
      const length = Number(await scrubber.getAttribute("max"));
      return length > 1 ? length : undefined;
    });
    await play.click();
    const heard = await playedTone(bob.page, "Bob", VOICE_HZ);
    await until("the scrubber moves", async () =>
      Number(await scrubber.inputValue()) > 0.5 ? true : undefined,
    );
    await stage.picture("chat-voice", bob.page);
    await scrubber.fill("0.5");
    return [`level ${loud.toFixed(2)}, ${seconds.toFixed(1)} s`, own, heard];
  },
};
