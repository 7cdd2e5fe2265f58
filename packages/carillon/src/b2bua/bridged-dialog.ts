/**
 * What one answer of the device makes: a dialog with it, and as soon as the caller hears of that,
 * one with the caller. Several, where whoever was called is several; one of them has the call.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Leg } from "../ua/leg.ts";
import type { LegUser } from "../ua/leg-user.ts";
import type { BranchServer } from "./branch-server.ts";
import { CallSide, delegated } from "./call-side.ts";
import { CallerSide } from "./caller-side.ts";
import { DialogPair, type PairParts, type PairUser } from "./dialog-pair.ts";
import type { HouseAgent } from "./house-agent.ts";
import type { Side } from "./media-engine.ts";
import { passOver } from "./passed-over.ts";
import type { SideWay } from "./side-way.ts";

interface End {
  readonly side: Side;
  readonly way: SideWay;
  /** Who is there: a name-addr without a tag. */
  readonly who: Octets;
  /** Their account, if they live here. */
  readonly account: string | undefined;
}

export interface BridgedDialogParts
  extends Pick<PairParts, "id" | "engine" | "turns" | "isOffered"> {
  readonly agent: HouseAgent;
  readonly server: BranchServer;
  readonly caller: End;
  readonly device: End & { readonly leg: () => Leg };
  readonly hide: boolean;
  readonly user: PairUser & {
    /** A dialog of it is over and forgotten. */
    gone(): void;
  };
}

export class BridgedDialog {
  readonly caller: CallSide;
  readonly device: CallSide;
  readonly pair: DialogPair;
  readonly #parts: BridgedDialogParts;
  #begun: CallerSide | undefined;

  constructor(parts: BridgedDialogParts) {
    const { id, engine, turns, isOffered, user, caller, device } = parts;
    this.#parts = parts;
    this.caller = new CallSide({ ...caller, leg: () => this.#callerLeg });
    this.device = new CallSide(device);
    const ends = { caller: this.caller, device: this.device };
    this.pair = new DialogPair({ id, engine, turns, isOffered, user, ...ends });
    this.pair.take();
  }

  get deviceUser(): LegUser {
    return { ...delegated(this.device), gone: () => {} };
  }

  /** The dialog with the caller, if there is one. */
  get begun(): CallerSide | undefined {
    return this.#begun;
  }

  /** The same, made now if it has to be; undefined: none can be made of that INVITE. */
  get toCaller(): CallerSide | undefined {
    const { agent, server, caller, device, hide, user } = this.#parts;
    const wanted = hide ? undefined : device.leg().remoteTag;
    const legUser: LegUser = { ...delegated(this.caller), gone: () => user.gone() };
    this.#begun ??= CallerSide.begin(agent, server, caller.way, wanted, {
      ...legUser,
      request: (from) => this.request(this.caller, from),
    });
    return this.#begun;
  }

  get #callerLeg(): Leg {
    if (!this.#begun) throw new Error("the caller has not heard of this dialog yet");
    return this.#begun.leg;
  }

  /** A request in the dialog of this end: true, and it goes over to the other one. */
  request(end: CallSide, incoming: Incoming): boolean {
    const { agent, hide, engine, id } = this.#parts;
    return passOver({ agent, hide, engine, id }, end, incoming);
  }
}
