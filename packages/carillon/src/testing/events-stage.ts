/** A house that answers for events itself, and subscriptions that hold what they brought last. */
import type { DialogState } from "../documents/dialog-info.ts";
import type { MessageSummary } from "../documents/message-summary.ts";
import { isOpen, type Presence } from "../documents/pidf.ts";
import type { EventPackage } from "../events/event-package.ts";
import { type SubscribeOptions, subscribe as subscribeTo } from "../events/subscribe.ts";
import type { SubscriptionState } from "../events/subscription.ts";
import type { Contact } from "../state-agent/contact-list.ts";
import { HouseEvents, type HouseEventsOptions } from "../state-agent/house-events.ts";
import type { OwnStatus } from "../state-agent/own-status.ts";
import type { Handling } from "../state-agent/rules.ts";
import { type House, type HouseOptions, house } from "./house.ts";

export interface EventsStage extends House {
  /** What its program knows; calls and status are bob's. */
  readonly known: {
    calls: readonly DialogState[];
    contacts: readonly Contact[];
    status: OwnStatus | undefined;
    mail: MessageSummary;
    handling: Handling;
    asked: string[];
  };
  /** Says in a turn of the server that something has changed. */
  tell(run: (events: HouseEvents) => void): void;
  events(): HouseEvents;
}

/** A house with all its events, whose program is the test. */
export function stage(
  more: Partial<HouseEventsOptions> = {},
  options: HouseOptions = {},
): EventsStage {
  const known: EventsStage["known"] = {
    ...{ calls: [], contacts: [], status: undefined, handling: "allow", asked: [] },
    mail: { isWaiting: false, account: undefined, counts: new Map() },
  };
  const made: HouseEvents[] = [];
  const all = house({
    ...options,
    services: () => {
      const events = new HouseEvents({
        calls: { of: (account) => (account === "bob" ? known.calls : []) },
        contacts: { of: () => known.contacts },
        statuses: { of: (account) => (account === "bob" ? known.status : undefined) },
        mailboxes: { of: () => known.mail },
        rules: {
          handling: (_, { account }, event) => {
            const isOpen = event === "presence" || event === "dialog";
            return isOpen && account !== undefined ? known.handling : "block";
          },
          asked: (owner, { uri }, event) => void known.asked.push(`${owner} ${uri} ${event}`),
        },
        ...more,
      });
      made.push(events);
      return [events];
    },
  });
  const tell = (run: (events: HouseEvents) => void): void => {
    all.server.call(() => run(made.at(-1) as HouseEvents));
  };
  // `server` is another one after a restart.
  return Object.assign(Object.create(all) as House, {
    ...{ known, tell, events: () => made.at(-1) as HouseEvents },
  });
}

/** A subscription, and what it has brought last. */
export interface Seen<T> {
  readonly value: T | undefined;
  readonly state: SubscriptionState;
  end(): Promise<void>;
}

export function subscribe<T>(
  phone: object,
  pack: EventPackage<T>,
  target: string,
  options?: SubscribeOptions,
): Seen<T> {
  const subscription = subscribeTo(phone, pack, target, options);
  let value: T | undefined;
  void (async () => {
    for await (const next of subscription.values()) value = next;
  })();
  return {
    get value() {
      return value;
    },
    get state() {
      return subscription.state;
    },
    end: () => subscription.end(),
  };
}

/** The value that it has after this long. */
export async function after<T>(
  { network }: Pick<House, "network">,
  of: Seen<T>,
  ms = 6000,
): Promise<T> {
  await network.run(ms);
  const { value } = of;
  if (value === undefined) throw new Error(`nothing was told: ${of.state.name}`);
  return value;
}

/** NOTIFYs on the wire since the last look, without their answers. */
export const notifiesIn = ({ ladder }: Pick<House, "ladder">): readonly string[] =>
  ladder()
    .split("\n")
    .filter((line) => line.includes("NOTIFY") && !line.includes("200"));

export const shown = (one: Presence): readonly string[] => [
  isOpen(one) ? "open" : "closed",
  ...one.activities,
  ...one.notes.map((note) => `"${note}"`),
];
