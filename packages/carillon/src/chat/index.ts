/**
 * Conversations: messages with receipts, and who is writing: `carillon/chat`. RFC 3428, RFC 3862,
 * RFC 5438, RFC 3994. A phone has one, and `phone.messages()` goes on beside it.
 *
 * `chat` is for phones among each other. `conversations` is for those of a Carillon server, which
 * keeps what was said: each of one's devices shows the same, whether it was on or off.
 *
 * ```ts
 * import { chat, conversations } from "carillon/chat";
 * import { MemoryMessageStore, messaging } from "carillon/messaging";
 * import { StateAgent } from "carillon/state-agent";
 * import { house } from "carillon/testing";
 *
 * const { network, signedIn } = house();
 * const [alice, bob] = [chat(await signedIn("alice")), chat(await signedIn("bob"))];
 * const incoming = bob.messages();
 *
 * const sending = alice.send("sip:bob@house.example", "Lunch?", { receipts: ["displayed"] });
 * const sent = await network.until(sending);
 * const { value: message } = await network.until(incoming.next());
 * console.log(message?.from.uri, message?.text); // sip:alice@house.example Lunch?
 *
 * message?.displayed();
 * const { value: receipt } = await network.until(sent.notifications().next());
 * console.log(receipt?.kind, receipt?.status); // display displayed
 *
 * // A server that keeps what is said, and two devices of Bob's.
 * const store = new MemoryMessageStore();
 * const services = () => {
 *   const mail = messaging({ store });
 *   return [mail, new StateAgent({ packages: [mail.journal] })];
 * };
 * const kept = house({ services });
 * const hers = conversations(await kept.signedIn("alice"));
 * const phone = conversations(await kept.signedIn("bob"));
 * const page = conversations(await kept.signedIn("bob", "ws"));
 * const toBob = hers.open("sip:bob@house.example");
 * toBob.send("Dinner?");
 * await kept.network.run(1000);
 * console.log(phone.unread, page.unread, toBob.view().items[0]?.state); // 1 1 Delivered
 * phone.open("sip:alice@house.example").read();
 * await kept.network.run(1000);
 * console.log(phone.unread, page.unread, toBob.view().items[0]?.state); // 0 0 Displayed
 * ```
 */
export { type Chat, type ChatOptions, chat, type SendOptions, type SentMessage } from "./chat.ts";
export type { ChatMessage } from "./chat-message.ts";
export { type ConversationStore, MemoryConversationStore } from "./conversation-store.ts";
export type { ConversationView, Item, ItemState } from "./conversation-view.ts";
export { conversations } from "./conversations.ts";
export type {
  Conversation,
  Conversations,
  ConversationsOptions,
  Found,
  SendItemOptions,
  SyncState,
} from "./conversations-api.ts";
export type { Receipt } from "./receipts.ts";
export type { Wish } from "./wrapped-message.ts";
