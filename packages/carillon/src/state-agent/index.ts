/**
 * The server side of events: `carillon/state-agent`. A `StateAgent` is a service of a domain: it
 * answers SUBSCRIBE and PUBLISH and notifies, within rates and limits. RFC 6665 §4.2, RFC 3903,
 * RFC 6446.
 *
 * A package has for each subscription a source of bodies. `changed` says that there is something to
 * tell; when it is told is the agent's matter.
 *
 * ```ts
 * import { rawEvents, subscribe } from "carillon/events";
 * import { type ServedPackage, StateAgent } from "carillon/state-agent";
 * import { house } from "carillon/testing";
 *
 * let degrees = 19;
 * const thermometer: ServedPackage = {
 *   ...{ event: "temperature", accept: ["text/plain"], expiresSeconds: 3600, minGapMs: 1000 },
 *   open: () => ({ body: () => ({ contentType: "text/plain", body: `${degrees}` }) }),
 * };
 * const agent = new StateAgent({ packages: [thermometer] });
 * const { network, server, signedIn } = house({ services: () => [agent] });
 * const alice = await signedIn("alice");
 *
 * const warm = subscribe(alice, rawEvents("temperature", ["text/plain"]), "sip:bob@house.example");
 * const values = warm.values();
 * console.log((await network.until(values.next())).value?.body); // 19
 * degrees = 20;
 * server.call(() => agent.changed("temperature", "bob"));
 * console.log((await network.until(values.next())).value?.body); // 20
 * console.log(agent.watchers("temperature", "bob")[0]?.account); // alice
 * ```
 */
export { type Contact, type Contacts, NO_CONTACTS } from "./contact-list.ts";
export { HouseEvents, type HouseEventsOptions } from "./house-events.ts";
export { type KnownCalls, NO_CALLS } from "./known-calls.ts";
export { EMPTY_MAILBOXES, type Mailboxes } from "./mailboxes.ts";
export { NO_STATUSES, type OwnStatus, type Statuses } from "./own-status.ts";
export type { Published, PublishedPackage } from "./publications.ts";
export { type Handling, HOUSE_RULES, type Rules } from "./rules.ts";
export type {
  Asked,
  ServedPackage,
  Source,
  SourceBody,
  SourceRefusal,
  Standing,
  Watcher,
} from "./source.ts";
export { StateAgent, type StateAgentOptions, type Watched } from "./state-agent.ts";
export {
  MemoryPublications,
  MemorySubscriptions,
  type PublicationStore,
  type SavedPublication,
  type SavedSubscription,
  type SubscriptionStore,
} from "./stores.ts";
export type { SubscriptionLimits } from "./subscriptions.ts";
export type { WatcherEntry } from "./watcher-table.ts";
