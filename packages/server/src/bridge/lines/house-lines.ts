/**
 * The lines of the house: `sip:echo@…`, `sip:tone@…`, `sip:clock@…` and announcements,
 * `sip:annc@…;play=…` (RFC 4240). A service of the domain, for whoever it knows: each call ends at
 * the server itself, and the media engine is its other side.
 */
import {
  type InsideCall,
  inside,
  type MediaEngine,
  type MediaEvent,
  type OwnAddress,
} from "carillon/b2bua";
import { type Endpoint, type Flow, newTimer, type Timer } from "carillon/endpoint";
import type { Service, ServiceHost, ServiceRequest } from "carillon/roles";
import { AnnouncementShelf } from "./announcement-shelf.ts";
import { CALLER, callerSide } from "./caller-side.ts";
import { actOf, type LineName } from "./line-acts.ts";
import { LineCall } from "./line-call.ts";
import { type LineNumbers, lineNumbers } from "./line-numbers.ts";

/** How many calls, and how long. */
export interface LineLimits {
  /** Calls of all lines at a time: 200 if left out. */
  readonly calls?: number | undefined;
  /** Of one account: 4 if left out. */
  readonly callsEach?: number | undefined;
  /** What a call may last: 30 minutes if left out. */
  readonly minutes?: number | undefined;
}

/** What lines need. */
export interface HouseLinesOptions extends LineLimits {
  /** Whose `onevent` is set already: lines hear of what is theirs, too. */
  readonly engine: MediaEngine;
  /** Where media of whoever is behind this flow come to; where it ends here if left out. */
  readonly addressOn?: (flow: Flow) => OwnAddress;
  /** The operator's announcements; the folder need not be there. */
  readonly announcements: string;
  /** What is dialled for each line, beside its name; `lineNumbers` has the usual ones. */
  readonly numbers?: LineNumbers | undefined;
}

/** The service, with how many calls there are at the moment. */
export interface HouseLines extends Service {
  readonly count: number;
}

const MOST_CALLS = 200;
const MOST_CALLS_EACH = 4;
const MOST_MINUTES = 30;

export function houseLines(options: HouseLinesOptions): HouseLines {
  const lines = new Lines(options);
  const service = inside({
    takes: (asked) => lines.lineOf(asked) !== undefined,
    called: (call, asked) => lines.called(call, asked),
  });
  return {
    ...service,
    get count() {
      return service.count;
    },
    attach: (host) => {
      lines.attach(host);
      service.attach(host);
    },
  };
}

const saying = (reasonPhrase: string) => ({ reasonPhrase });

interface Open {
  readonly call: LineCall;
  readonly timer: Timer;
}

class Lines {
  readonly #options: HouseLinesOptions;
  readonly #numbers: ReadonlyMap<string, LineName>;
  readonly #shelf: AnnouncementShelf;
  readonly #open = new Map<string, Open>();
  /** Calls of each caller. */
  readonly #each = new Map<string, number>();
  #endpoint!: Endpoint;
  #domain = "";
  #nth = 0;

  constructor(options: HouseLinesOptions) {
    this.#options = options;
    this.#numbers = lineNumbers(options.numbers);
    this.#shelf = new AnnouncementShelf(options.announcements);
  }

  attach({ endpoint, domain }: ServiceHost): void {
    this.#endpoint = endpoint;
    this.#domain = domain;
    const { engine } = this.#options;
    const others = engine.onevent;
    engine.onevent = (event) => {
      this.#happened(event);
      others?.(event);
    };
  }

  //= RFC 4240 §2
  //# Per RFC 3261 [10], the service indicator is case insensitive.
  /** Whoever lives here under such a name keeps it. */
  lineOf({ user, isPerson }: ServiceRequest): LineName | undefined {
    return user === undefined || isPerson ? undefined : this.#numbers.get(user.toLowerCase());
  }

  called(call: InsideCall, asked: ServiceRequest): void {
    const line = this.lineOf(asked);
    if (!line) return call.reject(404);
    const { calls = MOST_CALLS, callsEach = MOST_CALLS_EACH } = this.#options;
    const who = asked.account ?? asked.from.flow.remote.host;
    const busy = this.#each.get(who) ?? 0;
    if (this.#open.size >= calls) return call.reject(503, saying("All lines are taken"));
    if (busy >= callsEach)
      return call.reject(486, saying("You have as many calls to lines as you may"));
    const act = actOf(line, asked.uri, this.#shelf);
    if ("status" in act) return call.reject(act.status, saying(act.reason));
    this.#each.set(who, busy + 1);
    const name = `line-${++this.#nth}`;
    const { engine } = this.#options;
    const side = callerSide(asked.from.flow, call.offer, this.#options.addressOn);
    const gone = () => this.#gone(name, who);
    const made = new LineCall({ call, engine, name, side, act, domain: this.#domain, gone });
    const timer = newTimer({ due: () => made.hangUp() });
    this.#open.set(name, { call: made, timer });
    const { minutes = MOST_MINUTES } = this.#options;
    this.#endpoint.schedule(timer, this.#endpoint.now + minutes * 60_000);
    made.begin();
  }

  #gone(name: string, who: string): void {
    const open = this.#open.get(name);
    if (!open) return;
    this.#open.delete(name);
    this.#endpoint.schedule(open.timer, Number.POSITIVE_INFINITY);
    const left = (this.#each.get(who) ?? 1) - 1;
    if (left > 0) this.#each.set(who, left);
    else this.#each.delete(who);
  }

  #happened(event: MediaEvent): void {
    if (event.kind === "Lost") {
      for (const name of event.calls) this.#open.get(name)?.call.lost();
      return;
    }
    const call = this.#open.get(event.call)?.call;
    if (!call || !("tag" in event) || event.tag !== CALLER) return;
    switch (event.kind) {
      case "Played":
        return call.played();
      case "Dtmf":
        return call.key(event.tone);
      // Whoever is not there any more would have the line until its time is over.
      case "Failed":
      case "Silent":
        return call.hangUp();
    }
  }
}
