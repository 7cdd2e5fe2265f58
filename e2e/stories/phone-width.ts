import type { Person } from "../person.ts";
import { screenFindings } from "../screen.ts";
import type { Stage } from "../stage.ts";
import type { Story } from "../story.ts";

export const phoneWidth: Story = {
  name: "On a phone the same call works, with nothing out of reach",
  isCall: true,
  async tell(stage) {
    await stage.profile({
      // The narrowest that many people have.
      viewport: { width: 360, height: 740 },
      isMobile: true,
      hasTouch: true,
      deviceScaleFactor: 2,
    });
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await joinsWithoutPage(stage, LONG_NAME);
    await alice.sees(LONG_NAME, "Offline");
    await alice.row(LONG_NAME).getByText("Offline").tap();
    await alice.page.getByRole("heading", { name: LONG_NAME }).waitFor();
    await fits(stage, alice, "phone-long-name");
    await alice.button("People").tap();
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

/** No place in it to break a line. */
const LONG_NAME = "Abcdefghijklmnopqrstuvwxyz".repeat(2);

async function joinsWithoutPage({ house }: Stage, name: string): Promise<void> {
  const invite = new URL(house.invite).pathname.split("/").at(-1);
  const response = await fetch(`${house.address}/api/join`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: house.address },
    body: JSON.stringify({ invite, name }),
  });
  if (!response.ok) throw new Error(`${name} could not join: ${response.status}`);
}

async function fits(stage: Stage, { page, label }: Person, picture: string): Promise<void> {
  await stage.picture(picture, page);
  const findings = await screenFindings(page, { targetPixels: 44 });
  if (findings.length > 0) throw new Error(`${label}, ${picture}: ${findings.join("; ")}`);
}
