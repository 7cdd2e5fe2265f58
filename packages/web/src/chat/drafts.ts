/** What somebody has begun to write, kept in the browser until it is sent. */
import type { Drawer } from "../phone/kept-calls.ts";

export interface Drafts {
  of(conversation: string): string;
  keep(conversation: string, text: string): void;
}

/** As much as anybody writes, and the drafts that anybody has. */
const MOST_TEXT = 16_384;
const MOST = 50;

/** `drawer` is `localStorage`; what cannot be kept there lives as long as the page. */
export function openDrafts(drawer: Drawer, seat: string): Drafts {
  const key = `carillon.drafts ${seat}`;
  let drafts = parseDrafts(read(drawer, key));
  return {
    of: (conversation) => drafts.get(conversation) ?? "",
    keep(conversation, text) {
      if (text === (drafts.get(conversation) ?? "")) return;
      const rest = [...drafts].filter(([other]) => other !== conversation);
      const all = text.trim() === "" ? rest : [...rest, [conversation, text.slice(0, MOST_TEXT)]];
      drafts = new Map(all.slice(-MOST) as [string, string][]);
      try {
        if (drafts.size === 0) drawer.removeItem(key);
        else drawer.setItem(key, JSON.stringify([...drafts]));
      } catch {
        // The browser's storage is full, or shut: the draft lives as long as the page.
      }
    },
  };
}

function read(drawer: Drawer, key: string): string | null {
  try {
    return drawer.getItem(key);
  } catch {
    return null;
  }
}

/** Another version of this page may have written it. */
function parseDrafts(text: string | null): ReadonlyMap<string, string> {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return new Map(Array.isArray(value) ? value.filter(isDraft).slice(-MOST) : []);
  } catch {
    return new Map();
  }
}

const isDraft = (value: unknown): value is [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === "string");
