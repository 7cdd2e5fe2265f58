import { Phone } from "carillon/node";
import { silentMedia } from "carillon/testing";
import { phoneSettings } from "../phone-settings.ts";
import type { Story } from "../story.ts";
import { untilSo } from "../until.ts";

export const deskPhone: Story = {
  name: "A desk phone is connected from the page, is here, and is gone when it is removed",
  async tell(stage) {
    const alice = await stage.joins("Alice");
    await alice.button(/^You, Alice/).click();
    await alice.button("Your phones").click();
    const dialog = alice.page.getByRole("dialog", { name: "Your phones" });
    await dialog.getByText("No phone yet.").waitFor();
    await stage.picture("phones-none", alice.page);
    await alice.button("Connect a desk phone").click();
    // The field has the focus: one types at once.
    await alice.page.keyboard.type("Kitchen");
    await stage.picture("phones-new", alice.page);
    await alice.page.keyboard.press("Enter");
    await dialog.getByText("Type this into Kitchen").waitFor();
    await stage.picture("phones-settings", alice.page);
    const settings = await phoneSettings(alice);
    const open = () =>
      Phone.open({
        ...settings,
        local: { host: "127.0.0.1", port: 0 },
        media: () => silentMedia("127.0.0.1"),
      });
    const phone = await open();
    await phone.register();
    await alice.button("Done").click();
    const hereMs = await alice.isTold("Here, and rings when you are called");
    await stage.picture("phones-here", alice.page);
    // Revoked, it may not come back: not with the password that it was right with a moment ago.
    await alice.button("Remove Kitchen").click();
    await stage.picture("phones-remove", alice.page);
    await dialog.getByRole("button", { name: "Remove Kitchen" }).click();
    await dialog.getByText("No phone yet.").waitFor();
    const again = await open();
    const refused = await again.register().then(
      () => undefined,
      (error: { code?: string }) => error.code ?? "refused",
    );
    await Promise.all([phone.close(), again.close()]);
    if (refused === undefined) throw new Error("a removed phone registered again");
    await alice.page.keyboard.press("Escape");
    await untilSo("the dialog closes", async () => (await dialog.count()) === 0);
    return [`here ${(hereMs / 1000).toFixed(1)} s after it registered`, `then ${refused}`];
  },
};
