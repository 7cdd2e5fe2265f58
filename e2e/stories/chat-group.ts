import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TerminalPhone } from "../../interop/terminal-phone.ts";
import { tone } from "../../interop/tone.ts";
import { writeWav } from "../../interop/wav.ts";
import { Chatter } from "../chatter.ts";
import type { Story } from "../story.ts";
import { until } from "../until.ts";
import { connectsPhone } from "./node-phone.ts";

export const chatPhone: Story = {
  name: "Two pages and a phone in the terminal write in one conversation, whoever writes",
  async tell(stage) {
    const { aor, password, server } = await connectsPhone(stage, "Carol");
    const [aliceAtPage, bobAtPage] = await stage.join2("Alice", "Bob");
    const [alice, bob] = [new Chatter(aliceAtPage), new Chatter(bobAtPage)];
    const play = join(stage.folder, "terminal.wav");
    writeFileSync(play, writeWav(tone(1000, 1)));
    const user = /:(.*)@/.exec(aor)?.[1] ?? "";
    const phone = await TerminalPhone.start({
      ...{ folder: stage.folder, name: "carol", aor, credentials: { user, password }, play },
      server: `sip:${server.host}:${server.port}`,
    });
    try {
      await aliceAtPage.sees("Carol", "Online");
      await alice.makesGroup("Choir", ["Bob", "Carol"]);
      await alice.writes("Rehearsal at eight");
      await hears(phone, "Rehearsal at eight");
      const group = addressOfGroup(alice);
      await bob.goesTo("Choir");
      await bob.reads("Rehearsal at eight");
      await alice.isTold("Rehearsal at eight", "Delivered");

      const since = phone.told.length;
      await phone.order("message", group, "I am late");
      const late = await alice.reads("I am late");
      await bob.reads("I am late");
      await alice.message("I am late").getByText("Carol", { exact: true }).first().waitFor();
      await bob.writes("We wait for you");
      await hears(phone, "We wait for you", since);
      await alice.reads("We wait for you");
      await stage.picture("chat-with-a-phone", alice.page);
      return [`from the terminal to the page in ${late.toFixed(0)} ms`];
    } finally {
      await phone.quit();
    }
  },
};

/** Where the last message went, as the page's own SIP has it. */
function addressOfGroup({ person }: Chatter): string {
  const sent = person.tab.frames.filter(({ way }) => way === "sent").map(({ text }) => text);
  const last = sent.findLast((text) => text.startsWith("MESSAGE sip:choir"));
  return last?.split(" ")[1] ?? "";
}

/** Waits until the phone tells of a message with these words in it. */
function hears(phone: TerminalPhone, words: string, since = 0) {
  return until(`the phone tells of “${words}”`, () =>
    phone.told.slice(since).find(({ event, text }) => event === "message" && text?.includes(words)),
  );
}

const NAMES = ["Bob", "Carol", "Dora", "Emil"];

export const chatGroup: Story = {
  name: "A group of five: all read it, it says who has seen it, it changes, and one leaves",
  async tell(stage) {
    const aliceAtPage = await stage.joins("Alice");
    const others = [];
    for (const name of NAMES) others.push(new Chatter(await stage.joins(name)));
    await aliceAtPage.sees("Emil", "Online");
    const alice = new Chatter(aliceAtPage);
    await alice.makesGroup("Five bells", NAMES);
    await stage.picture("chat-group-made", alice.page);
    await alice.writes("Who brings the hammer?");
    const [bob, ...rest] = others;
    if (bob === undefined) throw new Error("nobody");
    await bob.goesTo("Five bells");
    await bob.reads("Who brings the hammer?");
    await alice.isTold("Who brings the hammer?", "seen by Bob");
    for (const one of rest) {
      await one.goesTo("Five bells");
      await one.reads("Who brings the hammer?");
    }
    await alice.isTold("Who brings the hammer?", "Seen by everyone");
    await Promise.all(others.map((one) => one.writes(`${one.person.name} does not`)));
    for (const one of [alice, ...others]) {
      for (const name of NAMES) await one.reads(`${name} does not`);
    }
    await stage.picture("chat-group", alice.page);

    await aliceAtPage.button("Members of Five bells").click();
    await alice.page.getByLabel("Name of the group").fill("Four bells");
    await aliceAtPage.button("Rename").click();
    await bob.page.getByRole("heading", { name: "Four bells" }).waitFor();
    await alice.page.keyboard.press("Escape");
    const emil = others.at(-1);
    await emil?.person.button("Members of Four bells").click();
    await emil?.person.button("Leave the group").click();
    await emil?.page.getByText("You have left this group.").waitFor();
    await alice.page.getByText("4 people").waitFor();
    await alice.writes("Without Emil then");
    await bob.reads("Without Emil then");
    return [`${others.length + 1} pages`];
  },
};
