/** Who asks to see one and waits for an answer, as the house tells it. RFC 3857. */
import type { Phone } from "carillon";
import type { WatcherState } from "carillon/documents";
import { subscribe, watcherInfo } from "carillon/events";
import { follow } from "../phone/call-book.ts";
import { addressKey } from "./presence-store.ts";

/** Until it is told to stop. */
export function watchAskers(phone: Phone, told: (count: number) => void): () => void {
  const closing = new AbortController();
  const watched = subscribe(phone, watcherInfo, phone.aor, closing);
  void follow(watched.values(), (watchers) => told(askersOf(watchers)));
  return () => closing.abort();
}

/** How many people they are, whatever they ask with. */
export const askersOf = (watchers: readonly Pick<WatcherState, "uri" | "status">[]): number =>
  new Set(
    watchers
      .filter(({ status }) => status === "pending" || status === "waiting")
      .map(({ uri }) => addressKey(uri)),
  ).size;
