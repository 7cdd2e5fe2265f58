/** Transfers as functions that take a phone or a call. RFC 5589, RFC 3515, RFC 3891, RFC 3911. */
import type { HeaderField } from "../message/compose.ts";
import type { Call } from "./call.ts";
import type { SavedCall } from "./call-state.ts";
import { joinHeaders, type NamedDialog, replacesHeaders } from "./claim.ts";
import type { IncomingTransfer } from "./incoming-transfer.ts";
import type { MediaSession, Wanted } from "./media.ts";
import type { Phone } from "./phone.ts";
import type { IterationOptions } from "./replay.ts";
import type { Transfer, TransferOptions } from "./transfer.ts";
import { type CallBeside, Transfers, type Unheard } from "./transfers.ts";

/**
 * Has calls of this phone, those that begin from now on, take part in transfers, and calls that
 * come in take the place of others or join them. `unheard`: what becomes of a wish of the other
 * side's while nobody listens at `transfers`; `refuse` unless it says otherwise.
 */
export function transferable(
  phone: object,
  { unheard }: { readonly unheard?: Unheard } = {},
): void {
  const all = Transfers.of(phone);
  if (unheard !== undefined) all.unheard = unheard;
}

/**
 * Has the other side call somebody else: an address, or whom another call is with, which theirs
 * then takes the place of (RFC 5589). If nobody has answered that one yet, it waits for it. This
 * call ends when they talk to each other, unless `keep` says otherwise; it is as well to `hold` it
 * before. Throws a RangeError on what is no SIP URI, and an Error unless the call goes on and its
 * phone is `transferable`.
 */
export function transfer<M extends MediaSession>(
  call: Call<M>,
  target: string | Call<M>,
  options: TransferOptions = {},
): Transfer {
  return besideOf(plain(call)).transfer(target as string | Call, options);
}

/**
 * Transfers that the other side of this call asks for; or of a phone: that anybody does, and wishes
 * from outside of calls that it call somebody. Accept or refuse each. RFC 5589, RFC 3515.
 */
export function transfers<M extends MediaSession>(
  of: Phone<M> | Call<M>,
  options?: IterationOptions,
): AsyncIterableIterator<IncomingTransfer<M>> {
  const all = isCall(of) ? besideOf(plain(of)) : Transfers.of(of);
  return all.wishes(options) as unknown as AsyncIterableIterator<IncomingTransfer<M>>;
}

/**
 * Asks somebody's phone to call somebody else, outside of every call: to put two together by a
 * click. Theirs decides. Throws a RangeError on what is no SIP URI. RFC 3515.
 */
export function refer(
  phone: object,
  whom: string,
  target: string,
  options: Pick<TransferOptions, "reports"> = {},
): Transfer {
  return Transfers.of(phone).refer(whom, target, options);
}

/**
 * Callers who want to be in this call, too (RFC 3911): calls that come in and ring, to be answered
 * or declined. Whether they hear each other is for whoever has the media. With nobody listening
 * they are refused.
 */
export function joins<M extends MediaSession>(
  call: Call<M>,
  options?: IterationOptions,
): AsyncIterableIterator<Call<M>> {
  const calls = besideOf(plain(call)).joins(options);
  return calls as unknown as AsyncIterableIterator<Call<M>>;
}

/** The call whose place this one takes: it answered by itself, and ends that one. RFC 3891. */
export const replacedBy = <M extends MediaSession>(call: Call<M>): Call<M> | undefined =>
  aboutOf(call, "Replaces");

/** The call that whoever calls wants to be in, too. RFC 3911. */
export const joinedBy = <M extends MediaSession>(call: Call<M>): Call<M> | undefined =>
  aboutOf(call, "Join");

/** The call that took this one's place, or is about to: by a transfer, or by Replaces. */
export function successorOf<M extends MediaSession>(call: Call<M>): Call<M> | undefined {
  return Transfers.beside(plain(call))?.successor as unknown as Call<M> | undefined;
}

/** For `phone.call`: headers that its INVITE has, too. */
export interface Claiming {
  /** Replaces or Join, and the Require that goes with it. */
  readonly headers: readonly HeaderField[];
}

/**
 * For `phone.call`: takes this side's place in a call, or in its `dialog` as it was stored. Their
 * phone answers by itself, and ends the other one; where it knows of no such call, it refuses with
 * 481. Throws an Error for a call of ours that nobody has answered. RFC 3891.
 */
export const replacing = (call: Call | NamedDialog): Claiming => ({
  headers: replacesHeaders(dialogIn(call)),
});

/** The same of a call that this one is to join. RFC 3911. */
export const joining = (call: Call | NamedDialog): Claiming => ({
  headers: joinHeaders(dialogIn(call)),
});

/**
 * Comes back into a call after this program or page has begun anew: `saved` is what `call.saved`
 * was. The other side's phone answers by itself, and its old call ends. Where it knows of none any
 * more, the new one ends with 481: there is time until it has given the old one up. RFC 3891.
 */
export function resume<M extends MediaSession>(
  phone: Phone<M>,
  saved: SavedCall,
  wanted?: Wanted,
): Call<M> {
  return phone.call(saved.peer.uri, wanted, replacing(saved.dialog));
}

//= RFC 3891 §4
//# A UAC MUST NOT send an INVITE with a Replaces header field that attempts to replace an early
//# dialog which was not originated by the target of the INVITE with a Replaces header field.
function dialogIn(call: Call | NamedDialog): NamedDialog {
  if (!("direction" in call)) return call;
  const { dialog, direction, state } = call;
  const isEarly = state.name === "Dialing" || state.name === "Ringing";
  if (!dialog || (direction === "outgoing" && isEarly)) {
    throw new Error("nobody has answered that call: it has no dialog to come back to");
  }
  return dialog;
}

function aboutOf<M extends MediaSession>(
  call: Call<M>,
  kind: "Replaces" | "Join",
): Call<M> | undefined {
  const about = Transfers.beside(plain(call))?.about;
  return about?.kind === kind ? (about.call as unknown as Call<M>) : undefined;
}

/** Throws an Error unless its phone can transfer. */
function besideOf(call: Call): CallBeside {
  const beside = Transfers.beside(call);
  if (!beside) throw new Error("this phone transfers no calls: have it `transferable` first");
  return beside;
}

const plain = (call: object): Call => call as Call;
const isCall = <M extends MediaSession>(of: Phone<M> | Call<M>): of is Call<M> => "direction" in of;
