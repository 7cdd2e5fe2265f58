/** A transfer of which all three know how far it is. RFC 5589 §9. */

import type { Conference, ConferenceUser } from "../../documents/conference-info.ts";
import type { Notifier } from "../../events/notifier.ts";
import { notify } from "../../events/notify.ts";
import { conference } from "../../events/packages.ts";
import { subscribe } from "../../events/subscribe.ts";
import type { Subscription } from "../../events/subscription.ts";
import type { Call } from "../../ua/call.ts";
import type { Phone } from "../../ua/phone.ts";
import * as transferring from "../../ua/transferring.ts";
import { AUDIO, cast, dialled, endsOf, FOLLOWS, over, successorOf } from "./cast.ts";
import type { Flow } from "./flow.ts";
import type { FlowStage } from "./flow-stage.ts";
import { putThrough } from "./transfer-scene.ts";
import { whileWatching } from "./watching.ts";

/** What Bob's phone tells of the three: who is in it, and how. */
class Focus {
  readonly #of: string;
  #users: readonly ConferenceUser[] = [];
  #isOver = false;
  readonly notifier: Notifier<Conference>;

  constructor(phone: Phone) {
    this.#of = phone.aor;
    const value = (): Conference => ({
      ...{ entity: this.#of, isOver: this.#isOver, users: this.#users },
    });
    this.notifier = notify(phone, conference, { value }, { allow: () => true });
  }

  /** `alice on-hold, carol connected` from now on. */
  say(what: Readonly<Record<string, "on-hold" | "connected">>): void {
    this.#users = Object.entries(what).map(([name, status]) => {
      const entity = `sip:${name}@house.example`;
      return { entity, roles: [], endpoints: [{ entity, status, media: [] }] };
    });
    this.notifier.changed();
  }

  close(): void {
    this.#isOver = true;
    this.#users = [];
    this.notifier.close();
  }
}

/** What somebody has been told last, as soon as it is this. */
async function seen(watching: Subscription<Conference>, words: string): Promise<string> {
  let last = "nothing";
  for await (const { users, isOver } of watching.values()) {
    last = isOver ? "over" : users.map(inWords).join(", ");
    if (last === words) return last;
  }
  return `${last}, and then no more`;
}

const inWords = ({ entity, endpoints }: ConferenceUser): string =>
  `${entity.replace(/^sip:|@.*$/g, "")} ${endpoints[0]?.status ?? "gone"}`;

export const transferConference: Flow = {
  title: "Bob puts Alice through to Carol, and both can see how far it is",
  source: "RFC 5589 §9",
  words: [
    "Bob's phone acts as the focus of a conference of three, and tells whoever subscribes there",
    "of it (RFC 4575): Alice sees that Bob talks to Carol, then that Carol is held, too. In the",
    "end he transfers as ever, and there is no conference any more.",
  ],
  differs: [
    "The conference is Bob's own address: phones here have one Contact, without isfocus. Alice",
    "knows from Bob that she may subscribe.",
  ],
  towers: ["alice", "server", "bob", "carol"],
  ends: [
    "alice sees: alice on-hold",
    "carol sees: alice on-hold, carol connected",
    "alice sees: alice on-hold, carol connected",
    "alice sees: alice on-hold, carol on-hold",
    "transfer: Transferred",
    "alice to bob: SIP_TRANSFERRED by remote",
    "bob: SIP_TRANSFERRED by local",
    "bob to carol: SIP_REPLACED by remote",
    "carol: SIP_REPLACED by remote",
    "both see: over, over",
    "alice to carol: SIP_HUNG_UP by remote",
    "carol, taken: SIP_HUNG_UP by local",
  ],
  async play(stage) {
    const people = await cast(stage, { alice: FOLLOWS, bob: {}, carol: {} });
    return await stage.scene(async () => {
      const focus = new Focus(people.bob);
      try {
        return await withFocus(stage, people, focus);
      } finally {
        focus.close();
      }
    });
  },
};

interface People {
  readonly alice: Phone;
  readonly bob: Phone;
  readonly carol: Phone;
}

/** The four ends that there are, and what the two who are told see of them. */
interface Consultation {
  readonly calls: readonly [first: Call, bobs: Call, second: Call, carols: Call];
  readonly told: readonly string[];
}

async function withFocus(
  stage: FlowStage,
  people: People,
  focus: Focus,
): Promise<readonly string[]> {
  const { alice, bob, carol } = people;
  const [first, bobs] = await stage.talk(alice, bob);
  await stage.patiently(bobs.hold());
  focus.say({ alice: "on-hold" });
  return await whileWatching(stage, subscribe(alice, conference, bob.aor), async (alices) => {
    const start = `alice sees: ${await stage.patiently(seen(alices, "alice on-hold"))}`;
    const consult = () => bob.call(`${carol.aor}?Require=replaces`, AUDIO);
    const [second, carols] = await dialled(stage, carol, consult);
    focus.say({ alice: "on-hold", carol: "connected" });
    return await whileWatching(stage, subscribe(carol, conference, bob.aor), async (carolsView) => {
      const views = [alices, carolsView] as const;
      const told = [start, ...(await heldBoth(stage, focus, second, views))];
      const calls = [first, bobs, second, carols] as const;
      return await transferred(stage, people, focus, { calls, told }, views);
    });
  });
}

type Views = readonly [alices: Subscription<Conference>, carols: Subscription<Conference>];

/** Bob talks to Carol, and holds her, too: what the two see of it. */
async function heldBoth(
  stage: FlowStage,
  focus: Focus,
  second: Call,
  [alices, carols]: Views,
): Promise<readonly string[]> {
  const talking = "alice on-hold, carol connected";
  const first = await stage.patiently(seen(carols, talking));
  const then = await stage.patiently(seen(alices, talking));
  await stage.patiently(second.hold());
  focus.say({ alice: "on-hold", carol: "on-hold" });
  const last = await stage.patiently(seen(alices, "alice on-hold, carol on-hold"));
  return [`carol sees: ${first}`, `alice sees: ${then}`, `alice sees: ${last}`];
}

async function transferred(
  stage: FlowStage,
  { carol }: People,
  focus: Focus,
  { calls: [first, bobs, second, carols], told }: Consultation,
  [alices, carolsView]: Views,
): Promise<readonly string[]> {
  const { taken, fate } = await putThrough(stage, carol, () => transferring.transfer(bobs, second));
  await over(stage, first, bobs, second, carols);
  const both = Promise.all([seen(alices, "over"), seen(carolsView, "over")]);
  focus.close();
  const last = await stage.patiently(both);
  const ends = endsOf({ "alice to bob": first, bob: bobs, "bob to carol": second, carol: carols });
  return [
    ...[...told, `transfer: ${fate}`, ...ends, `both see: ${last.join(", ")}`],
    ...(await farewell(stage, successorOf(first), taken)),
  ];
}

async function farewell(stage: FlowStage, from: Call, to: Call): Promise<readonly string[]> {
  await stage.network.run(2000);
  await stage.hangUp(to, from);
  return endsOf({ "alice to carol": from, "carol, taken": to });
}
