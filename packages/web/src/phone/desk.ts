/**
 * What lies on the desk of one person: the call they are in, those that wait beside it, calls that
 * ring, how the last one ended. Plain data and one pure step; the library's own calls stay in the
 * phone store.
 */
import type { CallEnd, CallState } from "carillon";
import type { BridgeTold, RecordingTold } from "carillon/calling";
import { missingPicture } from "../call/bridge-words.ts";

export interface Peer {
  readonly name: string;
  readonly uri: string;
}

export interface CallCard {
  readonly id: string;
  readonly direction: "outgoing" | "incoming";
  readonly peer: Peer;
  /** Whether this side asked for, or was offered, a picture. */
  readonly video: boolean;
  readonly state: CallState;
  readonly establishedMs?: number;
  /** Nobody picked up for so long that this side stopped ringing. */
  readonly gaveUp?: boolean;
  /** It goes on from a page that was loaded anew. */
  readonly resumes?: boolean;
  /** The other side closed its page. */
  readonly gone?: boolean;
  /** A phone of theirs is being woken, and none rings. */
  readonly waking?: boolean;
  /** Somebody records it, or did. */
  readonly recording?: RecordingTold;
  /** What the house says of a call that it stands in between. */
  readonly bridge?: BridgeTold;
}

export interface EndedCard {
  readonly card: CallCard;
  readonly end: CallEnd;
  readonly durationMs?: number;
}

/** A call that could not begin: there is no microphone, or it was refused. */
export interface Problem {
  readonly peer: Peer;
  readonly video: boolean;
  /** The incoming call that could not be answered; absent if this side wanted to call. */
  readonly callId?: string;
  readonly what: string;
  readonly doThis: string;
}

export interface Desk {
  readonly active?: CallCard;
  /** Calls beside the active one: on hold, or joined with it. */
  readonly aside: readonly CallCard[];
  /** All of them hear each other. */
  readonly joined: boolean;
  readonly ringing: readonly CallCard[];
  readonly ended?: EndedCard;
  readonly problem?: Problem;
  /** A line about something that happened beside the call. */
  readonly notice?: string;
  /** The call is a small card in the corner while the person looks at something else. */
  readonly folded: boolean;
  /** Counts changes of tracks, mute and camera, which live in the media itself. */
  readonly mediaRevision: number;
}

export type DeskEvent =
  /** With `keeps`, the call before is kept beside; else it is over, whatever comes of it later. */
  | {
      readonly kind: "Placed";
      readonly card: CallCard;
      readonly notice?: string;
      readonly keeps?: boolean;
    }
  | { readonly kind: "Rang"; readonly card: CallCard }
  | {
      readonly kind: "Changed";
      readonly id: string;
      readonly state: CallState;
      readonly nowMs: number;
    }
  | {
      readonly kind: "Answered";
      readonly id: string;
      readonly video: boolean;
      readonly keeps?: boolean;
    }
  /** The one beside comes to the front. */
  | { readonly kind: "Swapped"; readonly id: string }
  | { readonly kind: "Joined"; readonly joined: boolean }
  /** The same conversation in another call: the other side moved, or put somebody through. */
  | { readonly kind: "Replaced"; readonly id: string; readonly card: CallCard }
  | { readonly kind: "GaveUp"; readonly id: string }
  | { readonly kind: "Gone"; readonly id: string }
  | { readonly kind: "Bridged"; readonly id: string; readonly bridge: BridgeTold }
  | { readonly kind: "Recording"; readonly id: string; readonly recording: RecordingTold }
  | { readonly kind: "Waking"; readonly id: string; readonly waking: boolean }
  | { readonly kind: "MediaChanged" }
  | { readonly kind: "Blocked"; readonly problem: Problem }
  | { readonly kind: "Noticed"; readonly notice: string }
  | { readonly kind: "Dismissed" }
  | { readonly kind: "Folded"; readonly folded: boolean };

export const emptyDesk: Desk = {
  aside: [],
  joined: false,
  ringing: [],
  folded: false,
  mediaRevision: 0,
};

export function step(desk: Desk, event: DeskEvent): Desk {
  switch (event.kind) {
    case "Placed":
      return noticed(inFront(cleared(desk), event.card, event.keeps), event.notice);
    case "Rang":
      // How the last call ended is old news now; beside a call there is no such thing anyway.
      return { ...cleared(desk), ringing: [...desk.ringing, event.card] };
    case "Changed":
      return event.state.name === "Ended"
        ? ended(desk, event.id, event.state.end, event.nowMs)
        : changed(desk, event.id, event.state, event.nowMs);
    case "Answered":
      return answered(desk, event.id, event.video, event.keeps);
    case "Swapped":
      return swapped(desk, event.id);
    case "Joined":
      return { ...desk, joined: event.joined && desk.aside.length > 0 };
    case "Replaced":
      return replaced(desk, event.id, event.card);
    case "GaveUp":
      return onCard(desk, event.id, (card) => ({ ...card, gaveUp: true }));
    case "Gone":
      return onCard(desk, event.id, (card) => ({ ...card, gone: true }));
    case "Bridged":
      return bridged(desk, event.id, event.bridge);
    case "Recording":
      return onCard(desk, event.id, (card) => ({ ...card, recording: event.recording }));
    case "Waking":
      return onCard(desk, event.id, (card) => ({ ...card, waking: event.waking }));
    case "MediaChanged":
      return { ...desk, mediaRevision: desk.mediaRevision + 1 };
    case "Blocked":
      return { ...cleared(desk), problem: event.problem, folded: false };
    case "Noticed":
      return { ...desk, notice: event.notice };
    case "Dismissed":
      return cleared(desk);
    case "Folded":
      return { ...desk, folded: event.folded };
  }
}

/** Which of the cards the person is looking at as the caller who rings now. */
export const firstRinging = (desk: Desk): CallCard | undefined => desk.ringing[0];

export const inCall = (desk: Desk): boolean => desk.active !== undefined;

/** The call lies over everything else. */
export const isCovering = (desk: Desk): boolean => inCall(desk) && !desk.folded;

function changed(desk: Desk, id: string, state: CallState, nowMs: number): Desk {
  return onCard(desk, id, (old) =>
    state.name === "Established" && old.establishedMs === undefined
      ? { ...old, state, establishedMs: nowMs }
      : { ...old, state },
  );
}

/** What one misses is said at once, and once. */
function bridged(desk: Desk, id: string, bridge: BridgeTold): Desk {
  const before = [desk.active, ...desk.aside].find((card) => card?.id === id);
  const told = onCard(desk, id, (card) => ({ ...card, bridge }));
  const missing = before?.video && missingPicture(bridge);
  const isKnown = before?.bridge?.video === bridge.video;
  return missing && !isKnown ? { ...told, notice: missing } : told;
}

/** A ringing call becomes the call at once; one that went on before is kept beside it, or over. */
function answered(desk: Desk, id: string, video: boolean, keeps: boolean | undefined): Desk {
  const card = desk.ringing.find((one) => one.id === id);
  if (card === undefined) return desk;
  const active: CallCard = { ...card, video, state: { name: "Answering" } };
  return inFront(cleared(withoutRinging(desk, id)), active, keeps);
}

function inFront(desk: Desk, card: CallCard, keeps = false): Desk {
  const { active, aside } = desk;
  const kept = keeps && active !== undefined ? [active, ...aside] : aside;
  return { ...desk, active: card, aside: kept, joined: false, folded: false };
}

function swapped(desk: Desk, id: string): Desk {
  const card = desk.aside.find((one) => one.id === id);
  if (card === undefined || desk.active === undefined) return desk;
  const others = desk.aside.filter((one) => one.id !== id);
  return { ...desk, active: card, aside: [desk.active, ...others], folded: false };
}

/** The clock goes on: it is the same conversation. */
function replaced(desk: Desk, id: string, card: CallCard): Desk {
  const put = (old: CallCard): CallCard =>
    old.id === id
      ? { ...card, ...(old.establishedMs && { establishedMs: old.establishedMs }) }
      : old;
  const { active } = desk;
  return { ...desk, ...(active && { active: put(active) }), aside: desk.aside.map(put) };
}

function ended(desk: Desk, id: string, end: CallEnd, nowMs: number): Desk {
  if (desk.active?.id === id) {
    const { active, ...rest } = desk;
    const [next, ...aside] = desk.aside;
    if (next !== undefined) {
      const notice = endedBeside(active, end);
      return noticed({ ...cleared(rest), active: next, aside, joined: false }, notice);
    }
    return { ...cleared(rest), ended: endedCard(active, end, nowMs), folded: false };
  }
  const other = desk.aside.find((one) => one.id === id);
  if (other !== undefined) {
    const aside = desk.aside.filter((one) => one.id !== id);
    return noticed({ ...desk, aside, joined: false }, endedBeside(other, end));
  }
  const card = desk.ringing.find((one) => one.id === id);
  if (card === undefined) return desk;
  const rest = withoutProblemOf(withoutRinging(desk, id), id);
  // Whoever declines knows it; nothing more needs to be said.
  if (end.by === "local") return rest;
  if (desk.active !== undefined) return { ...rest, notice: `${card.peer.name} called.` };
  return { ...rest, ended: endedCard(card, end, nowMs) };
}

/** How one of several calls ended, if one does not know oneself. */
function endedBeside({ peer, gone }: CallCard, end: CallEnd): string | undefined {
  if (gone) return `${peer.name} left.`;
  if (end.by === "local" || end.code === "SIP_REPLACED") return undefined;
  const isHungUp = end.by === "remote" && end.code === "SIP_HUNG_UP";
  return isHungUp ? `${peer.name} hung up.` : `The call with ${peer.name} is over.`;
}

function endedCard(card: CallCard, end: CallEnd, nowMs: number): EndedCard {
  const { establishedMs } = card;
  return establishedMs === undefined
    ? { card, end }
    : { card, end, durationMs: Math.max(0, nowMs - establishedMs) };
}

function onCard(desk: Desk, id: string, change: (card: CallCard) => CallCard): Desk {
  const { active } = desk;
  if (active?.id === id) return { ...desk, active: change(active) };
  const put = (card: CallCard): CallCard => (card.id === id ? change(card) : card);
  return { ...desk, aside: desk.aside.map(put), ringing: desk.ringing.map(put) };
}

function withoutRinging(desk: Desk, id: string): Desk {
  return { ...desk, ringing: desk.ringing.filter((card) => card.id !== id) };
}

function withoutProblemOf(desk: Desk, id: string): Desk {
  const { problem, ...rest } = desk;
  return problem?.callId === id ? rest : desk;
}

/** Without what the last call left lying about. */
function cleared(desk: Desk): Desk {
  const { ended: _ended, problem: _problem, notice: _notice, ...rest } = desk;
  return rest;
}

function noticed(desk: Desk, notice: string | undefined): Desk {
  return notice === undefined ? desk : { ...desk, notice };
}
