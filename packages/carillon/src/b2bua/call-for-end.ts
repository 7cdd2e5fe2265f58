/**
 * Calls somebody for one end of a call: what a REFER asks for where the agent carries it out, and
 * how two are called to talk to each other. RFC 3725 §4.3, RFC 5589 §6, §7.
 *
 * The target is asked for an offer, which nobody needs to make before it has answered: what it
 * offers is offered to the end that is put through, whose answer acknowledges the target's. So each
 * is described to the other once, by what holds then, and a target that does not answer has changed
 * nothing.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Response } from "../message/message.ts";
import { requestOfUri } from "../message/request-of-uri.ts";
import { Pending } from "../roles/answer.ts";
import { sameContact } from "../roles/register.ts";
import { localFor } from "../transport/local-address.ts";
import { invitationTo } from "../ua/invitation.ts";
import type { Leg } from "../ua/leg.ts";
import type { LegUser } from "../ua/leg-user.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { abilitiesIn, CallSide, delegated } from "./call-side.ts";
import { type DeviceInvite, DeviceSide, type DeviceUser } from "./device-side.ts";
import { DialogPair, type PairParts } from "./dialog-pair.ts";
import { MAX_HOPS } from "./hops.ts";
import type { HouseAgent } from "./house-agent.ts";
import { innerFlow } from "./inner-line.ts";
import type { Side } from "./media-engine.ts";
import type { Joined, Move, MoveSource } from "./move.ts";
import { transportOf } from "./need.ts";
import { SideWay } from "./side-way.ts";

/** Whom, for whom, and by whose rights. */
export interface CallForEndParts extends Pick<PairParts, "id" | "engine" | "turns"> {
  readonly agent: HouseAgent;
  /** The end that is put through. */
  readonly transferee: CallSide;
  /** An account; undefined: a trusted place or a partner. */
  readonly rights: string | undefined;
  /** A SIP URI, with what it asks for: Replaces names the dialog as the target knows it. */
  readonly target: Octets;
  /** Beside those: Referred-By. */
  readonly headers: readonly HeaderField[];
  /** Passes a request in the dialog of the target on; false: it is for the leg. */
  readonly passes: (target: CallSide, from: Incoming) => boolean;
  readonly move: Move;
}

/** One call to the target, and all that answers it. */
export class CallForEnd implements DeviceUser, MoveSource {
  joined: Joined | undefined;
  readonly #parts: CallForEndParts;
  readonly #device: DeviceSide;
  readonly #to: Octets;
  readonly #made: Joined[] = [];

  /** Throws a RangeError on a target that is none. Nothing is sent before `begin`. */
  constructor(parts: CallForEndParts) {
    const { agent, transferee, target } = parts;
    this.#parts = parts;
    const { uri, to, headers } = invitationTo(target, requestOfUri);
    this.#to = to;
    const way = innerWay(agent, transferee.who);
    const invite = firstOf(agent, { uri, to, from: transferee.who });
    const all = [...invite.headers, ...headers, ...parts.headers];
    this.#device = new DeviceSide(agent, way, { ...invite, headers: all }, this);
  }

  /** Calls it. */
  begin(): void {
    const { agent, rights, move } = this.#parts;
    agent.speakFor(this.#device.callId, rights);
    move.begin(this);
    this.#device.invite();
  }

  // ---- MoveSource ------------------------------------------------------------------------------

  /** The target's offer comes by itself, and is answered when the transferee has. */
  join(): void {}

  withdraw(): void {
    this.#device.hangUp("MediaFailed");
  }

  over(): void {
    this.#parts.agent.spoken(this.#device.callId);
  }

  // ---- what the target says --------------------------------------------------------------------

  legUser(leg: () => Leg): LegUser {
    const { agent, engine, turns, id, transferee, move } = this.#parts;
    const target: CallSide = new CallSide({
      ...{ side: unknownSide(agent), way: this.#device.way, who: `<${this.#to}>`, leg },
      account: agent.host.names.userIn(this.#to),
    });
    const pair = new DialogPair({
      ...{ id, engine, turns, caller: transferee, device: target, isOffered: true },
      user: move.pairUser(() => target),
    });
    target.user = pair.deviceUser;
    this.#made.push({ pair, target });
    const user = delegated(target);
    const offered: LegUser["offered"] = (offer, reply) => {
      target.side = { ...target.side, transport: transportOf(offer, undefined) };
      user.offered(offer, reply);
    };
    return { ...user, offered, gone() {} };
  }

  heard(response: Response): void {
    if (response.status < 200) return;
    for (const { target } of this.#made) {
      target.able = abilitiesIn(response);
    }
  }

  request(leg: Leg, from: Incoming): boolean {
    const { target } = this.#made.find((one) => one.target.leg === leg) ?? {};
    return target !== undefined && this.#parts.passes(target, from);
  }

  progress({ status }: Response): void {
    this.#parts.move.step({ kind: "Progress", status });
  }

  answered(leg: Leg): void {
    const made = this.#made.find((one) => one.target.leg === leg);
    if (!made) return;
    this.joined = made;
    made.target.side = sideWhere(this.#parts.agent, made.target, this.#to);
    this.#parts.move.step({ kind: "Answered" });
  }

  refused({ status }: Response): void {
    this.#parts.move.step({ kind: "Refused", status });
  }

  failed(status: number): void {
    this.#parts.move.step({ kind: "Refused", status });
  }

  gone(): void {}
}

/** The way of a call of the agent's own into its domain. */
export const innerWay = (agent: HouseAgent, who: Octets): SideWay =>
  new SideWay({
    ...{ agent, flow: innerFlow(agent.endpoint), account: undefined, user: userIn(who) },
  });

/** An INVITE of the agent's own that has no offer. */
export function firstOf(
  { endpoint: { ids } }: HouseAgent,
  { uri, to, from }: { readonly uri: Octets; readonly to: Octets; readonly from: Octets },
): DeviceInvite {
  const [callId, localTag] = [ids.unique(), ids.unique()];
  const headers: readonly HeaderField[] = [
    ["Max-Forwards", `${MAX_HOPS}`],
    ["From", `${from};tag=${localTag}`],
    ["To", `<${to}>`],
    ["Call-ID", callId],
  ];
  return { uri, callId, localTag, seq: 1, headers, offer: "", takesReliable: false };
}

/** Of a side whose device has not said yet what it speaks: its own description will. */
export const unknownSide = ({ endpoint }: HouseAgent): Side => ({
  ...{ tag: endpoint.ids.unique(), address: endpoint.addresses[0]?.host ?? "127.0.0.1" },
  ...{ transport: "any", isBehindNat: true },
});

/** How the engine has to treat somebody who has answered, by where they have registered. */
export function sideWhere(agent: HouseAgent, { side, leg }: CallSide, to: Octets): Side {
  const { host, endpoint } = agent;
  const { remoteTarget } = leg.dialog;
  const account = host.names.userIn(to);
  const found = account === undefined ? [] : host.location.bindings(account, endpoint.now);
  const bindings = found instanceof Pending ? [] : found;
  const same = bindings.find(({ contact }) => sameContact(contact, remoteTarget)) ?? bindings[0];
  const { bound: _, ...rest } = side;
  if (same) return { ...rest, ...agent.mediaAddressOn(same.flow) };
  const uri = parseSipUri(remoteTarget);
  const local = uri.ok ? localFor(endpoint.locals, uri.value.host) : undefined;
  return local ? { ...rest, address: local.host } : side;
}

/** The user part of the URI in a name-addr. */
function userIn(who: Octets): Octets | undefined {
  const address = parseNameAddr(who);
  const uri = address.ok ? parseSipUri(address.value.uri) : address;
  return uri.ok ? uri.value.user : undefined;
}
