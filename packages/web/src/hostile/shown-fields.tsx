/**
 * Not part of the page: each place of it that shows what others say, for a text of one's choice.
 * `e2e` mounts them in a browser with every hostile string.
 */
import type { Conversation, ConversationView, Item } from "carillon/chat";
import type { Presence } from "carillon/documents";
import type { ReactNode } from "react";
import type { Person } from "../api.ts";
import { CallHead } from "../call/call-head.tsx";
import { EndedCall } from "../call/ended-call.tsx";
import { IncomingCall } from "../call/incoming-call.tsx";
import { OtherCalls } from "../call/other-calls.tsx";
import { SecondCall } from "../call/second-call.tsx";
import { Bubble } from "../chat/bubble.tsx";
import { ConversationHead } from "../chat/conversation-head.tsx";
import { ConversationRow } from "../chat/conversation-row.tsx";
import { titleOf } from "../chat/names.ts";
import { timeline } from "../chat/timeline.ts";
import { TypingLine } from "../chat/typing-line.tsx";
import { plainName } from "../look/plain-name.ts";
import { DeviceRow } from "../people/device-row.tsx";
import { peerOf } from "../people/peer-name.ts";
import { PersonRow } from "../people/person-row.tsx";
import { addressKey } from "../people/presence-store.ts";
import { type CallCard, type Desk, emptyDesk } from "../phone/desk.ts";
import { type SeatSession, SessionContext } from "../phone/seat-session.ts";
import { createStore } from "../store.ts";

const [ME, ANN] = ["sip:me@house.example", "sip:ann@house.example"];
const GROUP = "sip:group@house.example";

export interface Field {
  readonly name: string;
  /** It stands above everything, so that one is looked at at a time. */
  readonly isAbove?: boolean;
  /** What of the text has to be read there; the whole text as a name if left out. */
  readonly read?: (text: string) => string;
  show(text: string): ReactNode;
}

const item = (more: Partial<Item>): Item => ({
  ...{ id: "1", from: ANN, isOwn: false, at: new Date(0), contentType: "text/plain" },
  ...{ text: "Hello", state: "Delivered", displayedBy: [], isEdited: true, isRetracted: false },
  seq: 1,
  ...more,
});

const view = (more: Partial<ConversationView>): ConversationView => ({
  ...{ uri: ANN, title: "", isGroup: false, members: [ME, ANN], items: [] },
  ...{ unread: 3, composing: [], hasEarlier: false, ...more },
});

const person = (displayName: string): Person => ({
  ...{ name: "ann", displayName: plainName(displayName, "ann"), aor: ANN },
  ...{ online: true, you: false },
});

const presence = (note: string): Presence => ({
  ...{ entity: ANN, notes: [note] },
  tuples: [
    {
      ...{ id: "t", basic: "open", notes: [] },
      ...{ contact: undefined, priority: undefined, timestamp: undefined },
    },
  ],
  activities: ["meeting"],
});

interface Around {
  readonly people?: readonly Person[];
  readonly note?: string;
  readonly desk?: Desk;
}

/** As much of a session as these parts look at. */
function inSession(shown: ReactNode, { people = [], note, desk = emptyDesk }: Around): ReactNode {
  const told = note === undefined ? [] : ([[addressKey(ANN), presence(note)]] as const);
  const session = {
    seat: "me",
    me: { name: "me", displayName: "Me", aor: ME, owner: false, domain: "house.example", sip: "" },
    people: { people: createStore({ list: people, current: true }) },
    presence: { standings: createStore(new Map(told)) },
    phone: {
      desk: createStore(desk),
      registration: createStore({ name: "Registered" }),
      ...{ media: () => undefined, dismiss() {}, place() {}, decline() {} },
    },
  };
  return (
    <SessionContext.Provider value={session as unknown as SeatSession}>
      {shown}
    </SessionContext.Provider>
  );
}

const actions = { reply() {}, edit() {}, retract() {}, again() {}, goTo() {} };

function bubble(one: Item, more: Partial<ConversationView> = {}, quoted?: Item): ReactNode {
  const shown = view({ items: [one], ...more });
  const [row] = timeline(shown.items).filter((it) => it.kind === "Item");
  if (!row) throw new Error("a message has a row");
  const props = {
    row,
    view: shown,
    quoted,
    isNewestOwn: false,
    isStop: false,
    marked: false,
    actions,
  };
  return (
    <ol>
      <Bubble {...props} />
    </ol>
  );
}

const row = (one: ConversationView): ReactNode => (
  <ul>
    <ConversationRow view={one} selected={false} draft="" onSelect={() => {}} />
  </ul>
);

function head(one: ConversationView): ReactNode {
  const title = titleOf(one, () => "Ann");
  const conversation = {} as Conversation;
  return (
    <ConversationHead conversation={conversation} view={one} title={title} onBack={() => {}} />
  );
}

function card(name: string, more: Partial<CallCard> = {}): CallCard {
  const peer = peerOf({ uri: "sip:x@elsewhere.example", displayName: name }, []);
  const state = { name: "Ringing", direction: "incoming" } as unknown as CallCard["state"];
  return { id: "1", direction: "incoming", peer, video: false, state, ...more };
}

const file = (more: object): Item =>
  item({
    file: {
      ...{ url: `${location.origin}/f/1/x`, name: "x.pdf", size: 10, type: "application/pdf" },
      ...more,
    },
  });

const nothing = (): string => "";
const ended = (message: string) => ({
  card: card("Ann", { direction: "outgoing" }),
  end: { by: "remote", code: "SIP_REJECTED", status: 499, message } as const,
});

/** All of them. */
export const FIELDS: readonly Field[] = [
  { name: "text", read: (text) => text, show: (text) => inSession(bubble(item({ text })), {}) },
  {
    name: "sender in a group",
    show: (text) => inSession(bubble(item({}), { isGroup: true }), { people: [person(text)] }),
  },
  {
    name: "address of a sender",
    read: nothing,
    show: (text) => inSession(bubble(item({ from: text }), { isGroup: true }), {}),
  },
  {
    name: "text that is answered",
    show: (text) => inSession(bubble(item({}), {}, item({ text })), {}),
  },
  { name: "file name", show: (name) => inSession(bubble(file({ name })), {}) },
  { name: "file address", read: nothing, show: (url) => inSession(bubble(file({ url })), {}) },
  { name: "file type", read: nothing, show: (type) => inSession(bubble(file({ type })), {}) },
  {
    name: "sound's name",
    read: nothing,
    show: (name) => inSession(bubble(file({ name, type: "audio/ogg" })), {}),
  },
  {
    name: "group title in the list",
    show: (title) => inSession(row(view({ uri: GROUP, isGroup: true, title })), {}),
  },
  { name: "last line", show: (text) => inSession(row(view({ items: [item({ text })] })), {}) },
  {
    name: "name in the list",
    show: (text) => inSession(row(view({})), { people: [person(text)] }),
  },
  {
    name: "group title above",
    show: (title) => inSession(head(view({ uri: GROUP, isGroup: true, title })), {}),
  },
  { name: "note above", read: nothing, show: (note) => inSession(head(view({})), { note }) },
  {
    name: "who is writing",
    show: (text) => {
      const one = view({ isGroup: true, composing: [ANN] });
      return inSession(<TypingLine view={one} />, { people: [person(text)] });
    },
  },
  ...people(),
  ...calls(),
];

function people(): readonly Field[] {
  const list = (one: Person): ReactNode => (
    <ul>
      <PersonRow
        {...{ person: one, selected: false, barrier: undefined }}
        onSelect={() => {}}
        onCall={() => {}}
      />
    </ul>
  );
  const device = { id: "d", deskPhone: false, createdAt: 0, here: true };
  return [
    {
      name: "display name",
      show: (text) => inSession(list(person(text)), { people: [person(text)] }),
    },
    {
      name: "note",
      read: nothing,
      show: (note) => inSession(list(person("Ann")), { people: [person("Ann")], note }),
    },
    {
      name: "a device's own name",
      read: nothing,
      show: (label) =>
        inSession(
          <ul>
            <DeviceRow device={{ ...device, label }} onRevoked={() => {}} />
          </ul>,
          {},
        ),
    },
  ];
}

function calls(): readonly Field[] {
  const established = { name: "Established" } as unknown as CallCard["state"];
  return [
    {
      name: "who calls",
      isAbove: true,
      show: (text) =>
        inSession(<IncomingCall />, { desk: { ...emptyDesk, ringing: [card(text)] } }),
    },
    {
      name: "who calls as well",
      show: (text) => inSession(<SecondCall card={card(text)} />, {}),
    },
    {
      name: "who waits",
      show: (text) => {
        const aside = [card(text, { id: "2", state: established })];
        const desk = { ...emptyDesk, active: card("Ann", { state: established }), aside };
        return inSession(<OtherCalls desk={desk} />, { desk });
      },
    },
    {
      name: "whom one talks to",
      show: (text) =>
        inSession(<CallHead card={card(text)} over={false} folded={false} media={undefined} />, {}),
    },
    {
      name: "reason of an end",
      read: nothing,
      show: (text) => inSession(<EndedCall ended={ended(text)} />, {}),
    },
  ];
}
