/** A phone in Node and one in a browser: what each says is what the other hears, measured. */
import { type Call, Phone } from "carillon/node";
import { tone } from "carillon/rtp";
import { type NodeVoice, nodeMedia } from "carillon-media";
import { Ear } from "../ear.ts";
import { Person } from "../person.ts";
import { type PhoneSettings, phoneSettings } from "../phone-settings.ts";
import type { Stage } from "../stage.ts";
import type { Story } from "../story.ts";
import { hearsTone, tonesIn } from "../tone-page.ts";
import { until } from "../until.ts";

const PAGE_HZ = 440;
const NODE_HZ = 1000;
const AUDIO = { audio: true, video: false };

export const nodePhone: Story = {
  name: "A phone in Node and a page hear each other's tone, whoever calls",
  isCall: true,
  async tell(stage) {
    const settings = await connectsPhone(stage, "Bob");
    const tab = await stage.open("Alice");
    await tonesIn(tab.page, PAGE_HZ);
    const alice = new Person("Alice", tab);
    await alice.joins(stage.house.invite);
    const ear = new Ear();
    const phone = await open(settings, ear);
    try {
      await phone.register();
      await alice.sees("Bob", "Online");
      const incoming = calledAt(phone);
      await alice.calls("Bob", "voice");
      const call = await incoming;
      await call.answer(AUDIO);
      const first = await talk(alice, ear);
      await alice.hangsUp();
      await until("the phone's call ends", () => (call.state.name === "Ended" ? true : undefined));

      const outgoing = phone.call(aorOf(settings, "alice"), AUDIO);
      await alice.isCalledBy("Bob", "voice");
      await alice.answers("voice");
      await outgoing.answered;
      const second = await talk(alice, ear);
      await finds(alice, outgoing);
      const third = await talk(alice, ear);
      const { mos, codec } = outgoing.media?.statistics ?? {};
      outgoing.hangUp();
      await alice.reads("hung up");
      return [...first, ...second, ...third, `${codec}, MOS ${mos?.toFixed(1)}`];
    } finally {
      await phone.close();
    }
  },
};

/** ICE restarts from the side of Node: hold and resume carry the new descriptions. */
async function finds(alice: Person, call: Call<NodeVoice>): Promise<void> {
  const ways = await pairsOf(alice);
  await call.media?.restart();
  await call.hold();
  await call.resume();
  await until("the page's connection has another way", async () =>
    (await pairsOf(alice)) === ways ? undefined : true,
  );
}

/** The addresses that the page's connection uses. */
const pairsOf = (alice: Person): Promise<string> =>
  alice.page.evaluate(async () => {
    const stats = await window.connections?.at(-1)?.getStats();
    const all = [...(stats?.values() ?? [])];
    const pair = all.find(({ type, nominated, state }) => {
      return type === "candidate-pair" && nominated && state === "succeeded";
    });
    const remote = all.find(({ id }) => id === pair?.remoteCandidateId);
    return `${remote?.address}:${remote?.port}`;
  });

/** Somebody who has a phone, and no page open. */
export async function connectsPhone(stage: Stage, name: string): Promise<PhoneSettings> {
  const person = await stage.joins(name);
  await person.button(new RegExp(`^You, ${name}`)).click();
  await person.button("Your phones").click();
  await person.button("Connect a desk phone").click();
  await person.button("Make a password").click();
  await person.isTold("Type this into the phone");
  const settings = await phoneSettings(person);
  await person.page.close();
  return settings;
}

const open = (settings: PhoneSettings, ear: Ear): Promise<Phone<NodeVoice>> =>
  Phone.open({
    ...settings,
    local: { host: "127.0.0.1", port: 0 },
    media: nodeMedia({
      ...{ address: "127.0.0.1", security: "dtls", sink: () => ear },
      source: () => tone({ frequencies: [NODE_HZ], sampleRate: 48_000 }),
    }),
  });

async function calledAt(phone: Phone<NodeVoice>): Promise<Call<NodeVoice>> {
  for await (const call of phone.calls()) return call;
  throw new Error("the phone was closed");
}

const aorOf = ({ aor }: PhoneSettings, user: string): string => aor.replace(/:.*@/, `:${user}@`);

async function talk(alice: Person, ear: Ear): Promise<readonly string[]> {
  await alice.isConnected();
  ear.forget();
  const page = await hearsTone(alice.page, "the page", NODE_HZ);
  const node = await until("the phone hears the page's tone", () => {
    const share = ear.share(PAGE_HZ);
    return share > 0.9 ? `Node hears ${PAGE_HZ} Hz (${(share * 100).toFixed(0)} %)` : undefined;
  });
  return [page, node];
}
