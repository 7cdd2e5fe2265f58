/**
 * The part of a domain's server that knows the state of those who live there: it answers SUBSCRIBE
 * and PUBLISH, and notifies. RFC 6665 §4.2, RFC 3856 §3, RFC 3903.
 */
import type { Millis } from "../grammar/millis.ts";
import { withAnswer } from "../roles/answer.ts";
import type { Service, ServiceHost, ServiceRequest } from "../roles/services.ts";
import type { Flow } from "../transport/flow.ts";
import type { EndReason } from "../usage/subscription-headers.ts";
import { Publications, type PublishedPackage } from "./publications.ts";
import type { ServedPackage } from "./source.ts";
import {
  MemoryPublications,
  MemorySubscriptions,
  type PublicationStore,
  type SubscriptionStore,
} from "./stores.ts";
import { Subscriber } from "./subscriber.ts";
import { SUBSCRIPTION_LIMITS, type SubscriptionLimits, Subscriptions } from "./subscriptions.ts";
import { isElsewhere } from "./watcher-way.ts";

/** What a state agent is made of. */
export interface StateAgentOptions {
  /** What can be subscribed to. Of several for one name of one event the first counts. */
  readonly packages: readonly ServedPackage[];
  /** What can be published; nothing, if left out. */
  readonly published?: readonly PublishedPackage[];
  /** In memory, if left out. */
  readonly subscriptions?: SubscriptionStore;
  /** In memory, if left out. */
  readonly publications?: PublicationStore;
  /** 50 of one watcher and 100,000 in all, if left out. */
  readonly limits?: Partial<SubscriptionLimits>;
  /** Hears once, when it is attached to its server. */
  readonly attached?: (host: ServiceHost) => void;
}

/** One who watches, as the agent knows it. */
export interface Watched {
  /** Their account; undefined for others. */
  readonly account: string | undefined;
  /** Their address. */
  readonly uri: string;
  /** Whether somebody still has to say whether they may. */
  readonly isPending: boolean;
  /** When they subscribed first, in ms. */
  readonly since: Millis;
}

/** Give it to a domain among its `services`. Throws a RangeError on a package without a type. */
export class StateAgent implements Service {
  /** `SUBSCRIBE`, and `PUBLISH` where something can be published. */
  readonly methods: readonly string[];
  /** Its packages. */
  readonly events: readonly string[];
  readonly #options: StateAgentOptions;
  readonly #table: Subscriptions;
  #subscriber!: Subscriber;
  #publications!: Publications;

  constructor(options: StateAgentOptions) {
    const { packages, published = [], limits } = options;
    for (const { accept, event } of packages) {
      if (accept.length === 0) throw new RangeError(`${event} has no type of body`);
    }
    this.#options = options;
    this.events = [...new Set(packages.map(({ event }) => event))];
    this.methods = published.length > 0 ? ["SUBSCRIBE", "PUBLISH"] : ["SUBSCRIBE"];
    this.#table = new Subscriptions({ ...SUBSCRIPTION_LIMITS, ...limits });
  }

  /** For the domain. Begins again what an earlier run of the program had. */
  attach(host: ServiceHost): void {
    const { packages, published = [], attached } = this.#options;
    const { subscriptions = new MemorySubscriptions() } = this.#options;
    const { publications = new MemoryPublications() } = this.#options;
    this.#subscriber = new Subscriber({
      ...{ host, packages, events: this.events, table: this.#table, store: subscriptions },
    });
    this.#publications = new Publications({ host, packages: published, store: publications });
    attached?.(host);
    // What a watcher is told first is what was published, too; and time has to be known.
    host.endpoint.later(() => this.#restore(subscriptions, publications));
  }

  #restore(subscriptions: SubscriptionStore, publications: PublicationStore): void {
    const subscribed = () =>
      withAnswer(
        subscriptions.all(),
        (all) => this.#subscriber.restore(all),
        () => {},
      );
    withAnswer(
      publications.all(),
      (all) => {
        this.#publications.restore(all);
        subscribed();
      },
      subscribed,
    );
  }

  /** For the domain. */
  take(asked: ServiceRequest): boolean {
    const { method } = asked.from.request;
    if (!asked.isOurs || asked.user === undefined) return false;
    if (method === "SUBSCRIBE") return this.#subscriber.begin(asked, asked.user);
    return method === "PUBLISH" && this.#publications.take(asked, asked.user);
  }

  /** For the domain. */
  inDialog(asked: ServiceRequest): boolean {
    return this.#subscriber.inDialog(asked);
  }

  /** For the domain: what was subscribed to over a connection ends with it. */
  closed(flow: Flow): void {
    for (const one of this.#table.over(flow.connection)) {
      if (!isElsewhere(one)) one.abandon();
    }
  }

  // ---- for the program -------------------------------------------------------------------------

  /**
   * The state of this name has changed in a package, or who may know it. Everybody who watches is
   * told as soon as their rate allows. In a turn of the endpoint, as all that follows.
   */
  changed(event: string, resource: string): void {
    for (const one of this.#table.to(event, resource)) one.changed();
  }

  /** Ends all subscriptions to this name in a package: `noresource` where it is gone. */
  end(event: string, resource: string, reason: EndReason): void {
    for (const one of this.#table.to(event, resource)) one.end(reason);
  }

  /** Ends what an account watches, as when it may not sign in any more. */
  endOf(account: string, reason: EndReason): void {
    const all = this.#table.all().filter(({ asked }) => asked.watcher.account === account);
    for (const one of all) one.end(reason);
  }

  /** Who watches this name in a package. */
  watchers(event: string, resource: string): readonly Watched[] {
    return this.#table
      .to(event, resource)
      .filter(({ state }) => state !== "Terminated")
      .map(({ asked, state, since }) => ({
        ...{ account: asked.watcher.account, uri: asked.watcher.uri },
        ...{ isPending: state === "Pending", since },
      }));
  }

  /** How much is being kept: for tests and metrics. */
  census(): { readonly subscriptions: number; readonly publications: number } {
    return { subscriptions: this.#table.size, publications: this.#publications.size };
  }
}
