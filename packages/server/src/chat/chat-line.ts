/**
 * A line of a script: an order in words, or JSON with a number that comes back with the answer:
 * `{"id": 7, "do": "message bob Dinner!"}`.
 */
import { z } from "zod";
import { MAX_LINE } from "../phone/orders.ts";
import { type ReadChatOrder, readChatOrder } from "./chat-order.ts";

export interface ChatLine {
  readonly id: string | number | undefined;
  readonly read: ReadChatOrder;
}

const document = z.strictObject({
  id: z.union([z.string().max(100), z.number()]).optional(),
  do: z.string(),
});

/** `undefined`: an empty line. */
export function readChatLine(line: string): ChatLine | undefined {
  if (line.trim() === "") return undefined;
  if (!line.trimStart().startsWith("{")) return { id: undefined, read: readChatOrder(line) };
  if (line.length > 2 * MAX_LINE) return wrong("The line is too long.");
  const parsed = document.safeParse(parsedJson(line));
  if (!parsed.success) return wrong('A document is expected such as {"id": 1, "do": "open bob"}.');
  return { id: parsed.data.id, read: readChatOrder(parsed.data.do) };
}

const wrong = (words: string): ChatLine => ({ id: undefined, read: { ok: false, words } });

function parsedJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
