/**
 * Headers in message/cpim that chats have beyond RFC 3862 and 5438: what a message replaces, takes
 * back, answers, or is about. Who does not know them shows the content, which says the same.
 */
import { bad, ok, type Result } from "../grammar/result.ts";
import { type CpimExtension, type CpimMessage, extensionsOf } from "./cpim.ts";
import { type FileReference, formatFileReference, parseFileReference } from "./file-reference.ts";
import { MAX_MESSAGE_ID } from "./journal.ts";

/** What a message says about others. At most one of `replaces`, `retracts` and `read`. */
export interface ChatHeaders {
  /** The Message-ID of an own message whose words these are now. */
  readonly replaces?: string;
  /** The Message-ID of an own message that is taken back. */
  readonly retracts?: string;
  /** To one's own address: the number of the last journal entry that was shown. */
  readonly read?: number;
  /** The Message-ID of what this answers. */
  readonly replyTo?: string;
  /** The file this is about. */
  readonly file?: FileReference;
}

/** The namespace of these headers, for NS. RFC 3862 §3.4. */
export const CHAT_NAMESPACE = "https://carillon.dev/ns/chat";
/** The prefix they are written with. */
export const CHAT_PREFIX = "chat";

const NAMES = {
  replaces: "Replaces",
  retracts: "Retracts",
  read: "Read",
  replyTo: "In-Reply-To",
  file: "File",
} as const;

const SOURCE = CHAT_NAMESPACE;

/**
 * Reads them.
 *
 * Errors (400): `bad-chat-header` for one that stands there twice, a Message-ID that is empty or
 * over 256 characters, a number that is none, a file that is none, and for several of Replaces,
 * Retracts and Read.
 */
export function chatHeadersOf(message: CpimMessage): Result<ChatHeaders> {
  const given = new Map<keyof ChatHeaders, string>();
  for (const [field, name] of Object.entries(NAMES) as [keyof ChatHeaders, string][]) {
    const [value, second] = extensionsOf(message, CHAT_NAMESPACE, name);
    if (second !== undefined) return fail(`${name} twice`);
    if (value !== undefined) given.set(field, value.trim());
  }
  for (const field of ["replaces", "retracts", "replyTo"] as const) {
    if (!isIdOrNone(given.get(field))) return fail(`${NAMES[field]}: not a Message-ID`);
  }
  const acts = ["replaces", "retracts", "read"] as const;
  if (acts.filter((one) => given.has(one)).length > 1) return fail("it cannot do two things");
  return withValues(given);
}

const isIdOrNone = (id: string | undefined): boolean =>
  id === undefined || (id !== "" && id.length <= MAX_MESSAGE_ID);

function withValues(given: ReadonlyMap<keyof ChatHeaders, string>): Result<ChatHeaders> {
  const [replaces, retracts] = [given.get("replaces"), given.get("retracts")];
  const [replyTo, readText, fileText] = [
    given.get("replyTo"),
    given.get("read"),
    given.get("file"),
  ];
  const read = readText !== undefined && /^\d{1,15}$/.test(readText) ? Number(readText) : undefined;
  if (readText !== undefined && read === undefined) return fail("Read: not a number");
  const file = fileText === undefined ? undefined : parseFileReference(fileText);
  if (fileText !== undefined && !file) return fail("File: not a file");
  return ok({
    ...(replaces !== undefined && { replaces }),
    ...(retracts !== undefined && { retracts }),
    ...(read !== undefined && { read }),
    ...(replyTo !== undefined && { replyTo }),
    ...(file && { file }),
  });
}

const fail = (what: string) => bad("bad-chat-header", what, 0, SOURCE);

/** Writes them, for `extensions` of `formatCpim`, with CHAT_PREFIX among its prefixes. */
export function chatExtensions(headers: ChatHeaders): readonly CpimExtension[] {
  const { replaces, retracts, read, replyTo, file } = headers;
  const values = {
    ...{ replaces, retracts, replyTo, read: read === undefined ? undefined : `${read}` },
    file: file && formatFileReference(file),
  };
  return (Object.keys(NAMES) as (keyof ChatHeaders)[]).flatMap((field) => {
    const value = values[field];
    return value === undefined ? [] : [{ namespace: CHAT_NAMESPACE, name: NAMES[field], value }];
  });
}
