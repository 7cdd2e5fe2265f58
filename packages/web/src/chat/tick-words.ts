/** How far a message of one's own has come, as a mark and in words. */
import type { ConversationView, Item } from "carillon/chat";

export type Mark = "Waiting" | "Sent" | "Delivered" | "Displayed" | "Failed";

export interface TickWords {
  readonly mark: Mark;
  /** Whole, for a screen reader and as the tip. */
  readonly words: string;
}

/** Names that fit into a tip. */
const MOST_NAMES = 5;

/** `nameOf` says what to call somebody by their address. */
export function tickWords(
  item: Pick<Item, "state" | "why" | "displayedBy">,
  { isGroup, members }: Pick<ConversationView, "isGroup" | "members">,
  nameOf: (uri: string) => string,
): TickWords {
  const mark = item.state;
  switch (mark) {
    case "Waiting":
      return { mark, words: "Waiting to be sent" };
    case "Sent":
    case "Delivered": {
      // In a group the first have seen it while others are not even here.
      const by = isGroup ? item.displayedBy : [];
      const seen = by.length > 0 ? `, ${seenBy(by, Number.POSITIVE_INFINITY, nameOf)}` : "";
      return { mark, words: `${mark}${seen.replace(", Seen", ", seen")}` };
    }
    case "Failed":
      return { mark, words: failureWords(item.why) };
    case "Displayed":
      if (!isGroup) return { mark, words: "Seen" };
      return { mark, words: seenBy(item.displayedBy, members.length - 1, nameOf) };
  }
}

function seenBy(by: readonly string[], others: number, nameOf: (uri: string) => string): string {
  if (by.length === 0) return "Seen";
  if (by.length >= others && others > 1) return "Seen by everyone";
  const names = by.slice(0, MOST_NAMES).map(nameOf);
  const more = by.length - names.length;
  return `Seen by ${listed(more > 0 ? [...names, `${more} more`] : names)}`;
}

/** "Anna, Bob and Carol" */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

export function failureWords(why: string | undefined): string {
  return why === undefined || why === "" ? "Not sent" : `Not sent: ${why}`;
}
