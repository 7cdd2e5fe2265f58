/**
 * A phone that is told what to do by orders, and tells what happens: the part of `carillon phone`
 * that is the same for a person at the keyboard and for a script at a socket.
 */
import { type IncomingTransfer, type Transfer, transfer } from "carillon/transfer";
import type { Call, CorePhone } from "carillon/ua";
import { SipError } from "carillon/ua";
import type { Acquaintances } from "./acquaintances.ts";
import { CallList, type Meant } from "./call-list.ts";
import { Correspondence } from "./correspondence.ts";
import { DeskCall } from "./desk-call.ts";
import type { DeskMedia } from "./desk-media.ts";
import type { Happening } from "./happening.ts";
import { notesOf } from "./open-phone.ts";
import type { Order, Status, TransferTo } from "./orders.ts";
import { qualityOf } from "./quality-of.ts";
import { OrderRefused } from "./refusal-of-order.ts";
import type { Sound } from "./sound.ts";
import { type Neighbours, targetOf } from "./target.ts";

export interface DeskParts {
  readonly phone: CorePhone<DeskMedia>;
  /** Where names without an @ are; undefined without a server. */
  readonly domain: string | undefined;
  readonly neighbours: Neighbours & { list(): readonly Happening[] };
  readonly sound: Sound;
  readonly seconds: () => number;
  readonly tell: (happening: Happening) => void;
  readonly autoAnswer: boolean;
  readonly acquaintances: Acquaintances;
  /** Tells the others on this network; false if nobody can be told. */
  readonly publish: (status: Status, note: string) => boolean;
}

/** What came of an order. */
export interface Carried {
  /** The number of the call that it was about. */
  readonly call?: number;
  /** Documents that were asked for. */
  readonly list?: readonly Happening[];
}

const TALK = { audio: true, video: false };

export class Desk {
  readonly #parts: DeskParts;
  readonly #calls = new CallList<DeskCall>();
  readonly #texts: Correspondence;
  #autoAnswer: boolean;
  #isMuted = false;
  #onEmpty: (() => void) | undefined;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#autoAnswer = parts.autoAnswer;
    this.#texts = new Correspondence(parts);
    void this.#takeCalls();
    void this.#watchRegistration();
  }

  get calls(): readonly DeskCall[] {
    return this.#calls.all;
  }

  /** Resolves as soon as there is no call. */
  async empty(): Promise<void> {
    if (this.#calls.all.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  /** Rejects with OrderRefused or SipError. */
  async carryOut(order: Order): Promise<Carried> {
    switch (order.kind) {
      case "Call":
        return this.call(order.who);
      case "Answer":
        return this.#with(order.call, "Incoming", (one) => this.#answer(one));
      case "Decline":
        return this.#with(order.call, "Incoming", ({ call }) => call.decline());
      case "HangUp":
        return this.#hangUp(order.call);
      case "Hold":
        return this.#with(order.call, "Talking", ({ call }) => call.hold());
      case "Resume":
        return this.#with(order.call, "Held", (one) => this.#takeUp(one));
      case "Swap":
        return this.#with(undefined, "Held", (one) => this.#takeUp(one));
      case "Mute":
        return this.#mute(order.muted);
      case "Transfer":
        return this.#with(order.call, "Talking", (one) => this.#transfer(one, order.to));
      case "Merge":
        return this.#merge();
      case "Tones":
        return this.#with(undefined, "Talking", ({ call }) => call.sendDtmf(order.tones));
      case "Message":
        return this.#message(order.who, order.text);
      case "Presence":
        return this.#presence(order.status, order.note);
      case "Watch":
        await this.#parts.acquaintances.watch(this.#uriOf(order.who));
        return {};
      case "Unwatch":
        await this.#parts.acquaintances.leave(this.#uriOf(order.who));
        return {};
      case "WatchAll":
        await this.#parts.acquaintances.watchAll();
        return {};
      case "UnwatchAll":
        await this.#parts.acquaintances.leaveAll();
        return {};
      case "Watchers":
        return { list: this.#parts.acquaintances.watchers() };
      case "Decide":
        await this.#parts.acquaintances.decide(this.#uriOf(order.who), order.may);
        return {};
      case "AutoAnswer":
        this.#autoAnswer = order.on;
        return {};
      case "Register":
        if (this.#parts.domain === undefined) throw new OrderRefused("NO_SERVER", NO_SERVER);
        await this.#parts.phone.register();
        return {};
      case "Calls":
        return { list: this.#calls.all.map((one) => one.described) };
      case "Statistics":
        return { list: this.#calls.all.flatMap(qualityOf) };
      case "Neighbours":
        if (this.#parts.domain !== undefined) throw new OrderRefused("HAS_SERVER", HAS_SERVER);
        return { list: this.#parts.neighbours.list() };
      case "Help":
      case "Quit":
        return {};
    }
  }

  /** Begins a call; the one that goes on is put on hold, as phones do. */
  async call(who: string): Promise<Carried & { readonly call: number }> {
    const uri = this.#uriOf(who);
    await this.#holdOthers(undefined);
    const one = this.#keep(this.#parts.phone.call(uri, TALK));
    return { call: one.number };
  }

  // ---- calls -----------------------------------------------------------------------------------

  async #takeCalls(): Promise<void> {
    for await (const call of this.#parts.phone.calls()) {
      // Who talks already, or is about to, is not pulled away from it.
      const isFree = this.#calls.all.every((one) => one.isEstablished && !one.isTalking);
      this.#keep(call);
      if (this.#autoAnswer && isFree) call.answer(TALK).catch(() => {});
    }
  }

  #keep(call: Call<DeskMedia>): DeskCall {
    const { tell, seconds, sound } = this.#parts;
    const user = {
      ...{ tell, seconds, sound },
      isMuted: () => this.#isMuted,
      transferAsked: (one: DeskCall, wish: IncomingTransfer<DeskMedia>) => this.#follow(one, wish),
      over: (one: DeskCall) => this.#over(one),
      notes: notesOf(this.#parts.phone),
    };
    return this.#calls.add((number) => new DeskCall(number, call, user));
  }

  #over(one: DeskCall): void {
    this.#calls.remove(one);
    if (this.#calls.all.length === 0) this.#onEmpty?.();
  }

  async #with(
    number: number | undefined,
    meant: Meant,
    act: (one: DeskCall) => unknown,
  ): Promise<Carried> {
    const one = this.#calls.find(number, meant);
    if (!one) throw new OrderRefused("NO_CALL", noCall(number, meant));
    await act(one);
    return { call: one.number };
  }

  async #hangUp(number: number | "all" | undefined): Promise<Carried> {
    if (number !== "all") return this.#with(number, "Any", ({ call }) => call.hangUp());
    for (const { call } of this.#calls.all) call.hangUp();
    return {};
  }

  /** Who calls does not wait for whoever is put on hold. */
  async #answer(one: DeskCall): Promise<void> {
    await Promise.all([one.call.answer(TALK), this.#holdOthers(one)]);
  }

  /** One is talked to at a time: the others wait. */
  async #takeUp(one: DeskCall): Promise<void> {
    await this.#holdOthers(one);
    await one.call.resume();
  }

  async #holdOthers(but: DeskCall | undefined): Promise<void> {
    const others = this.#calls.all.filter((one) => one !== but && one.isTalking);
    await Promise.all(others.map(({ call }) => call.hold()));
  }

  /** Whoever is on hold is taken up beside the others; who talks at the same time is mixed. */
  async #merge(): Promise<Carried> {
    const all = this.#calls.all.filter((one) => one.isEstablished);
    if (all.length < 2) throw new OrderRefused("NO_CALL", "It takes two calls that go on.");
    await Promise.all(all.filter((one) => !one.isTalking).map(({ call }) => call.resume()));
    return {};
  }

  async #mute(muted: boolean): Promise<Carried> {
    this.#isMuted = muted;
    for (const { call } of this.#calls.all) if (call.media) call.media.muted = muted;
    return {};
  }

  // ---- transfers -------------------------------------------------------------------------------

  async #transfer(one: DeskCall, to: TransferTo): Promise<void> {
    const target = to.kind === "Person" ? this.#uriOf(to.who) : this.#other(one, to.call).call;
    const asked = transfer(one.call, target);
    void this.#watchTransfer(one, asked);
    await asked.done;
  }

  #other(one: DeskCall, number: number): DeskCall {
    const other = this.#calls.find(number, "Any");
    if (!other || other === one) throw new OrderRefused("NO_CALL", noCall(number, "Any"));
    return other;
  }

  async #watchTransfer({ number }: DeskCall, transfer: Transfer): Promise<void> {
    for await (const state of transfer.states()) {
      this.#parts.tell({
        ...{ event: "transfer", call: number, state: state.name },
        ...("status" in state && { status: state.status }),
        ...("error" in state && { why: state.error.message }),
      });
    }
  }

  /** A phone in the terminal goes where it is sent, by whom it talks to. */
  #follow({ number }: DeskCall, wish: IncomingTransfer<DeskMedia>): void {
    this.#parts.tell({ event: "transfer-asked", call: number, target: wish.target });
    if (wish.state === "Asked") this.#keep(wish.accept(TALK));
  }

  // ---- people ----------------------------------------------------------------------------------

  #uriOf(who: string): string {
    const { domain, neighbours } = this.#parts;
    const target = targetOf(who, domain, neighbours);
    if (!target.ok) throw new OrderRefused("NO_ADDRESS", target.words);
    return target.uri;
  }

  async #message(who: string, text: string): Promise<Carried> {
    await this.#texts.send(this.#uriOf(who), text);
    return {};
  }

  async #presence(status: Status, note: string): Promise<Carried> {
    if (!this.#parts.publish(status, note)) throw new OrderRefused("UNSEEN", UNSEEN);
    this.#parts.tell({ event: "status", status, note });
    return {};
  }

  async #watchRegistration(): Promise<void> {
    for await (const { name, error } of this.#parts.phone.states()) {
      if (name === "Registered") this.#parts.acquaintances.signedIn();
      if (name === "Offline" && !error) continue;
      const why = error instanceof SipError ? { why: error.message } : {};
      this.#parts.tell({ event: "registration", state: name, ...why });
    }
  }
}

const NO_SERVER = "This phone has no server to sign in at.";
const HAS_SERVER = "A phone with a server looks for nobody on this network. See: watch";
const UNSEEN = "Nobody can be told: this phone is unseen, or its network takes no multicast.";

function noCall(number: number | undefined, meant: Meant): string {
  if (number !== undefined) return `There is no call ${number}. Those that there are: calls`;
  switch (meant) {
    case "Incoming":
      return "Nobody calls at the moment.";
    case "Held":
      return "Nobody is on hold.";
    case "Talking":
      return "You are talking to nobody at the moment.";
    case "Any":
      return "There is no call.";
  }
}
