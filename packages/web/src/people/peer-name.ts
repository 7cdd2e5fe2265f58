/** What to call the other side: the house's own list knows best, then what the call says. */
import type { Person } from "../api.ts";
import { plainName } from "../look/plain-name.ts";
import type { Peer } from "../phone/desk.ts";

interface Caller {
  readonly uri: string;
  readonly displayName: string;
}

export function peerOf(caller: Caller, people: readonly Person[]): Peer {
  const known = people.find((person) => isSameAddress(person.aor, caller.uri));
  const said = plainName(known?.displayName ?? caller.displayName);
  return { name: said || plainName(userOf(caller.uri), "Somebody"), uri: known?.aor ?? caller.uri };
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
