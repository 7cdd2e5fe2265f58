/**
 * An INVITE that is to take the place of one end of a call of ours, where whoever is at the other
 * end does not know how: the agent gives it that place. RFC 3891 §3, RFC 7092 §3.
 */
import { untagged } from "../dialog/dialog.ts";
import { parseReplaces } from "../message/header/replaces.ts";
import { readHeader } from "../message/read-header.ts";
import type { ServiceRequest } from "../roles/services.ts";
import type { IncomingSession } from "../ua/incoming-session.ts";
import type { CallEnd } from "../ua/sip-error.ts";
import { abilitiesIn, CallSide } from "./call-side.ts";
import { DialogPair } from "./dialog-pair.ts";
import type { HouseAgent } from "./house-agent.ts";
import { type Found, pairUserOf, type Talking } from "./joined-call.ts";
import type { NamedBy } from "./mapped-ids.ts";
import { isBehindNat, transportOf } from "./need.ts";
import { SideWay } from "./side-way.ts";

/** What it needs of whoever has all calls. */
export interface TakenPlaceParts {
  readonly agent: HouseAgent;
  /** The end that is called so; undefined: none of ours. */
  readonly named: (dialog: NamedBy) => Found | undefined;
  /** Somebody has got the place: these talk now. */
  readonly joined: (call: Found["call"], talking: Talking) => void;
}

/** True: this INVITE is for us, and has been answered or will be. */
export function takePlace(
  { agent, named, joined }: TakenPlaceParts,
  asked: ServiceRequest,
): boolean {
  const { from } = asked;
  const { request } = from;
  if (request.method !== "INVITE") return false;
  const replaces = readHeader(request, "Replaces", parseReplaces);
  const found = replaces.ok && replaces.value ? named(replaces.value) : undefined;
  if (!replaces.ok || !replaces.value || !found) return false;
  // Where both sides call the dialog by one name, whoever is there can do it, and is asked.
  if (found.other.able.takesReplaces && !found.call.hide) return false;
  if (found.call.moving) agent.endpoint.reply(from, { status: 491 });
  //= RFC 3891 §3
  //# If the flag is present, the UA rejects the request with a 486 Busy response.
  else if (replaces.value.earlyOnly) agent.endpoint.reply(from, { status: 486 });
  else {
    const session = agent.begin(asked);
    if (session) new TakenPlace(found, session, asked, joined).begin();
  }
  return true;
}

class TakenPlace {
  readonly #found: Found;
  readonly #session: IncomingSession;
  readonly #joined: TakenPlaceParts["joined"];
  readonly #before: CallSide["user"];
  readonly #talking: Talking;
  #isSettled = false;

  constructor(
    found: Found,
    session: IncomingSession,
    { from, account }: ServiceRequest,
    joined: TakenPlaceParts["joined"],
  ) {
    const { call, other } = found;
    this.#found = found;
    this.#session = session;
    this.#joined = joined;
    this.#before = other.user;
    const { flow, request, essentials } = from;
    const { id, engine, turns, agent } = call;
    const way = session.way instanceof SideWay ? session.way : other.way;
    const comer = new CallSide({
      side: {
        ...{ tag: agent.endpoint.ids.unique(), ...agent.mediaAddressOn(flow) },
        transport: transportOf(session.offer, flow),
        isBehindNat: isBehindNat(session.offer, flow),
      },
      ...{ way, who: untagged(essentials.from), account, leg: () => session.leg },
    });
    comer.able = abilitiesIn(request);
    const common = pairUserOf(call, () => this.#talking);
    const pair = new DialogPair({
      ...{ id, engine, turns, caller: comer, device: other, isOffered: true },
      user: {
        ...common,
        refused: (refusal) => (this.#isSettled ? common.refused(refusal) : this.#fail(488)),
        ended: (by, end) => this.#ended(by, end),
      },
    });
    comer.user = pair.callerUser;
    this.#talking = { caller: comer, device: other, pair, begun: true };
  }

  //= RFC 3891 §3
  //# If the UA cannot accept the new INVITE (for example: it cannot establish required QoS or
  //# keying, or it has incompatible media), the UA MUST return an appropriate error response and
  //# MUST leave the matched dialog unchanged.
  begin(): void {
    const { call, other, end } = this.#found;
    const session = this.#session;
    const { caller, pair } = this.#talking;
    const { offer } = session;
    // Both ends would have to be asked for an offer; nobody does that who has a call to take.
    if (offer === "") return session.reject(488);
    session.user = {
      ...{ progress() {}, trying() {}, established() {} },
      previewed: (answer) => caller.user?.previewed(answer),
      agreed: (answer) => caller.user?.agreed(answer),
      withdrawn: () => caller.user?.withdrawn(),
      offered: (text, reply) => caller.user?.offered(text, reply),
      describe: (reply) => caller.user?.describe(reply),
      fragment: (fragment) => caller.user?.fragment(fragment),
      beside: (what) => caller.user?.beside(what),
      cutOff: (why) => caller.user?.cutOff(why),
      restored: () => caller.user?.restored(),
      ended: (why) => caller.user?.ended(why),
    };
    call.moving = { left: (by) => this.#left(by) };
    other.user = pair.deviceUser;
    pair.callerUser.offered(offer, (answer) => {
      if (answer === undefined) this.#fail(488);
      else this.#settle(answer);
    });
    void end;
  }

  #settle(answer: string): void {
    const { call, end } = this.#found;
    const talking = this.#talking;
    this.#isSettled = true;
    this.#session.accept(answer);
    call.moving = undefined;
    talking.pair.take();
    end.opposite = undefined;
    call.parted(end);
    call.settle(talking);
    end.user = undefined;
    call.leave(end, REPLACED);
    call.engine.end(call.id, end.tag);
    this.#joined(call, talking);
  }

  #fail(status: number): void {
    const { call, other, talking } = this.#found;
    if (this.#isSettled || call.moving === undefined) return;
    call.moving = undefined;
    other.user = this.#before;
    this.#talking.pair.stop();
    this.#session.reject(status);
    call.engine.end(call.id, this.#talking.caller.tag);
    talking.pair.restore();
  }

  /** Whoever had the place hangs up meanwhile: it is free all the same. */
  #left(by: CallSide): boolean {
    if (by === this.#found.end) return true;
    this.#session.reject(480);
    return false;
  }

  #ended(by: CallSide, end: CallEnd): void {
    const { call, other } = this.#found;
    if (this.#isSettled) return call.ended(this.#talking, by, end);
    if (by !== other) return this.#fail(487);
    // The one who was to be talked to: the call is over for everybody.
    this.#session.reject(480);
    call.moving = undefined;
    call.ended(this.#found.talking, by, end);
  }
}

const REPLACED = [["Reason", 'SIP;cause=200;text="Another call took its place"']] as const;
