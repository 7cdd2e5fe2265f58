/** The last thing said in a conversation, in the list's one line. */

import type { ConversationView, Item } from "carillon/chat";
import { plainName } from "../look/plain-name.ts";
import { type FileKind, fileKind, fileName } from "./file-words.ts";

const WORDS: Readonly<Record<FileKind, string>> = {
  Picture: "Picture",
  Voice: "Voice note",
  Sound: "Sound",
  Film: "Film",
  File: "File",
};

/** What a message says, short: its text in one line, or what kind of file it is. */
export function itemLine(item: Pick<Item, "text" | "file" | "isRetracted">): string {
  if (item.isRetracted) return "Message deleted";
  if (item.file !== undefined) {
    const kind = fileKind(item.file);
    return kind === "File" || kind === "Sound" ? fileName(item.file) : WORDS[kind];
  }
  return plainName(item.text, "Message");
}

export function lastLine(
  { items, isGroup }: Pick<ConversationView, "items" | "isGroup">,
  nameOf: (uri: string) => string,
): string {
  const last = items.at(-1);
  if (last === undefined) return isGroup ? "New group" : "No messages yet";
  const line = itemLine(last);
  if (last.isOwn) return `You: ${line}`;
  return isGroup ? `${nameOf(last.from)}: ${line}` : line;
}
