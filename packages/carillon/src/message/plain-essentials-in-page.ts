/** As plain-message-in-page.ts: what every message has is read by the full readers alone. */
import type { Essentials } from "./essentials.ts";
import type { Message } from "./message.ts";

export const readPlainEssentials = (_: Message): Essentials | undefined => undefined;
