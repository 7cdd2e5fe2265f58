/** Conversations of a phone: `conversations(phone)`. What is behind it: `conversation-desk.ts`. */
import { MAX_JOURNAL_ENTRIES } from "../documents/journal.ts";
import { fromText } from "../grammar/octets.ts";
import { SipError } from "../ua/sip-error.ts";
import { escapeUser } from "../uri/sip-uri.ts";
import { chatAddress } from "./chat-address.ts";
import { ConversationDesk } from "./conversation-desk.ts";
import type { ConversationView, Item } from "./conversation-view.ts";
import type {
  Conversation,
  Conversations,
  ConversationsOptions,
  Found,
  SyncState,
} from "./conversations-api.ts";
import { conversationIn, noConversations, reduceAll } from "./conversations-state.ts";
import { sayMembers } from "./group.ts";
import { viewOf } from "./view-of.ts";

/**
 * The conversations of a phone: one of `carillon/node`, of `carillon/browser`, or any other. Begins
 * to read the journal at once. There is one for each, which takes the place of its `chat`: throws
 * an Error for a second, a TypeError for what is no phone, and a SipError once that is closed.
 */
export function conversations(phone: object, options: ConversationsOptions = {}): Conversations {
  const desk = new ConversationDesk(phone, options);
  return {
    list: () => desk.list(),
    changes: (more) => desk.lists(more),
    get unread(): number {
      return desk.unread;
    },
    get state(): SyncState {
      return desk.sync.current;
    },
    states: (more) => desk.sync.values(more),
    open: (uri) => opened(desk, chatAddress(uri)),
    find: (text, { limit = 50 } = {}) => find(desk, text, limit),
    createGroup: async (name, title, members) => {
      const uri = groupAddress(desk.own, name);
      const all = members.map(chatAddress);
      await sayMembers(desk, uri, title, [desk.own, ...all.filter((one) => one !== desk.own)]);
      return opened(desk, uri);
    },
    close: () => desk.parts.whileOpen(() => desk.leave()),
  };
}

const PLAIN_TEXT = "text/plain;charset=UTF-8";

function opened(desk: ConversationDesk, uri: string): Conversation {
  return {
    uri,
    view: () => desk.view(uri),
    changes: (options) => desk.views(uri, options),
    send: (text, { contentType = PLAIN_TEXT, ...more } = {}) =>
      desk.write(uri, text, { contentType, ...more }),
    edit: (id, text) => {
      own(desk, uri, id);
      desk.post(uri, uri, { kind: "Edit", of: id, text });
    },
    retract: (id) => {
      const { state } = own(desk, uri, id);
      if ((state === "Failed" || state === "Waiting") && desk.forget(uri, id)) return;
      desk.post(uri, uri, { kind: "Retract", of: id });
    },
    again: (id) => desk.again(uri, id),
    composing: () => desk.composing(uri, true),
    stopped: () => desk.composing(uri, false),
    read: () => desk.read(uri),
    earlier: (limit = 50) => earlier(desk, uri, limit),
    setMembers: (members) => {
      const others = members.map(chatAddress).filter((one) => one !== desk.own);
      return sayMembers(desk, uri, group(desk, uri).title, [desk.own, ...others]);
    },
    setTitle: (title) => sayMembers(desk, uri, title, group(desk, uri).members),
    leave: () => {
      const { title, members } = group(desk, uri);
      return sayMembers(
        desk,
        uri,
        title,
        members.filter((one) => one !== desk.own),
      );
    },
  };
}

/** The address of a group in one's own domain. Throws a RangeError on no name. */
function groupAddress(own: string, name: string): string {
  const [, home] = own.split("@");
  if (home === undefined || name.trim() === "") throw new RangeError(`no name of a group: ${name}`);
  return chatAddress(`sip:${escapeUser(fromText(name.trim()))}@${home}`);
}

function group(desk: ConversationDesk, uri: string): ConversationView {
  const view = desk.view(uri);
  if (!desk.state(uri).group) throw new RangeError(`${uri} is no group`);
  return view;
}

/** One's own message with this id. */
function own(desk: ConversationDesk, uri: string, id: string): Item {
  const item = desk.view(uri).items.findLast((one) => one.id === id && one.isOwn);
  if (!item || item.isRetracted) throw new RangeError(`no message of one's own: ${id}`);
  return item;
}

/** Pages to look through for messages: receipts and read marks are entries, too. */
const MAX_PAGES = 20;

async function earlier(desk: ConversationDesk, uri: string, limit: number): Promise<boolean> {
  if (desk.reader.mode === "Plain") return false;
  const first = desk.state(uri).items[0]?.seq;
  const query = { with: uri, limit: Math.min(MAX_JOURNAL_ENTRIES, Math.max(1, limit) * 3) };
  let before = first ?? Number.MAX_SAFE_INTEGER;
  let found = 0;
  for (let nth = 0; nth < MAX_PAGES; nth++) {
    const { entries, isWhole } = await desk.reader.fetch({ ...query, before });
    const [oldest] = entries;
    const isDone = isWhole || !oldest;
    const count = entries.filter(({ what }) => what.kind === "Message").length;
    const from = oldest?.seq ?? before;
    desk.parts.whileOpen(() =>
      desk.apply([
        { kind: "Earlier", conversation: uri, count, from, isWhole: isDone },
        ...entries,
      ]),
    );
    found += count;
    before = from;
    if (isDone) return false;
    if (found >= limit) return true;
  }
  return true;
}

async function find(
  desk: ConversationDesk,
  text: string,
  limit: number,
): Promise<readonly Found[]> {
  if (desk.reader.mode !== "Journal") {
    throw new SipError("SIP_UNAVAILABLE", "There is no server that keeps what was said.");
  }
  const { entries } = await desk.reader.fetch({ find: text, limit });
  const found = reduceAll(noConversations(desk.own), entries);
  const seen = new Set<string>();
  return entries.toReversed().flatMap((entry): readonly Found[] => {
    const { conversation, what } = entry;
    if (what.kind !== "Message" && what.kind !== "Edited") return [];
    const key = `${what.from} ${what.id}`;
    const known = desk.view(conversation).items;
    const then = viewOf(conversationIn(found, conversation), true).items;
    const item = itemIn(known, what) ?? itemIn(then, what);
    if (!item || item.isRetracted || seen.has(key)) return [];
    seen.add(key);
    return [{ conversation, item }];
  });
}

const itemIn = (items: ConversationView["items"], what: { id: string; from: string }) =>
  items.find(({ id, from }) => id === what.id && from === what.from);
