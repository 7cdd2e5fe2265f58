/** Conversations: messages with receipts, and who is writing: `carillon/chat`. */
export { type Chat, type ChatOptions, chat, type SendOptions, type SentMessage } from "./chat.ts";
export type { ChatMessage } from "./chat-message.ts";
export type { Receipt } from "./receipts.ts";
export type { Wish } from "./wrapped-message.ts";
