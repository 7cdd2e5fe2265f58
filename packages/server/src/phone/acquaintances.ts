/** How others at one's server are, and what they are told of this phone: presence. RFC 3856. */
import { randomUUID } from "node:crypto";
import type { Presence } from "carillon/documents";
import { presence, type Subscription, subscribe } from "carillon/events";
import { SipError } from "carillon/ua";
import type { Happening } from "./happening.ts";
import type { Status } from "./orders.ts";
import { hide, OwnState } from "./own-state.ts";
import { OrderRefused } from "./refusal-of-order.ts";
import { gone, Once, toldPresence } from "./told-presence.ts";
import { WatchedList } from "./watched-list.ts";
import { WatchersAsking } from "./watchers-asking.ts";

/** More than anybody looks at; each is a SUBSCRIBE now and then. */
const MAX_WATCHED = 50;

export interface AcquaintancesOptions {
  readonly phone: object;
  /** The phone's own address. */
  readonly aor: string;
  /** Of its server; undefined where it has none. */
  readonly domain: string | undefined;
  /** Whether others may know how its owner is. */
  readonly isSeen: boolean;
  readonly tell: (what: Happening) => void;
}

export class Acquaintances {
  readonly #phone: object;
  readonly #tell: AcquaintancesOptions["tell"];
  readonly #own: OwnState | undefined;
  readonly #asking: WatchersAsking | undefined;
  readonly #watched = new Map<string, Subscription<Presence>>();
  readonly #list: WatchedList;
  #hide = (): void => {};

  constructor({ phone, aor, domain, isSeen, tell }: AcquaintancesOptions) {
    this.#phone = phone;
    this.#tell = tell;
    this.#list = new WatchedList({ phone, aor, tell });
    if (domain === undefined) return;
    const own = { phone, aor, id: randomUUID().slice(0, 8) };
    if (!isSeen) {
      this.#hide = () => hide(own);
      return;
    }
    this.#own = new OwnState({ ...own, domain });
    this.#asking = new WatchersAsking({ phone, aor, tell });
  }

  /** False where nobody is told. */
  say(status: Status, note: string): boolean {
    this.#own?.say(status, note);
    return this.#own !== undefined;
  }

  /** The phone has signed in: who asks to know how its owner is, is told of from now on. */
  signedIn(): void {
    this.#asking?.begin();
    this.#hide();
    this.#hide = () => {};
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
      if (!isRefused(error)) throw error;
      throw new OrderRefused("NOT_TOLD", `${who} tells nobody how they are.`);
    });
    if (watched.state.name !== "Pending") return;
    this.#tell({ event: "presence", who, status: "asked", note: "" });
  }

  async leave(who: string): Promise<void> {
    const watched = this.#watched.get(who);
    if (!watched) throw new OrderRefused("NOT_WATCHED", `${who} is not watched.`);
    await watched.end();
  }

  /** The same of everybody in the list that the server keeps. */
  watchAll(): Promise<void> {
    return this.#list.watch();
  }

  leaveAll(): Promise<void> {
    return this.#list.leave();
  }

  /** Who waits for an answer. */
  watchers(): readonly Happening[] {
    return this.#asking?.all ?? [];
  }

  /** Lets them know how the owner of this phone is, or not. Rejects with a SipError if refused. */
  async decide(who: string, may: boolean): Promise<void> {
    if (!this.#asking) throw new OrderRefused("UNSEEN", "This phone is unseen, by everybody.");
    await this.#asking.decide(who, may);
  }

  async #follow(who: string, watched: Subscription<Presence>): Promise<void> {
    const once = new Once(this.#tell);
    let wasTold = false;
    for await (const value of watched.values()) {
      once.tell(toldPresence(who, value));
      wasTold = true;
    }
    this.#watched.delete(who);
    const { state } = watched;
    const isOver = state.name === "Ended" && state.reason !== "unsubscribed";
    if (isOver && wasTold) once.tell(gone(who));
  }
}

/** A no, and not that there is no way there, or nobody of this name. */
const isRefused = (error: unknown): boolean =>
  error instanceof SipError && (error.code === "SIP_REJECTED" || error.status === 403);
