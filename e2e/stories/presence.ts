import type { Person } from "../person.ts";
import type { Story } from "../story.ts";
import { untilSo } from "../until.ts";

/** A watcher is told every five seconds at most (RFC 3856 §6.10). */
const TOLD = { withinMs: 12_000 };

export const presenceStory: Story = {
  name: "Who talks is on the phone for the others, a status and a note are seen, and rules hold",
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    const carol = await stage.joins("Carol");
    await carol.sees("Bob", "Online");
    await bob.calls("Alice", "voice");
    await alice.isCalledBy("Bob", "voice");
    await alice.answers("voice");
    await bob.isConnected();
    const lampMs = await carol.sees("Bob", "On the phone", TOLD);
    await carol.sees("Alice", "On the phone", TOLD);
    await stage.picture("presence-lamps", carol.page);
    await bob.hangsUp();
    await carol.sees("Bob", "Online", TOLD);

    await says(alice, "Away", "Back at <b>noon</b>");
    const awayMs = await carol.sees("Alice", "Away", TOLD);
    await carol.row("Alice").getByText("Back at <b>noon</b>", { exact: true }).waitFor();
    await stage.picture("presence-note", carol.page);
    await says(alice, "Online", "");
    await carol.sees("Alice", "Online", TOLD);

    await alice.button(/^You, Alice/).click();
    await alice.button("Who sees you").click();
    await stage.picture("presence-rules", alice.page);
    await alice.page.getByRole("combobox", { name: "Carol" }).selectOption("polite-block");
    await alice.page.keyboard.press("Escape");
    await says(alice, "Busy", "Only for some");
    await seesNote(bob, "Alice", "Only for some");
    // She sees somebody who is not there, and reads nothing.
    await carol.sees("Alice", "Offline", TOLD);
    const note = await carol.row("Alice").getByText("Only for some").count();
    if (note > 0) throw new Error("Carol reads what she may not");
    await asks(alice, carol);
    return [`lamp in ${lampMs.toFixed(0)} ms, away in ${awayMs.toFixed(0)} ms`];
  },
};

/** Carol has to ask, is seen to ask, and is let. */
async function asks(alice: Person, carol: Person): Promise<void> {
  await alice.button(/^You, Alice/).click();
  await alice.button(/^Who sees you/).click();
  await alice.page.getByRole("combobox", { name: "Carol" }).selectOption("confirm");
  await alice.page.keyboard.press("Escape");
  // Whoever comes anew asks anew.
  await carol.page.reload();
  await carol.isOnline();
  await alice.button(/^You, Alice/).click();
  await alice.button("Who sees you: 1 asks").click();
  await alice.page.getByRole("list", { name: "They ask to see you" }).waitFor();
  await alice.button("Let them").click();
  await alice.page.keyboard.press("Escape");
  await seesNote(carol, "Alice", "Only for some");
}

async function says(person: Person, status: string, note: string): Promise<void> {
  await person.button(/^You, /).click();
  await person.page.getByRole("combobox", { name: "Others see you as" }).selectOption(status);
  const box = person.page.getByLabel("Note beside your name");
  if ((await box.inputValue()) !== note) {
    await box.fill(note);
    await person.button("Say").click();
  }
  await untilSo("the note is said", () => person.button("Say").isDisabled());
  await person.page.keyboard.press("Escape");
}

async function seesNote(person: Person, other: string, note: string): Promise<void> {
  const line = person.row(other).getByText(note, { exact: true });
  await untilSo(`${person.label} reads “${note}”`, async () => (await line.count()) > 0, TOLD);
}
