/**
 * What a person says about presence, as values: whom they know, who may see them, how they are.
 * And the way from what somebody typed to such a value.
 */
import { done, type Outcome, refused } from "../refusal.ts";
import { domainOf, readAddress } from "./address.ts";
import { isPrintable, readLabel } from "./name.ts";
import { PRESENCE_LIMITS } from "./presence-limits.ts";

/** Somebody in a contact list. */
export interface Contact {
  /** `sip:anna@house.example`, as `readAddress` has it. */
  readonly uri: string;
  /** What one calls them; may be empty. */
  readonly name: string;
  readonly favourite: boolean;
}

export interface ContactList {
  /** In their person's order, each once. */
  readonly contacts: readonly Contact[];
  /** Everybody of the house is in it, too, behind those. */
  readonly house: boolean;
}

/** What becomes of somebody who wants to see one. RFC 5025 §3.2.1. */
export const WATCHER_ACTIONS = ["allow", "block", "polite-block", "confirm"] as const;
/** `polite-block`: they see somebody who is offline. `confirm`: they wait for an answer. */
export type WatcherAction = (typeof WATCHER_ACTIONS)[number];

export interface WatcherRule {
  /** An address, or `*@other.example` for all of a domain. */
  readonly who: string;
  readonly action: WatcherAction;
}

export interface PresenceRules {
  /** For people of this house. */
  readonly house: WatcherAction;
  /** For everybody else. */
  readonly others: WatcherAction;
  /** These come first; a rule for one before one for a domain. */
  readonly watchers: readonly WatcherRule[];
}

export const STATUSES = ["online", "busy", "away", "offline"] as const;
/** `offline`: one is seen by nobody, whatever phones one has. */
export type Status = (typeof STATUSES)[number];

export interface OwnStatus {
  readonly status: Status;
  readonly note: string;
  /** When it ends, in milliseconds since the Unix epoch; null: when one says otherwise. */
  readonly until: number | null;
}

/** A watcher who waits for an answer. */
export interface Asking {
  readonly who: string;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
}

export const WHOLE_HOUSE: ContactList = { contacts: [], house: true };
export const OPEN_HOUSE: PresenceRules = { house: "allow", others: "confirm", watchers: [] };
export const PLAINLY_HERE: OwnStatus = { status: "online", note: "", until: null };

/** Of what was typed. Of two that are the same person the first counts. */
export function readContacts(wanted: ContactList, domain: string): Outcome<ContactList> {
  if (wanted.contacts.length > PRESENCE_LIMITS.contacts) return refused("TOO_MANY_CONTACTS");
  const contacts = new Map<string, Contact>();
  for (const { uri, name, favourite } of wanted.contacts) {
    const address = readAddress(uri, domain);
    if (!address.ok) return address;
    const label = readLabel(name);
    if (!label.ok) return label;
    if (contacts.has(address.value)) continue;
    contacts.set(address.value, { uri: address.value, name: label.value, favourite });
  }
  return done({ contacts: [...contacts.values()], house: wanted.house });
}

/** Of what was typed. Of two for the same watcher the last counts. */
export function readRules(wanted: PresenceRules, domain: string): Outcome<PresenceRules> {
  if (wanted.watchers.length > PRESENCE_LIMITS.rules) return refused("TOO_MANY_RULES");
  const watchers = new Map<string, WatcherRule>();
  for (const { who, action } of wanted.watchers) {
    const address = readWatcher(who, domain);
    if (!address.ok) return address;
    watchers.set(address.value, { who: address.value, action });
  }
  return done({ ...wanted, watchers: [...watchers.values()] });
}

/** An address, or all of a domain. */
export function readWatcher(typed: string, domain: string): Outcome<string> {
  const text = typed.trim();
  if (!text.startsWith("*@")) return readAddress(text, domain);
  const one = readAddress(`x${text.slice(1)}`, domain);
  return one.ok ? done(`*@${domainOf(one.value)}`) : one;
}

export function readStatus(wanted: OwnStatus): Outcome<OwnStatus> {
  const note = wanted.note.normalize("NFC").trim().replace(/\s+/g, " ");
  if ([...note].length > PRESENCE_LIMITS.note || !isPrintable(note)) return refused("NOTE_INVALID");
  return done({ ...wanted, note });
}

/** What the rules say of this watcher, whose address is as `readAddress` has it. */
export function actionFor(
  rules: PresenceRules,
  watcher: string,
  isOfHouse: boolean,
): WatcherAction {
  const own = rules.watchers.find(({ who }) => who === watcher);
  const domain = own ?? rules.watchers.find(({ who }) => who === `*@${domainOf(watcher)}`);
  return (own ?? domain)?.action ?? (isOfHouse ? rules.house : rules.others);
}

/** The rules with this one for a watcher in place of any other for the same. */
export function withRule(rules: PresenceRules, rule: WatcherRule): PresenceRules {
  const watchers = rules.watchers.filter(({ who }) => who !== rule.who);
  return { ...rules, watchers: [...watchers, rule] };
}
