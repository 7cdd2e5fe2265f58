/**
 * The journal as the server tells it: a subscription to one's own address that begins where the
 * last one ended, and pages of what was before.
 */
import { JOURNAL_TYPE, type JournalPage, parseJournalPage } from "../documents/journal.ts";
import {
  formatJournalQuery,
  JOURNAL_EVENT,
  type JournalQuery,
} from "../documents/journal-query.ts";
import type { EventPackage } from "../events/event-package.ts";
import { fetchState, subscribe } from "../events/subscribe.ts";
import type { Subscription, SubscriptionState } from "../events/subscription.ts";
import { ok } from "../grammar/result.ts";
import { hear } from "../ua/replay.ts";
import { afterTurn } from "./after-turn.ts";

export interface LinkUser {
  /** Up to where everything is known; undefined: nothing is. */
  position(): number | undefined;
  /** Entries after that, in order, in the endpoint's turn. */
  page(page: JournalPage): void;
  changed(state: SubscriptionState): void;
}

/** So long after a server has lost us we notice at the latest. */
const EXPIRES_SECONDS = 600;

export class JournalLink {
  readonly #phone: object;
  readonly #aor: string;
  readonly #user: LinkUser;
  #subscription: Subscription<JournalPage> | undefined;
  /** Counts beginnings: what belongs to an earlier one is not heard. */
  #turn = 0;

  constructor(phone: object, aor: string, user: LinkUser) {
    this.#phone = phone;
    this.#aor = aor;
    this.#user = user;
  }

  /** Begins, or begins anew. */
  start(): void {
    this.stop();
    const turn = ++this.#turn;
    const pack = journal((page) => {
      if (turn === this.#turn) this.#user.page(page);
    });
    const eventParams = () => formatJournalQuery({ after: this.#user.position() ?? "latest" });
    // Who reads it knows better when to try again: what has lived is to live again at once.
    const options = { eventParams, again: false };
    afterTurn(() => {
      if (turn !== this.#turn) return;
      const subscription = subscribe(this.#phone, pack, this.#aor, options);
      this.#subscription = subscription;
      subscription.established.catch(() => {});
      void hear(subscription.states(), (state) => {
        if (turn === this.#turn) this.#user.changed(state);
      });
    });
  }

  /** Asks whether there is more, and whether it is still there. */
  refresh(): void {
    const subscription = this.#subscription;
    afterTurn(() => subscription?.refresh());
  }

  stop(): void {
    const old = this.#subscription;
    this.#turn++;
    this.#subscription = undefined;
    if (old) afterTurn(() => void old.end().catch(() => {}));
  }

  /** A page of what was. Rejects with a SipError. */
  async fetch(query: JournalQuery): Promise<JournalPage> {
    const eventParams = () => formatJournalQuery(query);
    await undefined;
    return await fetchState(this.#phone, journal(), this.#aor, { eventParams });
  }
}

/** Pages are taken in before their NOTIFY is answered: what has a 2xx, has been taken in. */
const journal = (taken: (page: JournalPage) => void = () => {}): EventPackage<JournalPage> => ({
  ...{ event: JOURNAL_EVENT, accept: [JOURNAL_TYPE], expiresSeconds: EXPIRES_SECONDS },
  ...{ forks: false, minGapMs: 0 },
  reader: () => (body) => {
    const page = parseJournalPage(body);
    if (!page.ok) return page;
    taken(page.value);
    return ok({ kind: "New", value: page.value, isTorn: false });
  },
});
