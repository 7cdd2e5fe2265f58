/** What somebody pressed while the page was closed, as its service worker tells it. */
import type { CallCard, Desk } from "../phone/desk.ts";
import type { Store } from "../store.ts";
import type { Note } from "./note.ts";

/** A call that is held comes as soon as the page has registered. */
const ANSWER_WITHIN_MS = 40_000;

let latest: { readonly note: Note; readonly atMs: number } | undefined;
let told: (() => void) | undefined;

/** Listens from the first moment on: the page is opened for it. */
export function listenForPressed(): void {
  navigator.serviceWorker?.addEventListener("message", ({ data, ports }) => {
    // Only our own worker can say this, and it has read it with care.
    const note: Note | undefined = data?.carillon === "pressed" ? data.note : undefined;
    if (typeof note?.kind !== "string") return;
    ports[0]?.postMessage("heard");
    latest = { note, atMs: performance.now() };
    told?.();
  });
  navigator.serviceWorker?.startMessages();
}

export interface PressedParts {
  readonly desk: Store<Desk>;
  answer(callId: string, video: boolean): Promise<void>;
  /** A message, or a missed call: where that is. */
  open(uri: string, kind: "message" | "missed"): void;
}

/** Answers the call whose notification was pressed, once it rings here; until told to stop. */
export function followPressed({ desk, answer, open }: PressedParts): () => void {
  const look = (): void => {
    if (!latest || performance.now() - latest.atMs > ANSWER_WITHIN_MS) return;
    const { kind, from = "" } = latest.note;
    if (kind === "message" || kind === "missed") {
      latest = undefined;
      return open(from, kind);
    }
    if (kind !== "call") return;
    const card = desk.read().ringing.find((one) => isFrom(one, from));
    if (!card) return;
    latest = undefined;
    void answer(card.id, card.video);
  };
  told = look;
  const unlisten = desk.subscribe(look);
  look();
  return () => {
    told = undefined;
    unlisten();
  };
}

const isFrom = ({ peer }: CallCard, from: string): boolean => peer.uri === from;
