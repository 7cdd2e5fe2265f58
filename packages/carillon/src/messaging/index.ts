/**
 * The messages of a domain's server: `carillon/messaging`. What was said is kept in a journal for
 * each account, and goes from there to all of a person's devices, whether they are on or off.
 *
 * ```ts
 * import { MemoryMessageStore, type Posting } from "carillon/messaging";
 *
 * const store = new MemoryMessageStore();
 * const anna = "sip:anna@example.com";
 * const posting: Posting = {
 *   key: { from: anna, id: "m 1" },
 *   at: 0,
 *   what: { kind: "Message", id: "1", from: anna, contentType: "text/plain", body: "Lunch?" },
 *   journals: [
 *     { account: "anna", conversation: "sip:bob@example.com" },
 *     { account: "bob", conversation: anna },
 *   ],
 * };
 * console.log(store.post(posting).kind, store.post(posting).kind); // New Known
 * console.log(store.last("bob")); // 1
 * ```
 */
export type { Rate } from "./budget.ts";
/** The delivery of kept messages to one plain phone, as a machine. RFC 3428 §8. */
export * as delivery from "./delivery.ts";
export { delivery as deliveryPicture } from "./delivery-picture.ts";
export type { GroupWish } from "./groups.ts";
export { MemoryMessageStore } from "./memory-message-store.ts";
export {
  DEFAULT_RETENTION,
  type Group,
  type GroupChange,
  type JournalName,
  type MessageStore,
  type Posted,
  type Posting,
  type PostingKey,
  type Retention,
  type StoredQuery,
} from "./message-store.ts";
export { type Messaging, type MessagingOptions, messaging } from "./messaging.ts";
export { isRefused, type Refusal } from "./refusal.ts";
