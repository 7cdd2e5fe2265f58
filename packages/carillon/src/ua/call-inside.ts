/** What is inside of a call, for what is built on it: as `phone-parts.ts` has it of a phone. */
import type { Call } from "./call.ts";
import type { Leg } from "./leg.ts";
import type { DtmfTone, MediaFactory, MediaSession, Wanted } from "./media.ts";
import type { PhoneCalls } from "./phone-calls.ts";
import type { Farewell } from "./session.ts";
import type { CallEnd } from "./sip-error.ts";

export interface CallInside {
  readonly phone: PhoneCalls;
  readonly leg: () => Leg | undefined;
  /** What makes its media. */
  readonly media: MediaFactory<MediaSession>;
  /** What it was begun with. */
  readonly wanted: () => Wanted;
  /** Runs something in the endpoint's turn. */
  readonly inTurn: (run: () => void) => void;
  /** Ends this side of it, because another call took its place. In the endpoint's turn. */
  readonly leave: (end: CallEnd, why?: Farewell) => void;
  /** The other side has pressed a key. */
  readonly pressed: (tone: DtmfTone) => void;
  /** The other side can be heard, though nobody has answered. */
  readonly heard: () => void;
  /** Why it ended, with what happened beside it in mind. */
  because: (end: CallEnd) => CallEnd;
}

const INSIDES = new WeakMap<object, CallInside>();

/** For calls. */
export function shareCall(call: object, inside: CallInside): void {
  INSIDES.set(call, inside);
}

/** Throws a TypeError for what is no call. */
export function insideOf(call: Call | object): CallInside {
  const inside = INSIDES.get(call);
  if (!inside) throw new TypeError("not a call");
  return inside;
}
