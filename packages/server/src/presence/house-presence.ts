/**
 * Presence at this house: the library's state agent on what the house keeps, and who tells it that
 * something has changed.
 */
import { JOURNAL_EVENT } from "carillon/documents";
import type { Calls, Service } from "carillon/roles";
import { HouseEvents } from "carillon/state-agent";
import type { Clock } from "../clock.ts";
import type { PresenceConfig } from "../config/live-config.ts";
import type { PresenceChanges } from "../http/house-context.ts";
import { mailboxesOf } from "../sip/mail.ts";
import type { HouseWrites } from "../store/commands.ts";
import type { DurableHouse } from "../store/durable-house.ts";
import type { EventStates } from "../store/event-states.ts";
import type { SqliteMessageStore } from "../store/messages/sqlite-message-store.ts";
import type { Store } from "../store/store.ts";
import { Askers } from "./askers.ts";
import { HouseCalls, type OngoingCall } from "./house-calls.ts";
import { HousePeople } from "./house-people.ts";
import { houseRules } from "./house-rules.ts";
import { houseContacts, houseStatuses, knownCalls } from "./house-views.ts";
import { keptCalls } from "./kept-calls.ts";
import { keptPublications, keptSubscriptions } from "./kept-states.ts";
import { StatusEnds } from "./status-ends.ts";
import { WatcherDecisions } from "./watcher-decisions.ts";

export interface HousePresenceParts {
  readonly store: Store;
  readonly writes: HouseWrites;
  readonly subscriptions: EventStates;
  readonly publications: EventStates;
  /** Calls that go on. */
  readonly ongoing: DurableHouse["ongoing"];
  /** What waits for people, and when that has changed. */
  readonly messages: Pick<SqliteMessageStore, "heard" | "whenHeard">;
  readonly clock: Clock;
  readonly config: PresenceConfig;
  readonly isOnline: (account: string) => boolean;
}

/** What the events are told of an account. */
type Change = Extract<
  keyof HouseEvents,
  | `${"calls" | "contacts" | "devices" | "mailbox" | "rules" | "status"}Changed`
  | "gone"
  | "signedOut"
>;

/** How often calls that ended without a word are looked for, and people who moved in or out. */
const LOOK_MS = 1000;

export class HousePresence implements PresenceChanges {
  /** For the domain; none where presence is not served. */
  readonly services: readonly Service[];
  /** Who is to hear of calls. */
  readonly listeners: readonly Calls[];
  readonly #events: HouseEvents;
  readonly #people: HousePeople;
  readonly #calls: HouseCalls;
  readonly #askers: Askers;
  readonly #ends: StatusEnds;
  readonly #look: NodeJS.Timeout;
  /** What has changed since the last turn, by account. */
  readonly #due = new Map<string, Set<Change>>();
  #turn: (run: () => void) => void = () => {};

  constructor(parts: HousePresenceParts) {
    const { store, writes, clock, config, isOnline } = parts;
    const changed = (account: string) => this.#mark(account, "callsChanged");
    const kept = keptCalls(parts.ongoing);
    this.#calls = new HouseCalls({ changed, isOnline, now: clock.steady, kept });
    this.#askers = new Askers((owner, who) => writes.askedToSee(owner, who, clock.wall()));
    this.#events = this.#eventsOf(parts);
    const ended = (account: string) => this.#mark(account, "statusChanged", "rulesChanged");
    this.#ends = new StatusEnds({ presence: store.presence, clock, ended });
    this.#people = new HousePeople(() => store.accounts.people());
    parts.messages.whenHeard((account) => this.#mark(account, "mailboxChanged"));
    this.#look = setInterval(() => this.#lookAround(), LOOK_MS).unref();
    this.services = config.isServed ? [this.#decisions(parts), this.#events] : [];
    this.listeners = [this.#calls];
  }

  /** The calls of this moment. */
  ongoing(): readonly OngoingCall[] {
    return this.#calls.list();
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

  /** A device or session of this account has ended: with the others it subscribes anew. */
  revoked(account: string): void {
    this.#mark(account, "signedOut");
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
    // Whoever hides has another rule for busy lamps.
    this.#mark(account, "statusChanged", "rulesChanged");
  }

  close(): void {
    clearInterval(this.#look);
    this.#calls.save();
    this.#ends.close();
  }

  #eventsOf({ store, clock, config, ...parts }: HousePresenceParts): HouseEvents {
    const { domain } = store.house;
    const statuses = houseStatuses(store, clock);
    const rules = houseRules({
      ...{ domain, mayAsk: config.mayAsk },
      isHidden: (account) => statuses.of(account)?.isHidden === true,
      rules: (account) => store.presence.rules(account),
      ask: (owner, who) => this.#askers.asks(owner, who),
    });
    const aorOf = (account: string) => `sip:${account}@${domain}`;
    return new HouseEvents({
      rules,
      contacts: houseContacts(store),
      statuses,
      calls: knownCalls(this.#calls, config.lamps, aorOf),
      mailboxes: mailboxesOf(parts.messages),
      subscriptions: keptSubscriptions(parts.subscriptions, (event) => event !== JOURNAL_EVENT),
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

  #lookAround(): void {
    if (this.#calls.size > 0) this.#turn(() => this.#calls.sweep());
    const moves = this.#people.look();
    for (const account of moves.out) this.#mark(account, "gone");
    // Everybody of the house is in the lists of those who have said nothing else.
    if (moves.isOther) for (const name of moves.all) this.#mark(name, "contactsChanged");
  }

  /** What changes in one go is told in one turn. */
  #mark(account: string, ...changes: readonly Change[]): void {
    // Nobody is told, and the events are no service of anything.
    if (this.services.length === 0) return;
    const isFirst = this.#due.size === 0;
    const due = this.#due.get(account) ?? new Set();
    this.#due.set(account, due);
    for (const one of changes) due.add(one);
    if (isFirst) this.#turn(() => this.#tell());
  }

  #tell(): void {
    const due = [...this.#due];
    this.#due.clear();
    for (const [account, changes] of due) for (const one of changes) this.#events[one](account);
  }
}
