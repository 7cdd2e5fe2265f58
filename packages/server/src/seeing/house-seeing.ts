/** What the house lets be seen of itself: metrics, whether it is ready, messages to a collector. */
import type { BelowEntry } from "carillon/endpoint";
import type { Calls, LogEntry } from "carillon/roles";
import type { FastifyInstance } from "fastify";
import type { Clock } from "../clock.ts";
import type { SeeingConfig } from "../config/seeing-config.ts";
import type { Tracing } from "../control/tracing.ts";
import type { Log } from "../http/log.ts";
import { type HepSender, hepSender } from "./hep-sender.ts";
import { HouseMetrics, type MetricsParts } from "./house-metrics.ts";
import { RefusedBelow } from "./refused-below.ts";
import { seeingRoutes } from "./seeing-routes.ts";

export interface HouseSeeingParts {
  readonly config: SeeingConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly tracing: Tracing;
}

export class HouseSeeing {
  readonly #config: SeeingConfig;
  readonly #hep: HepSender | undefined;
  readonly #refused: RefusedBelow;
  #metrics: HouseMetrics | undefined;
  #state: "starting" | "ready" | "stopping" = "starting";

  constructor({ config, clock, log, tracing }: HouseSeeingParts) {
    this.#config = config;
    this.#refused = new RefusedBelow(log);
    this.#hep = config.hep && hepSender(config.hep, clock, log);
    if (this.#hep) tracing.tap(this.#hep.see);
  }

  /** What came to nothing before any part of the house heard of it. */
  readonly below = (entry: BelowEntry): void => {
    this.#refused.take(entry);
    this.#metrics?.below(entry.what);
  };

  /** What became of a request. */
  readonly logged = (entry: LogEntry): void => this.#metrics?.sip(entry);

  /** Hears of all calls. */
  get calls(): Calls {
    return {
      answered: ({ status }) => this.#metrics?.callAnswered(status),
      ended: () => this.#metrics?.callEnded(),
    };
  }

  /** From now on it can be asked: all parts are there. */
  begin(app: FastifyInstance, parts: MetricsParts): void {
    const { metrics } = this.#config;
    const isBehind = () => parts.store().isBehind;
    this.#metrics = metrics && new HouseMetrics(parts);
    seeingRoutes(app, {
      ...{ metrics: this.#metrics, token: metrics?.token },
      mayLook: (host) => metrics?.mayLook(host) === true,
      whyNotReady: () =>
        this.#state !== "ready"
          ? `it is ${this.#state}`
          : isBehind()
            ? "the disk is too slow for what is asked of it"
            : undefined,
    });
  }

  /** It listens everywhere. */
  ready(): void {
    this.#state = "ready";
  }

  /** No calls are to come any more. */
  stopping(): void {
    this.#state = "stopping";
  }

  close(): void {
    this.#metrics?.close();
    this.#hep?.close();
    this.#refused.close();
  }
}
