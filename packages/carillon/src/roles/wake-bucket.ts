/**
 * Requests that wait for phones to wake: the SIP Request Push Bucket of RFC 8599 §5.2, and what
 * each of them does to its phone. Runs the machine of `wake-hold.ts`.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Pursuit } from "../endpoint/servers.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Octets } from "../grammar/octets.ts";
import { elements } from "../message/headers.ts";
import type { Millis } from "../transaction/timers.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { withAnswer } from "./answer.ts";
import type { Branch, Held, HeldUser } from "./branch.ts";
import type { Binding, Location } from "./location.ts";
import { readInstance } from "./registered-contact.ts";
import { bindingFlow } from "./target.ts";
import type { Wake, WakeAsked, WakeReason } from "./wake.ts";
import { isSamePush, pushAddress, pushKey } from "./wake-address.ts";
import * as machine from "./wake-hold.ts";

/** Requests that wait at a time; one more is refused. */
export const MAX_HELD = 10_000;
/** Of one account. */
export const MAX_HELD_PER_ACCOUNT = 20;
/** How long a call waits for a phone to wake. */
const HOLD_MS: Millis = 30_000;
//= RFC 8599 §5.6.2
//# The SIP proxy needs to take this into account when it sets the value of the Bucket Timer
//# associated with the transaction, to make sure that the error response (triggered by a Bucket
//# Timer time out) reaches the sender before the transaction times out.
/** Anything else has 32 s in all. */
const HOLD_OTHER_MS: Millis = 15_000;
/** A phone that has just registered is awake. */
const AWAKE_MS: Millis = 20_000;
/** Phones of which that is remembered. */
export const MAX_AWAKE = 10_000;

/** What a bucket needs of its domain. */
export interface BucketParts {
  readonly endpoint: Endpoint;
  readonly location: Location;
  readonly wake: Wake;
  /** Whether they are phones of an edge. */
  readonly isEdge?: boolean;
  /** The push service no longer knows this phone. */
  gone(account: string, binding: Binding): void;
}

/** One request, for one phone that sleeps. */
export interface Sleeping {
  readonly from: Incoming;
  /** Who sends it, an account; undefined for a trusted place or a partner. */
  readonly by: string | undefined;
  /** Whose phone it is. */
  readonly account: string;
  readonly binding: Binding;
  /** The branches to where it is now. */
  branches(binding: Binding): readonly Branch[];
}

export class Bucket {
  readonly #parts: BucketParts;
  readonly #held = new Map<string, Hold>();
  /** Until when phones are taken to be awake, by their push; the one that registered last, last. */
  readonly #awake = new Map<string, Millis>();

  constructor(parts: BucketParts) {
    this.#parts = parts;
  }

  /** Requests that wait now. */
  get size(): number {
    return this.#held.size;
  }

  //= RFC 8599 §5.6.2
  //# If the proxy has knowledge that the UA is awake, and that the UA is able to receive the SIP
  //# request without first sending a binding-refresh REGISTER request, the proxy does not need to
  //# request that a push notification be sent to the UA (the UA will not send a binding-refresh
  //# REGISTER request) before it forwards the SIP request towards the UA.
  /**
   * Those of a person's devices that have to be woken: each phone once. A page is awake as long as
   * its connection is there; any other phone may sleep behind one, and is awake just after it has
   * registered.
   */
  sleepers(bindings: readonly Binding[]): readonly Binding[] {
    const { endpoint, wake } = this.#parts;
    const sleepers = new Map<string, Binding>();
    const awake = new Set<string>();
    for (const binding of bindings) {
      const push = pushAddress(binding.contact);
      if (!push) continue;
      const key = pushKey(push);
      const isHere = bindingFlow(endpoint, binding) !== undefined;
      const isPage = push.provider === "webpush";
      const until = this.#awake.get(key) ?? Number.NEGATIVE_INFINITY;
      if (isHere && ((isPage && binding.flow.connection !== 0) || until > endpoint.now)) {
        awake.add(key);
      } else if (wake.canWake(push)) sleepers.set(key, binding);
    }
    return [...sleepers].flatMap(([key, binding]) => (awake.has(key) ? [] : [binding]));
  }

  /** A branch that waits for this phone. */
  branch(sleeping: Sleeping): Held {
    return { hold: (user) => this.#hold(sleeping, user) };
  }

  /**
   * A REGISTER of this account was carried out: what waited for that phone goes to where it is now.
   * The one that was woken is known by its push, or by its device's name.
   */
  registered(account: string, from: Incoming): void {
    const { endpoint, location } = this.#parts;
    const contacts = contactsOf(from);
    const until = endpoint.now + AWAKE_MS;
    for (const { uri } of contacts) this.#remember(uri, until);
    const theirs = [...this.#held.values()].filter((one) => one.sleeping.account === account);
    if (theirs.length === 0) return;
    withAnswer(
      location.bindings(account, endpoint.now),
      (bindings) => {
        for (const one of theirs) one.registered(contacts, bindings);
      },
      () => {},
    );
  }

  //= RFC 8599 §5.6.2
  //# If there is a match, the proxy SHOULD remove the associated request from the bucket and send
  //# an error response to the request.
  /** A REGISTER of this account was refused for good: what waited for that phone is refused. */
  refused(account: string, from: Incoming, why: string): void {
    const contacts = contactsOf(from);
    for (const one of [...this.#held.values()]) {
      if (one.sleeping.account === account) one.refused(contacts, why);
    }
  }

  #remember(contact: Octets, until: Millis): void {
    const push = pushAddress(contact);
    if (!push) return;
    const key = pushKey(push);
    this.#awake.delete(key);
    this.#awake.set(key, until);
    const [oldest] = this.#awake.keys();
    if (this.#awake.size > MAX_AWAKE && oldest !== undefined) this.#awake.delete(oldest);
  }

  /** Its owner says no without opening it. False: nothing of theirs waits by this name. */
  decline(account: string, id: string): boolean {
    const hold = this.#held.get(id);
    if (!hold || hold.sleeping.account !== account) return false;
    hold.declined();
    return true;
  }

  #hold(sleeping: Sleeping, user: HeldUser): Pursuit {
    const { endpoint } = this.#parts;
    const { account } = sleeping;
    const own = [...this.#held.values()].filter((one) => one.sleeping.account === account).length;
    if (this.#held.size >= MAX_HELD || own >= MAX_HELD_PER_ACCOUNT) {
      user.failed(480, "too many calls wait for phones to wake");
      return OVER;
    }
    const id = endpoint.ids.unique();
    const hold = new Hold(this.#parts, id, sleeping, user, () => this.#held.delete(id));
    this.#held.set(id, hold);
    hold.start();
    return hold;
  }
}

/** One request that waits. */
class Hold implements Pursuit, Timed {
  readonly status = 0;
  readonly sleeping: Sleeping;
  readonly #parts: BucketParts;
  readonly #id: string;
  readonly #user: HeldUser;
  readonly #over: () => void;
  readonly #timer: Timer = newTimer(this);
  readonly #params: machine.Params;
  #state: machine.State = { name: "Terminated" };
  /** The phone has been told, and is to hear how it ends. */
  #isTold = false;
  /** Somebody else answered it. */
  #isElsewhere = false;

  constructor(
    parts: BucketParts,
    id: string,
    sleeping: Sleeping,
    user: HeldUser,
    over: () => void,
  ) {
    this.#parts = parts;
    this.#id = id;
    this.sleeping = sleeping;
    this.#user = user;
    this.#over = over;
    const isCall = sleeping.from.request.method === "INVITE";
    const callMs = parts.wake.holdMs?.() ?? HOLD_MS;
    this.#params = { holdMs: isCall ? callMs : Math.min(callMs, HOLD_OTHER_MS) };
  }

  start(): void {
    this.#become(machine.start(this.#params, this.#parts.endpoint.now));
  }

  due(): void {
    this.#step({ kind: "Tick" });
  }

  //= RFC 3261 §16.10
  //# Furthermore, the element MUST generate CANCEL requests for all pending client transactions in
  //# the context as described in Section 16.7 step 10.
  cancel(reason?: Octets): void {
    this.#isElsewhere = reason !== undefined && /cause=2\d\d/i.test(reason);
    this.#step({ kind: "Cancelled" });
  }

  abandon(): void {
    this.#step({ kind: "Cancelled" });
  }

  declined(): void {
    this.#isTold = false;
    this.#step({ kind: "Declined" });
  }

  /** One of these may be the phone that was to be woken, and its registrar does not want it. */
  refused(contacts: readonly Contact[], why: string): void {
    if (contacts.some((one) => this.#isIt(one))) this.#step({ kind: "NotPushed", why });
  }

  #isIt({ uri, instance }: Contact): boolean {
    const { binding } = this.sleeping;
    return (
      isSamePush(uri, binding.contact) || (instance !== undefined && instance === binding.instance)
    );
  }

  /** One of these may be the phone that was to be woken. */
  registered(contacts: readonly Contact[], bindings: readonly Binding[]): void {
    if (!contacts.some((one) => this.#isIt(one))) return;
    const { endpoint } = this.#parts;
    const back = bindings.findLast(
      (one) =>
        this.#isIt({ uri: one.contact, instance: one.instance }) &&
        bindingFlow(endpoint, one) !== undefined,
    );
    if (back) this.#step({ kind: "Registered" }, back);
  }

  #step(input: machine.Input, back?: Binding): void {
    this.#become(machine.step(this.#params, this.#state, input, this.#parts.endpoint.now), back);
  }

  #become([state, ...outputs]: machine.Step, back?: Binding): void {
    const wasOver = this.#state.name === "Terminated";
    this.#state = state;
    this.#parts.endpoint.schedule(this.#timer, machine.deadline(state));
    if (state.name === "Terminated" && !wasOver) this.#over();
    for (const output of outputs) {
      if (output.kind === "Push") this.#push();
      else if (output.kind === "Forward") back && this.#user.goOn(this.sleeping.branches(back));
      else this.#refuse(output.status, output.why);
    }
  }

  #refuse(status: number, why: string): void {
    this.#user.failed(status, why);
    if (!this.#isTold || this.sleeping.from.request.method !== "INVITE") return;
    const isMissed = !this.#isElsewhere;
    this.#tell({ kind: "Over", id: this.#id, isMissed, ...this.#caller });
  }

  get #caller() {
    const { from } = this.sleeping.from.essentials;
    return { from: from.uri, fromName: from.displayName ?? "" };
  }

  #push(): void {
    const { request } = this.sleeping.from;
    const video = /^m=video [1-9]/m.test(request.body);
    const { holdMs: heldMs } = this.#params;
    const { method } = request;
    this.#tell({ kind: "Request", method, id: this.#id, video, heldMs, ...this.#caller });
  }

  #tell(why: WakeReason): void {
    const { account, binding, by, from } = this.sleeping;
    const { wake, gone, isEdge = false } = this.#parts;
    const push = pushAddress(binding.contact);
    if (!push) return;
    const asked: WakeAsked = {
      ...{ account, credential: binding.credential, push, why },
      ...(isEdge && { isForeign: true }),
      by: by ?? from.essentials.from.uri,
    };
    withAnswer(
      wake.wake(asked),
      (woken) => {
        if (woken.kind === "Sent") {
          if (why.kind === "Request") this.#isTold = true;
          return this.#step({ kind: "Pushed" });
        }
        if (woken.isGone) gone(account, binding);
        this.#step({ kind: "NotPushed", why: `it could not be woken: ${woken.why}` });
      },
      (cause) => this.#step({ kind: "NotPushed", why: `it could not be woken: ${cause}` }),
    );
  }
}

/** What a REGISTER says of one device. */
interface Contact {
  readonly uri: Octets;
  readonly instance: Octets | undefined;
}

function contactsOf({ request }: Incoming): readonly Contact[] {
  const all = elements(request, "Contact");
  return (all.ok ? all.value : []).flatMap((text) => {
    const one = parseNameAddr(text);
    return one.ok
      ? [{ uri: one.value.uri, instance: readInstance(one.value.params).instance }]
      : [];
  });
}

const OVER: Pursuit = { status: 0, cancel() {}, abandon() {} };
