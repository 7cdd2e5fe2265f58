/**
 * A call that goes through here to elsewhere, as both of its ends see it: enough to tell whether a
 * BYE goes where the call is, and to send one. RFC 3261 §12.
 */
import {
  addressRequest,
  advanced,
  type Dialog,
  receiveSuccess,
  uacDialog,
  uasDialog,
} from "../../dialog/dialog.ts";
import { requestUri } from "../../dialog/request-uri.ts";
import type { Incoming } from "../../endpoint/incoming.ts";
import { oneLine } from "../../endpoint/reply.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { HeaderField } from "../../message/compose.ts";
import type { Response } from "../../message/message.ts";
import { parseNameAddr } from "../../uri/name-addr.ts";
import { parseSipUri, type SipUri } from "../../uri/sip-uri.ts";
import type { Received } from "../received.ts";
import type { Routes } from "../routes.ts";
import type { OwnRequest } from "../services.ts";
import type { SavedDialogs } from "./kept-calls.ts";

/**
 * A peer can make that of a leg grow: its addresses and the proxies on its way. What has more is
 * not counted by what it says of its end.
 */
const MAX_OCTETS = 8192;
/** So much of that is the caller's own. */
const MAX_CALLER_OCTETS = 2048;

export class TwoDialogs {
  /** As the caller sees it, from here on: its routes begin behind us. */
  #far: Dialog;
  /** As the other side sees it, from here on. */
  #near: Dialog;

  private constructor(far: Dialog, near: Dialog) {
    this.#far = far;
    this.#near = near;
  }

  /** Why no BYE of ours could follow this INVITE, in words. */
  static objection({ request, essentials }: Incoming): string | undefined {
    const near = uasDialog(request, essentials, "", 200);
    if (!near) return "its Contact or Record-Route cannot be read";
    return sizeOf(near) > MAX_CALLER_OCTETS ? "its addresses are too long" : undefined;
  }

  /** Of a 2xx to an INVITE. `isOurs` knows our own Record-Route by its user part. */
  static of(
    from: Incoming,
    { response, essentials }: Received,
    isOurs: (user: string) => boolean,
  ): TwoDialogs | undefined {
    const far = uacDialog(from.request, from.essentials, response, essentials);
    const near = uasDialog(from.request, from.essentials, essentials.toTag, response.status);
    if (!far || !near) return undefined;
    const ours = far.routeSet.findLastIndex((one) => isOurs(userOf(one)));
    const there = { ...far, routeSet: far.routeSet.slice(ours + 1) };
    const size = [there, near].reduce((sum, one) => sum + sizeOf(one), 0);
    return size > MAX_OCTETS ? undefined : new TwoDialogs(there, near);
  }

  /** As an earlier run left them. */
  static resumed({ far, near }: SavedDialogs): TwoDialogs {
    return new TwoDialogs(far, near);
  }

  /** As they are now. */
  get saved(): SavedDialogs {
    return { far: this.#far, near: this.#near };
  }

  /** Whether a request of the caller's goes where the call is, by the way that it took. */
  isRight({ request }: Incoming, { uri, all, used }: Routes): boolean {
    const { remoteTarget, routeSet } = this.#far;
    if (uri !== requestUri(remoteTarget)) return false;
    const rest = all.slice(used.length).map(({ start, end }) => request.text.slice(start, end));
    return rest.length === routeSet.length && rest.every((one, i) => isSame(one, routeSet[i]));
  }

  /** The caller has sent a request with this number. */
  numbered(seq: number): void {
    this.#far = { ...this.#far, localSeq: Math.max(this.#far.localSeq, seq) };
  }

  /** The other side has sent this; where that is believed, it may tell where it is now. */
  callee({ request, essentials }: Incoming, isBelieved: boolean): void {
    const { number } = essentials.cseq;
    this.#near = { ...this.#near, localSeq: Math.max(this.#near.localSeq, number) };
    if (isBelieved) this.#move(request.method, request);
  }

  /** The other side has taken a request of the caller's. */
  accepted(method: string, response: Response): void {
    this.#move(method, response);
  }

  #move(method: string, said: Parameters<typeof receiveSuccess>[1] | Incoming["request"]): void {
    const moved = receiveSuccess({ ...this.#far, state: "Confirmed" }, said as Response, method);
    if (sizeOf(moved) + sizeOf(this.#near) <= MAX_OCTETS) this.#far = moved;
  }

  /** A BYE to the other side, and where it goes first; undefined where that cannot be read. */
  byeThere(why: string): { readonly hop: SipUri; readonly bye: OwnRequest } | undefined {
    this.#far = advanced(this.#far);
    const [first] = this.#far.routeSet;
    const route = first === undefined ? undefined : parseNameAddr(first);
    const hop = parseSipUri(route?.ok ? route.value.uri : this.#far.remoteTarget);
    return hop.ok ? { hop: hop.value, bye: byeIn(this.#far, why) } : undefined;
  }

  /** The same to the caller, over the flow that it has. */
  byeHere(why: string): OwnRequest {
    this.#near = advanced(this.#near);
    return byeIn(this.#near, why);
  }
}

function byeIn(dialog: Dialog, why: string): OwnRequest {
  const { uri, headers } = addressRequest(dialog, "BYE", dialog.localSeq);
  const reason: HeaderField = ["Reason", `SIP;cause=480;text="${why}"`];
  // They repeat what others wrote: nothing in them may end a line.
  const clean = [...headers, reason].map(([name, value]): HeaderField => [name, oneLine(value)]);
  return { method: "BYE", uri, headers: clean };
}

const sizeOf = ({ localUri, remoteUri, remoteTarget, routeSet, callId, ...tags }: Dialog): number =>
  [localUri, remoteUri, remoteTarget, callId, tags.localTag, tags.remoteTag, ...routeSet].reduce(
    (sum, { length }) => sum + length,
    0,
  );

function userOf(element: Octets): string {
  const address = parseNameAddr(element);
  const uri = address.ok ? parseSipUri(address.value.uri) : address;
  return uri.ok ? (uri.value.user ?? "") : "";
}

function isSame(one: Octets, other: Octets | undefined): boolean {
  const [a, b] = [parseNameAddr(one), parseNameAddr(other ?? "")];
  return a.ok && b.ok && a.value.uri === b.value.uri;
}
