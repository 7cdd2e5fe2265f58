/** What to call somebody by their address, as the house knows them now. */
import { useMemo } from "react";
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { type NameOf, namesOf } from "./names.ts";

export function useNames(): NameOf {
  const { people } = useSession();
  const { list } = useStore(people.people);
  return useMemo(() => namesOf(list ?? []), [list]);
}
