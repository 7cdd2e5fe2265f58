/** Who is writing, in a line. */
import { listed } from "./tick-words.ts";

/** Of more than these, only how many. */
const MOST_NAMES = 3;

/** `names` are those who write; between two people the name is above already. */
export function typingWords(names: readonly string[], isGroup: boolean): string | undefined {
  if (names.length === 0) return undefined;
  if (!isGroup) return "is typing…";
  if (names.length > MOST_NAMES) return `${names.length} people are typing…`;
  return `${listed(names)} ${names.length === 1 ? "is" : "are"} typing…`;
}
