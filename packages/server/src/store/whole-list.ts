/** A person's contact list as it is shown and subscribed to: with everybody of the house in it. */
import type { Person } from "./accounts.ts";
import type { Contact } from "./presence-settings.ts";
import type { Store } from "./store.ts";

export interface ListedContact extends Contact {
  /** What one calls them, else what the house does; empty for a stranger. */
  readonly displayName: string;
  readonly isOfHouse: boolean;
}

/**
 * Those of the list in its order, then the rest of the house if it is in it; never oneself. `most`
 * is how many of the house there are at most.
 */
export function wholeList(
  { presence, accounts, house: { domain } }: Pick<Store, "presence" | "accounts" | "house">,
  account: string,
  most = Number.POSITIVE_INFINITY,
): readonly ListedContact[] {
  const { contacts, house } = presence.contacts(account);
  const people = addressesOf(accounts.people(), domain);
  const listed = contacts.map((one) => ({
    ...one,
    displayName: one.name || (people.get(one.uri) ?? ""),
    isOfHouse: people.has(one.uri),
  }));
  if (!house) return listed;
  const own = new Set([...contacts.map(({ uri }) => uri), `sip:${account}@${domain}`]);
  const others: ListedContact[] = [];
  for (const [uri, displayName] of people) {
    if (others.length >= most) break;
    if (own.has(uri)) continue;
    others.push({ uri, name: "", favourite: false, displayName, isOfHouse: true });
  }
  return [...listed, ...others];
}

/** Made once for each list of people there is: thousands may ask for theirs in one turn. */
const known = new WeakMap<readonly Person[], ReadonlyMap<string, string>>();

function addressesOf(people: readonly Person[], domain: string): ReadonlyMap<string, string> {
  const made = known.get(people);
  if (made) return made;
  const addresses = new Map(
    people.map(({ name, displayName }) => [`sip:${name}@${domain}`, displayName]),
  );
  known.set(people, addresses);
  return addresses;
}
