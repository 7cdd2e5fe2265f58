/** How somebody is, by their address. */
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { isSameAddress } from "./peer-name.ts";
import { addressKey } from "./presence-store.ts";
import { type Standing, standingOf } from "./standing.ts";

export function useStanding(uri: string): Standing {
  const { people, presence } = useSession();
  const { list = [], current } = useStore(people.people);
  const told = useStore(presence.standings).get(addressKey(uri));
  const person = list.find(({ aor }) => isSameAddress(aor, uri));
  const isOpen = told?.tuples.some(({ basic }) => basic === "open") ?? false;
  // The house knows its own; of others there is what they tell.
  return standingOf({ online: person?.online ?? isOpen, stale: !current, presence: told });
}
