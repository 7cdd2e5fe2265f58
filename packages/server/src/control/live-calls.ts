/** The calls that there are at this moment, as `carillon calls --live` and `record` know them. */
import { createHash } from "node:crypto";
import type { BridgeView } from "carillon/b2bua";
import { toText } from "carillon/message";
import type { OngoingCall } from "../presence/house-calls.ts";

/** One of them. */
export interface LiveCall {
  /** Names it at a terminal; the same as long as it lasts. */
  readonly id: string;
  readonly callId: string;
  /** URIs. */
  readonly caller: string;
  readonly called: string;
  readonly state: "ringing" | "talking";
  readonly seconds: number;
  /** Its media go through here; undefined: straight from one phone to the other. */
  readonly bridge?: {
    /** The engine's name for it. */
    readonly id: string;
    readonly why: string;
    /** What is spoken with the caller, and with who is called: `opus DTLS-SRTP`. */
    readonly spoken: readonly string[];
    readonly isRecorded: boolean;
  };
}

/** Of these; `now` is in ms of the clock that both have. The one that began first is the first. */
export function liveCalls(
  bridged: readonly BridgeView[],
  followed: readonly OngoingCall[],
  now: number,
): readonly LiveCall[] {
  const views = bridged.map((view) => ofView(view, now));
  const known = new Set(bridged.flatMap(({ callId, dialogs }) => [callId, ...dialogs]));
  const others = followed.filter(({ callId }) => !known.has(callId));
  const all = [...views, ...others.map((call) => ofFollowed(call, now))];
  return all.toSorted((one, other) => other.seconds - one.seconds);
}

function ofView(view: BridgeView, now: number): LiveCall {
  const { id, callId, caller, called, why, since, media, isRecorded } = view;
  const spoken = Object.values(media ?? {}).map(({ codec, transport }) =>
    [codec, TRANSPORTS[transport]].filter((one) => one !== undefined).join(" "),
  );
  return {
    ...{ id: idOf(callId), callId, caller: toText(caller), called: toText(called) },
    state: media === undefined ? "ringing" : "talking",
    seconds: secondsFrom(since, now),
    bridge: { id, why, spoken, isRecorded },
  };
}

const ofFollowed = (
  { callId, caller, called, state, since }: OngoingCall,
  now: number,
): LiveCall => ({
  ...{ id: idOf(callId), callId, caller: toText(caller), called: toText(called) },
  state: state === "confirmed" ? "talking" : "ringing",
  seconds: secondsFrom(since, now),
});

/** Which of them somebody means: by its id or the beginning of it, its Call-ID, or who is in it. */
export function namedCalls(all: readonly LiveCall[], typed: string): readonly LiveCall[] {
  const exact = all.filter(({ id, callId }) => id === typed || callId === typed);
  if (exact.length > 0) return exact;
  const begun = typed.length < LEAST ? [] : all.filter(({ id }) => id.startsWith(typed));
  if (begun.length > 0) return begun;
  return all.filter(({ caller, called }) => isIn(caller, typed) || isIn(called, typed));
}

/** `alice`, or `alice@house.example`. */
const isIn = (uri: string, typed: string): boolean => {
  const address = uri.replace(/^sips?:/, "").split(";")[0] ?? "";
  return address === typed || address.split("@")[0] === typed;
};

/** What a caller made up may be long and is no word to type. */
const idOf = (callId: string): string =>
  createHash("sha256").update(callId, "latin1").digest("hex").slice(0, 6);

const secondsFrom = (since: number, now: number): number =>
  Math.max(0, Math.round((now - since) / 1000));

const TRANSPORTS = { rtp: "RTP", srtp: "SRTP", webrtc: "DTLS-SRTP" } as const;
/** Shorter beginnings than that are slips. */
const LEAST = 3;
