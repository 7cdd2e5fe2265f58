/** Everything that lives while somebody sits at a seat: the phone, the people, the bells. */
import { conversations } from "carillon/chat";
import { createContext, useContext, useEffect, useState } from "react";
import { type ApiError, type Me, mintToken } from "../api.ts";
import { type ChatStore, openChat } from "../chat/chat-store.ts";
import { lateSendFile } from "../chat/late-send-file.ts";
import { forgetConversations, localStore } from "../chat/local-store.ts";
import { type Notifications, openNotifications } from "../chat/notifications.ts";
import { tellNews } from "../chat/tell-news.ts";
import { isLookedAt } from "../chat/use-attention.ts";
import { plainName } from "../look/plain-name.ts";
import { home, type Place } from "../pages/place.ts";
import { peerOf } from "../people/peer-name.ts";
import { openPeople, type PeopleStore } from "../people/people-store.ts";
import { openPresence, type PresenceStore } from "../people/presence-store.ts";
import { publishIdle } from "../people/publish-idle.ts";
import { watchAskers } from "../people/watch-askers.ts";
import { watchAll } from "../people/watch-standings.ts";
import { type BellPlayer, createBellPlayer } from "../sound/bell-player.ts";
import { cuesOf } from "../sound/desk-cues.ts";
import { createStore, type Store } from "../store.ts";
import { type ClosedPageStore, openClosedPage } from "../wake/closed-page.ts";
import { followPressed } from "../wake/pressed.ts";
import { inCall, isCovering } from "./desk.ts";
import { watchForGone } from "./gone.ts";
import { openPhone, type PhoneStore } from "./phone-store.ts";

export interface SeatSession {
  readonly seat: string;
  readonly me: Me;
  readonly phone: PhoneStore;
  readonly people: PeopleStore;
  readonly bells: BellPlayer;
  readonly chat: ChatStore;
  readonly presence: PresenceStore;
  readonly notifications: Notifications;
  /** Whether this browser rings while the page is closed. */
  readonly closedPage: ClosedPageStore;
  /** Where in the house one is. */
  readonly place: Store<Place>;
  /** Nobody sits here any more: what was said leaves this browser once the session is closed. */
  forget(): void;
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
  const place = createStore(home);
  const notifications = openNotifications(localStorage);
  const chat = openChat({
    ...{ seat, drawer: localStorage, sendFile: lateSendFile(phone.line, boxOf(me)) },
    conversations: conversations(phone.line, { store: localStore(localStorage, seat) }),
    wrote: notifications.wanted,
  });
  const presence = openPresence({
    seat,
    watch: (told) => watchAll(phone.line, me.domain, people.people, told),
    watchAskers: (told) => watchAskers(phone.line, told),
    publish: () => publishIdle(phone.line, () => inCall(phone.desk.read())),
  });
  const untell = tellNews({
    ...{ chat, notifications, place, people: () => people.people.read().list ?? [] },
    strike: () => bells.once("message"),
    isSeen: () => isLookedAt() && !isCovering(phone.desk.read()),
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
  const closedPage = openClosedPage(seat, phone.line, localStorage);
  const unpress = followPressed({
    desk: phone.desk,
    // With the voice alone: whoever pressed does not see yet what their camera shows.
    answer: (callId) => phone.answer(callId, false),
    open: (uri, kind) => place.write(placeOf(uri, kind, people)),
  });
  let isForgotten = false;
  const forget = (): void => {
    isForgotten = true;
  };
  const close = (): void => {
    unwatch();
    unpress();
    untell();
    closeAll(presence, chat, notifications, phone, people, bells);
    if (isForgotten) forgetConversations(localStorage, seat);
  };
  const own = { ...me, displayName: plainName(me.displayName, me.name) };
  const parts = { phone, people, bells, chat, presence, notifications, place, closedPage };
  return { seat, me: own, ...parts, forget, leave: () => phone.leave(), close };
}

/** A message, or somebody to call back. */
function placeOf(uri: string, kind: "message" | "missed", { people }: PeopleStore): Place {
  const person = people.read().list?.find(({ aor }) => aor === uri);
  if (kind === "missed" && person) return { tab: "People", person: person.name };
  return { tab: "Chat", conversation: uri };
}

function closeAll(...parts: readonly { close(): void }[]): void {
  for (const part of parts) part.close();
}

/** Where files go: beside the page itself. */
const boxOf = ({ domain }: Me) => ({ domain, msrp: socketAddress("/msrp") });

/** The server may name a whole address or only a path on this host. */
function socketAddress(sip: string): string {
  const address = new URL(sip, location.href);
  if (address.protocol === "http:") address.protocol = "ws:";
  if (address.protocol === "https:") address.protocol = "wss:";
  return address.href;
}
