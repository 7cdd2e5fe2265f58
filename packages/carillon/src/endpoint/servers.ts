/**
 * Other elements' servers: found by name, tried one after the other, and kept an eye on. RFC 3263.
 *
 * What is here for roles and user agents is `send`: a request goes to whoever serves a URI, over
 * whatever transport they offer, and its sender hears of it as if there were one server that never
 * fails. An INVITE that was given up at one server and accepted there all the same is
 * acknowledged and ended from here, unless its sender takes care of that.
 */
import { flat, type Octets } from "../grammar/octets.ts";
import { DEFAULT_LIMITS, type Limits } from "../locate/dns-cache.ts";
import type * as enumeration from "../locate/enum.ts";
import type * as failover from "../locate/failover.ts";
import type { AddressType, Answered, Question } from "../locate/naming.ts";
import { type Target, targetKey } from "../locate/target.ts";
import { targetsForSize } from "../locate/transport-choice.ts";
import type { Wanted } from "../locate/wanted.ts";
import { composeRequest } from "../message/compose.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Request, Response } from "../message/message.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Flow, TransportName } from "../transport/flow.ts";
import { type Address, formatAddress, isIpv6 } from "../uri/host.ts";
import { Attempts } from "./attempts.ts";
import type { ClientTransaction, ClientUser } from "./client-transaction.ts";
import { farewell, type Parting, viaOf } from "./farewell.ts";
import type { Ids } from "./ids.ts";
import { locateAll } from "./locate-all.ts";
import { type Enumerated, Locator, type NotLocated, type Outcome } from "./locator.ts";
import { peek } from "./overload/peek.ts";
import { Throttle } from "./overload/throttle.ts";
import type { Passing } from "./spent.ts";
import { Watch } from "./watch.ts";
import type { Timer } from "./wheel.ts";

/** How servers are found. */
export interface ServersOptions {
  /** What the driver can send over; the preferred first. UDP, TCP and TLS if left out. */
  readonly transports?: readonly TransportName[];
  /** Refuses addresses that are not on the public internet: all, or for such hosts. */
  readonly publicOnly?: boolean | ((host: string) => boolean);
  /** Searches at a time; over it, requests fail at once. */
  readonly maxSearches?: number;
  /** How much is remembered of the DNS; `dnsCache.DEFAULT_LIMITS` if left out. */
  readonly cache?: Limits;
}

/** What servers need of their endpoint. */
export interface ServersWorld {
  /** In ms of the endpoint's clock. */
  readonly now: Millis;
  /** For the branches of what is sent from here. */
  readonly ids: Ids;
  /** Where datagrams leave from, which tells the families that we have. */
  readonly locals: readonly Address[];
  /** Where others open connections to us. */
  listening(transport: "TCP" | "TLS"): readonly Address[];
  /** Asks the DNS; `answered` of the servers hears what it says. */
  query(question: Question): void;
  /** As an endpoint has it. */
  schedule(timer: Timer, at: Millis): void;
  /** As an endpoint has it. */
  later(run: () => void): void;
  /** As an endpoint has it. */
  reach(target: Target): Flow | undefined;
  /** As an endpoint has it. */
  send(request: Request, flow: Flow, user: ClientUser): ClientTransaction | undefined;
  /** As an endpoint has it. */
  transmit(flow: Flow, octets: Octets): boolean;
}

/** Why no final response came. */
export interface Failure {
  /** Nothing was found (`locate`), or none that was found answered (`failover`). */
  readonly reason: NotLocated["reason"] | failover.Reason;
  /** For people. */
  readonly message: string;
}

/** Who sends a request, and hears of it. */
export interface Errand {
  /**
   * The request for this way, with a Via and a branch of its own at each call. Undefined when it
   * cannot go this way.
   */
  compose(flow: Flow): Request | undefined;
  /** Every provisional, the final response, and for INVITE every 2xx. */
  response(client: ClientTransaction, response: Response, essentials: Essentials): void;
  /** No final response came, and none will. Called once, and never after one. */
  failed(failure: Failure): void;
  /**
   * A 2xx to an INVITE that was given up, and each time it comes again. False, or left out: it is
   * acknowledged from here, and the call ended.
   */
  late2xx?(client: ClientTransaction, response: Response, essentials: Essentials): boolean;
}

/** A request on its way. */
export interface Pursuit {
  /** The highest status so far; 0 before any. */
  readonly status: number;
  /** Takes an INVITE back; the final response is still to come, or `failed`. */
  cancel(reason?: Octets): void;
  /** Ends it at once; `failed` is heard if there was no final response. */
  abandon(): void;
  /** As of a client transaction. */
  spend?(back: Flow, pass: Passing): boolean;
}

const MAX_SEARCHES = 1_000;
const TRANSPORTS: readonly TransportName[] = ["UDP", "TCP", "TLS"];

/** Other elements' servers, as one that never fails. Give it to an endpoint with `find`. */
export class Servers {
  readonly #world: ServersWorld;
  readonly #transports: readonly TransportName[];
  readonly #locator: Locator;
  readonly #watch: Watch;
  readonly #attempts = new Set<Attempts>();
  readonly #throttle: Throttle;

  constructor(world: ServersWorld, options: ServersOptions = {}) {
    const { transports = TRANSPORTS, publicOnly = false } = options;
    const { maxSearches = MAX_SEARCHES, cache = DEFAULT_LIMITS } = options;
    this.#world = world;
    this.#throttle = new Throttle(() => world.ids.fraction());
    this.#transports = transports;
    this.#locator = new Locator(
      {
        get now() {
          return world.now;
        },
        get families() {
          return familiesOf(world.locals);
        },
        seed: () => Number.parseInt(world.ids.random(4), 16),
        query: (question) => world.query(question),
        schedule: (timer, at) => world.schedule(timer, at),
      },
      { transports, publicOnly, maxSearches, cache },
    );
    this.#watch = new Watch({
      get now() {
        return world.now;
      },
      schedule: (timer, at) => world.schedule(timer, at),
      probe: (target, answered) => this.#probe(target, answered),
    });
  }

  /** How much is being kept: for tests and metrics. */
  census(): { searches: number; requests: number; suspects: number } {
    const { size: searches } = this.#locator;
    return { searches, requests: this.#attempts.size, suspects: this.#watch.size };
  }

  /** What the world says to a question. */
  answered(answered: Answered): void {
    this.#locator.answered(answered);
  }

  /** Looks for servers; `done` hears once, within 5 s. The result gives the search up. RFC 3263. */
  locate(wanted: Wanted, done: (outcome: Outcome) => void): () => void {
    return this.#locator.search(wanted, done);
  }

  /**
   * The SIP URI of a telephone number, by ENUM; `done` hears once. `number` and `apex` are as
   * `carillon/locate` says. The result gives the search up. RFC 6116.
   */
  enumerate(params: enumeration.Params, done: (outcome: Enumerated) => void): () => void {
    return this.#locator.enumerate(params, done);
  }

  /**
   * Sends a request to whoever is found there, one server after the other until one answers. The
   * errand hears of it, and composes it anew for each. RFC 3263 §4.3. Of several, the servers
   * of the first are tried first.
   */
  send(wanted: Wanted | readonly Wanted[], method: string, errand: Errand): Pursuit {
    const attempting = (targets: readonly Target[]) => this.#attempt(targets, method, errand);
    const all = [wanted].flat();
    return new Sending((done) => locateAll(this.#locator, all, done), attempting, errand);
  }

  #attempt(found: readonly Target[], method: string, errand: Errand): Attempts | undefined {
    const world = this.#world;
    const targets = this.#watch.trustedFirst(this.#sized(found.filter(this.#isNotUs), errand));
    if (targets.length === 0) {
      errand.failed({ reason: "not-found", message: "it leads back to where it came from" });
      return undefined;
    }
    const late = new Map<Octets, () => void>();
    const attempts = new Attempts(
      {
        get now() {
          return world.now;
        },
        schedule: (timer, at) => world.schedule(timer, at),
        later: (run) => world.later(run),
        reach: (target) => world.reach(target),
        send: (request, flow, user) => this.#send(request, flow, user),
        note: (seen) => this.#watch.note(seen),
        heard: ({ flow }, { via }) => this.#throttle.heard(flow.remote, via.params, world.now),
        ended: (one) => this.#attempts.delete(one),
      },
      {
        compose: (flow) => errand.compose(flow),
        response: (client, response, essentials) => errand.response(client, response, essentials),
        failed: (reason) => errand.failed({ reason, message: IN_WORDS[reason] }),
        late2xx: (client, response, essentials) => {
          if (errand.late2xx?.(client, response, essentials)) return;
          this.#part(late, client, response, essentials);
        },
      },
      targets,
      method,
    );
    this.#attempts.add(attempts);
    attempts.start();
    return attempts;
  }

  //= RFC 7339 §5.10
  //# The client can accomplish this task by sending some of the requests that would have gone to
  //# the overloaded element to a different destination.
  /** To who has asked for less, only some of it: of the rest it is as if nobody were there. */
  #send(request: Request, flow: Flow, user: ClientUser): ClientTransaction | undefined {
    const { throttle, world } = { throttle: this.#throttle, world: this.#world };
    const isSpared = throttle.mayGo(flow.remote, isPreferred(request), world.now);
    return isSpared ? world.send(request, flow, user) : undefined;
  }

  /** What is too large for a datagram goes by TCP, where there is TCP. RFC 3261 §18.1.1. */
  #sized(targets: readonly Target[], errand: Errand): readonly Target[] {
    const first = targets.find(({ transport }) => transport === "UDP");
    if (!first || !this.#transports.includes("TCP")) return targets;
    const flow = this.#world.reach(first);
    const bytes = (flow && errand.compose(flow)?.text.length) ?? 0;
    return targetsForSize(targets, { bytes }, this.#transports);
  }

  /** To ourselves nothing is sent: what is not served here would go in a circle. RFC 5393 §3. */
  readonly #isNotUs = ({ transport, address }: Target): boolean => {
    const { locals } = this.#world;
    const isStream = transport === "TCP" || transport === "TLS";
    const ours = isStream ? [...locals, ...this.#world.listening(transport)] : locals;
    return ours.every(({ host, port }) => host !== address.host || port !== address.port);
  };

  // ---- requests of our own ---------------------------------------------------------------------

  /** Acknowledges a 2xx that nobody wants, each time it comes, and hangs up the first time. */
  #part(
    late: Map<Octets, () => void>,
    client: ClientTransaction,
    response: Response,
    essentials: Essentials,
  ): void {
    const again = late.get(essentials.toTag);
    if (again) return again();
    const partings = farewell(client.request, response, essentials);
    if (!partings || late.size >= MAX_LATE) return;
    const { ack, bye } = partings;
    const { ids } = this.#world;
    const branch = ids.branch("ACK");
    late.set(flat(essentials.toTag), () => {});
    this.#locator.search(ack.wanted, (outcome) => {
      const flow = this.#firstFlow(outcome) ?? client.flow;
      const text = ack.compose(flow, branch).text;
      const acknowledge = () => void this.#world.transmit(flow, text);
      late.set(flat(essentials.toTag), acknowledge);
      acknowledge();
      this.#hangUp(bye, flow);
    });
  }

  #hangUp(bye: Parting, flow: Flow): void {
    const request = bye.compose(flow, this.#world.ids.branch("BYE"));
    this.#world.send(request, flow, UNCONCERNED);
  }

  #firstFlow(outcome: Outcome): Flow | undefined {
    const [first] = outcome.kind === "Located" ? outcome.targets : [];
    return first && this.#world.reach(first);
  }

  /** Whatever it answers, it is there. It goes no further than to that server. */
  #probe(target: Target, answered: () => void): void {
    const { ids } = this.#world;
    const flow = this.#world.reach(target);
    if (!flow) return;
    const about = `OPTIONS ${targetKey(target)}`;
    const uri = `sip:${formatAddress(target.address)};transport=${target.transport.toLowerCase()}`;
    const own = `sip:${formatAddress(flow.local)}`;
    const request = composeRequest("OPTIONS", uri, [
      ["Via", viaOf(flow, ids.branch(about))],
      ["Max-Forwards", "0"],
      ["From", `<${own}>;tag=${ids.unique()}`],
      ["To", `<${uri}>`],
      ["Call-ID", ids.unique()],
      ["CSeq", "1 OPTIONS"],
      ["Contact", `<${own}>`],
    ]);
    this.#world.send(request, flow, { response: answered, failed() {} });
  }
}

/** First a search, then attempts: one thing for whoever asked. */
class Sending implements Pursuit {
  #giveUp: (() => void) | undefined;
  #attempts: Attempts | undefined;
  #isOver = false;

  constructor(
    search: (done: (outcome: Outcome) => void) => () => void,
    attempt: (targets: readonly Target[]) => Attempts | undefined,
    errand: Errand,
  ) {
    const giveUp = search((outcome) => {
      this.#isOver = true;
      this.#giveUp = undefined;
      if (outcome.kind === "Located") this.#attempts = attempt(outcome.targets);
      else errand.failed({ reason: outcome.reason, message: outcome.message });
    });
    if (!this.#isOver) this.#giveUp = giveUp;
  }

  get status(): number {
    return this.#attempts?.status ?? 0;
  }

  cancel(reason?: Octets): void {
    this.#giveUp?.();
    this.#attempts?.cancel(reason);
  }

  abandon(): void {
    this.#giveUp?.();
    this.#attempts?.abandon();
  }
}

/** 2xx of different devices behind one server; more than anybody has. */
const MAX_LATE = 16;

//= RFC 7339 §5.10.1
//# A SIP client SHOULD honor the local policy for prioritizing SIP requests such as policies based
//# on message type, e.g., INVITEs versus requests associated with existing sessions.
/** What is left out last: what belongs to a dialog, and emergencies. */
function isPreferred(request: Request): boolean {
  const peeked = peek(request.text);
  return peeked === undefined || peeked.hasToTag || peeked.isUrgent;
}

const UNCONCERNED: ClientUser = { response() {}, failed() {} };

/** IPv6 and IPv4 as we have them; both while nothing is known. */
function familiesOf(locals: readonly Address[]): readonly AddressType[] {
  const families = locals.map(({ host }): AddressType => (isIpv6(host) ? "AAAA" : "A"));
  return families.length === 0 ? ["A", "AAAA"] : [...new Set(families)];
}

const IN_WORDS: Readonly<Record<failover.Reason, string>> = {
  refused: "none of its servers can be reached",
  timeout: "none of its servers answers",
  unavailable: "all of its servers are busy",
  abandoned: "was no longer wanted",
};
