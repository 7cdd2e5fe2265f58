/**
 * Events: who is there, who is on the phone, what waits: `carillon/events`. Functions that take a
 * phone, so that a page has no more of it than it uses. RFC 6665, RFC 3903.
 */
export type { EventPackage, EventReader } from "./event-package.ts";
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
} from "./packages.ts";
export type { Publication, PublicationState } from "./publication.ts";
export { type PublishOptions, publish } from "./publish.ts";
export { fetchState, type SubscribeOptions, subscribe } from "./subscribe.ts";
export type { Notification, Subscription, SubscriptionState } from "./subscription.ts";
