/**
 * Who lives here: people, and the phones that act for them. The registrar and the proxy ask it
 * about every request, so it answers from memory, which it fills as it is asked and empties when
 * the tables have changed.
 */
import type { Accounts, Device } from "carillon/roles";
import { done, type Outcome, refused } from "../refusal.ts";
import { type Credentials, credentialsFor, newPassword } from "./credentials.ts";
import type { Database } from "./database.ts";
import { houseLimits } from "./house-limits.ts";
import { isGroup } from "./messages/groups.ts";
import { keptName, type Name, readLabel } from "./name.ts";
import { newSecret } from "./secret.ts";
import type { Sessions } from "./sessions.ts";

/** Names remembered at a time, strangers' guesses among them. */
const MAX_NAMES = 50_000;

export interface Person extends Name {
  readonly owner: boolean;
}

/** A phone with a password of its own, as its person sees it. */
export interface Phone extends Device {
  /** What its person calls it; may be empty. */
  readonly label: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
}

export interface NewPhoneWish {
  readonly name: Name;
  readonly label?: string;
  readonly deskPhone: boolean;
  readonly realm: string;
  readonly now: number;
}

export interface NewPhone {
  readonly person: Person;
  /** Whether the account was made by this call, rather than being there already. */
  readonly isNewPerson: boolean;
  readonly phone: Phone;
  /** Shown once and stored nowhere. */
  readonly password: string;
}

export interface PhoneGone {
  readonly phone: Phone;
  /** How many this person has left. */
  readonly left: number;
}

export class HouseAccounts implements Accounts {
  readonly #db: Database;
  readonly #sessions: Sessions;
  #generation = -1;
  readonly #persons = new Map<string, Person | undefined>();
  readonly #phones = new Map<string, readonly Phone[]>();
  #people: readonly Person[] | undefined;
  #hasDeskPhones: boolean | undefined;

  constructor(db: Database, sessions: Sessions) {
    this.#db = db;
    this.#sessions = sessions;
  }

  has(user: string): boolean {
    return this.person(user) !== undefined;
  }

  /** A phone may ring up the moment `user add` has printed its password: a miss looks again. */
  devices(username: string): readonly Phone[] {
    const known = this.#fresh().#phonesOf(username);
    return known.length > 0 ? known : this.#fresh("Now").#phonesOf(username);
  }

  session(id: string): boolean {
    return this.#sessions.account(id) !== undefined;
  }

  /** MD5 is offered only while somebody has a phone that needs it. */
  get hasDeskPhones(): boolean {
    return this.#fresh().#anyDeskPhone() || this.#fresh("Now").#anyDeskPhone();
  }

  person(name: string): Person | undefined {
    this.#fresh();
    return remembered(this.#persons, name, () => readPerson(this.#db, name));
  }

  /** Everybody, in the order of their names. */
  people(): readonly Person[] {
    this.#fresh();
    this.#people ??= this.#db.all<PersonRow>(`${PERSON} ORDER BY name`).map(personOf);
    return this.#people;
  }

  hasOwner(): boolean {
    return this.#db.one("SELECT 1 FROM account WHERE owner = 1 LIMIT 1") !== undefined;
  }

  /** Adds a person; to be called inside a transaction of the caller. */
  add(wanted: Name, now: number, options: { readonly mayOwn: boolean }): Outcome<Person> {
    if (this.has(wanted.name)) return refused("NAME_TAKEN");
    const kept = keptName(wanted.name);
    if (kept !== undefined) return { ok: false, refusal: kept };
    if (isGroup(this.#db, wanted.name)) {
      return refused("NAME_TAKEN", { message: "A group here already has this name." });
    }
    const count = this.#db.one<{ people: number }>("SELECT count(*) AS people FROM account");
    const limit = houseLimits(this.#db).people;
    if (count === undefined || count.people >= limit) {
      return refused("HOUSE_FULL", { message: `This house is full: ${limit} people.` });
    }
    const person: Person = { ...wanted, owner: options.mayOwn && !this.hasOwner() };
    this.#db.run(
      "INSERT INTO account (name, display_name, owner, created_at) VALUES (?, ?, ?, ?)",
      person.name,
      person.displayName,
      person.owner ? 1 : 0,
      Math.floor(now),
    );
    return done(person);
  }

  /** Adds a phone with a password of its own to this person, who is made if not there yet. */
  addPhone(wanted: NewPhoneWish): Outcome<NewPhone> {
    return this.#db.transaction(() => {
      const { name } = wanted.name;
      const label = readLabel(wanted.label ?? "");
      if (!label.ok) return label;
      const known = this.person(name);
      const person =
        known === undefined ? this.add(wanted.name, wanted.now, { mayOwn: false }) : done(known);
      if (!person.ok) return person;
      const { phonesEach } = houseLimits(this.#db);
      if (this.devices(name).length >= phonesEach) return refused("TOO_MANY_PHONES");
      const password = newPassword();
      const id = this.#insertPhone(credentialsFor(name, password, wanted), label.value, wanted);
      const phone = this.devices(name).find((one) => one.id === id);
      if (phone === undefined) throw new Error("the phone is not there");
      return done({ person: person.value, isNewPerson: known === undefined, phone, password });
    });
  }

  /** Takes a phone's password away: whatever it registered ends, and so does its access. */
  revokePhone(account: string, id: string): Outcome<PhoneGone> {
    return this.#db.transaction(() => {
      const phone = this.devices(account).find((one) => one.id === id);
      if (phone === undefined) return refused("PHONE_UNKNOWN");
      this.#db.run("DELETE FROM device WHERE id = ?", id);
      this.#db.run("DELETE FROM binding WHERE account = ? AND credential = ?", account, id);
      return done({ phone, left: this.devices(account).length });
    });
  }

  /** Takes a person out, with their phones, sessions and invites. */
  remove(name: string): Outcome<Person> {
    return this.#db.transaction(() => {
      const person = this.person(name);
      if (person === undefined) return refused("PERSON_UNKNOWN");
      this.#db.run("DELETE FROM account WHERE name = ?", name);
      this.#db.run("DELETE FROM binding WHERE account = ?", name);
      return done(person);
    });
  }

  #insertPhone(
    { username, ha1 }: Credentials,
    label: string,
    { deskPhone, now }: NewPhoneWish,
  ): string {
    const id = newSecret(60);
    this.#db.run(
      `INSERT INTO device
         (id, account, label, desk_phone, ha1_md5, ha1_sha256, ha1_sha512_256, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      username,
      label,
      deskPhone ? 1 : 0,
      ha1.MD5 ?? null,
      ha1["SHA-256"],
      ha1["SHA-512-256"],
      Math.floor(now),
    );
    return id;
  }

  #phonesOf(username: string): readonly Phone[] {
    return remembered(this.#phones, username, () => readPhones(this.#db, username));
  }

  #anyDeskPhone(): boolean {
    this.#hasDeskPhones ??=
      this.#db.one("SELECT 1 FROM device WHERE desk_phone = 1 LIMIT 1") !== undefined;
    return this.#hasDeskPhones;
  }

  #fresh(look?: "Now"): this {
    const generation = this.#db.generation(look);
    if (generation === this.#generation) return this;
    this.#persons.clear();
    this.#phones.clear();
    this.#people = undefined;
    this.#hasDeskPhones = undefined;
    this.#generation = generation;
    return this;
  }
}

/** The value of this name, read if need be. A full table is emptied: reading is quick. */
function remembered<T>(known: Map<string, T>, name: string, read: () => T): T {
  const value = known.get(name);
  if (value !== undefined || known.has(name)) return value as T;
  if (known.size >= MAX_NAMES) known.clear();
  const fresh = read();
  known.set(name, fresh);
  return fresh;
}

interface PersonRow {
  readonly name: string;
  readonly display_name: string;
  readonly owner: number;
}

const PERSON = "SELECT name, display_name, owner FROM account";

const personOf = ({ name, display_name, owner }: PersonRow): Person => ({
  name,
  displayName: display_name,
  owner: owner === 1,
});

function readPerson(db: Database, name: string): Person | undefined {
  const row = db.one<PersonRow>(`${PERSON} WHERE name = ?`, name);
  return row === undefined ? undefined : personOf(row);
}

interface PhoneRow {
  readonly id: string;
  readonly account: string;
  readonly label: string;
  readonly desk_phone: number;
  readonly ha1_md5: string | null;
  readonly ha1_sha256: string;
  readonly ha1_sha512_256: string;
  readonly created_at: number;
}

function readPhones(db: Database, account: string): readonly Phone[] {
  const select = "SELECT * FROM device WHERE account = ? ORDER BY created_at, id";
  return db.all<PhoneRow>(select, account).map(phoneOf);
}

function phoneOf(row: PhoneRow): Phone {
  const sha = { "SHA-256": row.ha1_sha256, "SHA-512-256": row.ha1_sha512_256 };
  return {
    id: row.id,
    account: row.account,
    label: row.label,
    deskPhone: row.desk_phone === 1,
    ha1: row.ha1_md5 === null ? sha : { ...sha, MD5: row.ha1_md5 },
    createdAt: row.created_at,
  };
}
