/**
 * People write to somebody who is off, and the power of the server is cut at any moment: what was
 * acknowledged is there afterwards, once, and in order.
 */
import { expect, test } from "vitest";
import { MemoryLocation } from "../roles/location.ts";
import { StateAgent } from "../state-agent/state-agent.ts";
import { answer, DomainStage, type Place, type Sent, titleOf } from "../testing/domain-stage.ts";
import { pageIn, subscribeText } from "../testing/journal-asking.ts";
import { ALICE, BOB, CAROL, messageText, textIn, wrapped } from "../testing/message-office.ts";
import { seeded } from "../testing/random.ts";
import { UnsyncedStore } from "../testing/unsynced-store.ts";
import { MemoryMessageStore } from "./memory-message-store.ts";
import { messaging } from "./messaging.ts";

const CUTS = 1000;
const MESSAGES = 5;
const WRITERS = [
  { name: "alice", place: ALICE },
  { name: "carol", place: CAROL },
] as const;
const PHONE = "203.0.113.20:5060";

/** One who sends until it is acknowledged: the same Message-ID each time. */
class Writer {
  readonly name: string;
  readonly place: Place;
  /** The number of what is on its way. */
  at = 1;
  resent = 0;
  #branch = "none yet";

  constructor(name: string, place: Place) {
    this.name = name;
    this.place = place;
  }

  get isDone(): boolean {
    return this.at > MESSAGES;
  }

  text(stage: DomainStage, nth: number): string {
    this.#branch = `z9hG4bK-${this.name}-${nth}`;
    const id = `${this.name}-${this.at}`;
    const what = { ...wrapped(id, { content: id, from: this.name }), to: "bob" };
    return messageText(stage, what, { branch: this.#branch, callId: `${id}-${nth}` });
  }

  heard({ octets }: Sent): void {
    if (octets.startsWith("SIP/2.0 202") && octets.includes(`branch=${this.#branch};`)) this.at++;
  }
}

/** The house of one seed, through all its cuts. */
class House {
  random: () => number;
  readonly synced = new MemoryMessageStore();
  readonly location = new MemoryLocation();
  readonly writers = WRITERS.map(({ name, place }) => new Writer(name, place));
  /** What Bob's client has shown, in order, and up to where it knows the journal. */
  readonly shown: string[] = [];
  /** What Bob's plain phone has got. */
  readonly rung: string[] = [];
  cuts = 0;
  /** The server acknowledges what is not on the disk. */
  answersEarly = false;
  #position = 0;
  #isReading = false;
  #store!: UnsyncedStore;
  #stage!: DomainStage;
  #count = 0;
  #now = 1_000_000_000_000;

  constructor(seed: number) {
    this.random = seeded(seed);
    this.#start();
  }

  #start(): void {
    this.#store = new UnsyncedStore(this.synced);
    this.#store.answersEarly = this.answersEarly;
    const rate = { burst: 1e6, perSecond: 1e6 };
    const service = messaging({ store: this.#store, rate });
    const services = [service, new StateAgent({ packages: [service.journal] })];
    const seed = 1 + Math.floor(this.random() * 2 ** 31);
    this.#stage = new DomainStage({ services, seed, location: this.location });
    this.#stage.wire.now = this.#now;
    this.#isReading = false;
  }

  /** The power goes. Of what was being written some may be on the disk, and nobody knows. */
  cut(): void {
    this.cuts++;
    const some = Math.floor(this.random() * (this.#store.waiting + 1));
    this.#store.sync(some, false);
    this.#now = this.#stage.wire.now + 1000;
    this.#start();
  }

  sync(): void {
    const before = this.#stage.wire.outputs.length;
    const some = 1 + Math.floor(this.random() * 3);
    this.#stage.wire.call(() => this.#store.sync(some));
    this.#take(this.#stage.sentSince(before));
  }

  write(): void {
    const [writer] = this.writers.filter((one) => !one.isDone).sort(() => this.random() - 0.5);
    if (!writer) return;
    this.#take(this.#stage.say(writer.place, writer.text(this.#stage, ++this.#count)));
  }

  /** Bob's phone, which is there now and then. */
  phone(isThere: boolean): void {
    const lines = isThere
      ? [`Contact: <sip:bob@${PHONE}>;expires=60`]
      : ["Contact: *", "Expires: 0"];
    const seq = ++this.#count;
    const parts = { lines, seq, branch: `z9hG4bK-phone${seq}` };
    this.#take(this.#stage.register("bob", PHONE, parts));
  }

  read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    const callId = `s${++this.#count}`;
    const query = { after: this.#position };
    this.#take(this.#stage.say(BOB, subscribeText(this.#stage, query, { callId })));
  }

  wait(ms: number): void {
    this.#take(this.#stage.wait(ms));
  }

  #take(sent: readonly Sent[]): void {
    const next = [...sent];
    for (let one = next.shift(); one; one = next.shift()) {
      const title = titleOf(one);
      if (title === "NOTIFY" && one.to === BOB) next.push(...this.#notified(one));
      else if (title === "MESSAGE") next.push(...this.#rang(one));
      else for (const writer of this.writers) writer.heard(one);
    }
  }

  /** Shown first, and answered then: the answer may be lost. */
  #notified(notify: Sent): readonly Sent[] {
    const { entries, isWhole, last } = pageIn(notify);
    for (const { seq, what } of entries) {
      if (seq <= this.#position) continue;
      this.#position = seq;
      if (what.kind === "Message") this.shown.push(what.id);
    }
    if (isWhole) this.#position = Math.max(this.#position, last);
    return this.random() < 0.2 ? [] : this.#stage.say(BOB, answer(notify.octets, 200, ""));
  }

  #rang(message: Sent): readonly Sent[] {
    this.rung.push(textIn(message) ?? "");
    return this.random() < 0.2 ? [] : this.#stage.say(PHONE, answer(message.octets, 200, "p"));
  }

  /** Everybody is there, and nothing breaks any more. */
  heal(): void {
    this.random = () => 0.5;
    for (let i = 0; i < 200 && this.writers.some((one) => !one.isDone); i++) {
      this.write();
      this.sync();
    }
    this.#isReading = false;
    this.phone(true);
    for (let i = 0; i < 30; i++) this.sync();
    this.read();
    for (let i = 0; i < 30; i++) this.sync();
    this.wait(40_000);
    this.phone(true);
    for (let i = 0; i < 30; i++) this.sync();
    this.wait(40_000);
  }
}

/** What happens until everything is well: so many cuts, anywhere in it. */
function story(seed: number, change: (house: House) => void = () => {}): House {
  const house = new House(seed);
  change(house);
  house.phone(true);
  house.wait(11_000);
  // The phone is known by now, and that is on the disk.
  for (let i = 0; i < 9; i++) house.sync();
  house.phone(false);
  const { random } = house;
  const cuts = new Set(
    Array.from({ length: 1 + Math.floor(random() * 3) }, () => Math.floor(random() * 40)),
  );
  for (let step = 0; step < 40; step++) {
    if (cuts.has(step)) house.cut();
    const what = random();
    if (what < 0.5) house.write();
    else if (what < 0.8) house.sync();
    else if (what < 0.87) house.read();
    else if (what < 0.94) house.phone(random() < 0.5);
    else house.wait(2000);
  }
  house.heal();
  return house;
}

const idsOf = (writer: string): readonly string[] =>
  Array.from({ length: MESSAGES }, (_, i) => `${writer}-${i + 1}`);
const by = (writer: string, all: readonly string[]) => all.filter((one) => one.startsWith(writer));

test(`${CUTS} cuts: each message is shown exactly once, in order, and none is missing`, () => {
  let cuts = 0;
  let again = 0;
  for (let seed = 1; cuts < CUTS; seed++) {
    const house = story(seed);
    cuts += house.cuts;
    for (const { name } of WRITERS) {
      expect(by(name, house.shown), `seed ${seed}, ${name}, shown`).toEqual(idsOf(name));
      // A plain phone may get a second copy, where its answer was lost or not kept.
      const first = [...new Set(by(name, house.rung))];
      expect(first, `seed ${seed}, ${name}, on the phone`).toEqual(idsOf(name));
    }
    again += house.rung.length - new Set(house.rung).size;
  }
  expect(again, "some came to the phone twice: their answers were lost").toBeGreaterThan(0);
});

test("a server that acknowledges what is not on the disk is found out", () => {
  const hasty = (house: House): void => {
    house.answersEarly = true;
  };
  const isWhole = (seed: number): boolean => {
    const { shown } = story(seed, hasty);
    return WRITERS.every(({ name }) => by(name, shown).join() === idsOf(name).join());
  };
  expect(Array.from({ length: 30 }, (_, i) => isWhole(i + 1))).toContain(false);
});
