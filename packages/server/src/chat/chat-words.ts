/** What happens in conversations, in words for the person who sits before them. */
import { oneLine, paragraph } from "../client/harmless.ts";
import type { ChatHappening, ToldItem } from "./chat-happening.ts";

type Of<E extends ChatHappening["event"]> = Extract<ChatHappening, { event: E }>;

/**
 * One line, or none for what nobody needs to be told; a text may have several. Nothing in it steers
 * a terminal, whatever others wrote. `home` is what stands behind the @ of those one knows.
 */
export function chatInWords(what: ChatHappening, home: string | undefined): string | undefined {
  return wordsOf(harmless(what) as ChatHappening, home);
}

/** The same, but for what others could do with its texts; the lines of a message are its own. */
function harmless(value: unknown, name = ""): unknown {
  if (typeof value === "string") return name === "text" ? paragraph(value) : oneLine(value);
  if (Array.isArray(value)) return value.map((one) => harmless(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, harmless(one, key)]));
}

function wordsOf(what: ChatHappening, home: string | undefined): string | undefined {
  switch (what.event) {
    case "state":
      return state(what);
    case "message":
      return message(what, home);
    case "changed":
      return changed(what, home);
    case "item":
      return `${place(what, home)}${itemLine(what, home)}${tick(what, home)}`;
    case "conversation":
      return conversation(what, home);
    case "opened":
      return `— ${titleOf(what, home)} —`;
    case "composing":
      return what.who.length === 0
        ? undefined
        : `${names(what.who, home)} ${what.who.length === 1 ? "is" : "are"} writing…`;
    case "members":
      return `${what.title}: ${names(what.members, home) || "nobody"}.`;
    case "trouble":
      return what.message;
  }
}

function state({ state: name, why }: Of<"state">): string | undefined {
  switch (name) {
    case "Syncing":
      return undefined;
    case "Current":
      return "All that was said is here.";
    case "Plain":
      return "This server keeps nothing of what is said: what comes while you are here is shown.";
    case "Offline":
      return ["The server is not to be reached. What you write is sent later.", why]
        .filter(Boolean)
        .join(" ");
    case "SignedOut":
      return ["You are not signed in.", why].filter(Boolean).join(" ");
  }
}

function message(what: Of<"message">, home: string | undefined): string | undefined {
  // One's own has just been typed; that of another device has not.
  if (what.own && what.state === "Waiting") return undefined;
  const where = what.open ? "" : place(what, home);
  return `${where}${itemLine(what, home)}${tick(what, home)}`;
}

function changed(what: Of<"changed">, home: string | undefined): string | undefined {
  const where = what.open ? "" : place(what, home);
  switch (what.what) {
    case "retracted":
      return `${where}${number(what)} was taken back.`;
    case "edited":
      return `${where}${itemLine(what, home)} (edited)`;
    case "state":
      return what.own ? `${where}${number(what)}${tick(what, home)}` : undefined;
  }
}

const number = ({ item }: ToldItem): string => `[${item}]`;

function itemLine(what: ToldItem, home: string | undefined): string {
  const who = what.own ? "you" : nameOf(what.from, home);
  const answers = what.replyTo === undefined ? "" : ` (to ${what.replyTo})`;
  return `${number(what)} ${who}${answers}: ${contentOf(what)}`;
}

function contentOf({ text, file, retracted }: ToldItem): string {
  if (retracted) return "(taken back)";
  if (!file) return text;
  const about = `${file.name} (${sizeOf(file.size)}): ${file.url}`;
  return text.includes(file.url) ? text : `${text === "" ? "" : `${text} `}${about}`;
}

/** ✓ sent, ✓✓ delivered, and who has read it. */
function tick(
  { own, state, why, displayedBy, isGroup }: ToldItem,
  home: string | undefined,
): string {
  if (!own) return "";
  const readers = isGroup && displayedBy.length > 0 ? ` by ${names(displayedBy, home)}` : "";
  switch (state) {
    case "Waiting":
      return " …";
    case "Sent":
      return ` ✓${readers && ` read${readers}`}`;
    case "Delivered":
      return ` ✓✓${readers && ` read${readers}`}`;
    case "Displayed":
      return ` ✓✓ read${readers}`;
    case "Failed":
      return ` ✗ ${why ?? "It was not sent."} Once more: /again`;
  }
}

function conversation(what: Of<"conversation">, home: string | undefined): string {
  const unread = what.unread > 0 ? ` (${what.unread} unread)` : "";
  const [first = ""] = what.text.split("\n");
  const beginning = [...first].slice(0, 60).join("");
  return `${titleOf(what, home)}${unread}${beginning && `: ${beginning}`}`;
}

/** Which conversation it is in: of a group its title, of a person nothing more than their name. */
const place = (what: ToldItem, home: string | undefined): string =>
  what.isGroup || what.own ? `${titleOf(what, home)} ` : "";

function titleOf(
  { title, conversation: uri }: { readonly title: string; readonly conversation: string },
  home: string | undefined,
): string {
  const bare = uri.replace(/^sips?:/, "");
  return title === bare ? nameOf(uri, home) : `${title} (${nameOf(uri, home)})`;
}

/** `bob`, at home; else the address. */
export function nameOf(uri: string, home: string | undefined): string {
  const bare = uri.replace(/^sips?:/, "");
  return home !== undefined && bare.endsWith(`@${home}`) ? bare.slice(0, -home.length - 1) : bare;
}

const names = (all: readonly string[], home: string | undefined): string =>
  all.map((one) => nameOf(one, home)).join(", ");

function sizeOf(octets: number): string {
  const units = ["octets", "kB", "MB", "GB"];
  let size = octets;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit++) size /= 1000;
  return `${unit === 0 || size >= 10 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}
