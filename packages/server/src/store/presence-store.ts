/**
 * What each person keeps about presence: contacts, rules, how they are, who waits for an answer.
 * Read often and changed seldom, so it answers from memory until the tables have changed.
 */
import { done, type Outcome, refused } from "../refusal.ts";
import type { Database } from "./database.ts";
import { PRESENCE_LIMITS } from "./presence-limits.ts";
import {
  type Asking,
  type Contact,
  type ContactList,
  OPEN_HOUSE,
  type OwnStatus,
  PLAINLY_HERE,
  type PresenceRules,
  type Status,
  type WatcherAction,
  type WatcherRule,
  WHOLE_HOUSE,
  withRule,
} from "./presence-settings.ts";

/** Accounts whose settings are remembered. */
const MAX_REMEMBERED = 10_000;

interface Settings {
  readonly contacts: ContactList;
  readonly rules: PresenceRules;
  readonly status: OwnStatus;
}

export class PresenceStore {
  readonly #db: Database;
  readonly #known = new Map<string, Settings>();
  #generation = -1;

  constructor(db: Database) {
    this.#db = db;
  }

  contacts(account: string): ContactList {
    return this.#of(account).contacts;
  }

  rules(account: string): PresenceRules {
    return this.#of(account).rules;
  }

  /** As it holds at this time, in milliseconds since the Unix epoch. */
  status(account: string, wall: number): OwnStatus {
    const { status } = this.#of(account);
    return status.until === null || status.until > wall ? status : PLAINLY_HERE;
  }

  /** Those who wait, the first to come first. */
  asking(account: string): readonly Asking[] {
    return this.#db.all<Asking>(
      `SELECT watcher AS who, asked_at AS since FROM asking
        WHERE account = ? ORDER BY asked_at, watcher`,
      account,
    );
  }

  /** Statuses that end by themselves after this time, the next first. */
  ends(wall: number): readonly { readonly account: string; readonly until: number }[] {
    return this.#db.all(
      "SELECT account, ends_at AS until FROM own_status WHERE ends_at > ? ORDER BY ends_at",
      Math.floor(wall),
    );
  }

  // ---- changes: in the worker ------------------------------------------------------------------

  putContacts(account: string, { contacts, house }: ContactList): Outcome<void> {
    if (!this.#lives(account)) return refused("PERSON_UNKNOWN");
    const list = JSON.stringify(contacts);
    const put = "INSERT OR REPLACE INTO contact_list (account, house, contacts) VALUES (?, ?, ?)";
    this.#db.run(put, account, house ? 1 : 0, list);
    return done(undefined);
  }

  /** Whoever waits and is decided on by these waits no more. */
  putRules(account: string, { house, others, watchers }: PresenceRules): Outcome<void> {
    if (!this.#lives(account)) return refused("PERSON_UNKNOWN");
    this.#db.run(
      `INSERT OR REPLACE INTO presence_rules (account, house, others, watchers)
         VALUES (?, ?, ?, ?)`,
      account,
      house,
      others,
      JSON.stringify(watchers),
    );
    for (const { who, action } of watchers) {
      if (action !== "confirm") this.#waitsNoMore(account, who);
    }
    return done(undefined);
  }

  putStatus(account: string, { status, note, until }: OwnStatus): Outcome<void> {
    if (!this.#lives(account)) return refused("PERSON_UNKNOWN");
    this.#db.run(
      "INSERT OR REPLACE INTO own_status (account, status, note, ends_at) VALUES (?, ?, ?, ?)",
      account,
      status,
      note,
      until === null ? null : Math.round(until),
    );
    return done(undefined);
  }

  /** Somebody wants to see this person. Of too many the oldest gives way. */
  asked(account: string, watcher: string, at: number): void {
    if (!this.#lives(account)) return;
    this.#db.run("INSERT OR IGNORE INTO asking VALUES (?, ?, ?)", account, watcher, Math.floor(at));
    this.#db.run(
      `DELETE FROM asking WHERE account = ? AND watcher IN
         (SELECT watcher FROM asking WHERE account = ?
           ORDER BY asked_at DESC, watcher LIMIT -1 OFFSET ?)`,
      account,
      account,
      PRESENCE_LIMITS.asking,
    );
  }

  /** A rule for one watcher, who waits no more. */
  decide(account: string, rule: WatcherRule): Outcome<PresenceRules> {
    // From the disk: another change may be in the same batch.
    const rules = withRule(readRules(this.#db, account), rule);
    if (rules.watchers.length > PRESENCE_LIMITS.rules) return refused("TOO_MANY_RULES");
    const put = this.putRules(account, rules);
    return put.ok ? done(rules) : put;
  }

  #waitsNoMore(account: string, who: string): void {
    if (who.startsWith("*")) {
      const like = `%${escapeLike(who.slice(1))}`;
      const sql = "DELETE FROM asking WHERE account = ? AND watcher LIKE ? ESCAPE '\\'";
      this.#db.run(sql, account, like);
    } else {
      this.#db.run("DELETE FROM asking WHERE account = ? AND watcher = ?", account, who);
    }
  }

  #lives(account: string): boolean {
    return this.#db.one("SELECT 1 FROM account WHERE name = ?", account) !== undefined;
  }

  #of(account: string): Settings {
    const generation = this.#db.generation();
    if (generation !== this.#generation || this.#known.size >= MAX_REMEMBERED) {
      this.#known.clear();
      this.#generation = generation;
    }
    const known = this.#known.get(account);
    if (known !== undefined) return known;
    const settings = {
      contacts: readContacts(this.#db, account),
      rules: readRules(this.#db, account),
      status: readStatus(this.#db, account),
    };
    this.#known.set(account, settings);
    return settings;
  }
}

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, (one) => `\\${one}`);

function readContacts(db: Database, account: string): ContactList {
  const row = db.one<{ house: number; contacts: string }>(
    "SELECT house, contacts FROM contact_list WHERE account = ?",
    account,
  );
  if (row === undefined) return WHOLE_HOUSE;
  return { contacts: JSON.parse(row.contacts) as readonly Contact[], house: row.house === 1 };
}

function readRules(db: Database, account: string): PresenceRules {
  const row = db.one<{ house: WatcherAction; others: WatcherAction; watchers: string }>(
    "SELECT house, others, watchers FROM presence_rules WHERE account = ?",
    account,
  );
  if (row === undefined) return OPEN_HOUSE;
  return { ...row, watchers: JSON.parse(row.watchers) as readonly WatcherRule[] };
}

function readStatus(db: Database, account: string): OwnStatus {
  const row = db.one<{ status: Status; note: string; until: number | null }>(
    "SELECT status, note, ends_at AS until FROM own_status WHERE account = ?",
    account,
  );
  return row ?? PLAINLY_HERE;
}
