/** A house whose server and devices may end at any time, and begin anew with what they kept. */
import { MemoryConversationStore } from "../../chat/conversation-store.ts";
import { conversations } from "../../chat/conversations.ts";
import type { Conversations } from "../../chat/conversations-api.ts";
import type { Presence } from "../../documents/pidf.ts";
import { presence } from "../../events/packages.ts";
import type { Publication } from "../../events/publication.ts";
import { publish } from "../../events/publish.ts";
import { subscribe } from "../../events/subscribe.ts";
import { MemoryMessageStore } from "../../messaging/memory-message-store.ts";
import { messaging } from "../../messaging/messaging.ts";
import type { Service } from "../../roles/services.ts";
import { HouseEvents } from "../../state-agent/house-events.ts";
import { MemoryPublications, MemorySubscriptions } from "../../state-agent/stores.ts";
import type { Phone } from "../../ua/phone.ts";
import { hear } from "../../ua/replay.ts";
import { type House, type HouseWay, house } from "../house.ts";
import type { Weather } from "../network/weather.ts";
import { seeded } from "../random.ts";
import { SyncedDisk } from "./synced-disk.ts";
import { SyncedMessages, SyncedPublications, SyncedSubscriptions } from "./synced-stores.ts";

/** A device of somebody: what it keeps outlives each phone that runs on it. */
export interface Device {
  readonly person: string;
  readonly way: HouseWay;
  readonly store: MemoryConversationStore;
  /** What it says of whoever it belongs to. */
  note: string;
  phone: Phone;
  chats: Conversations;
  said: Publication<Presence>;
  /** How the others are, by their addresses, as it was told last. */
  told: Map<string, Presence>;
}

/** What ends with a program. */
type Running = Pick<Device, "phone" | "chats" | "said" | "told">;

export const PEOPLE: readonly string[] = ["alice", "bob", "carol"];
const WAYS: readonly HouseWay[] = ["udp", "ws", "udp"];
/** What a program that has ended has said, is forgotten after this. */
const EXPIRES_SECONDS = 300;

export const addressOf = (person: string): string => `sip:${person}@house.example`;

const saying = (entity: string, note: string): Presence => ({
  ...{ entity, notes: note === "" ? [] : [note], activities: [] },
  tuples: [
    {
      ...{ id: "x", basic: "open", contact: undefined, priority: undefined, notes: [] },
      timestamp: undefined,
    },
  ],
});

export class Town {
  readonly home: House;
  readonly devices: readonly Device[];
  readonly #kept = {
    messages: new MemoryMessageStore(),
    subscriptions: new MemorySubscriptions(),
    publications: new MemoryPublications(),
  };
  readonly #random: () => number;
  #disk!: SyncedDisk;

  constructor(seed: number) {
    this.#random = seeded(seed ^ 0x5eed);
    this.home = house({ seed, services: () => this.#services() });
    this.devices = PEOPLE.flatMap((person) =>
      WAYS.map((way) => {
        const device = { person, way, store: new MemoryConversationStore(), note: "" };
        return { ...device, ...this.#begin(device) };
      }),
    );
  }

  set weather(weather: Weather) {
    this.home.network.weather = weather;
  }

  /** Its program ends without a word, and another one begins with what it kept. */
  restartDevice(device: Device): void {
    this.home.hostOf(device.phone).close();
    Object.assign(device, this.#begin(device));
  }

  /** What it says of whoever it belongs to from now on. */
  say(device: Device, note: string): void {
    device.note = note;
    device.said.update(saying(addressOf(device.person), note));
  }

  /** As after `kill -9`: what was not synced is gone. */
  restartServer(): void {
    this.#disk.crash();
    this.home.restart();
  }

  #begin({ person, way, store, note }: Omit<Device, keyof Running>): Running {
    const phone = this.home.phone(person, way);
    const chats = conversations(phone, { store });
    const options = { expiresSeconds: EXPIRES_SECONDS };
    const said = publish(phone, presence, saying(addressOf(person), note), options);
    const told = new Map<string, Presence>();
    for (const other of PEOPLE.filter((one) => one !== person).map(addressOf)) {
      const watched = subscribe(phone, presence, other, options);
      watched.established.catch(() => {});
      void hear(watched.values(), (value) => told.set(other, value));
    }
    phone.register().catch(() => {});
    return { phone, chats, said, told };
  }

  #services(): readonly Service[] {
    const { messages, subscriptions, publications } = this.#kept;
    // The disk of an earlier run ended with it.
    const disk = new SyncedDisk({
      sleep: (ms) => this.home.network.sleep(ms),
      inTurn: (run) => this.home.server.call(run),
      random: this.#random,
    });
    this.#disk = disk;
    const mail = messaging({ store: new SyncedMessages(messages, disk) });
    const events = new HouseEvents({
      packages: [mail.journal],
      subscriptions: new SyncedSubscriptions(subscriptions, disk),
      publications: new SyncedPublications(publications, disk),
    });
    return [events, mail];
  }
}
