/** How everybody is in the contact list that the server keeps, by one subscription. RFC 4662. */
import type { Presence } from "carillon/documents";
import { type List, presenceList, type Subscription, subscribe } from "carillon/events";
import { SipError } from "carillon/ua";
import { parseSipUri } from "carillon/uri";
import type { Happening } from "./happening.ts";
import { OrderRefused } from "./refusal-of-order.ts";
import { gone, Once, toldPresence } from "./told-presence.ts";

export interface WatchedListOptions {
  readonly phone: object;
  readonly aor: string;
  readonly tell: (what: Happening) => void;
}

export class WatchedList {
  readonly #options: WatchedListOptions;
  #watched: Subscription<List<Presence>> | undefined;

  constructor(options: WatchedListOptions) {
    this.#options = options;
  }

  /** Rejects with a SipError, or an OrderRefused where the server keeps none. */
  async watch(): Promise<void> {
    if (this.#watched) throw new OrderRefused("WATCHED", "All in your list are watched already.");
    const { phone, aor } = this.#options;
    const watched = subscribe(phone, presenceList, listAddress(aor));
    this.#watched = watched;
    void this.#follow(watched);
    await watched.established.catch((error: unknown) => {
      const isRefused = error instanceof SipError && error.code === "SIP_REJECTED";
      throw isRefused ? new OrderRefused("NO_LIST", "The server keeps no list for you.") : error;
    });
  }

  async leave(): Promise<void> {
    if (!this.#watched) throw new OrderRefused("NOT_WATCHED", "Your list is not watched.");
    await this.#watched.end();
  }

  async #follow(watched: Subscription<List<Presence>>): Promise<void> {
    const { tell } = this.#options;
    const each = new Map<string, Once>();
    for await (const list of watched.values()) {
      for (const [uri, { state, value }] of list) {
        if (state === "unknown") continue;
        const once = each.get(uri) ?? new Once(tell);
        each.set(uri, once);
        once.tell(value ? toldPresence(uri, value) : gone(uri));
      }
      for (const uri of each.keys()) if (!list.has(uri)) each.delete(uri);
    }
    this.#watched = undefined;
  }
}

/** Carillon's own name for the list of whoever asks. */
function listAddress(aor: string): string {
  const own = parseSipUri(aor);
  const at = aor.slice(aor.indexOf("@"));
  return own.ok && own.value.user !== undefined ? `sip:contacts${at}` : aor;
}
