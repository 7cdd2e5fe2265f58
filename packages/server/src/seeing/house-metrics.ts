/**
 * What the program tells of itself in Prometheus's text. Numbers are read when somebody asks;
 * only what happens between two questions is counted. No label has a peer's words in it.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { BelowKind, OverloadCensus } from "carillon/endpoint";
import type { LogEntry } from "carillon/roles";
import { Counter, Gauge, Registry } from "prom-client";

/** Where the numbers are. */
export interface MetricsParts {
  census(): { readonly servers: number; readonly clients: number; readonly connections: number };
  people(): readonly { readonly online: boolean }[];
  bridge(): { readonly calls: number; readonly workers: readonly { readonly load: number }[] };
  outgoing(): { readonly outside: number; readonly atLimit: readonly unknown[] };
  /** Undefined where there is no TURN server. */
  relays(): RelayNumbers | undefined;
  protection(): Readonly<Record<string, number>>;
  /** How long messages wait, and who was turned away; undefined where nobody ever is. */
  overload(): OverloadCensus | undefined;
  /** Changes that wait for the disk, and whether it is too far behind. */
  store(): { readonly waiting: number; readonly isBehind: boolean };
  /** Milliseconds since 1970: until when the certificate is valid. */
  validUntil(): number;
}

interface RelayNumbers {
  readonly allocations: number;
  readonly packets: number;
  readonly bytes: number;
}

/** Methods that have a label of their own; a stranger may make up others. */
const METHODS = new Set([
  ...["REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "MESSAGE", "SUBSCRIBE", "NOTIFY"],
  ...["PUBLISH", "REFER", "INFO", "PRACK", "UPDATE"],
]);
/** Reasons that have a label of their own: ours, since what peers wrote is cut off. */
const MAX_REASONS = 100;

export class HouseMetrics {
  readonly #registry = new Registry();
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });
  readonly #reasons = new Set<string>();
  readonly #requests: Counter;
  readonly #refusals: Counter;
  readonly #below: Counter;
  readonly #answers: Counter;
  readonly #ends: Counter;

  constructor(parts: MetricsParts) {
    this.#delay.enable();
    this.#requests = this.#counter("sip_requests", "Requests, by what became of them.", [
      ...["method", "outcome"],
    ]);
    this.#refusals = this.#counter("sip_refusals", "Refused requests.", [
      ...["method", "status", "reason"],
    ]);
    this.#below = this.#counter("sip_below", "What came to nothing before it was looked into.", [
      "what",
    ]);
    this.#answers = this.#counter("calls_answered", "Calls, by their final answer.", ["status"]);
    this.#ends = this.#counter("calls_ended", "Answered calls that somebody hung up.", []);
    this.#live(parts);
    this.#waiting(parts);
    this.#process(parts);
  }

  /** The type of what `text` gives. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** What became of a request. */
  sip({ kind, method, status, why }: LogEntry): void {
    const known = METHODS.has(method) ? method : "other";
    this.#requests.inc({ method: known, outcome: kind.toLowerCase() });
    if (kind !== "Refused") return;
    this.#refusals.inc({ method: known, status: String(status ?? 0), reason: this.#reason(why) });
  }

  /** Something came to nothing before the roles heard of it. */
  below(what: BelowKind): void {
    this.#below.inc({ what: what.toLowerCase() });
  }

  /** An INVITE for somebody here has its final answer. */
  callAnswered(status: number): void {
    this.#answers.inc({ status: String(status) });
  }

  /** A call that was answered is over. */
  callEnded(): void {
    this.#ends.inc();
  }

  close(): void {
    this.#delay.disable();
    this.#registry.clear();
  }

  /** `the route failed`, of `the route failed: …`. */
  #reason(why: string): string {
    const [words = ""] = why.split(/[:"(<]/, 1);
    const reason = words.replaceAll(/\d+/g, "n").trim().slice(0, 60);
    if (this.#reasons.has(reason)) return reason;
    if (this.#reasons.size >= MAX_REASONS) return "other";
    this.#reasons.add(reason);
    return reason;
  }

  #live(parts: MetricsParts): void {
    this.#gauge("transactions_server", "Transactions that others began.", () => {
      return parts.census().servers;
    });
    this.#gauge("transactions_client", "Our transactions.", () => parts.census().clients);
    this.#gauge("connections", "Open connections.", () => parts.census().connections);
    this.#gauge("people", "Who lives here.", () => parts.people().length);
    this.#gauge("people_online", "Who can be reached now.", () => {
      return parts.people().filter(({ online }) => online).length;
    });
    this.#gauge("bridged_calls", "Calls through the media engine.", () => parts.bridge().calls);
    this.#gauge("media_workers", "Processes for media.", () => parts.bridge().workers.length);
    this.#gauge("media_worker_load_ratio", "How busy the busiest of them is.", () => {
      return Math.max(0, ...parts.bridge().workers.map(({ load }) => load));
    });
    this.#gauge("calls_elsewhere", "Legs of calls that lead out of the house.", () => {
      return parts.outgoing().outside;
    });
    this.#gauge("people_at_call_limit", "Who may call nobody more for now.", () => {
      return parts.outgoing().atLimit.length;
    });
    const relay = (what: keyof RelayNumbers) => () => parts.relays()?.[what] ?? 0;
    this.#gauge("turn_allocations", "Allocations of the TURN server.", relay("allocations"));
    this.#gauge("turn_packets", "Packets relayed since the start.", relay("packets"));
    this.#gauge("turn_bytes", "Octets relayed since the start.", relay("bytes"));
  }

  /** How long what comes has to wait, and what that leads to. */
  #waiting({ overload }: MetricsParts): void {
    this.#gauge("queue_age_seconds", "How long the last message had waited.", () => {
      return (overload()?.delayMs ?? 0) / 1000;
    });
    this.#gauge("queue_age_longest_seconds", "The longest of the last ten seconds or so.", () => {
      return (overload()?.longestDelayMs ?? 0) / 1000;
    });
    this.#gauge("overloaded", "1 while new calls are turned away.", () => {
      return Number(overload()?.isOverloaded ?? false);
    });
    const turned = ["calls", "registrations", "others", "late"] as const;
    for (const what of turned) {
      this.#gauge(`turned_away_${what}`, `Turned away since the start: ${what}.`, () => {
        return overload()?.[what] ?? 0;
      });
    }
    this.#gauge("overload_peers", "Servers that are told how much is too much.", () => {
      return overload()?.peers.told ?? 0;
    });
    this.#gauge("overload_share_ratio", "What they are to keep back of it, 0 to 1.", () => {
      return overload()?.peers.share ?? 0;
    });
  }

  #process(parts: MetricsParts): void {
    for (const what of Object.keys(parts.protection())) {
      const name = `protection_${what.replaceAll(/[A-Z]/g, (one) => `_${one.toLowerCase()}`)}`;
      this.#gauge(name, `Strangers: ${what}.`, () => parts.protection()[what] ?? 0);
    }
    this.#gauge("store_waiting", "Changes that wait for the disk.", () => parts.store().waiting);
    this.#gauge("store_behind", "1 while the disk is too far behind.", () => {
      return Number(parts.store().isBehind);
    });
    this.#gauge("certificate_valid_until_seconds", "End of the certificate, since 1970.", () => {
      return Math.floor(parts.validUntil() / 1000);
    });
    this.#gauge("memory_resident_bytes", "Resident memory.", () => process.memoryUsage.rss());
    this.#gauge("up_seconds", "Since the start.", () => process.uptime());
    const quantiles = { p50: 50, p99: 99 } as const;
    for (const [name, percent] of Object.entries(quantiles)) {
      this.#gauge(`loop_delay_${name}_seconds`, "How late the loop is, since the start.", () => {
        return this.#delay.percentile(percent) / 1e9;
      });
    }
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    const registers = [this.#registry];
    return new Counter({ name: `carillon_${name}_total`, help, labelNames, registers });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      ...{ name: `carillon_${name}`, help, registers: [this.#registry] },
      collect() {
        this.set(read());
      },
    });
  }
}
