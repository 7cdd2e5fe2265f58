/**
 * Calls that end at the server itself: a test line, an announcement, and what else answers by
 * itself under a reserved name. A service of the domain with a user agent inside of its endpoint.
 */
import type { Reply } from "../endpoint/reply.ts";
import type { Octets } from "../grammar/octets.ts";
import type { Service, ServiceHost, ServiceRequest } from "../roles/services.ts";
import type { Done } from "../ua/modification.ts";
import { type SessionUser, SILENT } from "../ua/session.ts";
import { timed } from "../ua/session-timer.ts";
import { HouseAgent } from "./house-agent.ts";

/** Who answers. None of this may throw: it is called on the path of a request. */
export interface InsideUser {
  /** Whether an INVITE or OPTIONS from outside of dialogs is for this. */
  takes(asked: ServiceRequest): boolean;
  /** A call: set its `user`, ring it, and accept or reject it, now or in a later `Call` input. */
  called(call: InsideCall, asked: ServiceRequest): void;
}

/** A call that ends here. All of it is called in a turn of the endpoint. RFC 3261 §13.3, §15. */
export interface InsideCall {
  /** The Call-ID of its INVITE. */
  readonly callId: Octets;
  /** What the caller offers; empty where the answer has to have an offer of ours. RFC 3264. */
  readonly offer: string;
  /** Hears how it goes on. Until it is set, nobody does, and changes are refused. */
  user: SessionUser;
  /** Says that it rings, and goes on saying so. RFC 3261 §13.3.1.1. */
  ring(): void;
  /** Answers the offer, or offers, while it still rings. False: the caller cannot hear it. */
  early(description: string): boolean;
  /** Accepts it with a description; one that was told early stands. */
  accept(description: string): void;
  /** Refuses it: 486 busy, 488 nothing in common, with a Warning that says what was lacking. */
  reject(status: number, more?: Omit<Reply, "status">): void;
  /** Ends it, whichever way applies; its user hears nothing more. */
  hangUp(): void;
  /** Offers anew what its user describes, as soon as that may be. */
  modify(done: Done): void;
}

/** Hears of nothing, and refuses what it is asked: to be built upon. */
export const UNHEARD: SessionUser = SILENT;

/** The service, for `services` of a domain. It owns its agent and all of its calls. */
export interface Inside extends Service {
  /** Calls at the moment, ringing ones among them. */
  readonly count: number;
}

/** Makes the service. */
export function inside(user: InsideUser): Inside {
  let agent: HouseAgent | undefined;
  const attached = (): HouseAgent => {
    if (!agent) throw new Error("no domain has attached this service yet");
    return agent;
  };
  return {
    get count() {
      return agent?.count ?? 0;
    },
    methods: ["INVITE", "OPTIONS"],
    attach: (host: ServiceHost) => {
      agent = new HouseAgent(host);
      timed(agent.abilities);
    },
    take: (asked) => user.takes(asked) && taken(attached(), user, asked),
    inOwnDialog: (from) => attached().inOwnDialog(from),
    inDialog: (asked) => attached().inDialog(asked),
    ack: (from) => attached().acknowledged(from),
    closed: (flow) => attached().closed(flow),
    registered: (account) => attached().registered(account),
  };
}

function taken(agent: HouseAgent, user: InsideUser, asked: ServiceRequest): true {
  const { from } = asked;
  if (from.request.method === "OPTIONS") {
    agent.endpoint.reply(from, { status: 200, headers: agent.capabilities });
    return true;
  }
  const session = agent.begin(asked);
  if (session) user.called(session, asked);
  return true;
}
