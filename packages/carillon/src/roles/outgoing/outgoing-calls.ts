/**
 * All calls that people here make: how many each has at a time, whom they may call, and what comes
 * by in their dialogs. The proxy keeps nothing else of a dialog; of these it has to, since whoever
 * calls cannot be believed when it says that a call is over.
 */
import type { Endpoint } from "../../endpoint/endpoint.ts";
import type { Incoming } from "../../endpoint/incoming.ts";
import type { Octets } from "../../grammar/octets.ts";
import { parseReferTo } from "../../message/header/refer-to.ts";
import { readHeader } from "../../message/read-header.ts";
import { parseSipUri } from "../../uri/sip-uri.ts";
import { type Cookie, ELSEWHERE } from "../cookie.ts";
import type { Outcome } from "../in-dialog.ts";
import type { OwnRequests } from "../own-requests.ts";
import type { Policy } from "../policy.ts";
import type { Listener } from "../received.ts";
import type { Routes } from "../routes.ts";
import type { ServedNames } from "../served-names.ts";
import type { OutgoingStore } from "./kept-calls.ts";
import { type AtLimit, Ledger, OUTGOING_LIMITS } from "./ledger.ts";
import { type CallingParts, OutgoingCall, sessionMsOf } from "./outgoing-call.ts";
import type { OutgoingLeg } from "./outgoing-leg.ts";
import type { OutgoingPolicy } from "./outgoing-policy.ts";

export interface OutgoingCallsParts {
  readonly endpoint: Endpoint;
  readonly own: OwnRequests;
  readonly names: ServedNames;
  /** Where it has no `outgoing` nothing is counted, and nobody is refused. */
  policy(): Pick<Policy, "outgoing" | "relay">;
  /** Whether somebody here is called so. */
  isPerson(user: string): boolean;
  /** Whether this comes from a trusted place. */
  isTrusted(from: Incoming): boolean;
  /** Where what has to outlive the program is kept; nowhere if left out. */
  readonly store?: OutgoingStore | undefined;
}

/** What a request in a dialog is to hear, or who is to hear of it. */
export interface SeenInDialog {
  readonly refusal?: Outcome;
  readonly heard?: Listener;
}

/** How many there are, for an operator. */
export interface OutgoingCensus {
  /** Legs that lead out of the house. */
  readonly outside: number;
  /** People of whom a book is kept. */
  readonly people: number;
  /** Those who have as many as they may, or nothing left for today; a hundred at most. */
  readonly atLimit: readonly AtLimit[];
}

const MAX_TOLD = 100;
const NOTHING: SeenInDialog = {};

export class OutgoingCalls {
  readonly #parts: OutgoingCallsParts;
  readonly #ledger: Ledger;
  readonly #byName = new Map<string, OutgoingCall[]>();
  readonly #byAccount = new Map<string, Set<OutgoingCall>>();
  readonly #calling: CallingParts;

  constructor(parts: OutgoingCallsParts) {
    const { endpoint, own, store } = parts;
    this.#parts = parts;
    const limits = (account: string) => this.#policy?.limits(account) ?? OUTGOING_LIMITS;
    this.#ledger = new Ledger(limits, (book) => store?.saveBook(book));
    this.#calling = {
      ...{ endpoint, own, ledger: this.#ledger, limits, store },
      objection: (account, uri) => this.#policy?.objection(account, uri),
      isOurs: (user) => user.startsWith(`${endpoint.ids.node}!`),
      counted: (account) => this.#counted(account),
      begun: (call) => this.#begun(call),
      over: (call) => this.#over(call),
    };
    // In the first turn: time has to be known.
    if (store) endpoint.later(() => this.#restore(store));
  }

  /** Goes on where an earlier run ended: who has spent what, and what still goes on. */
  #restore(store: OutgoingStore): void {
    if (!this.#policy) return;
    const { now } = this.#parts.endpoint;
    for (const book of store.books()) this.#ledger.restore(book, now);
    const legs = store.legs();
    // All of them first: how soon the talk of a day is used up depends on how many talk.
    for (const { account, phase } of legs) this.#ledger.resume(account, phase !== "Calling", now);
    for (const leg of legs) OutgoingCall.resume(this.#calling, leg);
  }

  /** What somebody is spending, and has spent. */
  get ledger(): Ledger {
    return this.#ledger;
  }

  census(): OutgoingCensus {
    const { outside, size } = this.#ledger;
    const atLimit = this.#ledger.atLimit(this.#parts.endpoint.now).slice(0, MAX_TOLD);
    return { outside, people: size, atLimit };
  }

  /** The call that this INVITE may become; undefined where it is nobody's of the house. */
  begin(from: Incoming, account: string | undefined): OutgoingCall | undefined {
    const isCounted = account !== undefined && this.#policy !== undefined;
    if (!isCounted || from.request.method !== "INVITE") return undefined;
    return OutgoingCall.of(this.#calling, from, account);
  }

  /** Whether calls to elsewhere are handed over to whoever they lead to. */
  get handsOver(): boolean {
    return this.#policy === undefined || this.#policy.handsOver === true;
  }

  get #policy(): OutgoingPolicy | undefined {
    return this.#parts.policy().outgoing;
  }

  // ---- REFER -----------------------------------------------------------------------------------

  /** Why a request from outside of dialogs is refused, if it is a REFER that may not be. */
  referral(from: Incoming, account: string | undefined): Outcome | undefined {
    if (from.request.method !== "REFER" || !this.#policy) return undefined;
    const referTo = readHeader(from.request, "Refer-To", parseReferTo);
    const target = referTo.ok ? referTo.value?.uri : undefined;
    // Without a target that can be read it is for whoever gets it to refuse, where they live here.
    const unread = account === undefined ? NOT_FROM_ELSEWHERE : undefined;
    const why = target === undefined ? unread : this.mayDial(account, target);
    return why ? { status: 403, why } : undefined;
  }

  /**
   * Why nobody is called for this account at this address, as if it had dialled that itself. A
   * trusted place and other servers, which have none, have people called who live here and whom
   * they may call themselves, and nobody else.
   */
  mayDial(account: string | undefined, target: Octets): string | undefined {
    const policy = this.#policy;
    if (!policy) return undefined;
    const { names, isPerson } = this.#parts;
    const user = names.userIn(target);
    if (user !== undefined && isPerson(user)) return undefined;
    if (account === undefined) return NOT_FROM_ELSEWHERE;
    const number = /^tel:([^?]*)/i.exec(target)?.[1];
    const uri = parseSipUri(number === undefined ? target : `sip:${number}@tel.invalid`);
    // What is no telephone's address is nobody's to call.
    if (!uri.ok) return undefined;
    const objection = policy.objection(account, uri.value);
    if (objection !== undefined || number !== undefined) return objection;
    const isOpen = user !== undefined || this.#parts.policy().relay?.(account, uri.value) === true;
    return isOpen ? undefined : CLOSED;
  }

  // ---- in dialogs ------------------------------------------------------------------------------

  /** A request in a dialog that goes through here. */
  inDialog(from: Incoming, routes: Routes, cookie: Cookie): SeenInDialog {
    if (!this.#policy) return NOTHING;
    const { method } = from.request;
    if (method === "REFER") return this.#referInDialog(from, cookie);
    const { callId, fromTag, toTag } = from.essentials;
    const isCaller = cookie.from === "caller";
    const [callerTag, calleeTag] = isCaller ? [fromTag, toTag] : [toTag, fromTag];
    const calls = this.#byName.get(this.#keyOf(callId, callerTag)) ?? [];
    const hasIt = ({ tag }: OutgoingLeg) => tag === calleeTag;
    const own = calls.filter(({ legs }) => legs.some(hasIt));
    const leg = own[0]?.legs.find(hasIt);
    if (!isCaller) return leg ? this.#fromCallee(from, leg) : NOTHING;
    const { number } = from.essentials.cseq;
    if (!(leg ? own : calls).every((call) => call.follows(number))) return JUMPS;
    const isRight = leg?.dialogs?.isRight(from, routes) === true;
    const isAbroad = cookie.target.host === ELSEWHERE;
    if (method === "INVITE" && isAbroad && !isRight) {
      // Behind a tag that nobody has answered with, and at another address, is another call.
      const isStrange = calls.length > 0 && !leg && calls.every(({ legs }) => legs.every(hasTag));
      if (isStrange) return NO_SUCH_DIALOG;
      const why = this.#elsewhere(from, routes);
      if (why !== undefined) return { refusal: { status: 403, why } };
    }
    return leg ? this.#fromCaller(method, leg, isRight || !isAbroad) : NOTHING;
  }

  /** Why an INVITE in a dialog may not go where that is not, as far as it is known. */
  #elsewhere({ essentials }: Incoming, { uri }: Routes): string | undefined {
    const account = this.#parts.names.userIn(essentials.from.uri);
    const parsed = parseSipUri(uri);
    if (account === undefined || !parsed.ok) return undefined;
    return this.#policy?.objection(account, parsed.value);
  }

  #referInDialog(from: Incoming, { source, target }: Cookie): SeenInDialog {
    const isOthers = source.host === ELSEWHERE || this.#parts.isTrusted(from);
    if (target.host === ELSEWHERE && !this.handsOver) return NOT_HANDED;
    const { uri } = from.essentials.from;
    const refusal = this.referral(from, isOthers ? undefined : this.#parts.names.userIn(uri));
    return refusal ? { refusal } : NOTHING;
  }

  #fromCaller(method: string, leg: OutgoingLeg, isRight: boolean): SeenInDialog {
    if (method === "BYE") {
      leg.step({ kind: "Leaving" });
      return { heard: (status) => leftBy(leg, status, isRight) };
    }
    if (method !== "INVITE" && method !== "UPDATE") return NOTHING;
    return {
      heard: (status, received) => {
        if (!received || status < 200 || status >= 300) return;
        if (isRight) leg.dialogs?.accepted(method, received.response);
        leg.step({ kind: "Refreshed", sessionMs: sessionMsOf(received.response) });
      },
    };
  }

  #fromCallee(from: Incoming, leg: OutgoingLeg): SeenInDialog {
    const { method } = from.request;
    // Inside, both sides have shown who they are.
    const isThere = !leg.isOutside || from.flow.remote.host === leg.farHost;
    leg.dialogs?.callee(from, isThere);
    leg.save();
    if (method === "BYE") {
      leg.step({ kind: isThere ? "Parted" : "Leaving" });
      return isThere ? NOTHING : { heard: (status) => leftBy(leg, status, false) };
    }
    if (method !== "INVITE" && method !== "UPDATE") return NOTHING;
    return {
      heard: (status, received) => {
        if (!received || status < 200 || status >= 300) return;
        leg.step({ kind: "Refreshed", sessionMs: sessionMsOf(received.response) });
      },
    };
  }

  // ---- CallingParts ----------------------------------------------------------------------------

  #begun(call: OutgoingCall): void {
    const key = this.#keyOf(call.callId, call.callerTag);
    this.#byName.set(key, [...(this.#byName.get(key) ?? []), call]);
    const { account } = call;
    const calls = this.#byAccount.get(account) ?? new Set();
    this.#byAccount.set(account, calls.add(call));
  }

  #over(call: OutgoingCall): void {
    const key = this.#keyOf(call.callId, call.callerTag);
    const left = (this.#byName.get(key) ?? []).filter((one) => one !== call);
    if (left.length > 0) this.#byName.set(key, left);
    else this.#byName.delete(key);
    const calls = this.#byAccount.get(call.account);
    calls?.delete(call);
    if (calls?.size === 0) this.#byAccount.delete(call.account);
  }

  /** Whoever talks on more legs has talked enough sooner. */
  #counted(account: string): void {
    for (const call of this.#byAccount.get(account) ?? []) {
      if (call.where === "outside") for (const leg of call.legs) leg.schedule();
    }
  }

  #keyOf(callId: Octets, callerTag: Octets): string {
    return this.#parts.endpoint.ids.macOf(["outgoing", callId, callerTag]);
  }
}

/** A BYE has its answer. Where it was sent anywhere but to the other side, that one is asked. */
function leftBy(leg: OutgoingLeg, status: number, isRight: boolean): void {
  if (status < 200 || status === 401 || status === 407) return;
  const isGone = status < 300 || status === 481 || status === 408;
  leg.step({ kind: isRight && isGone ? "Parted" : "Doubted" });
}

const hasTag = ({ tag }: OutgoingLeg): boolean => tag !== undefined;

const NOT_FROM_ELSEWHERE = "nobody here is made to call by another server";
const CLOSED = "requests to other domains are not forwarded here";
const NOT_HANDED: SeenInDialog = {
  refusal: {
    status: 403,
    why: "calls to elsewhere are not handed over: nobody here could end them",
  },
};
const NO_SUCH_DIALOG: SeenInDialog = {
  refusal: { status: 481, why: "nobody has answered that call so" },
};
const JUMPS: SeenInDialog = {
  refusal: { status: 403, why: "the number of this request is too far from the one before it" },
};
