/**
 * Everything that outlives the process, in one folder.
 */
import type { Clock } from "../clock.ts";
import { done, type Outcome } from "../refusal.ts";
import { HouseAccounts, type Person } from "./accounts.ts";
import { type Database, openDatabase } from "./database.ts";
import { type House, openHouse } from "./house.ts";
import { Invites } from "./invites.ts";
import { readName } from "./name.ts";
import { PresenceStore } from "./presence-store.ts";
import { Revocations } from "./revocations.ts";
import { Sessions } from "./sessions.ts";

export interface Store {
  readonly house: House;
  readonly accounts: HouseAccounts;
  readonly invites: Invites;
  readonly sessions: Sessions;
  readonly revocations: Revocations;
  readonly presence: PresenceStore;
  readonly db: Database;
  /** One person joins by invite: a name, an account and a session, or none of it. */
  join(wanted: { readonly invite: string; readonly name: string }): Outcome<Joined>;
  close(): void;
}

export interface Joined {
  readonly person: Person;
  /** The session's secret, for the cookie. */
  readonly secret: string;
}

export function openStore(
  options: {
    readonly data: string;
    readonly domain: string | undefined;
    readonly hostname: string;
  },
  clock: Clock,
): Outcome<Store> {
  const db = openDatabase(options.data, clock.steady);
  const house = openHouse(db, options);
  if (!house.ok) {
    db.close();
    return house;
  }
  return done({ ...storeOn(db, clock), house: house.value });
}

/** All but the house itself, on a database that is open: a second thread's, for instance. */
export function storeOn(db: Database, clock: Clock): Omit<Store, "house"> {
  const sessions = new Sessions(db, clock.wall);
  const parts: Parts = {
    db,
    sessions,
    accounts: new HouseAccounts(db, sessions),
    invites: new Invites(db, clock.wall),
  };
  return {
    ...parts,
    revocations: new Revocations(db),
    presence: new PresenceStore(db),
    join: (wanted) => join(parts, wanted, clock.wall()),
    close: () => db.close(),
  };
}

interface Parts {
  readonly db: Database;
  readonly accounts: HouseAccounts;
  readonly invites: Invites;
  readonly sessions: Sessions;
}

function join(
  { db, accounts, invites, sessions }: Parts,
  wanted: { readonly invite: string; readonly name: string },
  now: number,
): Outcome<Joined> {
  // The write lock comes first, so of two who want one name the second sees it taken, and an
  // invite loses a use only together with the account that came of it.
  return db.transaction(() => {
    // The invite before the name: a stranger must not learn who lives here.
    const invite = invites.check(wanted.invite);
    if (!invite.ok) return invite;
    const name = readName(wanted.name);
    if (!name.ok) return name;
    const person = accounts.add(name.value, now, { mayOwn: true });
    if (!person.ok) return person;
    invites.use(wanted.invite);
    return done({ person: person.value, secret: sessions.begin(person.value.name) });
  });
}
