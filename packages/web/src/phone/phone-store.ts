/**
 * The library's phone, as something React can read: a desk of plain data, and the few things a
 * person can do with a call. The calls themselves stay in here.
 */
import {
  type Call,
  noticeSilence,
  Phone,
  type PhoneState,
  type SipError,
  trickle,
  type WebMedia,
} from "carillon";
import {
  followRedirects,
  keysByInfo,
  outbound,
  recordAware,
  reliably,
  sessionTimers,
} from "carillon/calling";
import {
  type IncomingTransfer,
  replacedBy,
  replacing,
  transferable,
  transfers,
} from "carillon/transfer";
import { chooseMedia } from "../call/media-choice.ts";
import { readDevices } from "../call/read-devices.ts";
import { createStore, type Store } from "../store.ts";
import { beSleepable } from "../wake/closed-page.ts";
import { type CallActions, callActions, hold, resume } from "./call-actions.ts";
import { CallBook, cardOf, follow } from "./call-book.ts";
import { type Desk, inCall, type Peer } from "./desk.ts";
import { keepIceServers } from "./ice-servers.ts";
import { type KeptCall, keepCalls, takeCalls } from "./kept-calls.ts";
import { keepInstance, takeInstance } from "./own-instance.ts";

export interface PhoneOptions {
  /** What tells this seat from others in the same tab. */
  readonly seat: string;
  readonly aor: string;
  readonly displayName: string;
  readonly server: string;
  readonly token: () => Promise<string>;
  readonly peerOf: (caller: Call["peer"]) => Peer;
}

export interface PhoneStore extends CallActions {
  /** The library's own phone, for what is no call: conversations, presence, files. */
  readonly line: Phone;
  readonly desk: Store<Desk>;
  readonly registration: Store<PhoneState>;
  media(callId: string): WebMedia | undefined;
  /** Calls somebody; with `beside`, while the call that goes on waits. */
  place(peer: Peer, video: boolean, beside?: boolean): Promise<void>;
  /** Ends the call that goes on, if there is one, before it answers; with `beside`, that waits. */
  answer(callId: string, video: boolean, beside?: boolean): Promise<void>;
  decline(callId: string): void;
  dismiss(): void;
  fold(folded: boolean): void;
  /** The other side of this call has left. */
  gone(callId: string): void;
  /** The page goes away: calls that go on are kept, for a page that is loaded anew. */
  leave(): void;
  close(): void;
}

const SIGN_IN_RETRY_MS = 4000;
const ABILITIES = [
  ...[reliably, sessionTimers, transferable, followRedirects, keysByInfo, trickle, outbound],
  recordAware,
] as const;

export function openPhone(options: PhoneOptions): PhoneStore {
  const { seat, aor, displayName, server, token, peerOf } = options;
  const book = new CallBook();
  const { trace } = book;
  const instance = takeInstance(sessionStorage, seat);
  const phone = new Phone({ aor, displayName, servers: [server], token, trace, instance });
  for (const able of ABILITIES) able(phone);
  noticeSilence(phone);
  beSleepable(phone, seat, localStorage);
  const registration = createStore<PhoneState>({ name: "Connecting" });
  const closing = new AbortController();

  void keepIceServers(phone, seat, closing.signal);
  void follow(phone.calls(), (call) => ring(book, call, peerOf(call.peer)));
  void follow(transfers(phone), (transfer) => passedOn(book, transfer, peerOf));
  const kept = takeCalls(sessionStorage, seat, performance.timeOrigin + performance.now());
  void register(phone, registration, closing.signal).then(() => comeBack(book, phone, kept));
  const unwatch = resumeAlone(book);

  return {
    ...callActions(book),
    line: phone,
    desk: book.desk,
    registration,
    media: (callId) => book.call(callId)?.media,
    place: (peer, video, beside = false) => place(book, phone, peer, video, beside),
    async answer(callId, video, beside = false) {
      const choice = chooseMedia(await readDevices(), video);
      const call = book.call(callId);
      // Pressed twice: the second one finds nothing that rings.
      if (call === undefined || call.state.name !== "Incoming") return;
      const peer = peerOf(call.peer);
      if (!choice.ok) {
        return book.tell({ kind: "Blocked", problem: { peer, video, callId, ...choice } });
      }
      const before = book.active;
      book.tell({ kind: "Answered", id: callId, video: choice.video, keeps: beside });
      if (before && beside) await hold(before).catch(book.sorry);
      else before?.hangUp();
      if (choice.notice !== undefined) book.tell({ kind: "Noticed", notice: choice.notice });
      // Why it failed comes as the call's end, too.
      await call.answer({ audio: true, video: choice.video }).catch(() => {});
    },
    decline: (callId) => book.call(callId)?.decline(),
    dismiss: () => book.tell({ kind: "Dismissed" }),
    fold: (folded) => book.tell({ kind: "Folded", folded }),
    gone: (callId) => book.gone(callId),
    leave() {
      keepInstance(sessionStorage, seat, instance);
      const calls = book.kept();
      if (calls.length === 0) return this.close();
      keepCalls(sessionStorage, seat, calls);
      book.leaveOthers();
    },
    close() {
      keepInstance(sessionStorage, seat, instance);
      closing.abort();
      unwatch();
      void phone.close().catch(() => {});
    },
  };
}

/** As they ask: whoever is passed on would have to call by hand otherwise. */
function passedOn(
  book: CallBook,
  transfer: IncomingTransfer<WebMedia>,
  peerOf: PhoneOptions["peerOf"],
): void {
  const by = transfer.call && peerOf(transfer.call.peer);
  const peer = peerOf({ uri: transfer.target, displayName: "" });
  book.quiet(transfer.call);
  const call = transfer.accept();
  const notice = by && `${by.name} connects you with ${peer.name}.`;
  const card = cardOf(call, peer, false);
  book.tell({ kind: "Placed", card, keeps: true, ...(notice && { notice }) });
  book.keep(call);
}

/** When the call in front has ended, the one that waited is taken back by itself. */
function resumeAlone(book: CallBook): () => void {
  let before = book.desk.read();
  return book.desk.subscribe(() => {
    const after = book.desk.read();
    const isBack = before.aside.some(({ id }) => id === after.active?.id);
    const isOver = !after.aside.some(({ id }) => id === before.active?.id);
    before = after;
    if (isBack && isOver && book.active) void resume(book.active).catch(book.sorry);
  });
}

/**
 * Once started, the phone keeps itself registered. It does not start without a first token, which
 * a server that is just restarting cannot give: that is tried again from here.
 */
async function register(
  phone: Phone,
  registration: Store<PhoneState>,
  signal: AbortSignal,
): Promise<void> {
  void follow(phone.states({ signal }), (state) => {
    if (state.name !== "Offline") registration.write(state);
  });
  while (!signal.aborted) {
    const error = await phone.register().then(
      () => undefined,
      (cause: SipError) => cause,
    );
    if (error === undefined || phone.state.name !== "Offline") return;
    registration.write({ name: "Connecting", error });
    await new Promise((resolve) => setTimeout(resolve, SIGN_IN_RETRY_MS));
  }
}

/** Into the calls that the page before this one had. */
async function comeBack(book: CallBook, phone: Phone, kept: readonly KeptCall[]): Promise<void> {
  // The one in front was kept first, and is put in front last.
  for (const { dialog, peer, video, establishedMs } of kept.toReversed()) {
    const call = phone.call(peer.uri, { audio: true, video }, replacing(dialog));
    const card = { ...cardOf(call, peer, video), establishedMs, resumes: true };
    book.tell({ kind: "Placed", card, keeps: true });
    book.keep(call);
  }
  const [, ...aside] = kept;
  if (aside.length === 0) return;
  await Promise.all(book.aside.map((call) => call.answered.then(() => hold(call)))).catch(
    book.sorry,
  );
}

async function place(
  book: CallBook,
  phone: Phone,
  peer: Peer,
  video: boolean,
  beside: boolean,
): Promise<void> {
  const choice = chooseMedia(await readDevices(), video);
  const before = book.active;
  // Pressed twice: one call is on its way already.
  if (inCall(book.desk.read()) && !(beside && before?.state.name === "Established")) return;
  if (!choice.ok) return book.tell({ kind: "Blocked", problem: { peer, video, ...choice } });
  const call = phone.call(peer.uri, { audio: true, video: choice.video });
  const card = cardOf(call, peer, choice.video);
  const { notice } = choice;
  const placed = { kind: "Placed", card, keeps: beside } as const;
  book.tell(notice === undefined ? placed : { ...placed, notice });
  book.keep(call);
  if (before) await hold(before).catch(book.sorry);
}

function ring(book: CallBook, call: Call, peer: Peer): void {
  const before = replacedBy(call);
  if (before) {
    // It has answered by itself: the other side moved, or somebody was put through.
    const old = book.desk.read();
    const card = [old.active, ...old.aside].find((one) => one?.id === before.id);
    book.quiet(before);
    book.tell({ kind: "Replaced", id: before.id, card: cardOf(call, peer, card?.video ?? false) });
  } else {
    const video = call.state.name === "Incoming" && call.state.video;
    book.tell({ kind: "Rang", card: cardOf(call, peer, video) });
  }
  book.keep(call);
}
