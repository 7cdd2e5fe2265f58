/** One subscription with one notifier: its machine at work. RFC 6665 §4.1. */
import type { Incoming } from "../endpoint/incoming.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { EventType } from "../message/header/event.ts";
import type { Agent } from "../ua/agent.ts";
import type { DialogSide } from "../ua/dialog-side.ts";
import * as machine from "../usage/subscriber.ts";
import { subscribeHeaders } from "../usage/subscription-headers.ts";
import type { Attempt } from "./attempt.ts";
import type { EventPackage, EventReader } from "./event-package.ts";
import { readNotify } from "./received-notify.ts";
import { answerHeard, answerOf, sendSubscribe, supporting, type Wanted } from "./subscribing.ts";

export interface BranchUser<T> {
  /** A new attempt for a branch that begins, or begins anew. */
  attempt(): Attempt | undefined;
  value(branch: Branch<T>, value: T): void;
  ended(branch: Branch<T>, how: Ended): void;
  changed(branch: Branch<T>): void;
}

export type Ended = Extract<machine.Output, { kind: "Ended" }>;

export interface BranchParts<T> {
  readonly agent: Agent;
  readonly pack: EventPackage<T>;
  readonly wanted: Wanted;
  readonly params: machine.Params;
  readonly user: BranchUser<T>;
}

export class Branch<T> implements Timed {
  readonly #parts: BranchParts<T>;
  readonly #timer: Timer = newTimer(this);
  #state: machine.State = { name: "Init", timerRetry: Number.POSITIVE_INFINITY };
  #attempt: Attempt | undefined;
  #side: DialogSide | undefined;
  #reader: EventReader<T>;
  /** A refresh is wanted, and cannot be sent yet. */
  #isDue = false;
  /** The NOTIFY that is being looked at. */
  #notify: { readonly from: Incoming; readonly accepted: () => void } | undefined;

  private constructor(parts: BranchParts<T>) {
    this.#parts = parts;
    this.#reader = parts.pack.reader();
  }

  /** Subscribes; `started` is called before anything comes of it. */
  static begin<T>(parts: BranchParts<T>, started: (branch: Branch<T>) => void): void {
    const branch = new Branch(parts);
    started(branch);
    branch.#become(machine.start(parts.params, parts.agent.endpoint.now));
  }

  /** Another notifier's NOTIFY, if that is of the same SUBSCRIBE; undefined if it is of none. */
  fork(from: Incoming, started: (branch: Branch<T>) => void): Branch<T> | undefined {
    const { params, agent } = this.#parts;
    const attempt = this.#attempt;
    const notify = readNotify(agent, from.request, this.#parts.wanted);
    const side = attempt?.side(from);
    if (!attempt || !side || "status" in notify) return undefined;
    const { now } = agent.endpoint;
    const step = machine.forked(params, this.#state, notify.input, now);
    if (!step) return undefined;
    const branch = new Branch(this.#parts);
    branch.#attempt = attempt;
    branch.#side = side;
    started(branch);
    branch.#take(from, notify.content, () => branch.#become(step));
    return branch;
  }

  get state(): machine.State {
    return this.#state;
  }

  get attempt(): Attempt | undefined {
    return this.#attempt;
  }

  /** Undefined before its first NOTIFY. */
  get remoteTag(): string | undefined {
    return this.#side?.remoteTag;
  }

  /** Their Contact; empty before it is known. */
  get source(): string {
    return this.#side?.remoteTarget ?? "";
  }

  step(input: machine.Input): void {
    const { params, agent } = this.#parts;
    this.#become(machine.step(params, this.#state, input, agent.endpoint.now));
  }

  /** Asks for the whole state, as soon as no SUBSCRIBE is out. */
  refresh(): void {
    const state = this.#state;
    const isLive = state.name === "Active" || state.name === "Pending";
    this.#isDue = isLive && state.awaiting !== undefined;
    if (!this.#isDue) this.step({ kind: "Refresh" });
  }

  due(): void {
    this.step({ kind: "Tick" });
  }

  // ---- NOTIFY ----------------------------------------------------------------------------------

  notified(from: Incoming, attempt: Attempt): void {
    const { wanted, agent } = this.#parts;
    const notify = readNotify(agent, from.request, wanted);
    if ("status" in notify) return agent.endpoint.reply(from, notify);
    const side = this.#side ?? attempt.side(from);
    //= RFC 6665 §4.1.3
    //# Upon receiving a NOTIFY request, the subscriber should check that it matches at least one of
    //# its outstanding subscriptions; if not, it MUST return a 481 (Subscription does not exist)
    //# response unless another 400-or 500-class response is more appropriate.
    if (!side) return agent.endpoint.reply(from, { status: 400 });
    const isFirst = this.#side === undefined;
    this.#side = side;
    const isTaken = this.#take(from, notify.content, () => this.step(notify.input));
    if (isFirst && !isTaken) this.#side = undefined;
  }

  /** Puts it in order, reads what it brings, and steps. False: it was refused. */
  #take(
    from: Incoming,
    content: Exclude<ReturnType<typeof readNotify>, { status: number }>["content"],
    step: () => void,
  ): boolean {
    const { agent, user } = this.#parts;
    const received = this.#side?.received(from.request, from.essentials.cseq.number);
    if (!received) {
      agent.endpoint.reply(from, { status: 500 });
      return false;
    }
    const read = content && this.#reader(content.body, content.type);
    if (read && !read.ok) {
      agent.endpoint.reply(from, { status: read.error.status });
      return false;
    }
    let isAccepted = false;
    const accepted = () => {
      isAccepted = true;
      received.note();
      received.accept();
      if (read?.value.kind === "New") user.value(this, read.value.value);
    };
    this.#notify = { from, accepted };
    step();
    this.#notify = undefined;
    if (isAccepted && read?.value.kind === "New" && read.value.isTorn) {
      this.refresh();
    }
    return isAccepted;
  }

  #answer(status: 200 | 481): void {
    const { agent } = this.#parts;
    const notify = this.#notify;
    if (!notify) return;
    const headers = status === 200 ? (this.#side?.about(notify.from.request) ?? []) : [];
    // What it brings is told once: it may have been answered before.
    const isNew = agent.takers.answer(agent.endpoint, notify.from, { status, headers });
    if (isNew && status === 200) notify.accepted();
  }

  // ---- the machine -----------------------------------------------------------------------------

  #become([state, ...outputs]: machine.Step): void {
    const { agent, user } = this.#parts;
    this.#state = state;
    agent.endpoint.schedule(this.#timer, machine.deadline(state));
    for (const output of outputs) this.#carryOut(output);
    if (this.#state !== state) return;
    user.changed(this);
    if (this.#isDue) this.refresh();
  }

  #carryOut(output: machine.Output): void {
    switch (output.kind) {
      case "AnswerNotify":
        return this.#answer(output.status);
      case "Subscribe":
        return output.initial ? this.#begin(output.expiresSeconds) : this.#refresh(output);
      case "Ended":
        this.#side = undefined;
        this.#reader = this.#parts.pack.reader();
        return this.#parts.user.ended(this, output);
      case "Changed":
        return;
    }
  }

  #begin(expiresSeconds: number): void {
    const { agent, wanted, user } = this.#parts;
    // A 423 is answered in the same attempt: RFC 3261 §8.1.3.5.
    const isAgain = this.#attempt !== undefined && this.#side === undefined && this.#isRaised();
    const attempt = isAgain ? this.#attempt : user.attempt();
    this.#attempt = attempt;
    this.#side = undefined;
    const heard = answerHeard((answer) => {
      if (this.#attempt === attempt) this.step(answer);
    });
    const nextSeq = () => (attempt ? ++attempt.seq : 0);
    const sent =
      attempt &&
      sendSubscribe(agent, attempt.way, wanted, attempt, expiresSeconds, { user: heard, nextSeq });
    if (!sent) agent.endpoint.later(() => this.step(answerOf(503)));
  }

  #isRaised(): boolean {
    return this.#state.name === "NotifyWait" && this.#state.raised;
  }

  #refresh({ expiresSeconds }: { readonly expiresSeconds: number }): void {
    const { agent, wanted } = this.#parts;
    const side = this.#side;
    const headers = [
      ...(side?.about() ?? []),
      ...supporting(agent, wanted.supported),
      ...subscribeHeaders(eventOf(wanted), expiresSeconds, wanted.accept),
    ];
    const user = answerHeard((answer, response) => {
      if (this.#side !== side) return;
      if (response && answer.status < 300) side?.succeeded(response, "SUBSCRIBE");
      this.step(answer);
    });
    const sent = side?.send("SUBSCRIBE", headers, "", user);
    if (!sent) agent.endpoint.later(() => this.#side === side && this.step(answerOf(503)));
  }
}

const eventOf = ({ event }: Wanted): EventType => event;
