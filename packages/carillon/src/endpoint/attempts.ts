/**
 * One request over several servers: runs `failover` over client transactions. RFC 3263 §4.3.
 *
 * Each try is a transaction of its own with a request of its own, which differs from the others in
 * its topmost Via. Whoever answers first has it; the others are given up.
 */
import { type Millis, NEVER } from "../grammar/millis.ts";
import type { Octets } from "../grammar/octets.ts";
import * as failover from "../locate/failover.ts";
import type { Target } from "../locate/target.ts";
import type { Essentials } from "../message/essentials.ts";
import { parseRetryAfter } from "../message/header/retry-after.ts";
import { header } from "../message/headers.ts";
import type { Request, Response } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import type { ClientTransaction, ClientUser } from "./client-transaction.ts";
import { newTimer, type Timer } from "./wheel.ts";

/** Who asked. */
export interface AttemptsUser {
  /**
   * The request for this way, with a Via and a branch of its own at each call. Undefined when it
   * cannot go this way: the next is tried.
   */
  compose(flow: Flow): Request | undefined;
  /** As of a client transaction: every provisional, the final response, each 2xx to an INVITE. */
  response(client: ClientTransaction, response: Response, essentials: Essentials): void;
  /** None is left to try, and none will answer. */
  failed(reason: failover.Reason): void;
  /** An INVITE that was given up has been accepted after all, or its 2xx came again. */
  late2xx(client: ClientTransaction, response: Response, essentials: Essentials): void;
}

/** What attempts need of their endpoint. */
export interface AttemptsWorld {
  readonly now: Millis;
  schedule(timer: Timer, at: Millis): void;
  later(run: () => void): void;
  /** The flow that leads to a target. */
  reach(target: Target): Flow | undefined;
  send(request: Request, flow: Flow, user: ClientUser): ClientTransaction | undefined;
  /** For the list of those that are tried last. */
  note(seen: Seen): void;
  /** Each response, whatever becomes of it: a 503 has another server tried and is not told. */
  heard(client: ClientTransaction, essentials: Essentials): void;
  /** It is over, and nothing more is heard of it. */
  ended(attempts: Attempts): void;
}

/** What was seen of a server. */
export type Seen = Extract<failover.Output, { kind: "Silent" | "Answers" | "Unavailable" }>;

interface Heard {
  readonly client: ClientTransaction;
  readonly response: Response;
  readonly essentials: Essentials;
}

export class Attempts implements ClientUser {
  /** The highest status of the one that has the request; 0 before any. */
  status = 0;
  readonly #world: AttemptsWorld;
  readonly #user: AttemptsUser;
  readonly #params: failover.Params;
  readonly #timer: Timer = newTimer({ due: () => this.#step(TICK) });
  readonly #ids = new Map<ClientTransaction, number>();
  readonly #clients = new Map<number, ClientTransaction>();
  #state: failover.State = { name: "Ended" };
  /** Who answered, while it may still be cancelled. */
  #chosen: ClientTransaction | undefined;
  #heard: Heard | undefined;
  #reason: Octets | undefined;

  /** `targets` is not empty, and in the order of trying. */
  constructor(
    world: AttemptsWorld,
    user: AttemptsUser,
    targets: readonly Target[],
    method: string,
  ) {
    this.#world = world;
    this.#user = user;
    this.#params = { targets, invite: method === "INVITE" };
  }

  start(): void {
    const [state, ...outputs] = failover.start(this.#params, this.#world.now);
    this.#carryOut(state, outputs);
  }

  /** Takes an INVITE back. Whoever has it is asked to stop; if nobody has, it is over at once. */
  cancel(reason?: Octets): void {
    this.#reason = reason;
    if (this.#chosen) this.#chosen.cancel(reason);
    else this.abandon();
  }

  /** Nobody wants an answer any more. */
  abandon(): void {
    this.#step({ kind: "Abandon" });
  }

  // ---- what the transactions say ---------------------------------------------------------------

  response(client: ClientTransaction, response: Response, essentials: Essentials): void {
    const attempt = this.#ids.get(client);
    if (attempt === undefined) return;
    this.#world.heard(client, essentials);
    this.#heard = { client, response, essentials };
    const { status } = response;
    const retryAfterSeconds = status === 503 ? retryAfterIn(response) : undefined;
    const seconds = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
    this.#step({ kind: "Response", attempt, status, ...seconds });
    this.#heard = undefined;
    if (status >= 300) this.#forget(client);
  }

  failed(client: ClientTransaction, reason: "timeout" | "transport" | "abandoned"): void {
    const attempt = this.#ids.get(client);
    if (attempt === undefined) return;
    this.#forget(client);
    this.#step({ kind: reason === "transport" ? "Refused" : "TimedOut", attempt });
  }

  // ---- what failover says ----------------------------------------------------------------------

  #step(input: failover.Input): void {
    const [state, ...outputs] = failover.step(this.#params, this.#state, input, this.#world.now);
    this.#carryOut(state, outputs);
  }

  #carryOut(state: failover.State, outputs: readonly failover.Output[]): void {
    const wasEnded = this.#state.name === "Ended";
    this.#state = state;
    const heard = this.#heard;
    this.#world.schedule(this.#timer, failover.deadline(state));
    for (const output of outputs) this.#do(output, heard);
    if (this.#state !== state || state.name !== "Ended") return;
    this.#world.schedule(this.#timer, NEVER);
    this.#clients.clear();
    this.#ids.clear();
    if (!wasEnded) this.#world.ended(this);
  }

  #do(output: failover.Output, heard: Heard | undefined): void {
    switch (output.kind) {
      case "Try":
        return this.#try(output.attempt, output.target);
      case "Deliver":
        if (!heard) return;
        this.#chosen = heard.client;
        this.status = Math.max(this.status, heard.response.status);
        return this.#user.response(heard.client, heard.response, heard.essentials);
      case "GiveUp":
        return this.#giveUp(output.attempt);
      case "Late2xx":
        return heard && this.#user.late2xx(heard.client, heard.response, heard.essentials);
      case "Exhausted":
        return this.#user.failed(output.reason);
      default:
        return this.#world.note(output);
    }
  }

  //= RFC 3263 §4.3
  //# If a failure occurs, the client SHOULD create a new request, which is identical to the
  //# previous, but has a different value of the Via branch ID than the previous (and therefore
  //# constitutes a new SIP transaction).
  #try(attempt: number, target: Target): void {
    const flow = this.#world.reach(target);
    const request = flow && this.#user.compose(flow);
    const client = flow && request && this.#world.send(request, flow, this);
    if (!client) {
      // In its turn: whoever began this has not heard yet that it has begun.
      return this.#world.later(() => this.#step({ kind: "Refused", attempt }));
    }
    this.#ids.set(client, attempt);
    this.#clients.set(attempt, client);
  }

  #giveUp(attempt: number): void {
    const client = this.#clients.get(attempt);
    if (!client) return;
    if (this.#params.invite) return client.cancel(this.#reason);
    this.#forget(client);
    client.abandon();
  }

  #forget(client: ClientTransaction): void {
    const attempt = this.#ids.get(client);
    this.#ids.delete(client);
    if (attempt !== undefined) this.#clients.delete(attempt);
    if (this.#chosen === client) this.#chosen = undefined;
  }
}

function retryAfterIn(response: Response): number | undefined {
  const said = parseRetryAfter(header(response, "Retry-After") ?? "");
  return said.ok ? said.value.seconds : undefined;
}

const TICK = { kind: "Tick" } as const;
