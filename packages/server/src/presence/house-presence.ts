/**
 * Presence at this house: the library's state agent on what the house keeps, and who tells it that
 * something has changed.
 */
import type { Calls, Service } from "carillon/roles";
import { HouseEvents } from "carillon/state-agent";
import type { Clock } from "../clock.ts";
import type { PresenceConfig } from "../config/live-config.ts";
import type { PresenceChanges } from "../http/house-context.ts";
import type { HouseWrites } from "../store/commands.ts";
import type { EventStates } from "../store/event-states.ts";
import type { Store } from "../store/store.ts";
import { Askers } from "./askers.ts";
import { HouseCalls } from "./house-calls.ts";
import { houseRules } from "./house-rules.ts";
import { houseContacts, houseStatuses, knownCalls } from "./house-views.ts";
import { keptPublications, keptSubscriptions } from "./kept-states.ts";
import { StatusEnds } from "./status-ends.ts";
import { WatcherDecisions } from "./watcher-decisions.ts";

export interface HousePresenceParts {
  readonly store: Store;
  readonly writes: HouseWrites;
  readonly subscriptions: EventStates;
  readonly publications: EventStates;
  readonly clock: Clock;
  readonly config: PresenceConfig;
  readonly isOnline: (account: string) => boolean;
}

/** What the events are told of an account. */
type Change = Extract<
  keyof HouseEvents,
  `${"calls" | "contacts" | "devices" | "mailbox" | "rules" | "status"}Changed` | "gone"
>;

/** How often calls that ended without a word are looked for. */
const SWEEP_MS = 10_000;

export class HousePresence implements PresenceChanges {
  /** For the domain; none where presence is not served. */
  readonly services: readonly Service[];
  /** Who is to hear of calls. */
  readonly listeners: readonly Calls[];
  readonly #store: Store;
  readonly #events: HouseEvents;
  readonly #calls: HouseCalls;
  readonly #askers: Askers;
  readonly #ends: StatusEnds;
  readonly #sweep: NodeJS.Timeout;
  /** What has changed since the last turn, by account. */
  readonly #due = new Map<string, Set<Change>>();
  #turn: (run: () => void) => void = () => {};

  constructor(parts: HousePresenceParts) {
    const { store, writes, clock, config, isOnline } = parts;
    this.#store = store;
    const changed = (account: string) => this.#mark(account, "callsChanged");
    this.#calls = new HouseCalls({ changed, isOnline, now: clock.steady });
    this.#askers = new Askers((owner, who) => writes.askedToSee(owner, who, clock.wall()));
    this.#events = this.#eventsOf(parts);
    const ended = (account: string) => this.#mark(account, "statusChanged");
    this.#ends = new StatusEnds({ presence: store.presence, clock, ended });
    this.#sweep = setInterval(() => this.#turn(() => this.#calls.sweep()), SWEEP_MS).unref();
    this.services = config.isServed ? [this.#decisions(parts), this.#events] : [];
    this.listeners = config.isServed ? [this.#calls] : [];
  }

  /** From now on changes are told in a turn of this, and those that there were. */
  answerIn(turn: (run: () => void) => void): void {
    this.#turn = turn;
    if (this.#due.size > 0) turn(() => this.#tell());
  }

  /** This person came or left, perhaps. */
  moved(account: string): void {
    this.#calls.moved(account);
    this.#mark(account, "devicesChanged");
  }

  /** A device or session of this account has ended, perhaps since there is no account any more. */
  revoked(account: string): void {
    if (!this.#store.accounts.has(account)) this.#mark(account, "gone");
  }

  contactsChanged(account: string): void {
    this.#mark(account, "contactsChanged");
  }

  rulesChanged(account: string): void {
    this.#askers.forget(account);
    this.#mark(account, "rulesChanged");
  }

  statusChanged(account: string): void {
    this.#ends.plan();
    this.#mark(account, "statusChanged");
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#ends.close();
  }

  #eventsOf({ store, clock, config, ...parts }: HousePresenceParts): HouseEvents {
    const { domain } = store.house;
    const rules = houseRules({
      ...{ domain, mayAsk: config.mayAsk },
      rules: (account) => store.presence.rules(account),
      ask: (owner, who) => this.#askers.asks(owner, who),
    });
    const aorOf = (account: string) => `sip:${account}@${domain}`;
    return new HouseEvents({
      rules,
      contacts: houseContacts(store),
      statuses: houseStatuses(store, clock),
      calls: knownCalls(this.#calls, config.lamps, aorOf),
      subscriptions: keptSubscriptions(parts.subscriptions),
      publications: keptPublications(parts.publications),
      ...(config.minGapMs !== undefined && { minGapMs: config.minGapMs }),
      limits: { perWatcher: config.subscriptionsPerWatcher, inAll: config.subscriptions },
    });
  }

  #decisions({ store, writes }: HousePresenceParts): WatcherDecisions {
    return new WatcherDecisions({
      domain: store.house.domain,
      inTurn: (run) => this.#turn(run),
      decide: async (account, rule) => {
        const decided = await writes.decideOn(account, rule);
        if (decided.ok) this.rulesChanged(account);
        return decided;
      },
    });
  }

  /** What changes in one go is told in one turn. */
  #mark(account: string, change: Change): void {
    // Nobody is told, and the events are no service of anything.
    if (this.services.length === 0) return;
    const isFirst = this.#due.size === 0;
    const known = this.#due.get(account);
    if (known) known.add(change);
    else this.#due.set(account, new Set([change]));
    if (isFirst) this.#turn(() => this.#tell());
  }

  #tell(): void {
    const due = [...this.#due];
    this.#due.clear();
    for (const [account, changes] of due) for (const one of changes) this.#events[one](account);
  }
}
