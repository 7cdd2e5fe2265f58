/** How many messages wait in a mailbox. RFC 3842 §5.2. */
import { fromText, type Octets, toText } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";

/** What waits in a mailbox. RFC 3842 §5.2. */
export interface MessageSummary {
  /** Whether any are new. */
  readonly isWaiting: boolean;
  /** Whose mailbox it is, where one subscription is about several. */
  readonly account: string | undefined;
  /** By kind, in lower case: `voice-message`, `fax-message`, `text-message`, … */
  readonly counts: ReadonlyMap<string, MessageCounts>;
}

/** How many messages of one kind there are, each count from 0 to 2**32 - 1. RFC 3842 §3.5. */
export interface MessageCounts {
  /** Not read yet. */
  readonly new: number;
  /** Read and kept. */
  readonly old: number;
  /** Of the new ones; undefined where it is not said. */
  readonly urgentNew: number | undefined;
  /** Of the old ones; undefined where it is not said. */
  readonly urgentOld: number | undefined;
}

const SOURCE = "RFC 3842 §5.2";
const MAX_COUNT = 2 ** 32 - 1;
/** Kinds of messages; RFC 3458 has six. */
const MAX_KINDS = 32;

/** The document's type, for Content-Type and Accept. RFC 3842 §3.5. */
export const MESSAGE_SUMMARY_TYPE = "application/simple-message-summary";

/**
 * Reads one; the headers of single messages behind it are not looked at. RFC 3842 §5.2.
 *
 * Errors (400): `bad-document` for a first line that says nothing, and for a line that is none.
 */
export function parseMessageSummary(octets: Octets): Result<MessageSummary> {
  const end = octets.indexOf("\r\n\r\n");
  const lines = (end < 0 ? octets : octets.slice(0, end)).split("\r\n");
  const first = fieldOf(lines[0] ?? "");
  const status = first?.name === "messages-waiting" ? first.value.toLowerCase() : "";
  if (status !== "yes" && status !== "no") return fail("expected Messages-Waiting: yes or no");
  const counts = new Map<string, MessageCounts>();
  let account: string | undefined;
  for (const line of lines.slice(1)) {
    if (line === "") continue;
    const field = fieldOf(line);
    if (field?.name === "message-account") {
      if (!isUri(field.value)) return fail("not a URI");
      account = toText(field.value);
    } else {
      const read = field && countsOf(field.value);
      if (!field || !read || counts.size >= MAX_KINDS) return fail("not a count of messages");
      counts.set(field.name, read);
    }
  }
  return ok({ isWaiting: status === "yes", account, counts });
}

/** Whatever scheme it has, there is no space and nothing unseen in it. */
const isUri = (value: Octets): boolean => /^[!-~\u0080-\u00ff]+$/.test(value);

const fail = (what: string) => bad("bad-document", what, 0, SOURCE);

/** `name HCOLON value` */
function fieldOf(line: Octets): { readonly name: string; readonly value: Octets } | undefined {
  const colon = line.indexOf(":");
  if (colon <= 0) return undefined;
  const name = line.slice(0, colon).trim().toLowerCase();
  return /^[a-z0-9-]+$/.test(name) ? { name, value: line.slice(colon + 1).trim() } : undefined;
}

/** `newmsgs SLASH oldmsgs [ LPAREN new-urgentmsgs SLASH old-urgentmsgs RPAREN ]` */
function countsOf(value: Octets): MessageCounts | undefined {
  const form = /^(\d+)\s?\/\s?(\d+)(?:\s?\(\s?(\d+)\s?\/\s?(\d+)\s?\))?$/.exec(value);
  if (!form) return undefined;
  const count = (text: string | undefined) => (text === undefined ? undefined : capped(text));
  const [, fresh = "", old = "", urgentNew, urgentOld] = form;
  return {
    ...{ new: capped(fresh), old: capped(old) },
    ...{ urgentNew: count(urgentNew), urgentOld: count(urgentOld) },
  };
}

//= RFC 3842 §3.5
//# All counters have a maximum value of 4,294,967,295 ((2^32) - 1). Notifiers MUST NOT generate a
//# request with a larger value. Subscribers MUST treat a larger value as 2^32-1.
const capped = (digits: string): number => Math.min(MAX_COUNT, Number(digits));

/**
 * Writes one; counts over 2**32 - 1 are written as that. Throws a RangeError on what is no count,
 * no URI, or no name of a kind.
 */
export function formatMessageSummary({ isWaiting, account, counts }: MessageSummary): Octets {
  const lines = [`Messages-Waiting: ${isWaiting ? "yes" : "no"}`];
  if (account !== undefined) {
    const uri = fromText(account);
    if (!isUri(uri)) throw new RangeError(`no URI: ${account}`);
    lines.push(`Message-Account: ${uri}`);
  }
  for (const [kind, { new: fresh, old, urgentNew, urgentOld }] of counts) {
    if (!/^[a-zA-Z0-9-]+$/.test(kind)) throw new RangeError(`no kind of message: ${kind}`);
    const urgent = urgentNew ?? urgentOld;
    const more =
      urgent === undefined ? "" : ` (${checked(urgentNew ?? 0)}/${checked(urgentOld ?? 0)})`;
    lines.push(`${spelled(kind)}: ${checked(fresh)}/${checked(old)}${more}`);
  }
  return `${lines.join("\r\n")}\r\n`;
}

function checked(count: number): number {
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`no count: ${count}`);
  return Math.min(MAX_COUNT, count);
}

/** `Voice-Message`: what phones with an eye for capitals look for. */
const spelled = (kind: string): string => kind.replaceAll(/\b[a-z]/g, (one) => one.toUpperCase());
