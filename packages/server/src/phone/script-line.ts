/**
 * A line of a script: words as a person types them, or JSON with a number that comes back with the
 * answer: `{"id": 7, "do": ["message", "bob", "Dinner!"]}`.
 */
import { z } from "zod";
import { MAX_LINE, type ReadOrder, readOrder, readWords } from "./orders.ts";

export interface ScriptLine {
  readonly id: string | number | undefined;
  readonly read: ReadOrder;
}

const document = z.strictObject({
  id: z.union([z.string().max(100), z.number()]).optional(),
  do: z.union([z.string(), z.array(z.string()).min(1)]),
});

/** `undefined`: an empty line. */
export function readScriptLine(line: string): ScriptLine | undefined {
  if (!line.trimStart().startsWith("{")) {
    const read = readOrder(line);
    return read && { id: undefined, read };
  }
  if (line.length > 2 * MAX_LINE) return wrong("The line is too long.");
  const parsed = document.safeParse(parsedJson(line));
  if (!parsed.success) {
    return wrong('A document is expected such as {"id": 1, "do": ["call", "bob"]}.');
  }
  const { id, do: wish } = parsed.data;
  const read = typeof wish === "string" ? readOrder(wish) : readWords(wish);
  return { id, read: read ?? { ok: false, words: "There is nothing to do in it." } };
}

const wrong = (words: string): ScriptLine => ({ id: undefined, read: { ok: false, words } });

function parsedJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
