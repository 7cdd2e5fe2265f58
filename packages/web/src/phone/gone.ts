/**
 * Who closed their page in the middle of a call: it says no good-bye, since it could be loading
 * anew. Somebody who stays away and is not heard has left.
 */
import type { WebMedia } from "carillon";
import type { Person } from "../api.ts";
import type { People } from "../people/people-store.ts";
import type { CallCard, Desk } from "./desk.ts";

/** A page that loads anew is back sooner. */
const AWAY_MS = 5000;
const SILENT_MS = 2000;
const LOOK_MS = 500;

/**
 * By call: that its other side was seen to be here, and since when they are away. Who shows nobody
 * that they are here never seems to have left.
 */
export type Away = ReadonlyMap<string, number | "Here">;

export interface Look {
  readonly desk: Desk;
  readonly people: People;
  readonly nowMs: number;
  /** Milliseconds since something was heard in this call. */
  readonly silentMs: (callId: string) => number;
}

/** One look: who is away by now, and whose call is over with that. */
export function lookAway(
  before: Away,
  look: Look,
): { readonly away: Away; readonly gone: readonly string[] } {
  const { desk, people, nowMs, silentMs } = look;
  const calls = [desk.active, ...desk.aside].filter((one) => one !== undefined);
  const away = new Map<string, number | "Here">();
  for (const card of calls) {
    const { id } = card;
    const known = before.get(id) ?? (isOnline(people, card) ? "Here" : undefined);
    if (known === undefined) continue;
    const isMissing = talks(card) && isOffline(people, card) && silentMs(id) > SILENT_MS;
    const sinceMs = known === "Here" ? nowMs : known;
    away.set(id, isMissing ? sinceMs : "Here");
  }
  const isGone = (since: number | "Here") =>
    since !== "Here" && nowMs - since >= AWAY_MS - SILENT_MS;
  return { away, gone: [...away].flatMap(([id, since]) => (isGone(since) ? [id] : [])) };
}

const talks = ({ state }: CallCard): boolean =>
  state.name === "Established" || state.name === "Reconnecting";

/** Only of people whom the house knows, and while it can be asked. */
const isOnline = (people: People, card: CallCard): boolean =>
  personIn(people, card)?.online === true;
const isOffline = (people: People, card: CallCard): boolean =>
  personIn(people, card)?.online === false;

const personIn = ({ list = [], current }: People, { peer }: CallCard): Person | undefined =>
  current ? list.find(({ aor }) => aor === peer.uri) : undefined;

export interface Watched {
  readonly desk: { read(): Desk };
  media(callId: string): WebMedia | undefined;
  gone(callId: string): void;
}

/** Ends calls whose other side has left; until it is told to stop. */
export function watchForGone(phone: Watched, people: { read(): People }): () => void {
  let away: Away = new Map();
  const timer = setInterval(() => {
    const nowMs = performance.timeOrigin + performance.now();
    const silentMs = (id: string) => nowMs - heardMs(phone.media(id));
    const seen = lookAway(away, {
      desk: phone.desk.read(),
      people: people.read(),
      nowMs,
      silentMs,
    });
    away = seen.away;
    for (const id of seen.gone) phone.gone(id);
  }, LOOK_MS);
  return () => clearInterval(timer);
}

/** When the last sound came, silence counted as sound. */
function heardMs(media: WebMedia | undefined): number {
  const receivers = media?.peerConnection.getReceivers() ?? [];
  const times = receivers
    .flatMap((one) => one.getSynchronizationSources())
    .map((one) => one.timestamp);
  const lastMs = Math.max(Number.NEGATIVE_INFINITY, ...times);
  // Counted from when the page began, or, in some browsers, from 1970.
  return lastMs > performance.timeOrigin / 2 ? lastMs : performance.timeOrigin + lastMs;
}
