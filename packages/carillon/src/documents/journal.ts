/**
 * The journal of an account: what was said in its conversations, in the order in which a server
 * took it. A client reads it to the end, and goes on from there. Its type is
 * `application/carillon-journal+json`.
 */
import { fromText, type Octets, toText } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { type FileReference, fileReferenceIn } from "./file-reference.ts";
import { type Check, countOf, jsonIn, listOf, objectOf, textOf, wordOf } from "./json-fields.ts";

/** Some entries of one journal. */
export interface JournalPage {
  /** By their numbers, rising; 1,000 at most. Between two of them there may be a gap. */
  readonly entries: readonly Entry[];
  /** The highest number that exists; 0 where nothing was ever said. */
  readonly last: number;
  /** There is nothing more beyond this page, in the direction in which it was asked for. */
  readonly isWhole: boolean;
}

/** One thing that happened in one conversation. */
export interface Entry {
  /** Its number in this journal: 1 or more, and never given twice. */
  readonly seq: number;
  /** When the server took it, in ms since 1970 by its clock. */
  readonly at: number;
  /** The address of the other person or of the group, as the journal's owner sees it. */
  readonly conversation: string;
  /** What happened. */
  readonly what: What;
}

/** What happened. Addresses are SIP URIs without parameters; ids are Message-IDs. RFC 5438 §6.3. */
export type What = Said | Edited | Retracted | ReceiptTold | ReadUpTo | GroupChanged;

/** Somebody said something; the owner of the journal too, on any device. */
export interface Said {
  /** Tells it from the others. */
  readonly kind: "Message";
  /** Its Message-ID, which its sender gave it. RFC 5438 §6.3. */
  readonly id: string;
  /** Who said it. */
  readonly from: string;
  /** With its parameters: `text/plain;charset=UTF-8`. */
  readonly contentType: string;
  /** Text where the type is `text/…`, otherwise as `encoding` says. */
  readonly body: string;
  /** There where the body is no text. */
  readonly encoding?: "base64";
  /** The file it is about: `body` says the same to clients that show none. */
  readonly file?: FileReference;
  /** The Message-ID of what it answers. */
  readonly replyTo?: string;
  /** What its sender wants to hear. RFC 5438 §6.1. */
  readonly wants?: readonly ReceiptWish[];
}

/** What a sender may want to hear about a message. RFC 5438 §6.1. */
export type ReceiptWish = "delivered" | "displayed" | "failed";

/** Its sender has put other words in its place. */
export interface Edited {
  /** Tells it from the others. */
  readonly kind: "Edited";
  /** Of the message whose words these are now. */
  readonly id: string;
  /** Who wrote both. */
  readonly from: string;
  /** `text/…` */
  readonly contentType: string;
  /** Text. */
  readonly body: string;
}

/** Its sender has taken it back. */
export interface Retracted {
  /** Tells it from the others. */
  readonly kind: "Retracted";
  /** Of the message that is gone. */
  readonly id: string;
  /** Who wrote it. */
  readonly from: string;
}

/** What became of a message of the journal's owner. RFC 5438 §7. */
export interface ReceiptTold {
  /** Tells it from the others. */
  readonly kind: "Receipt";
  /** Of the message it is about. */
  readonly id: string;
  /** Whose receipt it is. */
  readonly by: string;
  /** It is on a device of theirs; they have seen it; it will not arrive. */
  readonly status: "delivered" | "displayed" | "failed";
  /** A phone of theirs took it, as the server saw; neither they nor the phone have said so. */
  readonly isSeenByServer?: true;
}

/** The journal's owner has seen a conversation up to here, on one of their devices. */
export interface ReadUpTo {
  /** Tells it from the others. */
  readonly kind: "Read";
  /** The number of the last entry that was shown. */
  readonly upTo: number;
}

/** A group was made or changed; without the journal's owner in it: they have left. */
export interface GroupChanged {
  /** Tells it from the others. */
  readonly kind: "Group";
  /** For people, 200 characters at most. */
  readonly title: string;
  /** Everybody in it from now on; 200 at most. */
  readonly members: readonly string[];
  /** Who changed it. */
  readonly by: string;
}

/** The type of a page, for Content-Type and Accept. */
export const JOURNAL_TYPE = "application/carillon-journal+json";
/** Entries of one page. */
export const MAX_JOURNAL_ENTRIES = 1000;
/** Octets of one page. */
export const MAX_JOURNAL_PAGE = 1_048_576;
/** Octets of what one message says. */
export const MAX_MESSAGE_BODY = 16_384;
/** Members of a group. */
export const MAX_GROUP_MEMBERS = 200;
/** Characters of a group's title. */
export const MAX_GROUP_TITLE = 200;
/** Characters of a Message-ID. */
export const MAX_MESSAGE_ID = 256;
/** Characters of an address. */
export const MAX_ADDRESS = 512;

const SOURCE = "carillon-journal";

const id = textOf(MAX_MESSAGE_ID, 1);
const address = textOf(MAX_ADDRESS, 1);
const contentType = textOf(256, 1);
// Base64 takes four characters for three octets.
const body = textOf((MAX_MESSAGE_BODY / 3) * 4 + 4);

const KINDS: { readonly [K in What["kind"]]: Check<Extract<What, { kind: K }>> } = {
  Message: objectOf<Said>({
    ...{ kind: wordOf("Message"), id, from: address, contentType, body },
    encoding: { optional: wordOf("base64") },
    file: { optional: fileReferenceIn },
    replyTo: { optional: id },
    wants: { optional: listOf(wordOf("delivered", "displayed", "failed"), 3) },
  }),
  Edited: objectOf<Edited>({ kind: wordOf("Edited"), id, from: address, contentType, body }),
  Retracted: objectOf<Retracted>({ kind: wordOf("Retracted"), id, from: address }),
  Receipt: objectOf<ReceiptTold>({
    ...{ kind: wordOf("Receipt"), id, by: address },
    status: wordOf("delivered", "displayed", "failed"),
    isSeenByServer: { optional: (value: unknown) => (value === true ? value : undefined) },
  }),
  Read: objectOf<ReadUpTo>({ kind: wordOf("Read"), upTo: countOf }),
  Group: objectOf<GroupChanged>({
    ...{ kind: wordOf("Group"), title: textOf(MAX_GROUP_TITLE), by: address },
    members: listOf(address, MAX_GROUP_MEMBERS),
  }),
};

/** The outside of an entry: its `what` is looked at by its kind. */
const outside = objectOf({
  ...{ seq: countOf, at: countOf, conversation: address },
  what: objectOf({ kind: textOf(32, 1) }),
});
const page = objectOf({
  entries: (value: unknown) =>
    Array.isArray(value) && value.length <= MAX_JOURNAL_ENTRIES ? value : undefined,
  last: countOf,
  isWhole: (value: unknown) => (typeof value === "boolean" ? value : undefined),
});

/**
 * Reads a page. Entries of a kind that is not known are left out: a server may be newer than its
 * client.
 *
 * Errors (400): `bad-document` for what is no JSON, what is over a limit (1,048,576 octets, 1,000
 * entries, 16,384 octets of one message, 200 members), a field that is missing or of another kind,
 * numbers that do not rise, and such over `last`.
 */
export function parseJournalPage(octets: Octets): Result<JournalPage> {
  if (octets.length > MAX_JOURNAL_PAGE) return fail("too large");
  const read = page(jsonIn(toText(octets)));
  if (!read) return fail("expected entries, last and isWhole");
  const entries: Entry[] = [];
  let before = 0;
  for (const [nth, given] of read.entries.entries()) {
    const around = outside(given);
    if (!around) return fail(`entry ${nth} is none`);
    if (around.seq <= before || around.seq > read.last) return fail(`entry ${nth} is out of order`);
    before = around.seq;
    const kind = around.what.kind;
    if (!Object.hasOwn(KINDS, kind)) continue;
    const what = KINDS[kind as What["kind"]]((given as { what: unknown }).what);
    if (!what) return fail(`entry ${nth} says nothing as a ${kind}`);
    entries.push({ ...around, what });
  }
  return ok({ entries, last: read.last, isWhole: read.isWhole });
}

const fail = (what: string) => bad("bad-document", what, 0, SOURCE);

/** Writes a page. What it holds is not looked at: it comes from a store. */
export const formatJournalPage = (page: JournalPage): Octets => fromText(JSON.stringify(page));

/** What an entry takes of a page, in octets. */
export const octetsOfEntry = (entry: Entry): number => fromText(JSON.stringify(entry)).length + 1;
