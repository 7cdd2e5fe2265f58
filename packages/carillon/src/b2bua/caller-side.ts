/**
 * A dialog with the caller of a bridged call: what one answer of the other side becomes here. The
 * INVITE is the proxy's, so that several branches may answer it. RFC 3261 §13.3.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import { flat, type Octets } from "../grammar/octets.ts";
import type { Farewell } from "../ua/farewell.ts";
import { Leg } from "../ua/leg.ts";
import type { LegUser } from "../ua/leg-user.ts";
import type { Done } from "../ua/modification.ts";
import type { Session } from "../ua/session.ts";
import { dialogOf } from "../ua/usable-dialog.ts";
import type { BranchServer } from "./branch-server.ts";
import type { HouseAgent } from "./house-agent.ts";
import type { SideWay } from "./side-way.ts";

export interface CallerUser extends LegUser {
  /** A request in the dialog, before the leg sees it: true takes it. */
  request(from: Incoming): boolean;
}

export class CallerSide implements Session {
  readonly begun = "Remote";
  readonly callId: Octets;
  readonly localTag: Octets;
  readonly way: SideWay;
  readonly leg: Leg;
  readonly #user: CallerUser;

  /**
   * `wanted` is the tag of whoever answers, which is ours as well if it is free: then both sides
   * call the dialog by the same name. Undefined where no dialog can be made of the INVITE.
   */
  static begin(
    agent: HouseAgent,
    server: BranchServer,
    way: SideWay,
    wanted: Octets | undefined,
    user: CallerUser,
  ): CallerSide | undefined {
    const { incoming } = server;
    const { callId } = incoming.essentials;
    const isFree = wanted !== undefined && wanted !== "" && !agent.has(callId, wanted);
    const localTag = isFree ? flat(wanted) : agent.endpoint.ids.unique();
    const dialog = dialogOf(incoming, localTag);
    if (!dialog) return undefined;
    const timer = agent.abilities.timing.judge(incoming.request);
    return new CallerSide(agent, incoming, { localTag, way, user }, (legUser) =>
      Leg.incoming(agent, dialog, legUser, { invite: server, timer, way }),
    );
  }

  private constructor(
    agent: HouseAgent,
    { essentials }: Incoming,
    {
      localTag,
      way,
      user,
    }: { readonly localTag: Octets; readonly way: SideWay; readonly user: CallerUser },
    make: (user: LegUser) => Leg,
  ) {
    this.callId = flat(essentials.callId);
    this.localTag = localTag;
    this.way = way;
    this.#user = user;
    const gone = (): void => {
      agent.remove(this);
      user.gone();
    };
    this.leg = make({ ...user, gone });
    agent.add(this);
  }

  legOf(remoteTag: string): Leg | undefined {
    return remoteTag === this.leg.remoteTag ? this.leg : undefined;
  }

  hangUp(why: Farewell = "HungUp"): void {
    this.leg.leave(why);
  }

  modify(done: Done): void {
    this.leg.modify(done);
  }

  request(from: Incoming): void {
    if (!this.#user.request(from)) this.leg.request(from);
  }

  ack(from: Incoming): void {
    this.leg.ack(from);
  }

  cutOff(why: string): void {
    this.leg.cutOff(why);
  }

  back(): void {
    this.leg.back();
  }

  restore(why: string): void {
    this.leg.restore(why);
  }
}
