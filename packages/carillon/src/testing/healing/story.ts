/**
 * Three people with three devices each, and a group: they write, edit, take back, read and say how
 * they are, while every fifth datagram is lost and the server and the devices end at any time. When
 * the weather is fair again all devices have to show the same, nothing may be missing, and all of
 * them have to know what each device of the others said last.
 */

import type { ConversationView, Item } from "../../chat/conversation-view.ts";
import type { Conversation } from "../../chat/conversations-api.ts";
import { seeded } from "../random.ts";
import { addressOf, type Device, PEOPLE, Town } from "./town.ts";

/** What was done, and what is wrong afterwards. */
export interface Healed {
  /** Plays the same again. */
  readonly seed: number;
  /** In words; empty if all is well. */
  readonly wrong: readonly string[];
  /** Messages that were written. */
  readonly written: number;
  /** How often a program ended. */
  readonly restarts: number;
  /** How long it took in fair weather until all was the same, in ms of the virtual clock. */
  readonly healedAfterMs: number;
}

const STORM = { delayMs: 20, jitterMs: 60, loss: 0.2, duplication: 0.05 };
const FAIR = { delayMs: 10 };
const STEPS = 40;
/** Nobody waits longer than a subscription lives until it is refreshed. */
const PATIENCE_MS = 900_000;
const GLANCE_MS = 5000;
const TEAM = "sip:team@house.example";

/**
 * Plays it: three people with three devices each and a group, in a storm, and what they show of it
 * afterwards. The same seed is the same story. Rejects where the group cannot be made.
 */
export async function playHealing(seed: number): Promise<Healed> {
  return await new Story(seed).play();
}

class Story {
  readonly #seed: number;
  readonly #town: Town;
  readonly #random: () => number;
  readonly #written: Written[] = [];
  #restarts = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#town = new Town(seed);
    this.#random = seeded(seed);
  }

  async play(): Promise<Healed> {
    const { network } = this.#town.home;
    await network.run(5000);
    await this.#makeGroup();
    this.#town.weather = STORM;
    for (let step = 0; step < STEPS; step++) {
      this.#act();
      await network.run(this.#random() * 4000);
    }
    this.#town.weather = FAIR;
    const start = network.now;
    const unhealed = await this.#settled(() => this.#wrong(false));
    const healedAfterMs = network.now - start;
    for (const device of this.#town.devices) {
      for (const { uri } of device.chats.list()) device.chats.open(uri).read();
    }
    const unread = await this.#settled(() => this.#wrong(true));
    const wrong = [...unhealed, ...unread];
    return {
      ...{ seed: this.#seed, wrong, written: this.#written.length },
      ...{ restarts: this.#restarts, healedAfterMs },
    };
  }

  /** Looks again and again, until nothing is wrong or nobody has patience any more. */
  async #settled(look: () => readonly string[]): Promise<readonly string[]> {
    const { network } = this.#town.home;
    const end = network.now + PATIENCE_MS;
    for (;;) {
      const wrong = look();
      if (wrong.length === 0 || network.now >= end) return wrong;
      await network.run(GLANCE_MS);
    }
  }

  async #makeGroup(): Promise<void> {
    const { network } = this.#town.home;
    const [first] = this.#town.devices;
    const others = PEOPLE.slice(1).map(addressOf);
    if (first) await network.until(first.chats.createGroup("team", "Team", others));
    await network.run(2000);
  }

  // ---- what happens ----------------------------------------------------------------------------

  #act(): void {
    const device = this.#oneOf(this.#town.devices);
    const conversation = this.#oneOf(this.#conversationsOf(device));
    const dice = this.#random();
    if (dice < 0.5) return this.#write(device, conversation);
    if (dice < 0.6) return this.#change(conversation, (id) => conversation.edit(id, this.#text()));
    if (dice < 0.65) return this.#change(conversation, (id) => conversation.retract(id));
    if (dice < 0.72) return conversation.read();
    if (dice < 0.78) return this.#town.say(device, `note ${this.#text()}`);
    this.#restarts++;
    if (dice < 0.9) this.#town.restartDevice(device);
    else this.#town.restartServer();
  }

  #conversationsOf({ person, chats }: Device): readonly Conversation[] {
    const others = PEOPLE.filter((one) => one !== person).map(addressOf);
    return [...others, TEAM].map((uri) => chats.open(uri));
  }

  #write(by: Device, conversation: Conversation): void {
    const id = conversation.send(this.#text());
    this.#written.push({ by, key: keyOf(addressOf(by.person), conversation.uri), id });
  }

  #change(conversation: Conversation, change: (id: string) => void): void {
    const own = conversation.view().items.filter((one) => isChangeable(one));
    if (own.length > 0) change(this.#oneOf(own).id);
  }

  #text(): string {
    return `${this.#written.length}-${Math.floor(this.#random() * 1e6)}`;
  }

  #oneOf<T>(all: readonly T[]): T {
    return all[Math.floor(this.#random() * all.length)] as T;
  }

  // ---- what is to hold -------------------------------------------------------------------------

  #wrong(isRead: boolean): readonly string[] {
    return [
      ...this.#town.devices.flatMap((device) => stateProblems(device, isRead)),
      ...PEOPLE.flatMap((person) => this.#differences(person)),
      ...this.#betweenPeople(),
      ...this.#missing(),
      ...PEOPLE.flatMap((person) => this.#presences(person)),
    ];
  }

  /** All devices of somebody show the same. */
  #differences(person: string): readonly string[] {
    const [first, ...others] = this.#town.devices.filter((one) => one.person === person);
    const shown = JSON.stringify(first?.chats.list());
    return others.flatMap((one, nth) =>
      JSON.stringify(one.chats.list()) === shown ? [] : [`${person}'s device ${nth + 2} differs`],
    );
  }

  /** Everybody in a conversation sees the same messages in the same order. */
  #betweenPeople(): readonly string[] {
    const seen = new Map<string, string>();
    return this.#town.devices.flatMap(({ person, chats }) =>
      chats.list().flatMap((view) => {
        const key = keyOf(addressOf(person), view.uri);
        const text = JSON.stringify(view.items.map(asSaid));
        const before = seen.get(key) ?? text;
        seen.set(key, before);
        return before === text ? [] : [`${person} sees another ${view.uri}`];
      }),
    );
  }

  /** Everybody else knows the same of somebody: what each of their devices said last. */
  #presences(person: string): readonly string[] {
    const own = this.#town.devices.filter((one) => one.person === person);
    const said = new Set(own.map(({ note }) => note).filter((one) => one !== ""));
    return this.#town.devices
      .filter((one) => one.person !== person)
      .flatMap(({ person: watcher, way, told }) => {
        const known = told.get(addressOf(person));
        const notes = new Set(known?.notes);
        const isSame = said.size === notes.size && [...said].every((one) => notes.has(one));
        const isThere = known?.tuples.some(({ basic }) => basic === "open") === true;
        const what = known ? [...notes].join() : "nothing";
        return isSame && isThere ? [] : [`${watcher} over ${way} knows ${what} of ${person}`];
      });
  }

  /** What was written is there, once, and what one device wrote in its order. */
  #missing(): readonly string[] {
    const last = new Map<string, number>();
    return this.#written.flatMap(({ by, key, id }) => {
      const ids = (viewOf(by, key)?.items ?? []).filter((one) => one.isOwn).map((one) => one.id);
      const at = ids.indexOf(id);
      if (at < 0) return [`lost: ${id} of ${by.person}`];
      if (ids.indexOf(id, at + 1) >= 0) return [`twice: ${id} of ${by.person}`];
      const lane = `${this.#town.devices.indexOf(by)} ${key}`;
      const before = last.get(lane) ?? -1;
      last.set(lane, at);
      return before < at ? [] : [`out of order: ${id} of ${by.person}`];
    });
  }
}

/** A message that was written. */
interface Written {
  readonly by: Device;
  /** Of its conversation, the same for all who are in it. */
  readonly key: string;
  readonly id: string;
}

const isChangeable = ({ isOwn, isRetracted, state }: Item): boolean =>
  isOwn && !isRetracted && state !== "Failed";

/** A conversation of two has one key for both. */
const keyOf = (own: string, uri: string): string =>
  uri === TEAM ? TEAM : [own, uri].sort().join(" ");

const viewOf = ({ person, chats }: Device, key: string): ConversationView | undefined =>
  chats.list().find(({ uri }) => keyOf(addressOf(person), uri) === key);

const asSaid = ({ id, from, text, isEdited, isRetracted, at }: Item) => ({
  ...{ id, from, text, isEdited, isRetracted, at },
});

function stateProblems({ person, way, chats }: Device, isRead: boolean): readonly string[] {
  const problems: string[] = [];
  const name = `${person} over ${way}`;
  if (chats.state !== "Current") problems.push(`${name} is ${chats.state}`);
  for (const { uri, items, unread } of chats.list()) {
    if (isRead && unread > 0) problems.push(`${name}: ${unread} unread of ${uri}`);
    for (const { id, state, isOwn, isRetracted, why = "" } of items) {
      // What was taken back before somebody looked, nobody has seen.
      const wanted = isRead && !isRetracted ? ["Displayed"] : ["Delivered", "Displayed"];
      if (isOwn && !wanted.includes(state)) problems.push(`${name}: ${id} ${state} ${why}`);
    }
  }
  return problems;
}
