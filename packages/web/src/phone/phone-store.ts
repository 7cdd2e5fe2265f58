/**
 * The library's phone, as something React can read: a desk of plain data, and the few things a
 * person can do with a call. The calls themselves stay in here.
 */
import { type Call, Phone, type PhoneState, type SipError, type WebMedia } from "carillon";
import { chooseMedia, mediaFailure } from "../call/media-choice.ts";
import { readDevices } from "../call/read-devices.ts";
import { createStore, type Store } from "../store.ts";
import {
  type CallCard,
  type Desk,
  type DeskEvent,
  emptyDesk,
  inCall,
  type Peer,
  step,
} from "./desk.ts";

export interface PhoneOptions {
  readonly aor: string;
  readonly displayName: string;
  readonly server: string;
  readonly token: () => Promise<string>;
  readonly peerOf: (caller: Call["peer"]) => Peer;
}

export interface PhoneStore {
  readonly desk: Store<Desk>;
  readonly registration: Store<PhoneState>;
  media(callId: string): WebMedia | undefined;
  place(peer: Peer, video: boolean): Promise<void>;
  /** Ends the call that goes on, if there is one, before it answers. */
  answer(callId: string, video: boolean): Promise<void>;
  decline(callId: string): void;
  hangUp(): void;
  toggleMuted(): void;
  toggleCamera(): Promise<void>;
  dismiss(): void;
  fold(folded: boolean): void;
  close(): void;
}

/** Longer than this nobody walks to a phone. */
const RING_MS = 60_000;
const SIGN_IN_RETRY_MS = 4000;

export function openPhone(options: PhoneOptions): PhoneStore {
  const { aor, displayName, server, token } = options;
  const phone = new Phone({ aor, displayName, servers: [server], token });
  const desk = createStore(emptyDesk);
  const registration = createStore<PhoneState>({ name: "Connecting" });
  const calls = new Map<string, Call>();
  const closing = new AbortController();
  const tell = (event: DeskEvent): void => desk.write(step(desk.read(), event));
  const busy = (): boolean => inCall(desk.read());
  const book: Book = { calls, watched: new WeakSet(), busy, tell };

  void follow(phone.calls(), (call) => ring(book, call, options.peerOf(call.peer)));
  void register(phone, registration, closing.signal);

  const active = (): Call | undefined => calls.get(desk.read().active?.id ?? "");
  return {
    desk,
    registration,
    media: (callId) => calls.get(callId)?.media,
    place: (peer, video) => place(book, phone, peer, video),
    async answer(callId, video) {
      const choice = chooseMedia(await readDevices(), video);
      const call = calls.get(callId);
      // Pressed twice: the second one finds nothing that rings.
      if (call === undefined || call.state.name !== "Incoming") return;
      const peer = options.peerOf(call.peer);
      if (!choice.ok) return tell({ kind: "Blocked", problem: { peer, video, callId, ...choice } });
      const before = active();
      tell({ kind: "Answered", id: callId, video: choice.video });
      before?.hangUp();
      if (choice.notice !== undefined) tell({ kind: "Noticed", notice: choice.notice });
      // Why it failed comes as the call's end, too.
      await call.answer({ audio: true, video: choice.video }).catch(() => {});
    },
    decline: (callId) => calls.get(callId)?.decline(),
    hangUp: () => active()?.hangUp(),
    toggleMuted() {
      const media = active()?.media;
      media?.setMuted(!media.muted);
      tell({ kind: "MediaChanged" });
    },
    async toggleCamera() {
      const media = active()?.media;
      const sorry = (cause: Error) => tell({ kind: "Noticed", notice: cause.message });
      await media?.setCamera(!media.cameraOn).catch(sorry);
      tell({ kind: "MediaChanged" });
    },
    dismiss: () => tell({ kind: "Dismissed" }),
    fold: (folded) => tell({ kind: "Folded", folded }),
    close() {
      closing.abort();
      void phone.close().catch(() => {});
    },
  };
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

interface Book {
  readonly calls: Map<string, Call>;
  /** Media whose changes are told of. */
  readonly watched: WeakSet<WebMedia>;
  busy(): boolean;
  tell(event: DeskEvent): void;
}

async function place(book: Book, phone: Phone, peer: Peer, video: boolean): Promise<void> {
  const choice = chooseMedia(await readDevices(), video);
  // Pressed twice: one call is on its way already.
  if (book.busy()) return;
  if (!choice.ok) return book.tell({ kind: "Blocked", problem: { peer, video, ...choice } });
  const call = phone.call(peer.uri, { audio: true, video: choice.video });
  const card = cardOf(call, peer, choice.video);
  const { notice } = choice;
  book.tell(notice === undefined ? { kind: "Placed", card } : { kind: "Placed", card, notice });
  keep(book, call);
}

function ring(book: Book, call: Call, peer: Peer): void {
  const video = call.state.name === "Incoming" && call.state.video;
  book.tell({ kind: "Rang", card: cardOf(call, peer, video) });
  keep(book, call);
}

function cardOf(call: Call, peer: Peer, video: boolean): CallCard {
  return { id: call.id, direction: call.direction, peer, video, state: call.state };
}

/** Follows a call to its end. */
function keep(book: Book, call: Call): void {
  book.calls.set(call.id, call);
  call.answered.catch(() => {});
  const giveUp = setTimeout(() => {
    if (call.state.name !== "Ringing") return;
    book.tell({ kind: "GaveUp", id: call.id });
    call.hangUp();
  }, RING_MS);
  void follow(call.states(), (state) => void changed(book, call, state)).finally(() => {
    clearTimeout(giveUp);
    book.calls.delete(call.id);
  });
}

/** State by state; with the first one after media was asked for, media is there as well. */
async function changed(book: Book, call: Call, state: Call["state"]): Promise<void> {
  const nowMs = performance.timeOrigin + performance.now();
  watchMedia(book, call);
  if (state.name !== "Ended" || state.end.code !== "SIP_MEDIA") {
    return book.tell({ kind: "Changed", id: call.id, state, nowMs });
  }
  // The browser says little about why; what is plugged in and allowed says more.
  const message = mediaFailure(await readDevices()) ?? state.end.message;
  const end = { ...state.end, message };
  book.tell({ kind: "Changed", id: call.id, state: { name: "Ended", end }, nowMs });
}

/** Media is there once it was asked for, and its tracks come and go. */
function watchMedia(book: Book, { media }: Call): void {
  if (media === undefined || book.watched.has(media)) return;
  book.watched.add(media);
  media.on("change", () => book.tell({ kind: "MediaChanged" }));
  book.tell({ kind: "MediaChanged" });
}

/** An iteration that is aborted or closed is over, not wrong. */
async function follow<T>(things: AsyncIterable<T>, tell: (thing: T) => void): Promise<void> {
  try {
    for await (const thing of things) tell(thing);
  } catch {}
}
