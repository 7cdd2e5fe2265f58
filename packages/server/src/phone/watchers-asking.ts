/**
 * Who asks to be told how the owner of this phone is, and the answer. RFC 3857; the answer is a
 * PUBLISH of a package that servers of Carillon have.
 */
import type { WatcherState } from "carillon/documents";
import { publish, rawEvents, type Subscription, subscribe, watcherInfo } from "carillon/events";
import { fromText } from "carillon/message";
import { SipError } from "carillon/ua";
import { DECISION_EVENT, DECISION_TYPE } from "../presence/watcher-decisions.ts";
import type { Happening } from "./happening.ts";
import { OrderRefused } from "./refusal-of-order.ts";

export interface WatchersAskingOptions {
  readonly phone: object;
  readonly aor: string;
  readonly tell: (what: Happening) => void;
}

type Asking = Extract<Happening, { event: "watcher" }>;

const decisions = rawEvents(DECISION_EVENT, [DECISION_TYPE]);
const type = { type: "application", subtype: "json", params: new Map() };

export class WatchersAsking {
  readonly #options: WatchersAskingOptions;
  #subscription: Subscription<readonly WatcherState[]> | undefined;
  #asking: readonly Asking[] = [];

  constructor(options: WatchersAskingOptions) {
    this.#options = options;
  }

  /** Those who have no answer yet. */
  get all(): readonly Asking[] {
    return this.#asking;
  }

  /** Once is enough; a server that knows nothing of it is not asked again. */
  begin(): void {
    if (this.#subscription) return;
    const { phone, aor } = this.#options;
    this.#subscription = subscribe(phone, watcherInfo, aor);
    this.#subscription.established.catch(() => {});
    void this.#follow(this.#subscription);
  }

  /** Rejects with a SipError, or an OrderRefused where the server takes no answers. */
  async decide(who: string, may: boolean): Promise<void> {
    const body = fromText(JSON.stringify({ who, action: may ? "allow" : "block" }));
    const said = publish(this.#options.phone, decisions, { type, body });
    await said.published.catch((error: unknown) => {
      const isUnknown = error instanceof SipError && NO_ANSWERS.has(error.status ?? 0);
      throw isUnknown ? new OrderRefused("NO_RULES", "This server takes no answers.") : error;
    });
    // It stays decided: there is nothing to refresh.
    await said.remove();
  }

  async #follow(subscription: Subscription<readonly WatcherState[]>): Promise<void> {
    for await (const watchers of subscription.values()) {
      const asking = watchers
        .filter(({ status }) => status === "pending" || status === "waiting")
        .map(({ uri, displayName }): Asking => ({ event: "watcher", who: uri, name: displayName }));
      const before = new Set(this.#asking.map(({ who }) => who));
      const each = new Map(asking.map((one) => [one.who, one]));
      this.#asking = [...each.values()];
      for (const one of this.#asking) if (!before.has(one.who)) this.#options.tell(one);
    }
  }
}

/** What servers say that have nothing of the kind. */
const NO_ANSWERS: ReadonlySet<number> = new Set([404, 405, 480, 489, 501]);
