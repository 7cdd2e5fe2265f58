import type { Person } from "../person.ts";
import type { Story } from "../story.ts";

export const twoPeopleOneBrowser: Story = {
  name: "Two people in one browser stay two, and another browser is neither of them",
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    const seats = await Promise.all([alice, bob].map((person) => seatOf(person)));
    if (seats.join() !== "alice,bob") throw new Error(`the seats are ${seats.join(", ")}`);
    const cookies = await alice.page.context().cookies();
    const facts = cookies.map(({ path, httpOnly, sameSite }) => `${path} ${httpOnly} ${sameSite}`);
    if (facts.sort().join("; ") !== "/@alice/ true Strict; /@bob/ true Strict") {
      throw new Error(`the cookies are ${facts.join("; ")}`);
    }

    const home = await stage.open("Home");
    await home.page.goto(stage.house.address);
    for (const name of ["Alice", "Bob"]) await home.page.getByRole("link", { name }).waitFor();
    await stage.picture("home", home.page);

    stage.expects(/status of 401/);
    const elsewhere = await stage.open("Elsewhere", await stage.newProfile());
    await elsewhere.page.goto(`${stage.house.address}/@alice/`);
    await elsewhere.page.getByRole("heading", { name: "This browser has no seat here" }).waitFor();
    await stage.picture("no-seat", elsewhere.page);

    await alice.page.getByRole("button", { name: /^You, Alice/ }).click();
    await stage.picture("you", alice.page);
    await alice.button("Sign out of this browser").click();
    await alice.button("Sign out").click();
    await alice.page.waitForURL(`${stage.house.address}/`);
    await bob.sees("Alice", "Offline");
    await bob.page.reload();
    await bob.isOnline();
    return [`${cookies.length} cookies`];
  },
};

/** Whom the server takes this tab for. */
function seatOf({ page }: Person): Promise<string> {
  return page.evaluate(async () => {
    const response = await fetch("api/me");
    const { name } = (await response.json()) as { name: string };
    return name;
  });
}
