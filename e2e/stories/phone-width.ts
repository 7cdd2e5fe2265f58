import type { Person } from "../person.ts";
import { screenFindings } from "../screen.ts";
import type { Stage } from "../stage.ts";
import type { Story } from "../story.ts";

export const phoneWidth: Story = {
  name: "On a phone the same call works, with nothing out of reach",
  isCall: true,
  async tell(stage) {
    await stage.profile({
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
      deviceScaleFactor: 2,
    });
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await fits(stage, alice, "phone-people");
    await alice.row("Bob").getByText("Online").tap();
    await alice.page.getByRole("heading", { name: "Bob" }).waitFor();
    await fits(stage, alice, "phone-person");
    await alice.button("Video call").tap();
    await bob.isCalledBy("Alice", "video");
    await fits(stage, bob, "phone-incoming");
    await alice.reads("Ringing");
    await fits(stage, alice, "phone-ringing");
    await bob.button("Answer with video").tap();
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    const figures = await Promise.all([alice.seesAndHears(), bob.seesAndHears()]);
    await fits(stage, bob, "phone-in-a-call");
    await bob.button("More").tap();
    await fits(stage, bob, "phone-more");
    await bob.button("Keypad").tap();
    await fits(stage, bob, "phone-keypad");
    await bob.page.keyboard.press("Escape");
    const carol = await stage.joins("Carol");
    await carol.sees("Bob", "On the phone");
    await carol.row("Bob").getByText("On the phone").tap();
    await carol.button("Voice call").tap();
    await bob.button("Hold and answer").waitFor();
    await fits(stage, bob, "phone-second-caller");
    await bob.button("Hold and answer").tap();
    await Promise.all([bob.isConnected(), carol.isConnected()]);
    await fits(stage, bob, "phone-one-waits");
    await bob.page.getByRole("button", { name: /^Connection: / }).tap();
    await fits(stage, bob, "phone-quality");
    await bob.page.keyboard.press("Escape");
    await carol.hangsUp();
    await Promise.all([bob.isInCallWith("Alice"), alice.isConnected()]);
    await bob.button("Make the call small").tap();
    await fits(stage, bob, "phone-call-folded");
    await bob.button("Back to the call").tap();
    await bob.button("Hang up").tap();
    await alice.reads("Bob hung up.");
    await fits(stage, alice, "phone-ended");
    return figures;
  },
};

async function fits(stage: Stage, { page, label }: Person, picture: string): Promise<void> {
  await stage.picture(picture, page);
  const findings = await screenFindings(page, { targetPixels: 44 });
  if (findings.length > 0) throw new Error(`${label}, ${picture}: ${findings.join("; ")}`);
}
