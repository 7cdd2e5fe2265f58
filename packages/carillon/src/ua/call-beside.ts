/** What goes on in a call beside talking: it is transferred, by us or by them. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { HeaderField } from "../message/compose.ts";
import { formatReplaces } from "../message/header/replaces.ts";
import { escapeUriHeader } from "../uri/escape.ts";
import { isGruu } from "../uri/gruu.ts";
import type { Beside } from "./beside.ts";
import type { Call } from "./call.ts";
import type { CallDtmf } from "./call-dtmf.ts";
import { mirrored } from "./claim.ts";
import type { Farewell } from "./farewell.ts";
import type { IncomingSession } from "./incoming-session.ts";
import { IncomingTransfer } from "./incoming-transfer.ts";
import { invitationTo } from "./invitation.ts";
import type { Leg } from "./leg.ts";
import type { Wanted } from "./media.ts";
import type { ReceivedRefer } from "./received-refer.ts";
import { type IterationOptions, Queue } from "./replay.ts";
import type { SentReferUser } from "./sent-refer.ts";
import { type CallEnd, SipError } from "./sip-error.ts";
import { Transfer, type TransferOptions } from "./transfer.ts";

/** What a call needs of its phone for other calls. */
export interface CallPhone {
  readonly aor: string;
  /** Calls somebody for somebody else, who says so by this Referred-By. */
  dial(target: string, wanted: Wanted, referredBy: string | undefined): Call;
  /** A call that comes in, and is about that other one: rings, or answers by itself. */
  taken(session: IncomingSession, from: Incoming, about: About): Call;
  /** They want this call transferred; `isHeard`: somebody has been asked already. */
  asked(transfer: IncomingTransfer, isHeard: boolean): void;
}

/** What a call that comes in is about: another call. */
export interface About {
  readonly kind: "Replaces" | "Join";
  readonly call: Call;
  /** What that one was begun with. */
  readonly wanted: Wanted;
}

export interface BesideParts {
  readonly phone: CallPhone;
  readonly dtmf: CallDtmf;
  readonly leg: () => Leg | undefined;
  readonly wanted: () => Wanted;
  readonly inTurn: (run: () => void) => void;
  /** Another call took its place: this side of it ends. In the endpoint's turn. */
  readonly leave: (end: CallEnd, why?: Farewell) => void;
}

export class CallBeside {
  readonly #call: Call;
  readonly #parts: BesideParts;
  readonly #transfers = new Set<Queue<IncomingTransfer>>();
  readonly #joins = new Set<Queue<Call>>();
  #successor: Call | undefined;

  constructor(call: Call, parts: BesideParts) {
    this.#call = call;
    this.#parts = parts;
  }

  get successor(): Call | undefined {
    return this.#successor;
  }

  transfers({ signal }: IterationOptions = {}): AsyncIterableIterator<IncomingTransfer> {
    const queue = new Queue<IncomingTransfer>((one) => this.#transfers.delete(one), signal);
    if (this.#call.state.name === "Ended") queue.end();
    if (!queue.ended) this.#transfers.add(queue);
    return queue;
  }

  transfer(target: string | Call, { reports = true, keep = false }: TransferOptions): Transfer {
    if (typeof target === "string") invitationTo(target);
    else if (target === this.#call) throw new Error("a call cannot be transferred to itself");
    if (this.#call.state.name !== "Established") {
      throw new Error("only a call that goes on can be transferred");
    }
    return new Transfer((user, asking) => {
      const leave = () => {
        if (!keep) this.#parts.leave(TRANSFERRED);
      };
      const leaving = {
        ...user,
        succeeded: (status: number) => {
          leave();
          user.succeeded(status);
        },
        accepted: () => {
          leave();
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
    const referTo = typeof target === "string" ? `<${target}>` : replacing(target);
    const referredBy = `<${this.#parts.phone.aor}>`;
    this.#parts.inTurn(() => {
      const leg = this.#call.state.name === "Established" ? this.#parts.leg() : undefined;
      const isAsked = leg?.refer({ referTo, referredBy, reports, headers: [] }, user);
      if (!isAsked) user.failed(481, false);
    });
  }

  joins({ signal }: IterationOptions = {}): AsyncIterableIterator<Call> {
    const queue = new Queue<Call>((one) => this.#joins.delete(one), signal);
    if (this.#call.state.name === "Ended") queue.end();
    if (!queue.ended) this.#joins.add(queue);
    return queue;
  }

  /** What they ask or tell. */
  told(what: Beside): void {
    switch (what.kind) {
      case "Info":
        if (what.info.package !== undefined) return what.info.reply(469, NO_PACKAGES);
        return this.#parts.dtmf.informed(what.info);
      case "Refer":
        return this.#referred(what.refer);
      case "Replaces":
        return this.#replaced(what.session, what.from);
      case "Join":
        return this.#joined(what.session, what.from);
    }
  }

  //= RFC 3891 §3
  //# If authorization is successful, the UA attempts to accept the new INVITE, reassign the user
  //# interface and other resources of the matched dialog to the new INVITE, and shut down the
  //# replaced dialog. If the UA cannot accept the new INVITE (for example: it cannot establish
  //# required QoS or keying, or it has incompatible media), the UA MUST return an appropriate error
  //# response and MUST leave the matched dialog unchanged.
  #replaced(session: IncomingSession, from: Incoming): void {
    const { phone, wanted, inTurn, leave } = this.#parts;
    if (this.#successor && this.#successor.state.name !== "Ended") return session.reject(486);
    const next = phone.taken(session, from, {
      kind: "Replaces",
      call: this.#call,
      wanted: wanted(),
    });
    this.#successor = next;
    const shutDown = () => inTurn(() => leave(REPLACED, "Replaced"));
    next.answered.then(shutDown, () => {
      this.#successor = undefined;
    });
  }

  //= RFC 3911 §4
  //# If the UA cannot accept the new INVITE (for example: it cannot establish required QoS or
  //# keying, or it has incompatible media), the UA MUST return an appropriate error response and
  //# MUST leave the matched dialog unchanged.
  //= RFC 3911 §4
  //# If the UAS is incapable of satisfying the Join request, it MUST return a 488 "Not Acceptable
  //# Here" response.
  #joined(session: IncomingSession, from: Incoming): void {
    const { phone, wanted } = this.#parts;
    if (this.#joins.size === 0) return session.reject(488);
    const call = phone.taken(session, from, { kind: "Join", call: this.#call, wanted: wanted() });
    for (const queue of this.#joins) queue.push(call);
  }

  #referred(refer: ReceivedRefer): void {
    const { phone, wanted, inTurn } = this.#parts;
    const transfer = new IncomingTransfer(refer, this.#call, wanted(), {
      inTurn,
      dial: (...asked) => {
        this.#successor = phone.dial(...asked);
        return this.#successor;
      },
    });
    for (const queue of this.#transfers) queue.push(transfer);
    phone.asked(transfer, this.#transfers.size > 0);
  }

  /** The call is over: there is nothing more to be heard of it. */
  over(): void {
    for (const queue of [...this.#transfers, ...this.#joins]) queue.end();
    this.#parts.dtmf.end();
  }

  /** Why the call ended, with what happened beside it in mind. */
  ended(end: CallEnd): CallEnd {
    const isMoved = this.#successor?.state.name === "Established";
    const isTheirs = end.by === "remote" && end.code === "SIP_HUNG_UP";
    if (!isMoved || !isTheirs) return end;
    return { ...end, code: "SIP_TRANSFERRED", message: "They put you through to somebody else." };
  }
}

//= RFC 6086 §4.2.2
//# If a UA receives an INFO request associated with an Info Package that the UA has not indicated
//# willingness to receive, the UA MUST send a 469 (Bad Info Package) response (see Section 11.6),
//# which contains a Recv-Info header field with Info Packages for which the UA is willing to
//# receive INFO requests.
// Whose media trickle candidates takes those itself, and what it takes it says there.
const NO_PACKAGES: readonly HeaderField[] = [["Recv-Info", ""]];

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
  const address = isGruu(dialog.remoteTarget) ? dialog.remoteTarget : invitationTo(peer.uri).uri;
  return `<${address}?Replaces=${escapeUriHeader(replaces)}&Require=replaces>`;
}
