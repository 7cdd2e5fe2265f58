/**
 * In a page there is one reader of messages, the full one: see plain-message.ts, in whose place
 * this stands there (`browser` in package.json).
 */
import type { HeaderIndex, Message } from "./message.ts";
import type { PlainHeaders } from "./plain-message.ts";

export const arePlain = (_: HeaderIndex): _ is PlainHeaders => false;

export const readPlainMessage = (_text: string): Message | undefined => undefined;
