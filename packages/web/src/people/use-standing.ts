/** How somebody is, by their address. */
import { useSession } from "../phone/seat-session.ts";
import { useStorePart } from "../store.ts";
import { personAt } from "./peer-name.ts";
import { addressKey } from "./presence-store.ts";
import { type Standing, standingOf } from "./standing.ts";

export function useStanding(uri: string): Standing {
  const { people, presence } = useSession();
  // One of a thousand changes: the other lines stay as they are.
  const told = useStorePart(presence.standings, (standings) => standings.get(addressKey(uri)));
  const online = useStorePart(people.people, ({ list = [] }) => personAt(list, uri)?.online);
  const stale = useStorePart(people.people, ({ current }) => !current);
  const isOpen = told?.tuples.some(({ basic }) => basic === "open") ?? false;
  // The house knows its own; of others there is what they tell.
  return standingOf({ online: online ?? isOpen, stale, presence: told });
}
