/**
 * Transfers of bridged calls. A REFER goes over to the other end where that can do it itself, with
 * the ids that the target knows; else the agent does it in its place, by the rights of whoever
 * asked for it. RFC 3515, RFC 5589, RFC 3892.
 */
import { explanation } from "../endpoint/refusal.ts";
import type { Octets } from "../grammar/octets.ts";
import { parseReplaces } from "../message/header/replaces.ts";
import { DialogUsages } from "../ua/dialog-usages.ts";
import type { LegParts } from "../ua/leg-parts.ts";
import type { ReceivedRefer } from "../ua/received-refer.ts";
import { unknownEvent } from "../ua/refer-event.ts";
import type { SentReferUser } from "../ua/sent-refer.ts";
import { embeddedHeaders } from "../uri/embedded-headers.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { CallForEnd } from "./call-for-end.ts";
import type { CallSide, EndUser } from "./call-side.ts";
import type { HouseAgent } from "./house-agent.ts";
import { innerFlow } from "./inner-line.ts";
import type { Found, JoinedCall, Moving, Talking } from "./joined-call.ts";
import { JoinedEnds } from "./joined-ends.ts";
import { type MappedIds, type NamedBy, referToAcross } from "./mapped-ids.ts";
import { type Joined, Move, type MoveHearer } from "./move.ts";
import { passOver } from "./passed-over.ts";

/** What transfers need of whoever has all calls. */
export interface CallTransfersParts {
  readonly agent: HouseAgent;
  readonly ids: MappedIds;
  /** Calls whose ends both talk. */
  readonly calls: () => Iterable<JoinedCall>;
  /** Somebody was put through: these talk now. */
  readonly joined: (call: JoinedCall, talking: Talking) => void;
}

/** Answers that say that the other end does not know what it is asked for. */
const NOT_ABLE: ReadonlySet<number> = new Set([405, 415, 420, 481, 489, 501]);

export class CallTransfers {
  readonly #parts: CallTransfersParts;
  readonly #usages = new WeakMap<LegParts, DialogUsages>();

  constructor(parts: CallTransfersParts) {
    this.#parts = parts;
    const { abilities } = parts.agent;
    for (const method of ["REFER", "NOTIFY", "SUBSCRIBE"]) {
      abilities.methods.set(method, unknownEvent);
    }
    for (const method of ["INFO", "MESSAGE"])
      abilities.methods.set(method, () => ({ status: 480 }));
    abilities.extensions.push("replaces", "join");
    abilities.quietExtensions.push("norefersub", "tdialog");
    abilities.uses.push((leg, idle) => {
      const referred = (refer: ReceivedRefer) => this.#referred(leg, refer);
      const usages = new DialogUsages(leg.side, { referred, idle });
      this.#usages.set(leg, usages);
      return usages;
    });
  }

  /** The end whose dialog is called so by whoever means the agent; undefined: none of ours. */
  named({ callId, toTag, fromTag }: NamedBy): Found | undefined {
    return this.#find(({ leg: { dialog } }) => {
      const isOurs = dialog.callId === callId && dialog.localTag === toTag;
      return isOurs && dialog.remoteTag === fromTag;
    });
  }

  #find(isIt: (end: CallSide) => boolean): Found | undefined {
    for (const call of this.#parts.calls()) {
      const { talking } = call;
      if (!talking?.begun) continue;
      const { caller, device } = talking;
      if (isIt(caller)) return { call, talking, end: caller, other: device };
      if (isIt(device)) return { call, talking, end: device, other: caller };
    }
    return undefined;
  }

  // ---- a REFER ---------------------------------------------------------------------------------

  #referred(leg: LegParts, refer: ReceivedRefer): void {
    const found = this.#find((end) => end.leg.parts === leg);
    if (!found) return refer.refuse(480);
    if (found.call.moving) return refer.refuse(486);
    const { host, endpoint } = this.#parts.agent;
    // As if whoever asks had dialled it; another server has nobody called.
    const why = host.mayDial(found.end.account, refer.what.target);
    if (why !== undefined) {
      if (refer.incoming) host.words.log(refer.incoming, "Refused", why, 403);
      return refer.refuse(403, [explanation(endpoint.product, why)]);
    }
    const replaces = replacesIn(refer.what.target);
    const ours = replaces && this.named(replaces);
    const isJoined = ours && ours.call !== found.call;
    // Whoever can take another's place does so in a call of its own, with media that begin anew.
    if (isJoined && !ours.other.able.takesReplaces) return this.#join(found, ours, refer);
    const { other } = found;
    // What is handed over to elsewhere goes on there, when nobody here can count it any more.
    const isHere = other.account !== undefined || host.handsOver();
    const knows = other.leg.parts.side.allows("REFER") && (!replaces || other.able.takesReplaces);
    const isAble = isHere && knows;
    if (isAble) this.#passOn(found, refer);
    else this.#carryOut(found, refer);
  }

  /** The other end is asked, and says itself how far it is. */
  #passOn(found: Found, refer: ReceivedRefer): void {
    const { end, other } = found;
    const usages = this.#usages.get(other.leg.parts);
    const { target, referredBy = uriOf(end.who), reports } = refer.what;
    const referTo = referToAcross(`<${target}>`, this.#parts.ids.across);
    let isAllowed = false;
    const report = (status: number): void => {
      if (!isAllowed) refer.allow();
      isAllowed = true;
      refer.report(status);
    };
    const user: SentReferUser = {
      progress: report,
      succeeded: report,
      accepted: () => report(200),
      failed: (status, isRefused) => {
        if (isAllowed || !isRefused) return report(status);
        if (NOT_ABLE.has(status)) this.#carryOut(found, refer);
        else refer.refuse(status);
      },
      gone() {},
    };
    const what = { referTo, referredBy, reports, headers: [] };
    if (!usages?.refer(what, user)) this.#carryOut(found, refer);
  }

  /** The agent calls the target, and gives it the place of whoever asked. */
  #carryOut(found: Found, refer: ReceivedRefer): void {
    const { call, end, other } = found;
    const rights = end.account;
    // Nobody is called at the cost of the house because a stranger wants it.
    if (rights === undefined) return refer.refuse(403);
    if (!innerFlow(call.agent.endpoint)) return refer.refuse(501);
    const { target, referredBy = uriOf(end.who) } = refer.what;
    const referral = new Referral(found, refer, this.#parts.joined);
    const { id, engine, turns, agent, hide } = call;
    const to = parseNameAddr(referToAcross(`<${target}>`, this.#parts.ids.across));
    const source = new CallForEnd({
      ...{ id, engine, turns, agent, rights, transferee: other, move: referral.move },
      target: to.ok ? to.value.uri : target,
      headers: [["Referred-By", referredBy]],
      passes: (side, from) => passOver({ agent, engine, id, hide }, side, from),
    });
    refer.allow();
    source.begin();
  }

  /** Both calls are ours: those who are left have each other, and nobody is called. */
  #join(found: Found, target: Found, refer: ReceivedRefer): void {
    if (target.call.moving) return refer.refuse(486);
    const { call, other: transferee } = found;
    const referral = new Referral(found, refer, (...joined) => {
      source.settled();
      this.#parts.joined(...joined);
    });
    const { move } = referral;
    const source: JoinedEnds = new JoinedEnds({ call, transferee, target, move });
    refer.allow();
    source.begin();
  }
}

/** One REFER that the agent carries out: what becomes of the three. */
class Referral implements MoveHearer, Moving {
  readonly move: Move;
  readonly #found: Found;
  readonly #refer: ReceivedRefer;
  readonly #joined: CallTransfersParts["joined"];
  #talking: Talking;

  constructor(found: Found, refer: ReceivedRefer, joined: CallTransfersParts["joined"]) {
    const { call, talking, other } = found;
    this.#found = found;
    this.#refer = refer;
    this.#joined = joined;
    this.#talking = talking;
    this.move = new Move(call.agent.endpoint, other, this);
    call.moving = this;
  }

  left(by: CallSide): boolean {
    const { call, end } = this.#found;
    if (by !== end) {
      this.move.step({ kind: "TransfereeLeft" });
      return false;
    }
    call.parted(by);
    this.move.step({ kind: "TransferorLeft" });
    return true;
  }

  report(status: number): void {
    this.#refer.report(status);
  }

  settled({ pair, target }: Joined): void {
    const { call, end, other } = this.#found;
    this.#talking = { caller: other, device: target, pair, begun: true };
    call.moving = undefined;
    end.opposite = undefined;
    end.user = { ...NOBODY, ended: () => this.move.step({ kind: "TransferorLeft" }) };
    call.parted(end);
    call.settle(this.#talking);
    call.engine.end(call.id, end.tag);
    this.#joined(call, this.#talking);
  }

  part(): void {
    const { call, end } = this.#found;
    call.leave(end, []);
  }

  returned(isChanged: boolean): void {
    this.#found.call.moving = undefined;
    if (isChanged) this.#found.talking.pair.restore();
  }

  gaveUp(status: number): void {
    this.#found.call.moving = undefined;
    this.#found.call.giveUp(503, `whom you were put through to is not to be had (${status})`);
  }

  agreed: MoveHearer["agreed"] = (described) => this.#found.call.agreed(described);
  refreshed: MoveHearer["refreshed"] = () => this.#found.call.refreshed();
  ended: MoveHearer["ended"] = (by, end) => this.#found.call.ended(this.#talking, by, end);
  notRestored: MoveHearer["notRestored"] = () =>
    this.#found.call.giveUp(503, "the media could not be brought back");
}

/** Hears the end of whoever has been put out of a call, and nothing else. */
const NOBODY: EndUser = {
  ...{ previewed() {}, agreed() {}, withdrawn() {}, fragment() {}, cutOff() {}, restored() {} },
  acknowledged() {},
  ended() {},
  offered: (_, reply) => reply(undefined),
  describe: (reply) => reply(undefined),
  beside: (what) => what.refuse(),
};

/** The dialog that a Refer-To wants replaced; undefined for none. */
function replacesIn(target: Octets): NamedBy | undefined {
  const uri = parseSipUri(target);
  const replaces = uri.ok && embeddedHeaders(uri.value).find(({ name }) => name === "replaces");
  const read = replaces ? parseReplaces(replaces.value) : undefined;
  return read?.ok ? read.value : undefined;
}

/** A name-addr without the name. */
function uriOf(who: Octets): Octets {
  const address = parseNameAddr(who);
  return address.ok ? `<${address.value.uri}>` : who;
}
