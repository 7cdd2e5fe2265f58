/** What the house says in a push, and the words for it. */

import { plainName } from "../look/plain-name.ts";

export interface Note {
  readonly kind: "call" | "missed" | "over" | "refresh" | "message";
  /** Of the call, or the conversation: its notification's tag. */
  readonly id?: string;
  readonly name?: string;
  readonly from?: string;
  readonly video?: boolean;
  readonly text?: string;
}

export interface Words {
  readonly title: string;
  readonly body: string;
  /** What can be pressed, beside the notification itself. */
  readonly actions: readonly { readonly action: string; readonly title: string }[];
  /** It stays until somebody does something. */
  readonly stays: boolean;
}

const KINDS: readonly unknown[] = ["call", "missed", "over", "refresh", "message"];
const MAX = 300;

/** Undefined for what is none: whoever holds the keys wrote it, but versions differ. */
export function readNote(value: unknown): Note | undefined {
  const note = Object(value) as Record<string, unknown>;
  if (!KINDS.includes(note["kind"])) return undefined;
  const texts = Object.entries(note).filter(
    ([name, one]) => ["id", "name", "from", "text"].includes(name) && typeof one === "string",
  );
  const cut = Object.fromEntries(
    texts.map(([name, one]) => [name, fit(name, String(one).slice(0, MAX))]),
  );
  return { ...cut, kind: note["kind"] as Note["kind"], video: note["video"] === true };
}

/** A name is of whoever calls, and stands in a line of the system's own. */
const fit = (name: string, text: string): string => (name === "name" ? plainName(text) : text);

export function wordsOf({ kind, name: said = "", video, text }: Note): Words {
  const name = said === "" ? "Somebody" : said;
  const plain = { actions: [], stays: false };
  switch (kind) {
    case "call":
      return {
        title: `${name} is calling`,
        body: video ? "With video. Press to answer." : "Press to answer.",
        actions: [
          { action: "answer", title: "Answer" },
          { action: "decline", title: "Decline" },
        ],
        stays: true,
      };
    case "missed":
      return { ...plain, title: `You missed a call from ${name}`, body: "Press to call back." };
    case "over":
      return { ...plain, title: `${name} called`, body: "It was answered on another device." };
    case "message":
      return { ...plain, title: name, body: text ?? "Wrote to you." };
    case "refresh":
      return {
        ...plain,
        title: "Carillon rings here while it is closed",
        body: "Open it once to keep it so.",
      };
  }
}
