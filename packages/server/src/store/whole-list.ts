/** A person's contact list as it is shown and subscribed to: with everybody of the house in it. */
import type { Contact } from "./presence-settings.ts";
import type { Store } from "./store.ts";

export interface ListedContact extends Contact {
  /** What one calls them, else what the house does; empty for a stranger. */
  readonly displayName: string;
  readonly isOfHouse: boolean;
}

/** Those of the list in its order, then the rest of the house if it is in it; never oneself. */
export function wholeList(
  { presence, accounts, house: { domain } }: Pick<Store, "presence" | "accounts" | "house">,
  account: string,
): readonly ListedContact[] {
  const { contacts, house } = presence.contacts(account);
  const people = new Map(
    accounts.people().map(({ name, displayName }) => [`sip:${name}@${domain}`, displayName]),
  );
  const listed = contacts.map((one) => ({
    ...one,
    displayName: one.name || (people.get(one.uri) ?? ""),
    isOfHouse: people.has(one.uri),
  }));
  if (!house) return listed;
  const own = new Set([...contacts.map(({ uri }) => uri), `sip:${account}@${domain}`]);
  const rest = [...people].filter(([uri]) => !own.has(uri));
  const others = rest.map(([uri, displayName]) => ({
    ...{ uri, name: "", favourite: false, displayName, isOfHouse: true },
  }));
  return [...listed, ...others];
}
