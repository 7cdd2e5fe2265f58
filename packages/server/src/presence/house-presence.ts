/**
 * Presence at this house: the library's state agent on what the house keeps, and who tells it that
 * something has changed.
 */
import type { Calls, Service } from "carillon/roles";
import { type ServedPackage, StateAgent } from "carillon/state-agent";
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

/** How often calls that ended without a word are looked for. */
const SWEEP_MS = 10_000;

export class HousePresence implements PresenceChanges {
  /** For the domain; none where presence is not served. */
  readonly services: readonly Service[];
  /** Who is to hear of calls. */
  readonly listeners: readonly Calls[];
  readonly #agent: StateAgent;
  readonly #calls: HouseCalls;
  readonly #askers: Askers;
  readonly #ends: StatusEnds;
  readonly #sweep: NodeJS.Timeout;
  /** What has changed since the last turn: an event and whose it is. */
  readonly #due = new Map<string, readonly [event: string, account: string]>();
  #turn: (run: () => void) => void = (run) => run();

  constructor(parts: HousePresenceParts) {
    const { store, writes, clock, config, isOnline } = parts;
    const changed = (account: string) => this.#mark(account, "dialog", "presence");
    this.#calls = new HouseCalls({ changed, isOnline, now: clock.steady });
    this.#askers = new Askers((owner, who) => writes.askedToSee(owner, who, clock.wall()));
    this.#agent = this.#agentOf(parts);
    const ended = (account: string) => this.#mark(account, "presence");
    this.#ends = new StatusEnds({ presence: store.presence, clock, ended });
    this.#sweep = setInterval(() => this.#turn(() => this.#calls.sweep()), SWEEP_MS).unref();
    this.services = config.isServed ? [this.#decisions(parts), this.#agent] : [];
    this.listeners = config.isServed ? [this.#calls] : [];
  }

  /** From now on changes are told in a turn of this. */
  answerIn(turn: (run: () => void) => void): void {
    this.#turn = turn;
  }

  /** This person came or left, perhaps. */
  moved(account: string): void {
    this.#calls.moved(account);
    this.#mark(account, "presence", "reg");
  }

  /** A device or session of this account may not sign in any more; the others subscribe anew. */
  revoked(account: string): void {
    this.#turn(() => this.#agent.endOf(account, "deactivated"));
  }

  contactsChanged(account: string): void {
    this.#mark(account, "contacts");
  }

  rulesChanged(account: string): void {
    this.#askers.forget(account);
    this.#mark(account, "presence", "dialog", "presence.winfo");
  }

  statusChanged(account: string): void {
    this.#ends.plan();
    this.#mark(account, "presence");
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#ends.close();
  }

  #agentOf(parts: HousePresenceParts): StateAgent {
    const { store, clock, config, subscriptions, publications } = parts;
    const { domain } = store.house;
    const rules = houseRules({
      ...{ domain, mayAsk: config.mayAsk },
      rules: (account) => store.presence.rules(account),
      ask: (owner, who) => this.#askers.asks(owner, who),
    });
    const aorOf = (account: string) => `sip:${account}@${domain}`;
    const calls = knownCalls(this.#calls, config.lamps, aorOf);
    const packages: readonly ServedPackage[] = [];
    void [rules, calls, houseStatuses(store, clock), houseContacts(store)];
    return new StateAgent({
      packages,
      subscriptions: keptSubscriptions(subscriptions),
      publications: keptPublications(publications),
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
  #mark(account: string, ...events: readonly string[]): void {
    const isFirst = this.#due.size === 0;
    for (const event of events) this.#due.set(`${event} ${account}`, [event, account]);
    if (isFirst) this.#turn(() => this.#tell());
  }

  #tell(): void {
    const due = [...this.#due.values()];
    this.#due.clear();
    for (const [event, account] of due) this.#agent.changed(event, account);
  }
}
