/**
 * `carillon user …`, carried out. It works beside a running server, which knows what was done
 * within a second.
 */
import { CannotStart, orCannotStart } from "./cannot-start.ts";
import type { Clock } from "./clock.ts";
import { refusal } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import type { NewPhone, Person, Phone } from "./store/accounts.ts";
import type { House } from "./store/house.ts";
import { readName } from "./store/name.ts";
import { openStore, type Store } from "./store/store.ts";
import type { UserCommand } from "./user-command.ts";

export interface World {
  readonly clock: Clock;
  readonly hostname: string;
}

/** What was done: for a person, and for a program. */
interface Done {
  readonly words: string;
  readonly json: unknown;
}

type Of<Kind extends UserCommand["kind"]> = Extract<UserCommand, { kind: Kind }>;

/** Does it; what to print. Throws CannotStart in words. */
export function carryOutForUser(command: UserCommand, settings: Settings, world: World): string {
  const { clock, hostname } = world;
  const store = orCannotStart(openStore({ ...settings, hostname }, clock));
  try {
    const { words, json } = doIt(command, store, settings, clock);
    return command.json ? `${JSON.stringify(json, undefined, 2)}\n` : words;
  } finally {
    store.close();
  }
}

function doIt(command: UserCommand, store: Store, settings: Settings, clock: Clock): Done {
  switch (command.kind) {
    case "Add":
    case "AddDevice":
      return addPhone(command, store, settings, clock);
    case "List":
      return listPeople(store);
    case "Remove":
      return removePerson(command, store);
    case "ListDevices":
      return listPhones(command, store);
    case "RevokeDevice":
      return revokePhone(command, store);
  }
}

function addPhone(
  { kind, person: typed, deskPhone, label }: Of<"Add" | "AddDevice">,
  { accounts, house }: Store,
  { sipPort, tlsPort }: Settings,
  clock: Clock,
): Done {
  const secure = tlsPort === undefined ? "" : `, ${tlsPort} over TLS,`;
  const name = orCannotStart(readName(typed));
  if (kind === "AddDevice") personCalled(typed, { accounts });
  const wanted = { name, label, deskPhone, realm: house.realm, now: clock.wall() };
  const added = orCannotStart(accounts.addPhone(wanted));
  const { person, phone, password } = added;
  const account = { user: person.name, password, realm: house.realm };
  return {
    words: `${greeting(added)}

  Address    sip:${person.name}@${house.domain}
  Server     port ${sipPort} over UDP or TCP${secure} on this machine
  Realm      ${house.realm}
  User name  ${person.name}
  Password   ${password}

The password is shown only now: write it into the phone. A running server knows it already.
`,
    json: {
      person: personJson(person, house),
      isNewPerson: added.isNewPerson,
      device: phoneJson(phone),
      server: { port: sipPort, transport: "udp" },
      ...account,
    },
  };
}

function greeting({ person, isNewPerson, phone }: NewPhone): string {
  const what = phone.deskPhone ? "desk phone" : "phone";
  const called = phone.label === "" ? what : `${what}, ${phone.label}`;
  return isNewPerson
    ? `Added ${person.displayName}, with a ${called}.`
    : `${person.displayName} was here already and has one more ${called} now.`;
}

function listPeople({ accounts, house }: Store): Done {
  const people = accounts.people();
  const json = people.map((person) => ({
    ...personJson(person, house),
    devices: accounts.devices(person.name).map(phoneJson),
  }));
  if (people.length === 0) {
    const words =
      "Nobody lives here yet. Start the server and open the link it prints: npm start\n";
    return { words, json };
  }
  const width = Math.max(...people.map(({ name }) => name.length));
  const lines = people.map(({ name, displayName, owner }) => {
    const phones = accounts.devices(name).length;
    const notes = [...(owner ? ["owner"] : []), ...(phones > 0 ? [count(phones)] : [])];
    return `${name.padEnd(width)}  ${[displayName, ...notes].join(", ")}\n`;
  });
  return { words: lines.join(""), json };
}

function removePerson({ person: typed }: Of<"Remove">, { accounts, house }: Store): Done {
  const { name } = personCalled(typed, { accounts });
  const removed = orCannotStart(accounts.remove(name));
  return {
    words: `${removed.displayName} lives here no more: every phone and page is signed out.\n`,
    json: { removed: personJson(removed, house) },
  };
}

function listPhones({ person: typed }: Of<"ListDevices">, { accounts }: Store): Done {
  const { name, displayName } = personCalled(typed, { accounts });
  const phones = accounts.devices(name);
  const json = phones.map(phoneJson);
  if (phones.length === 0) {
    const words = `${displayName} has no phone yet. Add one: carillon user device add ${name}\n`;
    return { words, json };
  }
  const width = Math.max(...phones.map(({ label }) => label.length));
  const lines = phones.map(({ id, label, deskPhone, createdAt }) => {
    const since = new Date(createdAt).toISOString().slice(0, 10);
    return `${id}  ${label.padEnd(width)}  ${deskPhone ? "desk phone" : "phone"} since ${since}\n`;
  });
  return { words: lines.join(""), json };
}

function revokePhone({ person: typed, device }: Of<"RevokeDevice">, { accounts }: Store): Done {
  const { name, displayName } = personCalled(typed, { accounts });
  const phone = phoneCalled(device, accounts.devices(name));
  const { left } = orCannotStart(accounts.revokePhone(name, phone.id));
  const what = phone.label === "" ? `Phone ${phone.id}` : phone.label;
  return {
    words:
      `${what} is revoked: its password means nothing any more. ` +
      `${displayName} has ${count(left)} left.\n`,
    json: { revoked: phoneJson(phone), left },
  };
}

/** By id, or by a name that only one of them has. */
function phoneCalled(wanted: string, phones: readonly Phone[]): Phone {
  const byId = phones.find(({ id }) => id === wanted);
  const byLabel = phones.filter(({ label }) => label !== "" && label === wanted);
  const phone = byId ?? (byLabel.length === 1 ? byLabel[0] : undefined);
  if (phone !== undefined) return phone;
  const code = byLabel.length > 1 ? "PHONE_AMBIGUOUS" : "PHONE_UNKNOWN";
  throw new CannotStart(refusal(code));
}

function personCalled(typed: string, { accounts }: Pick<Store, "accounts">): Person {
  const read = readName(typed);
  const person = read.ok ? accounts.person(read.value.name) : undefined;
  if (person === undefined) throw new CannotStart(refusal("PERSON_UNKNOWN"));
  return person;
}

const personJson = ({ name, displayName, owner }: Person, { domain }: House) => ({
  name,
  displayName,
  owner,
  address: `sip:${name}@${domain}`,
});

const phoneJson = ({ id, label, deskPhone, createdAt }: Phone) => ({
  id,
  label,
  deskPhone,
  createdAt: new Date(createdAt).toISOString(),
});

function count(phones: number): string {
  if (phones === 0) return "no phone";
  return phones === 1 ? "1 phone" : `${phones} phones`;
}
