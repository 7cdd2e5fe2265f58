/** `carillon phone` and a page, and no word of encryption: each way, measured at both ends. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TerminalPhone } from "../../interop/terminal-phone.ts";
import { secondsOf, tone } from "../../interop/tone.ts";
import { writeWav } from "../../interop/wav.ts";
import { Person } from "../person.ts";
import type { Story } from "../story.ts";
import { hearsTone, tonesIn } from "../tone-page.ts";
import { until } from "../until.ts";
import { connectsPhone } from "./node-phone.ts";

const PAGE_HZ = 440;
const TERMINAL_HZ = 1000;
const TALK_SECONDS = 2;

export const terminalPhone: Story = {
  name: "A phone in the terminal and a page talk, whoever calls, and no flag says how",
  isCall: true,
  async tell(stage) {
    const { aor, password, server } = await connectsPhone(stage, "Bob");
    const tab = await stage.open("Alice");
    await tonesIn(tab.page, PAGE_HZ);
    const alice = new Person("Alice", tab);
    await alice.joins(stage.house.invite);
    const play = join(stage.folder, "terminal.wav");
    writeFileSync(play, writeWav(tone(TERMINAL_HZ, 60)));
    const user = /:(.*)@/.exec(aor)?.[1] ?? "";
    const phone = await TerminalPhone.start({
      ...{ folder: stage.folder, name: "bob", aor, credentials: { user, password }, play },
      server: `sip:${server.host}:${server.port}`,
    });
    try {
      await alice.sees("Bob", "Online");
      await phone.order("call", "alice");
      await alice.isCalledBy("Bob", "voice");
      await alice.answers("voice");
      await phone.hears({ event: "call", state: "established" });
      const first = await talk(alice, phone);
      await phone.order("hold");
      await phone.order("resume");
      const second = await talk(alice, phone);
      await phone.order("hangup");
      await alice.reads("hung up");

      const since = phone.told.length;
      await alice.calls("Bob", "voice");
      await phone.hears({ event: "call", state: "incoming" }, since);
      await phone.order("answer");
      const third = await talk(alice, phone);
      await alice.hangsUp();
      await phone.hears({ event: "call", state: "ended" }, since);
      return [...first, ...second, ...third];
    } finally {
      await phone.quit();
    }
  },
};

async function talk(alice: Person, phone: TerminalPhone): Promise<readonly string[]> {
  await alice.isConnected();
  const before = secondsOf(PAGE_HZ, phone.heard);
  const page = await hearsTone(alice.page, "the page", TERMINAL_HZ);
  const terminal = await until("the terminal hears the page's tone", () => {
    const seconds = secondsOf(PAGE_HZ, phone.heard) - before;
    return seconds >= TALK_SECONDS
      ? `the terminal ${PAGE_HZ} Hz for ${seconds.toFixed(1)} s`
      : undefined;
  });
  const { list = [] } = await phone.order("stats");
  return [page, terminal, `${list[0]?.codec}, MOS ${list[0]?.mos}`];
}
