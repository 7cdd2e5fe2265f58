/**
 * `carillon user add` and `carillon user list`. They work beside a running server, which sees
 * what they wrote within a second.
 */
import { orCannotStart } from "./cannot-start.ts";
import type { Clock } from "./clock.ts";
import type { Settings } from "./settings.ts";
import { readName } from "./store/name.ts";
import { openStore, type Store } from "./store/store.ts";

export interface World {
  readonly clock: Clock;
  readonly hostname: string;
}

/** Adds a phone, and the person if need be; what to print. Throws CannotStart in words. */
export function addUser(
  wanted: { readonly settings: Settings; readonly person: string; readonly deskPhone: boolean },
  world: World,
): string {
  return withStore(wanted.settings, world, ({ accounts, house }) => {
    const name = orCannotStart(readName(wanted.person));
    const { person, isNewPerson, password } = orCannotStart(
      accounts.addPhone({
        name,
        deskPhone: wanted.deskPhone,
        realm: house.realm,
        now: world.clock.wall(),
      }),
    );
    const phone = wanted.deskPhone ? "desk phone" : "phone";
    const done = isNewPerson
      ? `Added ${person.displayName}, with a ${phone}.`
      : `${person.displayName} was here already and has one more ${phone} now.`;
    return `${done}

  Address    sip:${person.name}@${house.domain}
  Server     port ${wanted.settings.sipPort} over UDP on this machine
  Realm      ${house.realm}
  User name  ${person.name}
  Password   ${password}

The password is shown only now: write it into the phone. A running server knows it already.
`;
  });
}

export function listUsers(settings: Settings, world: World): string {
  return withStore(settings, world, ({ accounts }) => {
    const people = accounts.people();
    if (people.length === 0) {
      return "Nobody lives here yet. Start the server and open the link it prints: npm start\n";
    }
    const width = Math.max(...people.map((person) => person.name.length));
    const lines = people.map(({ name, displayName, owner }) => {
      const phones = accounts.devices(name).length;
      const notes = [
        ...(owner ? ["owner"] : []),
        ...(phones > 0 ? [phones === 1 ? "1 phone" : `${phones} phones`] : []),
      ];
      return `${name.padEnd(width)}  ${[displayName, ...notes].join(", ")}\n`;
    });
    return lines.join("");
  });
}

function withStore(settings: Settings, { clock, hostname }: World, use: (store: Store) => string) {
  const store = orCannotStart(openStore({ ...settings, hostname }, clock));
  try {
    return use(store);
  } finally {
    store.close();
  }
}
