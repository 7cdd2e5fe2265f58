/**
 * Who talks with whom at the moment: what busy lamps show, and why somebody is on the phone.
 *
 * The proxy keeps nothing about a call; this follows what it tells. A call whose BYE was lost ends
 * with its session timer, or when nobody of the house who was in it is to be reached any more, or
 * after a day. Those that were answered outlive the process, as they do on the phones; what rings
 * does not, nor what talks through a part of this server.
 */
import type { CallBegan, CallName, CallProgress, Calls } from "carillon/roles";
import type { KeptCalls, SavedCall } from "./kept-calls.ts";

/** A call as one of the two in it sees it. */
export interface HouseCall {
  /** Told from their other calls by this. */
  readonly id: string;
  readonly callId: string;
  /** Their own tag, and the other side's; undefined while nobody has answered or rung. */
  readonly localTag: string | undefined;
  readonly remoteTag: string | undefined;
  readonly direction: "initiator" | "recipient";
  /** As RFC 4235 §3.7.1 has them. */
  readonly state: "trying" | "early" | "confirmed";
  /** With whom: a URI, and a name, which may be empty. */
  readonly remote: { readonly uri: string; readonly name: string };
  /** Since its INVITE came, in ms of the steady clock. */
  readonly since: number;
}

/** A call as whoever looks after the house sees it. */
export interface OngoingCall {
  readonly callId: string;
  /** URIs, in octets. */
  readonly caller: string;
  readonly called: string;
  readonly state: HouseCall["state"];
  /** Since its INVITE came, in ms of the steady clock. */
  readonly since: number;
}

export interface HouseCallsParts {
  /** This person's calls are others than before. Has to be quick, and may not throw. */
  readonly changed: (account: string) => void;
  readonly isOnline: (account: string) => boolean;
  /** Milliseconds that never jump. */
  readonly now: () => number;
  /** Nowhere if left out. */
  readonly kept?: KeptCalls;
}

export const HOUSE_CALLS_LIMITS = {
  /** Calls that are followed; one more is put through like any other, and shown to nobody. */
  calls: 10_000,
  /** Characters of an address, a name, a tag: longer ones are left out. */
  text: 256,
  /** How long nobody answers: longer than a proxy waits. RFC 3261 §16.6, timer C. */
  ringingMs: 600_000,
  /** How long a call goes on that nobody refreshes. */
  talkingMs: 24 * 3_600_000,
  /** How long after its end a session with a timer is waited for. */
  refreshGraceMs: 32_000,
  /** How long people who were in a call are away before it is taken for ended. */
  awayMs: 60_000,
} as const;

type Limits = { readonly [Name in keyof typeof HOUSE_CALLS_LIMITS]: number };

interface Party {
  readonly account: string | undefined;
  readonly uri: string;
  readonly name: string;
}

interface Followed {
  readonly key: string;
  readonly id: string;
  readonly callId: string;
  readonly caller: Party;
  readonly callee: Party;
  readonly callerTag: string;
  readonly since: number;
  calleeTag: string | undefined;
  state: HouseCall["state"];
  sessionMs: number;
  /** When it is over, unless something is heard of it. */
  endsAt: number;
  /** Whether it goes on without this program. */
  isKept: boolean;
  /** Whether it stands on the disk. */
  isSaved: boolean;
}

export class HouseCalls implements Calls {
  readonly #parts: HouseCallsParts;
  readonly #limits: Limits;
  readonly #calls = new Map<string, Followed>();
  readonly #byAccount = new Map<string, Set<Followed>>();
  /** Those in a call who are not to be reached, and since when. */
  readonly #away = new Map<string, number>();
  /** Those that are to be written down in the next sweep: short calls are over by then. */
  readonly #unsaved = new Set<Followed>();
  #count = 0;

  constructor(parts: HouseCallsParts, limits: Partial<Limits> = {}) {
    this.#parts = parts;
    this.#limits = { ...HOUSE_CALLS_LIMITS, ...limits };
    for (const one of parts.kept?.all() ?? []) this.#restore(one);
  }

  /** Calls that are followed. */
  get size(): number {
    return this.#calls.size;
  }

  /** All of them, the first to begin first. */
  list(): readonly OngoingCall[] {
    return [...this.#calls.values()].map(({ callId, caller, callee, state, since }) => ({
      ...{ callId, caller: caller.uri, called: callee.uri, state, since },
    }));
  }

  /** Those of one person, the first to begin first. */
  of(account: string): readonly HouseCall[] {
    return [...(this.#byAccount.get(account) ?? [])].flatMap((call) => seenBy(call, account));
  }

  /** Whether this person is in a call that was answered. */
  isTalking(account: string): boolean {
    const calls = this.#byAccount.get(account);
    return calls !== undefined && [...calls].some(({ state }) => state === "confirmed");
  }

  // ---- what the proxy tells --------------------------------------------------------------------

  began(call: CallBegan): CallProgress | undefined {
    const { callerAccount, callee } = call;
    if (callerAccount === undefined && callee === undefined) return undefined;
    const key = keyOf(call);
    const isFull = this.#calls.size >= this.#limits.calls;
    if (isFull || key === "" || this.#calls.has(key)) return undefined;
    const followed = this.#follow(key, call);
    return {
      ringing: ({ calleeTag }) => this.#ring(followed, calleeTag),
      answered: ({ status, calleeTag, sessionSeconds, endsHere, at }) => {
        if (status >= 300) return this.#end(followed);
        followed.isKept = !endsHere;
        this.#answer(followed, calleeTag, sessionSeconds, at);
      },
    };
  }

  answered(): void {
    // Told by the progress of the call.
  }

  refreshed(name: CallName): void {
    const call = this.#calls.get(keyOf(name));
    if (call?.state !== "confirmed") return;
    call.endsAt = name.at + call.sessionMs;
    if (call.isKept) this.#unsaved.add(call);
  }

  ended(name: CallName): void {
    const call = this.#calls.get(keyOf(name));
    if (call) this.#end(call);
  }

  // ---- what nobody tells -----------------------------------------------------------------------

  /** This person came or left, perhaps. */
  moved(account: string): void {
    if (!this.#byAccount.has(account)) return;
    if (this.#parts.isOnline(account)) this.#away.delete(account);
    else if (!this.#away.has(account)) this.#away.set(account, this.#parts.now());
  }

  /** Ends what is over without a word. To be called now and then, in a turn of the endpoint. */
  sweep(): void {
    const now = this.#parts.now();
    for (const call of this.#calls.values()) if (call.endsAt <= now) this.#end(call);
    for (const [account, since] of this.#away) {
      if (now - since < this.#limits.awayMs) continue;
      this.#away.delete(account);
      for (const call of this.#byAccount.get(account) ?? []) {
        if (this.#isLeft(call)) this.#end(call);
      }
    }
    this.save();
  }

  /** Has written down what is not yet. */
  save(): void {
    for (const call of this.#unsaved) {
      this.#parts.kept?.save(savedOf(call));
      call.isSaved = true;
    }
    this.#unsaved.clear();
  }

  /** One that an earlier run followed. Who was in it has a minute to be here again. */
  #restore({ calleeTag, ...saved }: SavedCall): void {
    const { key } = saved;
    if (this.#calls.size >= this.#limits.calls || this.#calls.has(key)) return;
    this.#count = Math.max(this.#count, Number.parseInt(saved.id, 36));
    const states = { state: "confirmed", isKept: true, isSaved: true } as const;
    const call: Followed = { ...saved, ...states, calleeTag };
    this.#calls.set(key, call);
    for (const account of accountsOf(call)) {
      this.#index(account).add(call);
      this.#away.set(account, this.#parts.now());
    }
  }

  /** Whether nobody of the house who is in it can be reached. */
  #isLeft({ caller, callee }: Followed): boolean {
    return [caller, callee].every(
      ({ account }) => account === undefined || !this.#parts.isOnline(account),
    );
  }

  #follow(key: string, call: CallBegan): Followed {
    const text = (octets: string): string => own(octets, this.#limits.text);
    const { callerAccount, callerName, caller, callee, called, at } = call;
    const followed: Followed = {
      key,
      id: (++this.#count).toString(36),
      callId: text(call.callId),
      caller: { account: callerAccount, uri: text(caller), name: text(callerName) },
      callee: { account: callee, uri: text(called), name: "" },
      callerTag: text(call.callerTag),
      since: at,
      calleeTag: undefined,
      state: "trying",
      sessionMs: this.#limits.talkingMs,
      endsAt: at + this.#limits.ringingMs,
      isKept: false,
      isSaved: false,
    };
    this.#calls.set(key, followed);
    for (const account of accountsOf(followed)) this.#index(account).add(followed);
    this.#changed(followed);
    return followed;
  }

  #index(account: string): Set<Followed> {
    const known = this.#byAccount.get(account);
    if (known !== undefined) return known;
    const calls = new Set<Followed>();
    this.#byAccount.set(account, calls);
    return calls;
  }

  #ring(call: Followed, calleeTag: string): void {
    if (call.state !== "trying" || !this.#calls.has(call.key)) return;
    call.state = "early";
    call.calleeTag = own(calleeTag, this.#limits.text) || undefined;
    this.#changed(call);
  }

  #answer(call: Followed, calleeTag: string, sessionSeconds: number | undefined, at: number): void {
    if (!this.#calls.has(call.key)) return;
    const { talkingMs, refreshGraceMs, text } = this.#limits;
    call.state = "confirmed";
    call.calleeTag = own(calleeTag, text) || undefined;
    if (sessionSeconds !== undefined) {
      call.sessionMs = Math.min(talkingMs, 1000 * sessionSeconds + refreshGraceMs);
    }
    call.endsAt = at + call.sessionMs;
    if (call.isKept) this.#unsaved.add(call);
    this.#changed(call);
  }

  #end(call: Followed): void {
    if (!this.#calls.delete(call.key)) return;
    this.#unsaved.delete(call);
    if (call.isSaved) this.#parts.kept?.remove(call.id);
    for (const account of accountsOf(call)) {
      const calls = this.#byAccount.get(account);
      calls?.delete(call);
      if (calls?.size !== 0) continue;
      this.#byAccount.delete(account);
      this.#away.delete(account);
    }
    this.#changed(call);
  }

  #changed(call: Followed): void {
    for (const account of accountsOf(call)) this.#parts.changed(account);
  }
}

/** What a proxy tells goes to all of these, in their order. */
export function tellAll(some: readonly Calls[]): Calls {
  return {
    began: (call) => {
      const heard = some.flatMap((one) => one.began?.(call) ?? []);
      if (heard.length <= 1) return heard[0];
      return {
        ringing: (device) => heard.forEach((one) => void one.ringing(device)),
        answered: (answer) => heard.forEach((one) => void one.answered(answer)),
      };
    },
    answered: (call) => some.forEach((one) => void one.answered(call)),
    refreshed: (call) => some.forEach((one) => void one.refreshed?.(call)),
    ended: (call) => some.forEach((one) => void one.ended(call)),
    rated: (call) => some.forEach((one) => void one.rated?.(call)),
  };
}

/** Once each: somebody may call themselves. */
const accountsOf = ({ caller, callee }: Followed): ReadonlySet<string> =>
  new Set([caller, callee].flatMap(({ account }) => account ?? []));

function seenBy(call: Followed, account: string): readonly HouseCall[] {
  const { id, callId, callerTag, calleeTag, caller, callee, state, since } = call;
  const both = { callId, state, since };
  const outgoing: HouseCall = {
    ...{ ...both, id: `${id}-o`, direction: "initiator" },
    ...{ localTag: callerTag, remoteTag: calleeTag, remote: named(callee) },
  };
  const incoming: HouseCall = {
    ...{ ...both, id: `${id}-i`, direction: "recipient" },
    ...{ localTag: calleeTag, remoteTag: callerTag, remote: named(caller) },
  };
  return [
    ...(caller.account === account ? [outgoing] : []),
    ...(callee.account === account ? [incoming] : []),
  ];
}

function savedOf({ state: _, isKept: __, isSaved: ___, calleeTag, ...call }: Followed): SavedCall {
  return { ...call, ...(calleeTag !== undefined && { calleeTag }) };
}

const named = ({ uri, name }: Party): HouseCall["remote"] => ({ uri, name });

/** Empty for one that is too long to be kept. */
const keyOf = ({ callId, callerTag }: CallName): string => own(`${callId}\n${callerTag}`, 600);

/** A copy: what was cut from a message would keep all of it in memory. Empty if it is too long. */
const own = (octets: string, limit: number): string =>
  octets.length > limit ? "" : Buffer.from(octets, "latin1").toString("latin1");
