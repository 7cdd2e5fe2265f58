/** Everything that lives while somebody sits at a seat: the phone, the people, the bells. */
import { createContext, useContext, useEffect, useState } from "react";
import { type ApiError, type Me, mintToken } from "../api.ts";
import { peerOf } from "../people/peer-name.ts";
import { openPeople, type PeopleStore } from "../people/people-store.ts";
import { type BellPlayer, createBellPlayer } from "../sound/bell-player.ts";
import { cuesOf } from "../sound/desk-cues.ts";
import { watchForGone } from "./gone.ts";
import { openPhone, type PhoneStore } from "./phone-store.ts";

export interface SeatSession {
  readonly seat: string;
  readonly me: Me;
  readonly phone: PhoneStore;
  readonly people: PeopleStore;
  readonly bells: BellPlayer;
  /** The page goes away, perhaps to be loaded anew. */
  leave(): void;
  close(): void;
}

export const SessionContext = createContext<SeatSession | undefined>(undefined);

export function useSession(): SeatSession {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error("useSession is for parts of the seat page only");
  return session;
}

/** Opens a session for as long as the page shows this seat. */
export function useSeatSession(
  seat: string,
  me: Me,
  onSignedOut: (error: ApiError) => void,
): SeatSession | undefined {
  const [session, setSession] = useState<SeatSession>();
  useEffect(() => {
    const opened = openSession(seat, me, onSignedOut);
    setSession(opened);
    // Going away signs off at once, unless a call goes on: nobody can tell a page that is closed
    // from one that is loaded anew. One brought back from the cache starts anew.
    const leaving = new AbortController();
    const { signal } = leaving;
    addEventListener("pagehide", () => opened.leave(), { signal });
    addEventListener("pageshow", (event) => event.persisted && location.reload(), { signal });
    return () => {
      leaving.abort();
      opened.close();
    };
  }, [seat, me, onSignedOut]);
  return session;
}

function openSession(seat: string, me: Me, onSignedOut: (error: ApiError) => void): SeatSession {
  const people = openPeople(seat, onSignedOut);
  const bells = createBellPlayer();
  const phone = openPhone({
    seat,
    aor: me.aor,
    displayName: me.displayName,
    server: socketAddress(me.sip),
    token: async () => (await mintToken(seat)).token,
    peerOf: (caller) => peerOf(caller, people.people.read().list ?? []),
  });
  let before = phone.desk.read();
  phone.desk.subscribe(() => {
    const after = phone.desk.read();
    const { loop, once } = cuesOf(before, after);
    before = after;
    bells.loop(loop);
    if (once !== undefined) bells.once(once);
  });
  const unwatch = watchForGone(phone, people.people);
  const close = (): void => {
    unwatch();
    closeAll(phone, people, bells);
  };
  return { seat, me, phone, people, bells, leave: () => phone.leave(), close };
}

function closeAll(...parts: readonly { close(): void }[]): void {
  for (const part of parts) part.close();
}

/** The server may name a whole address or only a path on this host. */
function socketAddress(sip: string): string {
  const address = new URL(sip, location.href);
  if (address.protocol === "http:") address.protocol = "ws:";
  if (address.protocol === "https:") address.protocol = "wss:";
  return address.href;
}
