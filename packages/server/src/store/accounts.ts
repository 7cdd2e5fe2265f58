/**
 * Who lives here: people, and the phones that act for them. The registrar and the proxy ask it
 * about every request, so it answers from memory and rereads the tables when they have changed.
 */
import type { Accounts, Device } from "carillon/roles";
import { done, type Outcome, refused } from "../refusal.ts";
import { type Credentials, credentialsFor, newPassword } from "./credentials.ts";
import type { Database } from "./database.ts";
import type { Name } from "./name.ts";
import { newSecret } from "./secret.ts";
import type { Sessions } from "./sessions.ts";

/** How many people a house takes: what one process, one screen and one people list hold well. */
export const HOUSE_CAPACITY = 200;

export interface Person extends Name {
  readonly owner: boolean;
}

export interface NewPhone {
  readonly person: Person;
  /** Whether the account was made by this call, rather than being there already. */
  readonly isNewPerson: boolean;
  /** Shown once and stored nowhere. */
  readonly password: string;
}

export class HouseAccounts implements Accounts {
  readonly #db: Database;
  readonly #sessions: Sessions;
  #generation = -1;
  #people: ReadonlyMap<string, Person> = new Map();
  #devices: ReadonlyMap<string, readonly Device[]> = new Map();
  #hasDeskPhones = false;

  constructor(db: Database, sessions: Sessions) {
    this.#db = db;
    this.#sessions = sessions;
  }

  has(user: string): boolean {
    return this.#fresh().#people.has(user);
  }

  /** A phone may ring up the moment `user add` has printed its password: a miss looks again. */
  devices(username: string): readonly Device[] {
    const known = this.#fresh().#devices.get(username);
    return known ?? this.#fresh("Now").#devices.get(username) ?? [];
  }

  session(id: string): boolean {
    return this.#sessions.account(id) !== undefined;
  }

  /** MD5 is offered only while somebody has a phone that needs it. */
  get hasDeskPhones(): boolean {
    return this.#fresh().#hasDeskPhones || this.#fresh("Now").#hasDeskPhones;
  }

  person(name: string): Person | undefined {
    return this.#fresh().#people.get(name);
  }

  /** Everybody, in the order of their names. */
  people(): readonly Person[] {
    return [...this.#fresh().#people.values()];
  }

  hasOwner(): boolean {
    return this.people().some((person) => person.owner);
  }

  /** Adds a person; to be called inside a transaction of the caller. */
  add(wanted: Name, now: number, options: { readonly mayOwn: boolean }): Outcome<Person> {
    if (this.has(wanted.name)) return refused("NAME_TAKEN");
    if (this.#people.size >= HOUSE_CAPACITY) {
      return refused("HOUSE_FULL", { message: `This house is full: ${HOUSE_CAPACITY} people.` });
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
  addPhone(
    wanted: Name,
    options: { readonly deskPhone: boolean; readonly realm: string; readonly now: number },
  ): Outcome<NewPhone> {
    return this.#db.transaction(() => {
      const known = this.person(wanted.name);
      const person =
        known === undefined ? this.add(wanted, options.now, { mayOwn: false }) : done(known);
      if (!person.ok) return person;
      const password = newPassword();
      this.#insertDevice(credentialsFor(wanted.name, password, options), options);
      return done({ person: person.value, isNewPerson: known === undefined, password });
    });
  }

  #insertDevice(
    credentials: Credentials,
    options: { readonly deskPhone: boolean; readonly now: number },
  ): void {
    this.#db.run(
      `INSERT INTO device
         (id, account, desk_phone, ha1_md5, ha1_sha256, ha1_sha512_256, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      newSecret(60),
      credentials.username,
      options.deskPhone ? 1 : 0,
      credentials.ha1.MD5 ?? null,
      credentials.ha1["SHA-256"],
      credentials.ha1["SHA-512-256"],
      Math.floor(options.now),
    );
  }

  #fresh(look?: "Now"): this {
    const generation = this.#db.generation(look);
    if (generation === this.#generation) return this;
    this.#people = readPeople(this.#db);
    const devices = readDevices(this.#db);
    this.#devices = Map.groupBy(devices, (device) => device.account);
    this.#hasDeskPhones = devices.some((device) => device.deskPhone);
    this.#generation = generation;
    return this;
  }
}

function readPeople(db: Database): ReadonlyMap<string, Person> {
  const rows = db.all<{ name: string; display_name: string; owner: number }>(
    "SELECT name, display_name, owner FROM account ORDER BY name",
  );
  return new Map(
    rows.map(({ name, display_name, owner }) => [
      name,
      { name, displayName: display_name, owner: owner === 1 },
    ]),
  );
}

interface DeviceRow {
  readonly id: string;
  readonly account: string;
  readonly desk_phone: number;
  readonly ha1_md5: string | null;
  readonly ha1_sha256: string;
  readonly ha1_sha512_256: string;
}

function readDevices(db: Database): readonly Device[] {
  return db.all<DeviceRow>("SELECT * FROM device ORDER BY created_at, id").map(readDevice);
}

function readDevice(row: DeviceRow): Device {
  const sha = { "SHA-256": row.ha1_sha256, "SHA-512-256": row.ha1_sha512_256 };
  return {
    id: row.id,
    account: row.account,
    deskPhone: row.desk_phone === 1,
    ha1: row.ha1_md5 === null ? sha : { ...sha, MD5: row.ha1_md5 },
  };
}
