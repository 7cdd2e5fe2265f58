/**
 * One request on its way through a stateful proxy: its server transaction, the client transaction
 * of each branch, and the response context that decides between them. RFC 3261 §16.2, §16.7.
 */
import type { ClientTransaction, ClientUser } from "../endpoint/client-transaction.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { ServerTransaction, ServerUser } from "../endpoint/server-transaction.ts";
import type { Pursuit } from "../endpoint/servers.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Millis } from "../grammar/millis.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Response } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import { withAnswer } from "./answer.ts";
import type { Branch, Ended, Group, Held, Ready, Sought } from "./branch.ts";
import { statusOf } from "./failure-status.ts";
import { isForUsAlone } from "./forward.ts";
import { OpenBranch } from "./open-branch.ts";
import { decidedElsewhere, reasonOf } from "./reason.ts";
import type { Listener, Received } from "./received.ts";
import * as responseContext from "./response-context.ts";
import { Upstream } from "./upstream.ts";

/** How long a group rings while another one waits. */
const RING_MS = 20_000;

export class ProxyContext implements ServerUser, ClientUser, Timed {
  readonly #endpoint: Endpoint;
  readonly #branches: OpenBranch[] = [];
  readonly #timer: Timer = newTimer(this);
  #upstream!: Upstream;
  #groups: readonly Group[] = [];
  #params: responseContext.Params = { method: "", branches: 0, groups: 0, ringMs: RING_MS };
  /** Undefined until it is known where the request goes. */
  #state: responseContext.State | undefined;
  /** The response that is being handled, for "forward this one". */
  #current: Received | undefined;
  /** The Reason of the CANCEL that ends it, to be handed on. */
  #reason: Octets | undefined;

  //= RFC 3261 §16.1
  //# Requests forwarded between different types of transports where the proxy's TU must take an
  //# active role in ensuring reliable delivery on one of the transports MUST be forwarded
  //# transaction statefully.
  //= RFC 3261 §16.2
  //# The proxy core MUST behave as a UAS with respect to sending an immediate provisional on that
  //# server transaction (such as 100 Trying) as described in Section 8.2.6.
  /**
   * Takes a request on: its retransmissions are absorbed from here. Undefined when full. `heard`
   * hears of provisional responses that go to the sender, and once of the final one; `forks` of
   * all of them, every 2xx that goes back among them.
   */
  static accept(
    endpoint: Endpoint,
    from: Incoming,
    heard?: Listener,
    forks?: Listener,
  ): ProxyContext | undefined {
    const context = new ProxyContext(endpoint);
    const server = endpoint.accept(from, context);
    if (!server) return undefined;
    context.#upstream = new Upstream(server, endpoint.product, heard, forks);
    return context;
  }

  private constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** The request that was taken on. */
  get from(): Incoming {
    return this.#upstream.from;
  }

  /** Answers it from here, without forwarding. */
  refuse(reply: Reply): void {
    this.#upstream.reply(reply);
  }

  /** Tells the sender how it stands, while nothing but that can be told. */
  progress(reply: Reply): void {
    this.#upstream.progress(reply);
  }

  //= RFC 3261 §16.6
  //# A stateful proxy MUST create a new client transaction for this request as described in Section
  //# 17.1 and instructs the transaction to send the request using the address, port and transport
  //# determined in step 7.
  /** Sends it to all of these, at least one, at once; to those of a later group if they fail. */
  forward(
    branches: readonly Branch[],
    groups: readonly Group[] = [],
    ringMs: Millis = RING_MS,
  ): void {
    // Taken back while it was not yet known where it goes.
    if (this.isOver) return;
    const { method } = this.from.request;
    this.#groups = groups;
    this.#params = { method, branches: branches.length, groups: groups.length, ringMs };
    [this.#state] = responseContext.start(this.#params, this.#endpoint.now);
    for (const branch of branches) this.#send(branch);
    this.#schedule();
  }

  #send(branch: Branch, isCopy = false): OpenBranch {
    const one = new OpenBranch(this.#branches.length, branch, isCopy);
    this.#branches.push(one);
    if ("pursue" in branch) one.client = this.#pursue(one, branch);
    else if ("take" in branch) one.client = this.#end(one, branch);
    else if ("hold" in branch) one.client = this.#hold(one, branch);
    else this.#sendNow(one, branch);
    if (branch.silent) {
      const doubt = newTimer({ due: () => this.#doubt(one) });
      this.#endpoint.schedule(doubt, this.#endpoint.now + branch.silent.afterMs);
    }
    return one;
  }

  #sendNow(one: OpenBranch, { request, via, flow }: Ready): void {
    one.client = this.#endpoint.sendAs(request, via, flow, this);
    if (!one.client) this.#failLater(one, 503);
  }

  /** This branch has been silent for long enough, if it still is. */
  #doubt(one: OpenBranch): void {
    const isSilent = one.client?.status === 0 && this.#mayFollow(one);
    const branches = isSilent ? (one.branch.silent?.beside() ?? []) : [];
    if (branches.length === 0) return;
    this.#step({ kind: "Beside", branch: one.nth, count: branches.length });
    one.beside = branches.map((branch) => this.#send(branch));
    const isOnItsWay = !branches.some((branch) => "hold" in branch);
    if (isOnItsWay && one.branch.silent?.isLeft) one.client?.abandon();
  }

  /** It is there after all: what was tried beside it is not needed. */
  #undoubt(one: OpenBranch): void {
    const { beside = [] } = one;
    one.beside = undefined;
    for (const { client } of beside) client?.cancel(decidedElsewhere(200));
  }

  #pursue(one: OpenBranch, sought: Sought): Pursuit {
    return sought.pursue({
      response: (client, response, essentials) =>
        this.#responded(one, response, essentials, client.flow),
      failed: (failure) => this.#failLater(one, statusOf(failure), failure.message),
      late2xx: (client, response, essentials) =>
        this.#accepted(one, response, essentials, client.flow),
    });
  }

  #end(one: OpenBranch, ended: Ended): Pursuit {
    return ended.take({
      response: (response, essentials) => {
        this.#undoubt(one);
        this.#heardOf(one, { response, essentials, isOwn: true });
      },
      failed: (status, why) => {
        one.why = why;
        this.#endpoint.later(() => {
          if (!this.#overNextFlow(one)) this.#fail(one, silenceOr(one, status));
        });
      },
    });
  }

  /** Until its device is awake, and its place is taken by the branches that go there. */
  #hold(one: OpenBranch, held: Held): Pursuit {
    return held.hold({
      goOn: (branches) => this.#endpoint.later(() => this.#goOn(one, branches)),
      failed: (status, why) => this.#failLater(one, status, why),
    });
  }

  #goOn(one: OpenBranch, branches: readonly Branch[]): void {
    if (branches.length === 0 || !this.#mayFollow(one)) return this.#fail(one, 480);
    const silent = this.#branches.find(({ beside }) => beside?.includes(one));
    this.#instead(one, branches, silent !== undefined);
    if (silent?.branch.silent?.isLeft) silent.client?.abandon();
  }

  /** These take its place. */
  #instead(one: OpenBranch, branches: readonly Branch[], isCopy = false): void {
    this.#step({ kind: "Redirected", branch: one.nth, count: branches.length });
    for (const branch of branches) this.#send(branch, isCopy);
  }

  /** In its turn: whoever sends has not heard yet that it has been sent. */
  #failLater(one: OpenBranch, status: number, why?: string): void {
    if (why !== undefined) one.why = why;
    this.#endpoint.later(() => this.#fail(one, status));
  }

  #fail(one: OpenBranch, status: number): void {
    this.#step({ kind: "Failed", branch: one.nth, status });
  }

  #openNext(): void {
    const [group, ...later] = this.#groups;
    this.#groups = later;
    const branches = group?.() ?? [];
    this.#step({ kind: "Added", count: branches.length });
    for (const branch of branches) this.#send(branch);
  }

  /** It has its answer, or nobody is left to hear one. */
  get isOver(): boolean {
    return this.#upstream.status >= 200;
  }

  /** Nobody is left to hear an answer. */
  abandon(): void {
    if (this.#state) this.#step({ kind: "Cancelled" });
    else this.#upstream.reply({ status: 487 });
  }

  // ---- what the transactions say ---------------------------------------------------------------

  //= RFC 3261 §16.7
  //# As client transactions pass responses to the proxy layer, the following processing MUST take
  //# place:
  //= RFC 3261 §16.7
  //# The proxy MUST maintain the response context until all of its associated transactions have
  //# been terminated, even after forwarding a final response.
  response(client: ClientTransaction, response: Response, essentials: Essentials): void {
    const one = this.#of(client);
    if (one) this.#responded(one, response, essentials, client.flow);
  }

  #of(client: Pursuit): OpenBranch | undefined {
    return this.#branches.find((one) => one.client === client);
  }

  #responded(one: OpenBranch, response: Response, essentials: Essentials, flow: Flow): void {
    this.#undoubt(one);
    if (isForUsAlone(response, essentials.via)) {
      // For us alone, which no answer to a forwarded request is: the branch is of no use.
      if (response.status >= 200) this.#fail(one, 503);
      return;
    }
    const { heard, adds } = one.branch;
    heard?.(response);
    this.#heardOf(one, { response, essentials, flow, ...(adds && { added: adds(response) }) });
  }

  #heardOf(one: OpenBranch, received: Received): void {
    const { response } = received;
    const { status } = response;
    const { redirected: moved, misunderstood } = one.branch;
    const isMoved = status >= 300 && status < 400;
    const redirected = isMoved ? moved : MISUNDERSTOOD.has(status) ? misunderstood : undefined;
    if (!redirected || !this.#mayFollow(one)) return this.#take(one, received);
    withAnswer(
      redirected(response),
      (branches) => this.#follow(one, received, branches),
      () => this.#take(one, received),
    );
  }

  #take(one: OpenBranch, received: Received): void {
    const { status } = received.response;
    this.#current = received;
    if (status >= 300) one.final = received;
    if (status === 430 && this.#overNextFlow(one)) return;
    //= RFC 3261 §8.2.2.2
    //# the UAS core SHOULD generate a 482 (Loop Detected) response and pass it to the server
    //# transaction.
    // The first one has arrived after all, and is what counts.
    if (status === 482 && one.isCopy) return this.#fail(one, 480);
    this.#step({ kind: "Response", branch: one.nth, status });
    this.#current = undefined;
  }

  //= RFC 3261 §16.7
  //# If the proxy recurses on all of the contacts in a 3xx response, the proxy SHOULD NOT add the
  //# resulting contactless response to the response context.
  /** Meanwhile it may have been decided: then nobody is asked any more. */
  #follow(one: OpenBranch, received: Received, branches: readonly Branch[]): void {
    if (branches.length === 0 || !this.#mayFollow(one)) return this.#take(one, received);
    this.#instead(one, branches);
  }

  //= RFC 5626 §7
  //# If the proxy receives a final response from a branch other than a 408 (Request Timeout) or a
  //# 430 (Flow Failed) response, the proxy MUST NOT forward the same request to another target
  //# representing the same AOR and instance-id.
  //= RFC 5627 §6.1
  //# Furthermore, if the request fails with any other response, the proxy MUST NOT retry on any
  //# other contacts for this instance.
  /** Whether another flow to the same device was there to take this one's place. */
  #overNextFlow(one: OpenBranch): boolean {
    const { flowFailed } = one.branch;
    const branches = flowFailed && this.#mayFollow(one) ? flowFailed() : [];
    if (branches.length === 0) return false;
    this.#instead(one, branches);
    return true;
  }

  #mayFollow({ nth }: OpenBranch): boolean {
    return this.#state !== undefined && responseContext.mayFollow(this.#state, nth);
  }

  //= RFC 3261 §16.7
  //# After a final response has been sent on the server transaction, the following responses MUST
  //# be forwarded immediately: - Any 2xx response to an INVITE request
  /**
   * A server that had been left for another one accepts after all. Its 2xx goes to the caller like
   * that of any fork, and whoever else still rings is told to stop. False where no caller is left.
   */
  #accepted(one: OpenBranch, response: Response, essentials: Essentials, flow: Flow): boolean {
    const { status, isClosed } = this.#upstream;
    if (isClosed) return false;
    this.#responded(one, response, essentials, flow);
    if (status < 200) one.client?.cancel(decidedElsewhere(response.status));
    return true;
  }

  failed(party: ClientTransaction | ServerTransaction, reason: string): void {
    // That nobody takes our answer changes nothing: RFC 3261 §16.9 has a proxy do nothing about it.
    if (!("request" in party)) return;
    const one = this.#of(party);
    if (!one) return;
    //= RFC 3261 §16.9
    //# If the transport layer notifies a proxy of an error when it tries to forward a request (see
    //# Section 18.4), the proxy MUST behave as if the forwarded request received a 503 (Service
    //# Unavailable) response.
    if (this.#overNextFlow(one)) return;
    const { lostStatus = 503 } = one.branch;
    this.#fail(one, reason === "transport" ? lostStatus : silenceOr(one, 408));
  }

  //= RFC 3261 §16.10
  //# If a matching response context is found, the element MUST immediately return a 200 (OK)
  //# response to the CANCEL request. In this case, the element is acting as a user agent server as
  //# defined in Section 8.2. Furthermore, the element MUST generate CANCEL requests for all pending
  //# client transactions in the context as described in Section 16.7 step 10.
  cancelled(_: ServerTransaction, cancel: Incoming): void {
    this.#reason = reasonOf(cancel.request);
    this.abandon();
  }

  /** A page that is closed while it calls: its answer could not be delivered to anybody. */
  unreachable(): void {
    if (this.from.request.method === "INVITE") this.abandon();
  }

  due(): void {
    this.#step({ kind: "Tick" });
  }

  // ---- what the response context says ----------------------------------------------------------

  #step(input: responseContext.Input): void {
    if (!this.#state) return;
    const before = this.#state;
    const { now } = this.#endpoint;
    const [state, ...outputs] = responseContext.step(this.#params, before, input, now);
    this.#state = state;
    for (const output of outputs) this.#carryOut(output);
    if (this.#state.name === "Answered") this.#forget();
    this.#schedule();
  }

  //= RFC 3261 §16.7
  //# The proxy MUST maintain the response context until all of its associated transactions have
  //# been terminated, even after forwarding a final response.
  // Of one that has accepted nothing is needed but the way back, and that stays with it.
  /** What was kept to choose an answer, which is chosen. */
  #forget(): void {
    this.#groups = [];
    for (const one of this.#branches) one.final = undefined;
    const { accepted } = this.#upstream;
    if (!accepted) return;
    for (const { client } of this.#branches) client?.spend?.(accepted.flow, accepted.pass);
  }

  #carryOut(output: responseContext.Output): void {
    switch (output.kind) {
      case "Forward":
        if (this.#current) this.#upstream.forward(this.#current);
        return;
      case "ForwardBest":
        return this.#upstream.answer(this.#branches, output.branch, output.status);
      case "CancelOpen": {
        const reason = output.cause === undefined ? this.#reason : decidedElsewhere(output.cause);
        for (const { client } of this.#branches) client?.cancel(reason);
        return;
      }
      case "GiveUp":
        return this.#giveUp(output.branch);
      case "Abandon":
        return this.#branches[output.branch]?.client?.abandon();
      case "OpenNext":
        return this.#openNext();
    }
  }

  //= RFC 3261 §16.8
  //# If the client transaction has received a provisional response, the proxy MUST generate a
  //# CANCEL request matching that transaction. If the client transaction has not received a
  //# provisional response, the proxy MUST behave as if the transaction received a 408 (Request
  //# Timeout) response.
  #giveUp(branch: number): void {
    const client = this.#branches[branch]?.client;
    if (client && client.status >= 100) client.cancel();
    else client?.abandon();
  }

  #schedule(): void {
    if (this.#state) this.#endpoint.schedule(this.#timer, responseContext.deadline(this.#state));
  }
}

/** Who was silent and is being woken was asleep, and what was to wake them has failed or will. */
function silenceOr(one: OpenBranch, status: number): number {
  if (status !== 408 || !one.beside) return status;
  one.why = "it did not wake in time";
  return 480;
}

/** What says that two devices have nothing in common, and not that a person does not want to. */
const MISUNDERSTOOD: ReadonlySet<number> = new Set([488, 606]);
