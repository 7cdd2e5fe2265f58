/**
 * The conversations of a seat, as something React can read. What is written waits in the browser's
 * storage until the house has it.
 */

import type {
  Conversation,
  Conversations,
  ConversationView,
  Found,
  SyncState,
} from "carillon/chat";
import { follow } from "../phone/call-book.ts";
import type { Drawer } from "../phone/kept-calls.ts";
import { createStore, type Store } from "../store.ts";
import { type Drafts, openDrafts } from "./drafts.ts";
import { fileLine } from "./file-words.ts";
import { groupName } from "./group-check.ts";
import { openUploads, type SendFile, type Uploads } from "./uploads.ts";

export interface ChatStore {
  /** Latest first. */
  readonly list: Store<readonly ConversationView[]>;
  readonly state: Store<SyncState>;
  readonly drafts: Drafts;
  readonly uploads: Uploads;
  open(uri: string): Conversation;
  /** Sends a message. */
  send(uri: string, text: string, replyTo?: string): void;
  /** Brings files there, and sends a message for each. */
  sendFiles(uri: string, files: readonly File[], replyTo?: string): void;
  find(text: string): Promise<readonly Found[]>;
  createGroup(title: string, members: readonly string[]): Promise<Conversation>;
  close(): void;
}

export interface ChatOptions {
  readonly conversations: Conversations;
  readonly sendFile: SendFile;
  readonly drawer: Drawer;
  readonly seat: string;
  /** Somebody has written something here. */
  readonly wrote: () => void;
}

const MOST_FOUND = 50;

export function openChat({ conversations, sendFile, drawer, seat, wrote }: ChatOptions): ChatStore {
  const list = createStore(conversations.list());
  const state = createStore(conversations.state);
  void follow(conversations.changes(), list.write);
  void follow(conversations.states(), state.write);
  const uploads = openUploads(sendFile);
  return {
    ...{ list, state, uploads },
    drafts: openDrafts(drawer, seat),
    open: (uri) => conversations.open(uri),
    send(uri, text, replyTo) {
      conversations.open(uri).send(text, replyTo === undefined ? {} : { replyTo });
      wrote();
    },
    sendFiles(uri, files, replyTo) {
      wrote();
      for (const file of files) {
        uploads.begin(uri, file, (reference) => {
          const reply = replyTo === undefined ? {} : { replyTo };
          conversations.open(uri).send(fileLine(reference), { file: reference, ...reply });
        });
      }
    },
    find: (text) => conversations.find(text, { limit: MOST_FOUND }),
    createGroup: (title, members) =>
      conversations.createGroup(groupName(title, randomName()), title.trim(), members),
    close() {
      uploads.close();
      conversations.close();
    },
  };
}

/** Eight characters that nobody guesses and everybody can read out. */
function randomName(): string {
  const octets = crypto.getRandomValues(new Uint8Array(8));
  return [...octets].map((octet) => "abcdefghjkmnpqrstuvwxyz23456789"[octet % 31]).join("");
}
