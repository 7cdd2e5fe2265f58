/**
 * What a program hears of calls, for its records. The proxy keeps nothing about a dialog, so each
 * half is told when it is seen; what belongs together has the same Call-ID and caller's tag.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Millis } from "../grammar/millis.ts";
import type { Octets } from "../grammar/octets.ts";
import { parseSessionExpires } from "../message/header/session-expires.ts";
import { header } from "../message/headers.ts";
import type { Cookie } from "./cookie.ts";
import type { Listener } from "./received.ts";

/** Called on the path of a call: all have to be quick, and none may throw. */
export interface Calls {
  /** An INVITE from outside a dialog is taken on. What is returned hears how it goes on. */
  began?(call: CallBegan): CallProgress | undefined;
  /** An INVITE for somebody here has its final answer. */
  answered(call: CallAnswered): void;
  /** A request in a call came by that keeps it going: an INVITE or UPDATE, which refresh it. */
  refreshed?(call: CallName): void;
  /** A BYE came by. */
  ended(call: CallEnded): void;
  /** How well a call that is over was heard, where its media went through here. */
  rated?(call: CallRated): void;
}

/** Hears how one call goes on until it is answered. Times are in ms of the endpoint's clock. */
export interface CallProgress {
  /** A provisional response other than 100 goes to the caller; there may be several, of several. */
  ringing(device: { readonly calleeTag: Octets; readonly at: Millis }): void;
  /** The final response goes to the caller, once. */
  answered(answer: {
    /** 2xx if they talk now, else why they do not. */
    readonly status: number;
    /** The To tag of the device that answered; empty where the answer is the server's own. */
    readonly calleeTag: Octets;
    /** After how long the session ends unless it is refreshed. RFC 4028; undefined: never. */
    readonly sessionSeconds: number | undefined;
    /** They talk through a part of this server, so that the call ends with the program. */
    readonly endsHere: boolean;
    readonly at: Millis;
  }): void;
}

/** By this what is told of one call belongs together. */
export interface CallName {
  /** The Call-ID of the INVITE. */
  readonly callId: Octets;
  /** The From tag of the INVITE. */
  readonly callerTag: Octets;
  /** When it happened, in ms of the endpoint's clock. */
  readonly at: Millis;
}

/** Who calls whom. At least one of the two lives here, but where a trusted place calls abroad. */
export interface CallBegan extends CallName {
  /** The account that calls; undefined: a partner's, or whoever comes from a trusted place. */
  readonly callerAccount: string | undefined;
  /** The URI in From. */
  readonly caller: Octets;
  /** The name in From; empty where there is none. */
  readonly callerName: Octets;
  /** The account that is called; undefined: somebody of another domain. */
  readonly callee: string | undefined;
  /** The URI in To. */
  readonly called: Octets;
}

/**
 * An INVITE from outside a dialog has its final answer. Times are in ms of the endpoint's clock.
 */
export interface CallAnswered extends CallName {
  /** The URI in From, which is the caller's own. */
  readonly caller: Octets;
  /** The account that was called. */
  readonly callee: string;
  /** When the INVITE came, in ms; `at` is when it was answered. */
  readonly invitedAt: Millis;
  /** 2xx if they talk now, else why they do not. */
  readonly status: number;
}

/** A BYE came by, in a call that went through here; its answer is not waited for. */
export interface CallEnded extends CallName {
  /** Who hung up: the one who sent the INVITE, the other, or the server it went through. */
  readonly by: "caller" | "callee" | "server";
}

/** How well a call that is over was heard. Told after its end. */
export interface CallRated extends CallName {
  /**
   * Mean opinion scores of what came from either, 1 to 4.5; absent where nothing came. ITU-T G.107.
   */
  readonly mos: { readonly caller?: number; readonly callee?: number };
}

/** Hears for `calls` what becomes of this INVITE; undefined: nobody wants to know. */
export function listenFor(
  calls: Calls,
  { essentials }: Incoming,
  who: { readonly callerAccount: string | undefined; readonly callee: string | undefined },
  clock: { readonly now: Millis },
): Listener | undefined {
  const { callId, fromTag, from, to } = essentials;
  const invitedAt = clock.now;
  const name = { callId, callerTag: fromTag, at: invitedAt };
  const { uri: caller, displayName: callerName = "" } = from;
  const progress = calls.began?.({ ...name, ...who, caller, callerName, called: to.uri });
  const { callee } = who;
  if (!progress && callee === undefined) return undefined;
  return (status, received) => {
    if (status === 100) return;
    const at = clock.now;
    const calleeTag = received?.essentials.toTag ?? "";
    if (status < 200) return progress?.ringing({ calleeTag, at });
    const sessionSeconds = status < 300 && progress ? sessionOf(received) : undefined;
    const endsHere = received?.isOwn === true;
    progress?.answered({ status, calleeTag, sessionSeconds, endsHere, at });
    if (callee === undefined) return;
    calls.answered({ callId, callerTag: fromTag, caller, callee, invitedAt, at, status });
  };
}

function sessionOf(received: Parameters<Listener>[1]): number | undefined {
  const text = received && header(received.response, "Session-Expires");
  const parsed = text === undefined ? undefined : parseSessionExpires(text);
  return parsed?.ok ? parsed.value.seconds : undefined;
}

/** Tells of a request in a dialog. */
export function tellOf(calls: Calls | undefined, from: Incoming, cookie: Cookie, at: Millis): void {
  const { method } = from.request;
  if (method === "BYE") calls?.ended(callEnded(from, cookie, at));
  const isRefresh = method === "INVITE" || method === "UPDATE";
  if (isRefresh) calls?.refreshed?.(callRefreshed(from, cookie, at));
}

const callRefreshed = (from: Incoming, cookie: Cookie, at: Millis): CallName => {
  const { callId, callerTag } = callEnded(from, cookie, at);
  return { callId, callerTag, at };
};

function callEnded({ essentials }: Incoming, { from }: Cookie, at: Millis): CallEnded {
  const { callId, fromTag, toTag } = essentials;
  return { callId, callerTag: from === "caller" ? fromTag : toTag, at, by: from };
}
