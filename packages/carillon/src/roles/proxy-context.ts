/**
 * One request on its way through a stateful proxy: its server transaction, the client transaction
 * of each branch, and the response context that decides between them. RFC 3261 §16.2, §16.7.
 */
import type { ClientTransaction, ClientUser } from "../endpoint/client-transaction.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { explanation } from "../endpoint/refusal.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { ServerTransaction, ServerUser } from "../endpoint/server-transaction.ts";
import type { Pursuit } from "../endpoint/servers.ts";
import { newTimer, type Timed, type Timer } from "../endpoint/wheel.ts";
import type { Millis } from "../grammar/millis.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Response } from "../message/message.ts";
import { type Flow, isStream } from "../transport/flow.ts";
import { withAnswer } from "./answer.ts";
import type { Branch, Ended, Group, Held, Sought } from "./branch.ts";
import { statusOf } from "./failure-status.ts";
import { forwardResponse, isForUsAlone } from "./forward.ts";
import { otherChallenges } from "./other-challenges.ts";
import { passing } from "./passed-back.ts";
import { decidedElsewhere, reasonOf } from "./reason.ts";
import type { Listener, Received } from "./received.ts";
import * as responseContext from "./response-context.ts";

/** How long a group rings while another one waits. */
const RING_MS = 20_000;

export class ProxyContext implements ServerUser, ClientUser, Timed {
  readonly #endpoint: Endpoint;
  readonly #clients: (Pursuit | undefined)[] = [];
  readonly #branches: Branch[] = [];
  /** Of a branch that said nothing: the clients of those that are tried beside it. */
  readonly #beside = new Map<number, readonly number[]>();
  /** Branches of what may be at its device already, by one that said nothing. */
  readonly #copies = new Set<number>();
  /** Why a branch came to nothing, where it can say so itself. */
  readonly #words: (string | undefined)[] = [];
  readonly #finals: (Received | undefined)[] = [];
  readonly #timer: Timer = newTimer(this);
  #server: ServerTransaction | undefined;
  #groups: readonly Group[] = [];
  #params: responseContext.Params = { method: "", branches: 0, groups: 0, ringMs: RING_MS };
  /** Undefined until it is known where the request goes. */
  #state: responseContext.State | undefined;
  /** The response that is being handled, for "forward this one". */
  #current: Received | undefined;
  #heard: Listener | undefined;
  #forks: Listener | undefined;
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
    [context.#heard, context.#forks] = [heard, forks];
    context.#server = endpoint.accept(from, context);
    return context.#server && context;
  }

  private constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** The request that was taken on. */
  get from(): Incoming {
    if (!this.#server) throw new Error("no request has been taken on");
    return this.#server.incoming;
  }

  /** Answers it from here, without forwarding. */
  refuse(reply: Reply): void {
    this.#reply(reply);
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

  #send(branch: Branch): void {
    this.#branches.push(branch);
    if ("pursue" in branch) return this.#pursue(branch);
    if ("take" in branch) return this.#end(branch);
    if ("hold" in branch) return this.#hold(branch);
    const client = this.#endpoint.sendAs(branch.request, branch.via, branch.flow, this);
    const nth = this.#clients.push(client) - 1;
    if (!client) return this.#failLater(nth, 503);
    if (!branch.silent) return;
    const doubt = newTimer({ due: () => this.#doubt(nth) });
    this.#endpoint.schedule(doubt, this.#endpoint.now + branch.silent.afterMs);
  }

  /** This branch has been silent for long enough, if it still is. */
  #doubt(nth: number): void {
    const isSilent = this.#clients[nth]?.status === 0 && this.#mayFollow(nth);
    const branches = isSilent ? (this.#branches[nth]?.silent?.beside() ?? []) : [];
    if (branches.length === 0) return;
    this.#step({ kind: "Beside", branch: nth, count: branches.length });
    const first = this.#clients.length;
    this.#beside.set(
      nth,
      branches.map((_, at) => first + at),
    );
    for (const one of branches) this.#send(one);
  }

  /** It is there after all: what was tried beside it is not needed. */
  #undoubt(nth: number): void {
    const beside = this.#beside.get(nth) ?? [];
    this.#beside.delete(nth);
    for (const at of beside) this.#clients[at]?.cancel(decidedElsewhere(200));
  }

  #pursue(sought: Sought): void {
    const nth = this.#clients.push(undefined) - 1;
    this.#clients[nth] = sought.pursue({
      response: (client, response, essentials) =>
        this.#responded(nth, response, essentials, client.flow),
      failed: (failure) => {
        this.#words[nth] = failure.message;
        this.#failLater(nth, statusOf(failure));
      },
      late2xx: (client, response, essentials) =>
        this.#accepted(nth, response, essentials, client.flow),
    });
  }

  #end(ended: Ended): void {
    const nth = this.#clients.push(undefined) - 1;
    this.#clients[nth] = ended.take({
      response: (response, essentials) => this.#heardOf(nth, { response, essentials, isOwn: true }),
      failed: (status, why) => {
        this.#words[nth] = why;
        this.#failLater(nth, status);
      },
    });
  }

  /** Until its device is awake, and its place is taken by the branches that go there. */
  #hold(held: Held): void {
    const nth = this.#clients.push(undefined) - 1;
    this.#clients[nth] = held.hold({
      goOn: (branches) => this.#endpoint.later(() => this.#goOn(nth, branches)),
      failed: (status, why) => {
        this.#words[nth] = why;
        this.#failLater(nth, status);
      },
    });
  }

  #goOn(branch: number, branches: readonly Branch[]): void {
    if (branches.length === 0 || !this.#mayFollow(branch)) {
      return this.#step({ kind: "Failed", branch, status: 480 });
    }
    this.#step({ kind: "Redirected", branch, count: branches.length });
    const isCopy = [...this.#beside.values()].some((all) => all.includes(branch));
    for (const one of branches) {
      if (isCopy) this.#copies.add(this.#branches.length);
      this.#send(one);
    }
  }

  /** Tells the sender how it stands, while nothing but that can be told. */
  progress(reply: Reply): void {
    if (this.#server && this.#server.status < 180) this.#server.reply(reply);
  }

  /** In its turn: whoever sends has not heard yet that it has been sent. */
  #failLater(branch: number, status: number): void {
    this.#endpoint.later(() => this.#step({ kind: "Failed", branch, status }));
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
    return !this.#server || this.#server.status >= 200;
  }

  /** Nobody is left to hear an answer. */
  abandon(): void {
    if (this.#state) this.#step({ kind: "Cancelled" });
    else this.#reply({ status: 487 });
  }

  // ---- what the transactions say ---------------------------------------------------------------

  //= RFC 3261 §16.7
  //# As client transactions pass responses to the proxy layer, the following processing MUST take
  //# place:
  //= RFC 3261 §16.7
  //# The proxy MUST maintain the response context until all of its associated transactions have
  //# been terminated, even after forwarding a final response.
  response(client: ClientTransaction, response: Response, essentials: Essentials): void {
    this.#responded(this.#clients.indexOf(client), response, essentials, client.flow);
  }

  #responded(branch: number, response: Response, essentials: Essentials, flow: Flow): void {
    this.#undoubt(branch);
    if (isForUsAlone(response, essentials.via)) {
      // For us alone, which no answer to a forwarded request is: the branch is of no use.
      if (response.status >= 200) this.#step({ kind: "Failed", branch, status: 503 });
      return;
    }
    const { heard, adds } = this.#branches[branch] ?? {};
    heard?.(response);
    this.#heardOf(branch, { response, essentials, flow, ...(adds && { added: adds(response) }) });
  }

  #heardOf(branch: number, received: Received): void {
    const { response } = received;
    const { status } = response;
    const { redirected: moved, misunderstood } = this.#branches[branch] ?? {};
    const isMoved = status >= 300 && status < 400;
    const redirected = isMoved ? moved : MISUNDERSTOOD.has(status) ? misunderstood : undefined;
    if (!redirected || !this.#mayFollow(branch)) return this.#take(branch, received);
    withAnswer(
      redirected(response),
      (branches) => this.#follow(branch, received, branches),
      () => this.#take(branch, received),
    );
  }

  #take(branch: number, received: Received): void {
    const { status } = received.response;
    this.#current = received;
    if (status >= 300) this.#finals[branch] = received;
    if (status === 430 && this.#overNextFlow(branch)) return;
    //= RFC 3261 §8.2.2.2
    //# the UAS core SHOULD generate a 482 (Loop Detected) response and pass it to the server
    //# transaction.
    // The first one has arrived after all, and is what counts.
    if (status === 482 && this.#copies.has(branch)) {
      return this.#step({ kind: "Failed", branch, status: 480 });
    }
    this.#step({ kind: "Response", branch, status });
    this.#current = undefined;
  }

  //= RFC 3261 §16.7
  //# If the proxy recurses on all of the contacts in a 3xx response, the proxy SHOULD NOT add the
  //# resulting contactless response to the response context.
  /** Meanwhile it may have been decided: then nobody is asked any more. */
  #follow(branch: number, received: Received, branches: readonly Branch[]): void {
    if (branches.length === 0 || !this.#mayFollow(branch)) return this.#take(branch, received);
    this.#step({ kind: "Redirected", branch, count: branches.length });
    for (const one of branches) this.#send(one);
  }

  //= RFC 5626 §7
  //# If the proxy receives a final response from a branch other than a 408 (Request Timeout) or a
  //# 430 (Flow Failed) response, the proxy MUST NOT forward the same request to another target
  //# representing the same AOR and instance-id.
  /** Whether another flow to the same device was there to take this one's place. */
  #overNextFlow(branch: number): boolean {
    const { flowFailed } = this.#branches[branch] ?? {};
    const instead = flowFailed && this.#mayFollow(branch) ? flowFailed() : [];
    if (instead.length === 0) return false;
    this.#step({ kind: "Redirected", branch, count: instead.length });
    for (const one of instead) this.#send(one);
    return true;
  }

  #mayFollow(branch: number): boolean {
    return this.#state !== undefined && responseContext.mayFollow(this.#state, branch);
  }

  //= RFC 3261 §16.7
  //# After a final response has been sent on the server transaction, the following responses MUST
  //# be forwarded immediately: - Any 2xx response to an INVITE request
  /**
   * A server that had been left for another one accepts after all. Its 2xx goes to the caller like
   * that of any fork, and whoever else still rings is told to stop. False where no caller is left.
   */
  #accepted(branch: number, response: Response, essentials: Essentials, flow: Flow): boolean {
    const status = this.#server?.status ?? 0;
    if (status >= 300 || this.#server?.state === "Terminated") return false;
    this.#responded(branch, response, essentials, flow);
    if (status < 200) this.#clients[branch]?.cancel(decidedElsewhere(response.status));
    return true;
  }

  failed(party: ClientTransaction | ServerTransaction, reason: string): void {
    // That nobody takes our answer changes nothing: RFC 3261 §16.9 has a proxy do nothing about it.
    if (!("request" in party)) return;
    const branch = this.#clients.indexOf(party);
    //= RFC 3261 §16.9
    //# If the transport layer notifies a proxy of an error when it tries to forward a request (see
    //# Section 18.4), the proxy MUST behave as if the forwarded request received a 503 (Service
    //# Unavailable) response.
    if (this.#overNextFlow(branch)) return;
    const { lostStatus = 503 } = this.#branches[branch] ?? {};
    // It was asleep, and what was to wake it has failed or will.
    const silence = this.#beside.has(branch) ? 480 : 408;
    if (silence === 480) this.#words[branch] = "it did not wake in time";
    this.#step({ kind: "Failed", branch, status: reason === "transport" ? lostStatus : silence });
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
    this.#finals.length = 0;
    const { flow, status = 0 } = this.#server ?? {};
    if (!flow || status >= 300 || status < 200) return;
    const pass = passing(this.#forks);
    for (const client of this.#clients) client?.spend?.(flow, pass);
  }

  #carryOut(output: responseContext.Output): void {
    switch (output.kind) {
      case "Forward":
        if (this.#current) this.#forward(this.#current);
        return;
      case "ForwardBest":
        return this.#forwardBest(output.branch, output.status);
      case "CancelOpen": {
        const reason = output.cause === undefined ? this.#reason : decidedElsewhere(output.cause);
        for (const client of this.#clients) client?.cancel(reason);
        return;
      }
      case "GiveUp":
        return this.#giveUp(output.branch);
      case "Abandon":
        return this.#clients[output.branch]?.abandon();
      case "OpenNext":
        return this.#openNext();
    }
  }

  //= RFC 3261 §16.7
  //# Any response chosen for immediate forwarding MUST be processed as described in steps
  //# "Aggregate Authorization Header Field Values" through "Record-Route".
  //= RFC 3261 §16.7
  //# The forwarded response MUST be processed as described in steps "Aggregate Authorization Header
  //# Field Values" through "Record-Route".
  //= RFC 3261 §16.7
  //# The following processing MUST be performed on each response that is forwarded.
  //= RFC 3261 §16.7
  //# The proxy MUST pass the response to the server transaction associated with the response
  //# context.
  //= RFC 4320 §4.2
  //# A transaction-stateful SIP proxy MUST NOT send any response to a non-INVITE request unless it
  //# has a matching server transaction that is not in the Terminated state.
  //= RFC 6026 §8.3
  //# If the server transaction is no longer available to handle the transmission, the response is
  //# simply discarded.
  #forward(received: Received, more: readonly Octets[] = []): void {
    const server = this.#server;
    if (!server) return;
    const { response, essentials, isOwn, added = [] } = received;
    const stream = isStream(server.flow);
    const text = isOwn
      ? response.text
      : forwardResponse(response, essentials.via, { more: [...more, ...added], stream });
    if (text === undefined) return;
    server.respond(response.status, text);
    this.#tell(response.status, received);
  }

  #reply(reply: Reply): void {
    this.#server?.reply(reply);
    this.#tell(reply.status);
  }

  #tell(status: number, received?: Received): void {
    this.#heard?.(status, received);
    this.#forks?.(status, received);
    if (status >= 200) this.#heard = undefined;
  }

  #forwardBest(branch: number, status: number): void {
    const best = this.#finals[branch];
    //= RFC 4320 §4.2
    //# A transaction-stateful SIP element MUST NOT send a response with Status-Code of 408 to a
    //# non-INVITE request.
    // The client has given up at the same moment: such an answer could only come too late.
    if (status === 408 && this.from.request.method !== "INVITE") return this.#server?.abandon();
    //= RFC 3261 §16.7
    //# A proxy which receives a 503 (Service Unavailable) response SHOULD NOT forward it upstream
    //# unless it can determine that any subsequent requests it might proxy will also generate a
    //# 503.
    if (!best || status === 503) {
      // 480 and not 500: the person is not to be reached, which is no fault of this server.
      //= RFC 3261 §16.7
      //# If there are no final responses in the context, the proxy MUST send a 408 (Request
      //# Timeout) response to the server transaction.
      const usual =
        status === 503 ? "none of their devices can be reached" : "none of their devices answered";
      const why = this.#words[branch] ?? usual;
      const headers = [explanation(this.#endpoint.product, why)];
      this.#reply({ status: status === 503 ? 480 : status, headers });
      return;
    }
    //= RFC 3261 §16.7
    //# Otherwise, the proxy MUST forward a response from the responses stored in the response
    //# context.
    this.#forward(
      best,
      status === 401 || status === 407 ? otherChallenges(this.#finals, branch) : [],
    );
  }

  //= RFC 3261 §16.8
  //# If the client transaction has received a provisional response, the proxy MUST generate a
  //# CANCEL request matching that transaction. If the client transaction has not received a
  //# provisional response, the proxy MUST behave as if the transaction received a 408 (Request
  //# Timeout) response.
  #giveUp(branch: number): void {
    const client = this.#clients[branch];
    if (client && client.status >= 100) client.cancel();
    else client?.abandon();
  }

  #schedule(): void {
    if (this.#state) this.#endpoint.schedule(this.#timer, responseContext.deadline(this.#state));
  }
}

/** What says that two devices have nothing in common, and not that a person does not want to. */
const MISUNDERSTOOD: ReadonlySet<number> = new Set([488, 606]);
