/**
 * Two who are called by the agent to talk to each other: third party call control. RFC 3725 §4.3.
 *
 * The first is called without an offer, and hears from the engine until the second has answered;
 * then the second's offer goes to the first, as of whoever is put through (`call-for-end.ts`). So
 * the second may ring for as long as it likes, and neither is asked for anything that its phone
 * would not do in any other call.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Response } from "../message/message.ts";
import { requestOfUri } from "../message/request-of-uri.ts";
import { invitationTo } from "../ua/invitation.ts";
import type { Leg } from "../ua/leg.ts";
import type { LegUser, Reply } from "../ua/leg-user.ts";
import { type CallEnd, errorOf } from "../ua/sip-error.ts";
import { CallForEnd, firstOf, innerWay, sideWhere, unknownSide } from "./call-for-end.ts";
import { abilitiesIn, CallSide, delegated, type EndUser } from "./call-side.ts";
import { DeviceSide, type DeviceUser } from "./device-side.ts";
import type { HouseAgent } from "./house-agent.ts";
import { innerFlow } from "./inner-line.ts";
import type { JoinedCall, Moving, Talking } from "./joined-call.ts";
import type { Described, MediaEngine } from "./media-engine.ts";
import { MediaTurns } from "./media-turns.ts";
import { type Joined, Move, type MoveHearer } from "./move.ts";
import { transportOf } from "./need.ts";
import { passOver } from "./passed-over.ts";
import { reasonOf } from "./refusal-words.ts";

/** Who is to talk to whom. */
export interface ConnectOptions {
  /** Who is called first: `sip:alice@example.com`. Their phone shows the second one as caller. */
  readonly first: string;
  /** Who is called when the first has answered, as if by the first. */
  readonly second: string;
  /** By whose rights both are called: an account. */
  readonly account: string;
  /** Hears how far it is. Called in a turn of the endpoint, it may not throw. */
  readonly heard?: (state: ConnectState) => void;
}

/** A call that was asked for by `connect`. */
export interface Connecting {
  /** Nobody wants it any more: whoever is called or talks is hung up on. */
  end(): void;
}

/** How far it is. */
export type ConnectState =
  /** The first, or after them the second, is called, or their phone says so by this status. */
  | { readonly name: "Calling"; readonly who: "first" | "second"; readonly status: number }
  | { readonly name: "Talking" }
  /** The last state. `status` is of whoever could not be had; undefined once both have talked. */
  | { readonly name: "Ended"; readonly status: number | undefined; readonly message: string };

/** What it needs of whoever has all calls. */
export interface ConnectedCallParts {
  readonly agent: HouseAgent;
  readonly engine: MediaEngine;
  /** Media are agreed on anew. */
  readonly agreed: (call: ConnectedCall) => void;
  /** Nothing is left of it. */
  readonly gone: (call: ConnectedCall) => void;
}

/** How an operator sees it. */
export interface ConnectedView {
  /** The Call-ID of the first one's dialog. */
  readonly callId: string;
  readonly caller: string;
  readonly called: string;
  readonly why: string;
  readonly since: number;
  readonly media: Described["sides"] | undefined;
}

export class ConnectedCall implements JoinedCall, DeviceUser, Connecting {
  readonly id: string;
  readonly turns: MediaTurns;
  readonly hide = false;
  moving: Moving | undefined;
  talking: Talking | undefined;
  readonly #parts: ConnectedCallParts;
  readonly #options: ConnectOptions;
  readonly #device: DeviceSide;
  readonly #ends: CallSide[] = [];
  #first: CallSide | undefined;
  #move: Move | undefined;
  #media: Described["sides"] | undefined;
  readonly #since: number;
  #isOver = false;

  /** Throws a RangeError on what is no SIP URI. */
  constructor(parts: ConnectedCallParts, options: ConnectOptions) {
    const { agent } = parts;
    if (!innerFlow(agent.endpoint)) throw new Error("this endpoint has no line into itself");
    this.#parts = parts;
    this.#options = options;
    this.#since = agent.endpoint.now;
    this.id = agent.endpoint.ids.unique();
    this.turns = new MediaTurns(agent.endpoint);
    const { uri, to } = invitationTo(options.first, requestOfUri);
    const from = `<${invitationTo(options.second, requestOfUri).to}>`;
    const invite = firstOf(agent, { uri, to, from });
    this.#device = new DeviceSide(agent, innerWay(agent, from), invite, this);
  }

  get agent(): HouseAgent {
    return this.#parts.agent;
  }

  get engine(): MediaEngine {
    return this.#parts.engine;
  }

  /** For an operator. */
  get view(): ConnectedView {
    const { first: caller, second: called } = this.#options;
    const { callId } = this.#device;
    const why = "the two were called from here";
    return { callId, caller, called, why, since: this.#since, media: this.#media };
  }

  /** Calls the first. */
  begin(): void {
    this.agent.speakFor(this.#device.callId, this.#options.account);
    this.#tell({ name: "Calling", who: "first", status: 100 });
    this.#device.invite();
  }

  /** Nobody wants it any more. */
  end(): void {
    if (this.#isOver) return;
    if (!this.#first) this.#device.cancel();
    this.#over(undefined, "It was taken back.", []);
  }

  /** Its worker is gone. */
  lost(why: string): void {
    if (this.talking) this.talking.pair.restore();
    else this.giveUp(503, why);
  }

  // ---- what the first says ---------------------------------------------------------------------

  legUser(leg: () => Leg): LegUser {
    const first: CallSide = new CallSide({
      ...{ side: unknownSide(this.agent), way: this.#device.way, leg },
      ...{ who: `<${this.#options.first}>`, account: this.#accountOf(this.#options.first) },
    });
    first.user = this.#alone(first);
    this.#ends.push(first);
    return { ...delegated(first), gone() {} };
  }

  /** Who talks to the engine alone, as long as the second has not answered. */
  #alone(first: CallSide): EndUser {
    return {
      ...{ previewed() {}, withdrawn() {}, fragment() {}, cutOff() {}, restored() {} },
      acknowledged() {},
      agreed: (answer) =>
        this.turns.ask(
          () => this.engine.accept(this.id, first.side, answer),
          () => {},
        ),
      offered: (offer, reply) => this.#offered(first, offer, reply),
      describe: (reply) =>
        this.turns.ask(
          () => this.engine.reoffer(this.id, first.side, { restart: false }),
          (result) => reply(result.ok ? result.value.sdp : undefined),
        ),
      beside: (what) => what.refuse(),
      ended: (end) => this.#firstLeft(end),
    };
  }

  #offered(first: CallSide, offer: string, reply: Reply): void {
    const { agent, engine } = this;
    first.side = sideWhere(agent, first, this.#options.first);
    first.side = { ...first.side, transport: transportOf(offer, undefined) };
    this.turns.ask(
      () => engine.terminate(this.id, first.side, offer),
      (result) => {
        if (!result.ok) return reply(undefined);
        [first.heard, first.told] = [offer, result.value.sdp];
        reply(result.value.sdp);
        if (!this.#move) this.#callSecond(first);
      },
    );
  }

  heard(response: Response): void {
    if (response.status < 200) return;
    for (const end of this.#ends) end.able = abilitiesIn(response);
  }

  request(leg: Leg, from: Incoming): boolean {
    const end = this.#ends.find((one) => one.leg === leg);
    return end !== undefined && this.#passes(end, from);
  }

  progress({ status }: Response): void {
    this.#tell({ name: "Calling", who: "first", status });
  }

  answered(leg: Leg): void {
    this.#first = this.#ends.find((one) => one.leg === leg);
    this.agent.spoken(this.#device.callId);
  }

  refused({ status }: Response): void {
    this.#over(status, errorOf(status).message, []);
  }

  failed(status: number): void {
    this.#over(status, errorOf(status).message, []);
  }

  gone(): void {}

  #firstLeft(end: CallEnd): void {
    if (this.#isOver) return;
    this.#move?.step({ kind: "TransfereeLeft" });
    this.#over(undefined, end.message, []);
  }

  // ---- the second ------------------------------------------------------------------------------

  #callSecond(first: CallSide): void {
    const { agent, engine, turns, id } = this;
    const { account: rights, second: target } = this.#options;
    const move = new Move(agent.endpoint, first, this.#hearer);
    this.#move = move;
    const passes = (side: CallSide, from: Incoming) => this.#passes(side, from);
    const common = { agent, engine, turns, id, rights, target, headers: [], passes, move };
    new CallForEnd({ ...common, transferee: first }).begin();
    // Nobody else has a call to go back to.
    move.step({ kind: "TransferorLeft" });
    this.#tell({ name: "Calling", who: "second", status: 100 });
  }

  readonly #hearer: MoveHearer = {
    report: (status) => {
      if (status < 200) this.#tell({ name: "Calling", who: "second", status });
    },
    settled: (joined) => this.#settled(joined),
    part() {},
    returned() {},
    gaveUp: (status) => {
      const { message } = errorOf(status);
      this.#over(status, message, reasonOf(status, message));
    },
    agreed: (described) => this.agreed(described),
    refreshed() {},
    ended: (by, end) => this.talking && this.ended(this.talking, by, end),
    notRestored: () => this.giveUp(503, "the media could not be brought back"),
  };

  #settled({ pair, target }: Joined): void {
    const first = this.#first;
    if (!first) return;
    this.talking = { caller: first, device: target, pair, begun: true };
    this.#tell({ name: "Talking" });
  }

  // ---- JoinedCall ------------------------------------------------------------------------------

  parted(): void {}

  settle(talking: Talking): void {
    this.talking?.pair.stop();
    this.talking = talking;
  }

  leave(end: CallSide, farewell: readonly HeaderField[]): void {
    if (end.way.farewell.length === 0) end.way.farewell = farewell;
    end.leg.leave("HungUp");
  }

  release(): void {
    this.talking = undefined;
    this.#first = undefined;
    this.#over(undefined, "They talk elsewhere.", []);
  }

  giveUp(status: 488 | 503, why: string): void {
    this.#over(status, why, reasonOf(status, why));
  }

  agreed({ sides }: Described): void {
    this.#media = sides;
    this.#parts.agreed(this);
  }

  refreshed(): void {}

  ended(_: Talking, by: CallSide, { message, code }: CallEnd): void {
    if (this.moving?.left(by)) return;
    const farewell = code === "SIP_HUNG_UP" ? [] : reasonOf(480, message);
    this.#over(undefined, message, farewell);
  }

  #over(status: number | undefined, message: string, farewell: readonly HeaderField[]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { caller, device, pair } = this.talking ?? {};
    pair?.stop();
    for (const end of [caller ?? this.#first, device]) if (end) this.leave(end, farewell);
    this.talking = undefined;
    this.agent.spoken(this.#device.callId);
    this.turns.stop();
    this.engine.end(this.id);
    this.#tell({ name: "Ended", status, message });
    this.#parts.gone(this);
  }

  #tell(state: ConnectState): void {
    this.#options.heard?.(state);
  }

  #passes(end: CallSide, from: Incoming): boolean {
    const { agent, engine, id, hide } = this;
    return passOver({ agent, engine, id, hide }, end, from);
  }

  #accountOf(uri: Octets): string | undefined {
    return this.agent.host.names.userIn(uri);
  }
}
