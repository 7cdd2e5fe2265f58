import type { Person } from "../person.ts";
import type { Story } from "../story.ts";
import { untilSo } from "../until.ts";

export const devices: Story = {
  name: "In a call one changes the microphone, presses keys, reads how it goes and shows a screen",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await alice.calls("Bob", "video");
    await bob.isCalledBy("Alice", "video");
    await bob.answers("video");
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    await bob.seesAndHears();
    const invites = invitesOf(alice);

    await alice.button("More").click();
    await alice.button("Microphone, camera, loudspeaker").click();
    const microphone = alice.page.getByLabel("Microphone", { exact: true });
    const before = await used(alice);
    const options = microphone.locator("option");
    await untilSo("there is a choice", async () => (await options.count()) > 2);
    const labels = await options.allTextContents();
    const other = labels.find((label) => label !== before && !label.startsWith("Default"));
    if (other === undefined) throw new Error(`only these to choose from: ${labels.join(", ")}`);
    await microphone.selectOption({ label: other });
    await untilSo(`Alice uses ${other}`, async () => (await used(alice)) === other);
    await stage.picture("devices", alice.page);
    await alice.page.keyboard.press("Escape");
    const switched = await bob.seesAndHears();
    if (invitesOf(alice) !== invites) throw new Error("switching a device asked the other side");

    await alice.button("More").click();
    await alice.button("Keypad").click();
    // Typed at once, and clicked.
    await alice.page.keyboard.type("4#");
    await alice.button("2").click();
    await alice.page.keyboard.press("*");
    await untilSo("the keys are shown", () => alice.page.getByText("Pressed: 4#2*").isVisible());
    await stage.picture("keypad", alice.page);
    await alice.page.keyboard.press("Escape");

    const bars = alice.page.getByRole("button", { name: /^Connection: / });
    await untilSo("the connection is very good", async () =>
      ((await bars.getAttribute("aria-label")) ?? "").includes("ood"),
    );
    await bars.click();
    const numbers = alice.page.getByRole("dialog", { name: "Connection" });
    await numbers.getByText("Straight to each other").waitFor();
    const said = (await numbers.locator("dd").allTextContents()).join(", ");
    await stage.picture("quality", alice.page);
    await alice.page.keyboard.press("Escape");

    await alice.button("Share your screen").click();
    await alice.isPressed("Share your screen", true);
    await untilSo("Bob sees the screen", async () => (await bob.pictureShape()) === 1.78);
    await stage.picture("sharing", alice.page);
    await alice.button("Share your screen").click();
    await alice.isPressed("Share your screen", false);
    await untilSo("Bob sees Alice again", async () => (await bob.pictureShape()) === 1.33);
    const back = await bob.seesAndHears();
    await alice.hangsUp();
    await bob.reads("Alice hung up.");
    return [switched, said, back];
  },
};

const invitesOf = ({ tab }: Person): number =>
  tab.frames.filter(({ way, text }) => way === "sent" && text.startsWith("INVITE ")).length;

/** The microphone that the page sends just now, as its browser calls it. */
const used = ({ page }: Person): Promise<string> =>
  page.evaluate(() => {
    const senders = window.connections?.at(-1)?.getSenders() ?? [];
    return senders.find(({ track }) => track?.kind === "audio")?.track?.label ?? "";
  });
