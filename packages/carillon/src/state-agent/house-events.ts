/**
 * All events of a house: presence, calls, registrations, mailboxes, who watches, and contact lists,
 * from what its program knows. A service of a domain.
 */
import { DIALOG_INFO_TYPE } from "../documents/dialog-info.ts";
import { PIDF_TYPE } from "../documents/pidf.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Service, ServiceHost, ServiceRequest } from "../roles/services.ts";
import type { Flow } from "../transport/flow.ts";
import { type Contacts, NO_CONTACTS } from "./contact-list.ts";
import { Devices } from "./devices.ts";
import { dialogPackage } from "./dialog-package.ts";
import { DialogStates } from "./dialog-states.ts";
import { type KnownCalls, NO_CALLS } from "./known-calls.ts";
import { dialogEntries, presenceEntries } from "./list-entry.ts";
import { listPackage } from "./list-package.ts";
import { Listeners } from "./listeners.ts";
import { EMPTY_MAILBOXES, type Mailboxes } from "./mailboxes.ts";
import { NO_STATUSES, type Statuses } from "./own-status.ts";
import { presencePackage } from "./presence-package.ts";
import { addressOf, PresenceStates } from "./presence-states.ts";
import { regPackage } from "./reg-package.ts";
import { HOUSE_RULES, type Rules } from "./rules.ts";
import type { ServedPackage } from "./source.ts";
import { StateAgent, type StateAgentOptions } from "./state-agent.ts";
import { summaryPackage } from "./summary-package.ts";
import { type WatcherEntry, WatcherTable } from "./watcher-table.ts";
import { winfoPackage } from "./winfo-package.ts";

/** What a program knows, and where what got a 2xx is kept. All of it may be left out. */
export interface HouseEventsOptions
  extends Pick<StateAgentOptions, "subscriptions" | "publications" | "limits"> {
  /** Who may know what of whom; who lives here sees each other, if left out. */
  readonly rules?: Rules;
  /** Contact lists; nobody has any, if left out. */
  readonly contacts?: Contacts;
  /** What people say of themselves. */
  readonly statuses?: Statuses;
  /** Calls that the program knows of. */
  readonly calls?: KnownCalls;
  /** What waits for people. */
  readonly mailboxes?: Mailboxes;
  /** The user part by which one's own contact list is reached; `contacts`, if left out. */
  readonly listName?: string;
  /** Between two NOTIFYs that tell of changes, in ms; each package's own, if left out. */
  readonly minGapMs?: number;
  /** Further packages; of two for one event and name these come first. */
  readonly packages?: readonly ServedPackage[];
}

const EVENTS = ["presence", "dialog", "reg", "message-summary", "presence.winfo"] as const;

/**
 * Give it to a domain among its `services`, once. What its program knows it asks for when somebody
 * wants to know; when that has changed, the program says so, in a turn of the endpoint.
 */
export class HouseEvents implements Service {
  /** SUBSCRIBE and PUBLISH. */
  readonly methods: readonly string[] = ["SUBSCRIBE", "PUBLISH"];
  /** Its packages, and those that were given. */
  readonly events: readonly string[];
  readonly #options: HouseEventsOptions;
  #parts: Parts | undefined;

  constructor(options: HouseEventsOptions = {}) {
    const { packages = [] } = options;
    this.#options = options;
    this.events = [...new Set([...packages.map(({ event }) => event), ...EVENTS])];
  }

  /** For the domain. */
  attach(host: ServiceHost): void {
    this.#parts = partsOf(host, this.#options);
    this.#parts.agent.attach(host);
  }

  /** For the domain. */
  take(asked: ServiceRequest): boolean {
    return this.#all.agent.take(asked);
  }

  /** For the domain. */
  inDialog(asked: ServiceRequest): boolean {
    return this.#all.agent.inDialog(asked);
  }

  /** For the domain. */
  closed(flow: Flow): void {
    this.#all.agent.closed(flow);
    this.#all.devices.closed(flow.connection);
  }

  /** For the domain. */
  registered(account: string, _from: Incoming): void {
    this.#all.devices.look(account);
  }

  // ---- for the program -------------------------------------------------------------------------

  /** What somebody says of themselves is something else. */
  statusChanged(account: string): void {
    this.#all.presence.look(account);
  }

  /** Somebody's calls are others. */
  callsChanged(account: string): void {
    this.#all.dialogs.look(account);
    this.#all.presence.look(account);
  }

  /** Who may know something of this account may be others now. */
  rulesChanged(account: string): void {
    const { agent, watchers, presence, rules } = this.#all;
    presence.tell(account);
    this.#all.dialogs.look(account);
    for (const event of EVENTS) if (event !== "presence") agent.changed(event, account);
    watchers.decided(
      account,
      (watcher) => rules.handling(account, watcher, "presence") !== "confirm",
    );
  }

  /** Somebody's contact list is another. */
  contactsChanged(account: string): void {
    this.#all.lists.tell(account);
  }

  /** What waits for somebody is something else. */
  mailboxChanged(account: string): void {
    this.#all.mail.tell(account);
  }

  /** Bindings have changed without a REGISTER, as when a device was taken out. */
  devicesChanged(account: string): void {
    this.#all.devices.look(account);
  }

  /** Something of a package that was given has changed. */
  changed(event: string, resource: string): void {
    this.#all.agent.changed(event, resource);
  }

  /** This account is no more: its watchers are told, and what it watches ends. */
  gone(account: string): void {
    const { agent } = this.#all;
    for (const event of this.events) agent.end(event, account, "noresource");
    agent.endOf(account, "rejected");
  }

  /**
   * One of this account's devices may not sign in any more. All that the account watches ends, and
   * whoever still may subscribes anew at once. RFC 6665 §4.1.3.
   */
  signedOut(account: string): void {
    this.#all.agent.endOf(account, "deactivated");
  }

  /** Who watches somebody's presence, and who wants to; the first to come first. */
  watchers(account: string): readonly WatcherEntry[] {
    return this.#all.watchers.of(account);
  }

  /** How much is being kept: for tests and metrics. */
  census(): ReturnType<StateAgent["census"]> {
    return this.#all.agent.census();
  }

  get #all(): Parts {
    if (!this.#parts) throw new Error("it is no service of a domain yet");
    return this.#parts;
  }
}

interface Parts {
  readonly agent: StateAgent;
  readonly devices: Devices;
  readonly presence: PresenceStates;
  readonly dialogs: DialogStates;
  readonly watchers: WatcherTable;
  readonly lists: Listeners;
  readonly mail: Listeners;
  readonly rules: Rules;
}

function partsOf(host: ServiceHost, options: HouseEventsOptions): Parts {
  const { rules = HOUSE_RULES, contacts = NO_CONTACTS, mailboxes = EMPTY_MAILBOXES } = options;
  const { statuses = NO_STATUSES, calls = NO_CALLS, listName: name = "contacts" } = options;
  const { packages = [], minGapMs, ...stores } = options;
  const [registrations, lists, mail] = [new Listeners(), new Listeners(), new Listeners()];
  const now = () => host.endpoint.now;
  const named = (account: string) => addressOf(host, account);
  const watchers = new WatcherTable(now);
  const devices = new Devices(host, (account, cause) => {
    // A page that is loaded anew is not told of as gone.
    if (cause === "Lost") presence.lookLater(account);
    else presence.look(account);
    registrations.tell(account);
  });
  const presence = new PresenceStates({ host, devices, calls, statuses });
  const dialogs = new DialogStates(calls);
  const list = { host, name, contacts, listeners: lists };
  const ofPresence = presenceEntries({ states: presence, watchers, rules });
  const ofDialogs = dialogEntries(dialogs, rules, named);
  const gap = minGapMs === undefined ? {} : { minGapMs };
  const own: readonly ServedPackage[] = [
    listPackage({ ...list, event: "presence", type: PIDF_TYPE, entry: ofPresence }),
    listPackage({ ...list, event: "dialog", type: DIALOG_INFO_TYPE, entry: ofDialogs }),
    presencePackage({ states: presence, watchers, rules }),
    dialogPackage({ states: dialogs, rules, addressOf: named }),
    regPackage({ host, devices, listeners: registrations, rules, addressOf: named }),
    summaryPackage({ mailboxes, listeners: mail, rules, addressOf: named }),
    winfoPackage({ watchers, rules, addressOf: named, now }),
  ];
  const agent = new StateAgent({
    ...stores,
    packages: [...packages, ...own.map((one) => ({ ...one, ...gap }))],
    published: [presence.package, dialogs.package],
  });
  return { agent, devices, presence, dialogs, watchers, lists, mail, rules };
}
