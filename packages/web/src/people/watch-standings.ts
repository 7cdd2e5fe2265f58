/**
 * Follows how people are: by one subscription to the list that the house keeps (RFC 4662), or where
 * it keeps none, by one for each.
 */
import type { Phone } from "carillon";
import type { Presence } from "carillon/documents";
import { type List, presence, presenceList, subscribe } from "carillon/events";
import { follow } from "../phone/call-book.ts";
import type { People } from "./people-store.ts";
import { addressKey, type Standings } from "./presence-store.ts";

interface Source<T> {
  read(): T;
  subscribe(listener: () => void): () => void;
}

/** More subscriptions of one page than these are no list of people any more. */
const MOST = 200;

/** Who is on one's own list: whoever asks is asked whose it is. */
const LIST = "contacts";

/** Follows all of them until it is told to stop. */
export function watchAll(
  phone: Phone,
  domain: string,
  people: Source<People>,
  told: (standings: Standings) => void,
): () => void {
  const closing = new AbortController();
  let stopEach = (): void => {};
  const list = subscribe(phone, presenceList, `sip:${LIST}@${domain}`, closing);
  void follow(list.values(), (value) => told(standingsOf(value))).then(() => {
    if (!closing.signal.aborted) stopEach = watchEach(phone, people, told);
  });
  return () => {
    closing.abort();
    stopEach();
  };
}

/** Of those who may be seen. */
export const standingsOf = (list: List<Presence>): Standings =>
  new Map(
    [...list.values()].flatMap(({ uri, value }) => (value ? [[addressKey(uri), value]] : [])),
  );

/** Follows each of them until it is told to stop. */
function watchEach(
  phone: Phone,
  people: Source<People>,
  told: (standings: Standings) => void,
): () => void {
  const known = new Map<string, Presence>();
  const watched = new Map<string, AbortController>();
  const look = (): void => {
    const others = (people.read().list ?? []).filter(({ you }) => !you).slice(0, MOST);
    for (const { aor } of others) {
      if (watched.has(aor)) continue;
      const closing = new AbortController();
      watched.set(aor, closing);
      const subscription = subscribe(phone, presence, aor, { signal: closing.signal });
      // Who may not be seen, or tells nothing, is shown as the house knows them.
      void follow(subscription.values(), (value) => {
        known.set(addressKey(aor), value);
        told(new Map(known));
      });
    }
    for (const [aor, closing] of watched) {
      if (others.some((one) => one.aor === aor)) continue;
      closing.abort();
      watched.delete(aor);
      if (known.delete(addressKey(aor))) told(new Map(known));
    }
  };
  const unlisten = people.subscribe(look);
  look();
  return () => {
    unlisten();
    for (const closing of watched.values()) closing.abort();
  };
}
