import { looker } from "../looker.ts";
import type { Story } from "../story.ts";

export const accessible: Story = {
  name: "Every control has a name and every text enough contrast, by day and by night",
  async tell(stage) {
    const door = await stage.open("Door");
    const look = looker(stage);
    await door.page.goto(stage.house.invite);
    await door.page.getByLabel("Your name").waitFor();
    await look(door.page, "join");
    await door.page.close();

    const alice = await stage.joins("Alice");
    await alice.isTold("Welcome, Alice");
    await look(alice.page, "alone");
    await alice.button("Invite").click();
    await alice.page.getByLabel("Invite link").waitFor();
    await look(alice.page, "invite");
    await alice.page.keyboard.press("Escape");
    await alice.button(/^You, Alice/).click();
    await alice.button("Your phones").click();
    await alice.isTold("No phone yet.");
    await look(alice.page, "phones");
    await alice.button("Connect a desk phone").click();
    await look(alice.page, "phone-new");
    await alice.button("Make a password").click();
    await alice.isTold("Type this into the phone");
    await look(alice.page, "phone-settings");
    await alice.button("Done").click();
    await alice.button("Remove Desk phone").click();
    await look(alice.page, "phone-remove");
    await alice.page.keyboard.press("Escape");
    await stage.joins("Bob");
    await alice.sees("Bob", "Online");
    await look(alice.page, "people");
    await alice.row("Bob").getByText("Online").click();
    await look(alice.page, "person");

    return [`${look.count()} screens`];
  },
};
