/**
 * Transfers and calls about other calls, for phones that take functions for it: the other side of a
 * call is put through to somebody else, or wants that of this side; calls that come in take the
 * place of others or join them. RFC 3515, RFC 3891, RFC 3911, RFC 5589.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import { formatReplaces } from "../message/header/replaces.ts";
import { requestOfUri } from "../message/request-of-uri.ts";
import { escapeUriHeader } from "../uri/escape.ts";
import { isGruu } from "../uri/gruu.ts";
import type { Beside } from "./beside.ts";
import type { Call } from "./call.ts";
import { insideOf } from "./call-inside.ts";
import { claimObjection, claimOf, mirrored } from "./claim.ts";
import { DialogUsages } from "./dialog-usages.ts";
import type { IncomingSession } from "./incoming-session.ts";
import { IncomingTransfer } from "./incoming-transfer.ts";
import { invitationTo } from "./invitation.ts";
import type { Leg } from "./leg.ts";
import type { LegParts } from "./leg-parts.ts";
import { referIn } from "./leg-refer.ts";
import type { Wanted } from "./media.ts";
import { beginSession, type Reception, wayOf } from "./new-request.ts";
import { ReceivedOutside, SentOutside, targetDialogOf } from "./outside-refer.ts";
import { AUDIO, closed } from "./phone-calls.ts";
import { type PhoneParts, partsOf } from "./phone-parts.ts";
import type { ReceivedRefer } from "./received-refer.ts";
import { unknownEvent } from "./refer-event.ts";
import { type IterationOptions, Queue } from "./replay.ts";
import type { SentReferUser } from "./sent-refer.ts";
import { type CallEnd, SipError } from "./sip-error.ts";
import { Transfer, type TransferOptions } from "./transfer.ts";

/**
 * What becomes of a wish of the other side's to be called elsewhere while nobody listens at
 * `transfers`: `follow` does as they ask, at this phone's cost.
 */
export type Unheard = "refuse" | "follow";

/** Of one phone. */
export class Transfers {
  unheard: Unheard = "refuse";
  readonly #parts: PhoneParts;
  readonly #listeners = new Set<Queue<IncomingTransfer>>();
  readonly #calls = new WeakMap<Call, CallBeside>();
  /** What each dialog has of REFERs. */
  readonly #usages = new WeakMap<LegParts, DialogUsages>();

  private constructor(parts: PhoneParts) {
    this.#parts = parts;
    const { abilities } = parts.agent;
    abilities.requestOf = requestOfUri;
    //= RFC 3891 §6.2
    //# UAs which support the Replaces header MUST include the "replaces" option tag in a Supported
    //# header field.
    //= RFC 3911 §7.2
    //# UAs which support the Join header MUST include the "join" option tag in a Supported header
    //# field.
    abilities.extensions.push("replaces", "join");
    abilities.quietExtensions.push("norefersub", "tdialog");
    for (const method of ["REFER", "NOTIFY", "SUBSCRIBE"]) {
      abilities.methods.set(method, unknownEvent);
    }
    abilities.objections.push(claimObjection);
    abilities.uses.push((leg, idle) => this.#used(leg, idle));
    abilities.outside.set("REFER", (from, reception) => this.#referredOutside(from, reception));
    abilities.outside.set("SUBSCRIBE", (from) =>
      parts.agent.endpoint.reply(from, unknownEvent(from.request)),
    );
    abilities.invited.push((from, reception) => this.#invited(from, reception));
    parts.calls.leaving.push(() => {
      for (const queue of this.#listeners) queue.end();
    });
  }

  /** Those of a phone, which can transfer from now on. Throws a TypeError for what is no phone. */
  static of(phone: object): Transfers {
    const { agent } = partsOf(phone);
    const known = ALL.get(agent);
    if (known) return known;
    const made = new Transfers(partsOf(phone));
    ALL.set(agent, made);
    return made;
  }

  /** What goes on beside a call; undefined where its phone cannot transfer. */
  static beside(call: Call): CallBeside | undefined {
    return ALL.get(insideOf(call).phone.agent)?.beside(call);
  }

  get parts(): PhoneParts {
    return this.#parts;
  }

  usagesOf({ parts }: Leg): DialogUsages | undefined {
    return this.#usages.get(parts);
  }

  beside(call: Call): CallBeside {
    const known = this.#calls.get(call) ?? new CallBeside(call, this);
    this.#calls.set(call, known);
    return known;
  }

  /** Wishes that come in. */
  wishes({ signal }: IterationOptions = {}): AsyncIterableIterator<IncomingTransfer> {
    const queue = new Queue<IncomingTransfer>((one) => this.#listeners.delete(one), signal);
    if (this.#parts.calls.isClosing) queue.end();
    if (!queue.ended) this.#listeners.add(queue);
    return queue;
  }

  refer(whom: string, target: string, { reports = true }: TransferOptions): Transfer {
    const { agent, calls, inTurn } = this.#parts;
    if (calls.isClosing) throw closed();
    const [{ uri }] = [whom, target].map((one) => invitationTo(one, requestOfUri)) as [
      ReturnType<typeof invitationTo>,
    ];
    const referredBy = `<${agent.aor}>`;
    const what = { referTo: `<${target}>`, referredBy, reports, headers: [] };
    return new Transfer((user, asking) => {
      asking();
      inTurn(() => {
        const sent = SentOutside.send(agent, agent.wayOut(), uri, what, { ...user, gone() {} });
        if (!sent) user.failed(503, false);
      });
    });
  }

  /** Somebody wants something; `isHeard`: whoever listens at the call has been asked. */
  asked(transfer: IncomingTransfer, isHeard: boolean): void {
    for (const queue of this.#listeners) queue.push(transfer);
    if (isHeard || this.#listeners.size > 0) return;
    // Nobody is called because a stranger wants it.
    const isFollowed = this.unheard === "follow" && transfer.call !== undefined;
    // Not in the turn that it came in.
    void Promise.resolve().then(() => {
      if (isFollowed && !this.#parts.calls.isClosing) transfer.accept();
      else transfer.refuse();
    });
  }

  /** Calls somebody for somebody else, who says so by this Referred-By. */
  readonly dial = (target: string, wanted: Wanted, referredBy: string | undefined): Call => {
    const headers = referredBy ? ([["Referred-By", referredBy]] as const) : [];
    return this.#parts.calls.call(target, wanted, { headers });
  };

  #used(leg: LegParts, idle: () => void): DialogUsages {
    const referred = (refer: ReceivedRefer) => leg.user.beside(this.#wish(refer));
    const usages = new DialogUsages(leg.side, { referred, idle });
    this.#usages.set(leg, usages);
    return usages;
  }

  #wish(refer: ReceivedRefer): Beside {
    return {
      tell: (call) => this.beside(call).referred(refer),
      refuse: () => refer.refuse(603),
    };
  }

  /** A REFER that is about one of our calls, or about none. */
  #referredOutside(from: Incoming, { agent, isFull, find }: Reception): void {
    if (isFull) return agent.endpoint.reply(from, { status: 486 });
    const named = targetDialogOf(from.request);
    const session = named && find(named.callId, named.localTag);
    const leg = session?.way.admits(from) ? session.legOf(named?.remoteTag ?? "") : undefined;
    ReceivedOutside.take(agent, wayOf(agent, from), from, (refer) => {
      if (leg && leg.standing !== "Over") return leg.told(this.#wish(refer));
      const { inTurn } = this.#parts;
      this.asked(new IncomingTransfer(refer, undefined, AUDIO, { inTurn, dial: this.dial }), false);
    });
  }

  /** An INVITE that claims another call of ours. */
  #invited(from: Incoming, reception: Reception): boolean {
    const claim = claimOf(from, reception.find);
    if (claim.kind === "None") return false;
    if (claim.kind === "Refuse") reception.agent.endpoint.reply(from, claim.reply);
    else {
      const { kind, leg } = claim;
      const session = beginSession(from, reception);
      if (session) leg.told(this.#claim(kind, session, from));
    }
    return true;
  }

  /** They want to take the place of the other side, or to be in the call, too. */
  #claim(kind: "Replaces" | "Join", session: IncomingSession, from: Incoming): Beside {
    return {
      tell: (call) => {
        if (kind === "Replaces") this.beside(call).replaced(session, from);
        else this.beside(call).joined(session, from);
      },
      refuse: () => session.reject(603),
    };
  }
}

const ALL = new WeakMap<object, Transfers>();

/** What goes on in one call. */
export class CallBeside {
  /** The call that took its place, or is about to. */
  successor: Call | undefined;
  /** The call whose place it takes, or that it is to join. */
  about: { readonly kind: "Replaces" | "Join"; readonly call: Call } | undefined;
  readonly #call: Call;
  readonly #all: Transfers;
  readonly #wishes = new Set<Queue<IncomingTransfer>>();
  readonly #joins = new Set<Queue<Call>>();

  constructor(call: Call, all: Transfers) {
    this.#call = call;
    this.#all = all;
    insideOf(call).because = (end) => this.#ended(end);
    void call.ended.then(() => {
      for (const queue of [...this.#wishes, ...this.#joins]) queue.end();
    });
  }

  wishes({ signal }: IterationOptions = {}): AsyncIterableIterator<IncomingTransfer> {
    const queue = new Queue<IncomingTransfer>((one) => this.#wishes.delete(one), signal);
    if (this.#call.state.name === "Ended") queue.end();
    if (!queue.ended) this.#wishes.add(queue);
    return queue;
  }

  joins({ signal }: IterationOptions = {}): AsyncIterableIterator<Call> {
    const queue = new Queue<Call>((one) => this.#joins.delete(one), signal);
    if (this.#call.state.name === "Ended") queue.end();
    if (!queue.ended) this.#joins.add(queue);
    return queue;
  }

  transfer(target: string | Call, { reports = true, keep = false }: TransferOptions): Transfer {
    if (typeof target === "string") invitationTo(target, requestOfUri);
    else if (target === this.#call) throw new Error("a call cannot be transferred to itself");
    if (this.#call.state.name !== "Established") {
      throw new Error("only a call that goes on can be transferred");
    }
    const { leave } = insideOf(this.#call);
    return new Transfer((user, asking) => {
      const left = () => {
        if (!keep) leave(TRANSFERRED);
      };
      const leaving = {
        ...user,
        succeeded: (status: number) => {
          left();
          user.succeeded(status);
        },
        accepted: () => {
          left();
          user.accepted();
        },
        gone() {},
      };
      void this.#ask(target, reports, leaving, asking);
    });
  }

  async #ask(
    target: string | Call,
    reports: boolean,
    user: SentReferUser,
    asking: () => void,
  ): Promise<void> {
    // RFC 5589 §7.6: whom nobody has answered yet nobody can be put through to.
    const status = typeof target === "string" ? 0 : await unanswered(target);
    if (status > 0) return user.failed(status, false);
    asking();
    const inside = insideOf(this.#call);
    const referTo = typeof target === "string" ? `<${target}>` : replacing(target);
    const referredBy = `<${inside.phone.agent.aor}>`;
    inside.inTurn(() => {
      const leg = this.#call.state.name === "Established" ? inside.leg() : undefined;
      const usages = leg && this.#all.usagesOf(leg);
      const what = { referTo, referredBy, reports, headers: [] };
      if (!usages || !referIn(leg, usages, what, user)) user.failed(481, false);
    });
  }

  //= RFC 3891 §3
  //# If authorization is successful, the UA attempts to accept the new INVITE, reassign the user
  //# interface and other resources of the matched dialog to the new INVITE, and shut down the
  //# replaced dialog. If the UA cannot accept the new INVITE (for example: it cannot establish
  //# required QoS or keying, or it has incompatible media), the UA MUST return an appropriate error
  //# response and MUST leave the matched dialog unchanged.
  replaced(session: IncomingSession, from: Incoming): void {
    const { phone, wanted, inTurn, leave } = insideOf(this.#call);
    if (this.successor && this.successor.state.name !== "Ended") return session.reject(486);
    const next = this.#taken("Replaces", session, from);
    phone.announce(next);
    next.answerByItself(wanted());
    this.successor = next;
    const shutDown = () => inTurn(() => leave(REPLACED, "Replaced"));
    next.answered.then(shutDown, () => {
      this.successor = undefined;
    });
  }

  //= RFC 3911 §4
  //# If the UA cannot accept the new INVITE (for example: it cannot establish required QoS or
  //# keying, or it has incompatible media), the UA MUST return an appropriate error response and
  //# MUST leave the matched dialog unchanged.
  //= RFC 3911 §4
  //# If the UAS is incapable of satisfying the Join request, it MUST return a 488 "Not Acceptable
  //# Here" response.
  joined(session: IncomingSession, from: Incoming): void {
    if (this.#joins.size === 0) return session.reject(488);
    const call = this.#taken("Join", session, from);
    session.ring();
    for (const queue of this.#joins) queue.push(call);
  }

  #taken(kind: "Replaces" | "Join", session: IncomingSession, from: Incoming): Call {
    const next = insideOf(this.#call).phone.taken(session, from);
    this.#all.beside(next).about = { kind, call: this.#call };
    return next;
  }

  referred(refer: ReceivedRefer): void {
    const { wanted, inTurn } = insideOf(this.#call);
    const transfer = new IncomingTransfer(refer, this.#call, wanted(), {
      inTurn,
      dial: (...asked) => {
        this.successor = this.#all.dial(...asked);
        return this.successor;
      },
    });
    for (const queue of this.#wishes) queue.push(transfer);
    this.#all.asked(transfer, this.#wishes.size > 0);
  }

  /** Why the call ended, with what happened beside it in mind. */
  #ended(end: CallEnd): CallEnd {
    const isMoved = this.successor?.state.name === "Established";
    const isTheirs = end.by === "remote" && end.code === "SIP_HUNG_UP";
    if (!isMoved || !isTheirs) return end;
    return { ...end, code: "SIP_TRANSFERRED", message: "They put you through to somebody else." };
  }
}

const TRANSFERRED: CallEnd = {
  ...{ by: "local", code: "SIP_TRANSFERRED", message: "You transferred the call." },
};

const REPLACED: CallEnd = {
  ...{ by: "remote", code: "SIP_REPLACED", message: "Another call took its place." },
};

/** 0 once a call is answered; else the status that it failed with. */
async function unanswered({ answered }: Call): Promise<number> {
  try {
    await answered;
    return 0;
  } catch (cause) {
    return (cause instanceof SipError ? cause.status : undefined) ?? 487;
  }
}

//= RFC 5589 §7.3
//# The Contact URI of the Transfer Target SHOULD be used by the Transferor as the Refer-To URI,
//# unless the URI is suspected or known to not be routable outside the dialog.
// Of a Contact that is no GRUU that is suspected: it may be an address behind a NAT.
//= RFC 5589 §7.3
//# Otherwise, the Address of Record (AOR) of the Transfer Target SHOULD be used.
//= RFC 5589 §7.3
//# In case the triggered INVITE is routed to a different User Agent than the Transfer Target, the
//# Require: replaces header field SHOULD be used in the triggered INVITE.
/** The Refer-To that has somebody take our place in a call. RFC 3891. */
function replacing({ dialog, peer }: Call): string {
  if (!dialog) throw new Error("a call that is answered has a dialog");
  const replaces = formatReplaces({ ...mirrored(dialog), earlyOnly: false });
  const address = isGruu(dialog.remoteTarget)
    ? dialog.remoteTarget
    : invitationTo(peer.uri, requestOfUri).uri;
  return `<${address}?Replaces=${escapeUriHeader(replaces)}&Require=replaces>`;
}
