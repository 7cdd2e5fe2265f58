import type { Story } from "../story.ts";

/** What an invite made on the page is good for. */
const USES = 10;

export const badInvite: Story = {
  name: "An invite link that is unknown or used up says so, and what to do",
  async tell(stage) {
    stage.expects(/status of (404|410|409)/);
    const stranger = await stage.open("Stranger");
    const { page } = stranger;
    await page.goto(`${stage.house.address}/join/no-such-code`);
    await page.getByRole("heading", { name: "This invitation does not open" }).waitFor();
    await page.getByText("This invite link is not one of ours").waitFor();
    await page.getByText("Ask the person who invited you for a new link.").waitFor();
    await stage.picture("unknown-invite", page);

    const alice = await stage.joins("Alice");
    await alice.button("Invite").click();
    const link = await alice.page.getByLabel("Invite link").inputValue();
    await stage.picture("invite", alice.page);
    const invite = link.slice(link.lastIndexOf("/") + 1);
    for (let nth = 1; nth <= USES; nth++) {
      const data = { invite, name: `Guest ${nth}` };
      const answer = await page.request.post(`${stage.house.address}/api/join`, { data });
      if (answer.status() !== 201) throw new Error(`guest ${nth}: ${await answer.text()}`);
    }
    await page.goto(link);
    await page.getByText("Everyone this invite link was made for has joined.").waitFor();

    await page.goto(stage.house.invite);
    await page.getByLabel("Your name").fill("Alice");
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByText("Somebody here already has this name.").waitFor();
    await stage.picture("name-taken", page);
    return [`${USES} guests`];
  },
};
