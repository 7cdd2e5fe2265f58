/** What a call can be in, and why. */
import type { CallEnd } from "./sip-error.ts";

/** What a call is in, and why. */
export type CallState =
  /**
   * Media is being prepared, or the INVITE is on its way; with `target`, to where a 3xx has sent
   * it.
   */
  | { readonly name: "Dialing"; readonly target?: string }
  /** The other side's device rings; with early media, that can be heard already. */
  | { readonly name: "Ringing"; readonly earlyMedia?: boolean; readonly target?: string }
  /** Somebody calls; `video` is whether they offer it. */
  | { readonly name: "Incoming"; readonly video: boolean }
  | { readonly name: "Answering" }
  | { readonly name: "Established"; readonly sinceMs: number; readonly held?: Held }
  /**
   * There is no way to the other side for now, for this reason in words. The call is kept, and goes
   * on as soon as there is one; nobody has to do anything for it.
   */
  | {
      readonly name: "Reconnecting";
      readonly why: string;
      readonly sinceMs: number;
      readonly held?: Held;
    }
  | { readonly name: "Ended"; readonly end: CallEnd };

/** Who has put a call on hold that nobody has left. Absent: nobody. */
export type Held = "ByUs" | "ByThem" | "ByBoth";

export function heldBy(us: boolean, them: boolean): Held | undefined {
  if (us) return them ? "ByBoth" : "ByUs";
  return them ? "ByThem" : undefined;
}

/**
 * What names the dialog of a call, seen from this side: plain data, which outlives a page that is
 * loaded anew: see `resume`. RFC 3261 §12, RFC 3891.
 */
export interface CallDialog {
  /** Call-ID. */
  readonly callId: string;
  /** The tag of this side. */
  readonly localTag: string;
  /** The tag of the other side. */
  readonly remoteTag: string;
  /** Their Contact: where requests in the dialog are addressed. */
  readonly remoteTarget: string;
}

/** A call as it is stored, to come back into it: see `resume`. Plain data. */
export interface SavedCall {
  /** What names its dialog. */
  readonly dialog: CallDialog;
  /** Whom it is with. */
  readonly peer: Peer;
}

/** Somebody, as a message names them. */
export interface Peer {
  /** `sip:bob@example.com` */
  readonly uri: string;
  /** Text; empty where they gave no name. */
  readonly displayName: string;
}
