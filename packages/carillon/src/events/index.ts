/**
 * Events: who is there, who is on the phone, what waits: `carillon/events`. Functions that take a
 * phone, so that a page has no more of it than it uses. RFC 6665, RFC 3903.
 *
 * A package says what is told of: `presence`, `dialogs`, `registrations`, `conference`,
 * `messageSummary`, `watcherInfo`, all on a list (`presenceList`), or anything by `rawEvents`.
 * `subscribe` asks to be told of somebody and `fetchState` asks once; `publish` tells the server of
 * oneself, `notify` whoever asks this phone.
 *
 * ```ts
 * import { notify, ownPresence, presence, subscribe } from "carillon/events";
 * import { house } from "carillon/testing";
 *
 * const { network, signedIn } = house();
 * const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
 *
 * const own = ownPresence(bob, { note: "At my desk" });
 * notify(bob, presence, own, { allow: ({ uri }) => uri === "sip:alice@house.example" });
 *
 * const watched = subscribe(alice, presence, bob.aor);
 * const values = watched.values();
 * const { value: first } = await network.until(values.next());
 * console.log(watched.state.name, first?.notes.join()); // Active At my desk
 *
 * own.set({ note: "", activities: ["meeting"] });
 * const { value: next } = await network.until(values.next());
 * console.log(next?.activities.join()); // meeting
 * await network.until(watched.end());
 * console.log(watched.state.name); // Ended
 * ```
 */
export type { EventPackage, EventReader } from "./event-package.ts";
export { dialogList, type List, type Listed, listOf, presenceList } from "./list-of.ts";
export type { Notifier, NotifyOptions, Provider } from "./notifier.ts";
export { notify } from "./notify.ts";
export { type OwnPresence, type OwnPresenceOptions, ownDialogs, ownPresence } from "./own-state.ts";
export {
  conference,
  dialogs,
  messageSummary,
  presence,
  type RawEvent,
  rawEvents,
  registrations,
  watcherInfo,
} from "./packages.ts";
export type { Publication, PublicationState } from "./publication.ts";
export { type PublishOptions, publish } from "./publish.ts";
export { fetchState, type SubscribeOptions, subscribe } from "./subscribe.ts";
export type { Notification, Subscription, SubscriptionState } from "./subscription.ts";
