/** Holds the state of one server transaction and carries out what its machine says. */
import type { Octets } from "../grammar/octets.ts";
import * as inviteServer from "../transaction/invite-server.ts";
import * as nonInviteServer from "../transaction/non-invite-server.ts";
import { DEFAULT_TIMERS, type Millis, NEVER } from "../transaction/timers.ts";
import { type Flow, isReliable, responseFlow } from "../transport/flow.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Incoming } from "./incoming.ts";
import type { Reply } from "./reply.ts";
import { newTimer, type Timed, type Timer } from "./wheel.ts";

/** Who answers a request. */
export interface ServerUser {
  /** The client took its INVITE back; nothing final had been sent. RFC 3261 §9.2. */
  cancelled(server: ServerTransaction, cancel: Incoming): void;
  /** A response could not be delivered, or its ACK never came. RFC 3261 §17.2.1, §17.2.4. */
  failed(server: ServerTransaction, reason: "timeout" | "transport"): void;
}

type Input = inviteServer.Input | nonInviteServer.Input;

export class ServerTransaction implements Timed {
  readonly incoming: Incoming;
  readonly key: string;
  readonly user: ServerUser;
  /** The status of the last response sent; 0 before the first. */
  status = 0;
  readonly #endpoint: Endpoint;
  readonly #flow: Flow;
  readonly #timer: Timer = newTimer(this);
  readonly #params: inviteServer.Params;
  #invite: inviteServer.State | undefined;
  #other: nonInviteServer.State | undefined;

  constructor(endpoint: Endpoint, incoming: Incoming, key: string, user: ServerUser) {
    this.#endpoint = endpoint;
    this.incoming = incoming;
    this.key = key;
    this.user = user;
    this.#flow = responseFlow(incoming.flow, incoming.essentials.via);
    this.#params = {
      reliable: isReliable(this.#flow),
      timers: DEFAULT_TIMERS,
      trying: () => this.#compose({ status: 100 }),
    };
  }

  /** The state's name, as the RFC spells it. */
  get state(): string {
    return this.#invite?.name ?? this.#other?.name ?? "Terminated";
  }

  start(now: Millis): void {
    if (this.incoming.request.method === "INVITE") {
      const [state] = inviteServer.start(this.#params, now);
      this.#invite = state;
    } else {
      const [state] = nonInviteServer.start(this.#params, now);
      this.#other = state;
    }
    this.#reschedule();
  }

  /** Answers with a response made here. A final one is answered once; later ones do nothing. */
  reply(reply: Reply): void {
    this.respond(reply.status, this.#compose(reply));
  }

  /** Answers with a response that is already text, its Via headers those of the request. */
  respond(status: number, text: Octets): void {
    if (this.status < 200) this.status = status;
    this.step({ kind: "Respond", status, text }, this.#endpoint.now);
  }

  step(input: Input, now: Millis): void {
    if (this.#invite) {
      const [state, ...outputs] = inviteServer.step(this.#params, this.#invite, input, now);
      this.#invite = state;
      for (const output of outputs) this.#carryOut(output);
    } else if (this.#other && input.kind !== "Ack") {
      const [state, ...outputs] = nonInviteServer.step(this.#params, this.#other, input, now);
      this.#other = state;
      for (const output of outputs) this.#carryOut(output);
    }
    this.#reschedule();
  }

  /** For the wheel only. */
  due(now: Millis): void {
    this.step(TICK, now);
  }

  #carryOut(output: inviteServer.Output | nonInviteServer.Output): void {
    if (output.kind === "Send") {
      if (!this.#endpoint.transmit(this.#flow, output.text))
        this.#endpoint.later(() => this.#lost());
    } else if (output.kind === "Failed") {
      this.user.failed(this, output.reason);
    }
  }

  #lost(): void {
    this.step({ kind: "TransportError", cause: "the connection is gone" }, this.#endpoint.now);
  }

  #reschedule(): void {
    if (this.state === "Terminated") {
      this.#endpoint.schedule(this.#timer, NEVER);
      this.#endpoint.forgetServer(this);
    } else if (this.#invite) {
      this.#endpoint.schedule(this.#timer, inviteServer.deadline(this.#invite));
    } else if (this.#other) {
      this.#endpoint.schedule(this.#timer, nonInviteServer.deadline(this.#other));
    }
  }

  #compose(reply: Reply): Octets {
    return this.#endpoint.composeReply(this.incoming, reply);
  }
}

const TICK = { kind: "Tick" } as const;
