/** A call that is tried over another proxy when the first one says nothing. */
import type { Incoming } from "../../endpoint/incoming.ts";
import type { Flow } from "../../transport/flow.ts";
import type { Agent } from "../../ua/agent.ts";
import type { Leg } from "../../ua/leg.ts";
import type { Done } from "../../ua/modification.ts";
import { OutgoingSession } from "../../ua/outgoing-session.ts";
import type { Farewell, Session, SessionUser } from "../../ua/session.ts";
import type { CallEnd } from "../../ua/sip-error.ts";
import type { Way } from "../../ua/way.ts";

export class SecondTry implements Session {
  #session: Session;

  constructor(agent: Agent, target: string, offer: string, user: SessionUser, other: Flow) {
    const ended = (end: CallEnd): void => {
      if (end.code !== "SIP_TIMEOUT") return user.ended(end);
      agent.flow = other;
      this.#session = new OutgoingSession(agent, target, offer, user);
    };
    this.#session = new OutgoingSession(agent, target, offer, { ...user, ended });
  }

  get callId(): string {
    return this.#session.callId;
  }

  get localTag(): string {
    return this.#session.localTag;
  }

  readonly begun = "Local";

  legOf(remoteTag: string): Leg | undefined {
    return this.#session.legOf(remoteTag);
  }

  get leg(): Leg | undefined {
    return this.#session.leg;
  }

  get way(): Way {
    return this.#session.way;
  }

  hangUp(why?: Farewell): void {
    this.#session.hangUp(why);
  }

  modify(done: Done): void {
    this.#session.modify(done);
  }

  request(from: Incoming): void {
    this.#session.request(from);
  }

  ack(from: Incoming): void {
    this.#session.ack(from);
  }

  cutOff(why: string): void {
    this.#session.cutOff(why);
  }
}
