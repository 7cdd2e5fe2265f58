import { getsNoPicture, hearsSilence, openDevices, showsPicture } from "../media.ts";
import type { Story } from "../story.ts";
import { untilSo } from "../until.ts";

export const mute: Story = {
  name: "Who mutes and turns the camera off is not heard and not seen, until they want to be",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await alice.calls("Bob", "video");
    await bob.isCalledBy("Alice", "video");
    await bob.answers("video");
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    await bob.seesAndHears();
    await untilSo("Bob’s page shows Alice’s picture", () => showsPicture(bob.page));

    await alice.isPressed("Mute microphone", false);
    await alice.button("Mute microphone").click();
    await alice.isPressed("Mute microphone", true);
    const silence = await hearsSilence(bob.page, "Bob");

    await alice.isPressed("Turn camera off", false);
    await alice.button("Turn camera off").click();
    await alice.isPressed("Turn camera off", true);
    const nothing = await getsNoPicture(bob.page, "Bob");
    await untilSo(
      "Bob’s page shows only Alice’s name",
      async () => !(await showsPicture(bob.page)),
    );
    const open = await openDevices(alice.page);
    if (open !== 1) throw new Error(`Alice’s page holds ${open} devices, not her microphone only`);
    await stage.picture("muted-and-dark", alice.page);
    await stage.picture("sees-nothing", bob.page);
    // The other direction is untouched.
    await alice.seesAndHears();

    await alice.button("Mute microphone").click();
    await alice.isPressed("Mute microphone", false);
    await alice.button("Turn camera off").click();
    await alice.isPressed("Turn camera off", false);
    const back = await bob.seesAndHears();
    await untilSo("Bob’s page shows the picture again", () => showsPicture(bob.page));
    await bob.hangsUp();
    await alice.reads("Bob hung up.");
    for (const { page, name } of [alice, bob]) {
      const left = await openDevices(page);
      if (left > 0) throw new Error(`${name}’s page still holds ${left} devices after the call`);
    }
    return [silence, nothing, back];
  },
};
