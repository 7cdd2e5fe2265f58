/**
 * What a person types into `carillon chat`, or a script gives it, as values. One table, from which
 * the help is printed, too.
 */
import { MAX_LINE } from "../phone/orders.ts";

export type ChatOrder =
  | { readonly kind: "List" }
  | { readonly kind: "Open"; readonly who: string }
  /** In the conversation that is open. */
  | { readonly kind: "Say"; readonly text: string }
  | { readonly kind: "Message"; readonly who: string; readonly text: string }
  | { readonly kind: "Reply"; readonly item: number; readonly text: string }
  | { readonly kind: "Edit"; readonly item: number | undefined; readonly text: string }
  | { readonly kind: "Retract" | "Again"; readonly item: number | undefined }
  | { readonly kind: "Read"; readonly who: string | undefined }
  | { readonly kind: "Earlier"; readonly count: number }
  | { readonly kind: "Find"; readonly text: string }
  | {
      readonly kind: "Group";
      readonly name: string;
      readonly members: readonly string[];
      readonly title: string;
    }
  | { readonly kind: "Members"; readonly members: readonly string[] }
  | { readonly kind: "Title"; readonly title: string }
  | { readonly kind: "Leave" }
  | { readonly kind: "Help" }
  | { readonly kind: "Quit" };

export type ReadChatOrder =
  | { readonly ok: true; readonly order: ChatOrder }
  /** In words: what was expected, and what was found. */
  | { readonly ok: false; readonly words: string };

interface Row {
  /** The first is shown. */
  readonly words: readonly string[];
  readonly args: string;
  readonly about: string;
  /** What follows the word, without the space between. */
  read(rest: string): ChatOrder | undefined;
}

const EARLIER = 20;

/** Every one of them, in the order in which `help` lists them. */
export const chatOrders: readonly Row[] = [
  {
    words: ["list", "l"],
    args: "",
    about: "Your conversations, the latest first",
    read: nothing({ kind: "List" }),
  },
  {
    words: ["open", "o"],
    args: "WHO",
    about: "Opens one: a name, an address or a group",
    read: one((who) => ({ kind: "Open", who })),
  },
  {
    words: ["say"],
    args: "TEXT",
    about: "Writes into it",
    read: text((said) => ({ kind: "Say", text: said })),
  },
  {
    words: ["message", "m"],
    args: "WHO TEXT",
    about: "Writes to somebody, whatever is open",
    read: (rest) => {
      const [who = "", said] = split(rest);
      return said === "" ? undefined : { kind: "Message", who, text: said };
    },
  },
  {
    words: ["reply", "r"],
    args: "N TEXT",
    about: "Answers the message with this number",
    read: (rest) => {
      const [number, said] = numbered(rest);
      return number === undefined || said === ""
        ? undefined
        : { kind: "Reply", item: number, text: said };
    },
  },
  {
    words: ["edit", "e"],
    args: "[N] TEXT",
    about: "Changes a message of yours, the last one without N",
    read: (rest) => {
      const [item, said] = numbered(rest);
      return said === "" ? undefined : { kind: "Edit", item, text: said };
    },
  },
  {
    words: ["retract", "delete"],
    args: "[N]",
    about: "Takes one of yours back, for everybody",
    read: (rest) => maybeNumber(rest, "Retract"),
  },
  {
    words: ["again"],
    args: "[N]",
    about: "Sends one that has failed once more",
    read: (rest) => maybeNumber(rest, "Again"),
  },
  {
    words: ["read"],
    args: "[WHO]",
    about: "Says that you have read it; what is open is, by itself",
    read: (rest) =>
      split(rest)[1] === "" ? { kind: "Read", who: rest === "" ? undefined : rest } : undefined,
  },
  {
    words: ["earlier"],
    args: "[COUNT]",
    about: "What was before",
    read: (rest) => {
      if (rest === "") return { kind: "Earlier", count: EARLIER };
      const count = numberOf(rest);
      return count === undefined || count > 500 ? undefined : { kind: "Earlier", count };
    },
  },
  {
    words: ["find", "f"],
    args: "WORDS",
    about: "Looks for them in all that was ever said",
    read: text((words) => ({ kind: "Find", text: words })),
  },
  {
    words: ["group"],
    args: "NAME WHO,WHO,… [TITLE]",
    about: "Makes a group of these and you",
    read: (rest) => {
      const [name = "", more] = split(rest);
      const [members = "", title = ""] = split(more);
      return members === ""
        ? undefined
        : { kind: "Group", name, members: list(members), title: title || name };
    },
  },
  {
    words: ["members"],
    args: "WHO,WHO,…",
    about: "Who is in it from now on, beside you",
    read: one((members) => ({ kind: "Members", members: list(members) })),
  },
  {
    words: ["title"],
    args: "TITLE",
    about: "What it is called from now on",
    read: text((title) => ({ kind: "Title", title })),
  },
  { words: ["leave"], args: "", about: "Leaves it", read: nothing({ kind: "Leave" }) },
  { words: ["help", "?"], args: "", about: "This", read: nothing({ kind: "Help" }) },
  {
    words: ["quit", "q", "exit"],
    args: "",
    about: "Leaves; what waits to be sent is kept with --keep",
    read: nothing({ kind: "Quit" }),
  },
];

/**
 * What a person has typed: text for the conversation that is open, or an order behind a slash.
 * `undefined`: an empty line.
 */
export function readTyped(line: string): ReadChatOrder | undefined {
  const typed = line.trim();
  if (typed === "") return undefined;
  // Two slashes are one that was meant.
  if (!typed.startsWith("/")) return { ok: true, order: { kind: "Say", text: typed } };
  if (typed.startsWith("//")) return { ok: true, order: { kind: "Say", text: typed.slice(1) } };
  return readChatOrder(typed.slice(1));
}

/** An order in words. */
export function readChatOrder(line: string): ReadChatOrder {
  if (line.length > MAX_LINE) return wrong(`A line has no more than ${MAX_LINE} characters.`);
  const [word = "", rest] = split(line.trim());
  const row = chatOrders.find(({ words }) => words.includes(word.toLowerCase()));
  if (!row) return wrong(`There is no “${word}” here. All that there is: help`);
  const order = row.read(rest);
  if (order) return { ok: true, order };
  const found = rest === "" ? "nothing" : `“${rest}”`;
  return wrong(`${row.words[0]} expects ${row.args || "nothing more"}; found ${found}.`);
}

/** What `help` prints. */
export function chatOrdersHelp(): string {
  const rows = chatOrders.map(({ words, args, about }) => {
    const order = `/${words[0]} ${args}`.trimEnd();
    return `  ${order.padEnd(32)} ${about}\n`;
  });
  const rest =
    "Anything else that you type goes into the conversation that is open. N is the number\n" +
    "before a message. ✓ the server has it, ✓✓ it is with them, ✓✓ read.";
  return `${rows.join("")}\n${rest}\n`;
}

const wrong = (words: string): ReadChatOrder => ({ ok: false, words });

/** The first word, and what follows it. */
function split(text: string): readonly [string, string] {
  const at = text.search(/\s/);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at).trim()];
}

const list = (text: string): readonly string[] => text.split(",").filter((who) => who !== "");

function nothing(order: ChatOrder): Row["read"] {
  return (rest) => (rest === "" ? order : undefined);
}

function one(make: (word: string) => ChatOrder): Row["read"] {
  return (rest) => {
    const [word, more] = split(rest);
    return word !== "" && more === "" ? make(word) : undefined;
  };
}

function text(make: (text: string) => ChatOrder): Row["read"] {
  return (rest) => (rest === "" ? undefined : make(rest));
}

/** A number in front, if there is one with something behind it. */
function numbered(rest: string): readonly [number | undefined, string] {
  const [word, more] = split(rest);
  const number = numberOf(word);
  return number === undefined || more === "" ? [undefined, rest] : [number, more];
}

function maybeNumber(rest: string, kind: "Retract" | "Again"): ChatOrder | undefined {
  if (rest === "") return { kind, item: undefined };
  const item = numberOf(rest);
  return item === undefined ? undefined : { kind, item };
}

const numberOf = (word: string): number | undefined =>
  /^[1-9][0-9]{0,5}$/.test(word) ? Number(word) : undefined;
