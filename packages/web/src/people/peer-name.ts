/** What to call the other side: the house's own list knows best, then what the call says. */
import type { Person } from "../api.ts";
import { plainName } from "../look/plain-name.ts";
import type { Peer } from "../phone/desk.ts";

interface Caller {
  readonly uri: string;
  readonly displayName: string;
}

export function peerOf(caller: Caller, people: readonly Person[]): Peer {
  const known = personAt(people, caller.uri);
  const said = plainName(known?.displayName ?? caller.displayName);
  return { name: said || plainName(userOf(caller.uri), "Somebody"), uri: known?.aor ?? caller.uri };
}

/** By the list they are of: it is looked through once, however many ask. */
const indexes = new WeakMap<readonly Person[], ReadonlyMap<string, Person>>();

/** Who of them has this address; asked for each line of a list of thousands. */
export function personAt(people: readonly Person[], uri: string): Person | undefined {
  let index = indexes.get(people);
  if (index === undefined) {
    // Of two the first one counts: what is set last stays.
    index = new Map(people.toReversed().map((person) => [bare(person.aor), person]));
    indexes.set(people, index);
  }
  return index.get(bare(uri));
}

/** Good enough to find a name by: without parameters, and hosts in any case. */
export function isSameAddress(a: string, b: string): boolean {
  return bare(a) === bare(b);
}

function bare(uri: string): string {
  const [address = ""] = uri.split(/[;?]/, 1);
  const at = address.lastIndexOf("@");
  return address.slice(0, at) + address.slice(at).toLowerCase();
}

export function userOf(uri: string): string {
  return /^sips?:([^@;?]+)@/i.exec(uri)?.[1] ?? uri;
}
