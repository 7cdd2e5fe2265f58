/** How others at one's server are, and what they are told of this phone: presence. RFC 3856. */
import type { Presence } from "carillon/documents";
import {
  notify,
  type OwnPresence,
  ownPresence,
  presence,
  type Subscription,
  subscribe,
} from "carillon/events";
import { SipError } from "carillon/ua";
import { parseSipUri } from "carillon/uri";
import type { Happening } from "./happening.ts";
import type { Status } from "./orders.ts";
import { OrderRefused } from "./refusal-of-order.ts";

/** More than anybody looks at; each is a SUBSCRIBE now and then. */
const MAX_WATCHED = 50;

export interface AcquaintancesOptions {
  readonly phone: object;
  /** Who is at this domain may know how the owner of this phone is; undefined: nobody. */
  readonly domain: string | undefined;
  readonly tell: (what: Happening) => void;
}

export class Acquaintances {
  readonly #phone: object;
  readonly #tell: AcquaintancesOptions["tell"];
  readonly #own: OwnPresence | undefined;
  readonly #watched = new Map<string, Subscription<Presence>>();

  constructor({ phone, domain, tell }: AcquaintancesOptions) {
    this.#phone = phone;
    this.#tell = tell;
    if (domain === undefined) return;
    this.#own = ownPresence(phone);
    // The server has vouched for who asks: it lets nobody in under another name.
    notify(phone, presence, this.#own, { allow: ({ uri }) => isAt(uri, domain) });
  }

  /** False where nobody is told. */
  say(status: Status, note: string): boolean {
    const activities = status === "busy" || status === "away" ? [status] : [];
    this.#own?.set({ note, activities, isClosed: status === "offline" });
    return this.#own !== undefined;
  }

  /** Tells how they are, now and whenever that changes. Rejects with a SipError if refused. */
  async watch(who: string): Promise<void> {
    if (this.#watched.has(who)) throw new OrderRefused("WATCHED", `${who} is watched already.`);
    if (this.#watched.size >= MAX_WATCHED) {
      throw new OrderRefused("TOO_MANY", `${MAX_WATCHED} people are watched already.`);
    }
    const watched = subscribe(this.#phone, presence, who);
    this.#watched.set(who, watched);
    void this.#follow(who, watched);
    await watched.established.catch((error: unknown) => {
      const isUnknown = error instanceof SipError && error.code === "SIP_REJECTED";
      throw isUnknown ? new OrderRefused("NOT_TOLD", `${who} tells nobody how they are.`) : error;
    });
  }

  async leave(who: string): Promise<void> {
    const watched = this.#watched.get(who);
    if (!watched) throw new OrderRefused("NOT_WATCHED", `${who} is not watched.`);
    await watched.end();
  }

  async #follow(who: string, watched: Subscription<Presence>): Promise<void> {
    let last = "";
    for await (const value of watched.values()) {
      const what = told(who, value);
      const now = JSON.stringify(what);
      if (now !== last) this.#tell(what);
      last = now;
    }
    this.#watched.delete(who);
    const { state } = watched;
    const isOver = state.name === "Ended" && state.reason !== "unsubscribed" && !state.error;
    if (isOver) this.#tell({ event: "presence", who, status: "offline", note: "" });
  }
}

function told(who: string, { tuples, notes, activities }: Presence): Happening {
  const isHere = tuples.some(({ basic }) => basic !== "closed");
  const [doing = "online"] = DOING.filter(([one]) => activities.includes(one)).map(wordOf);
  const status = isHere ? doing : "offline";
  return { event: "presence", who, status, note: notes[0] ?? "" };
}

/** What people are shown of what others do, what says most first. RFC 4480 §3.2. */
const DOING = [
  ["on-the-phone", "on the phone"],
  ["busy", "busy"],
  ["meeting", "in a meeting"],
  ["away", "away"],
] as const;
const wordOf = ([, word]: (typeof DOING)[number]): string => word;

function isAt(uri: string, domain: string): boolean {
  const read = parseSipUri(uri);
  return read.ok && read.value.host.toLowerCase() === domain.toLowerCase();
}
