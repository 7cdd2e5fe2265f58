/**
 * Phones on the same link that find each other without a server, each with how its owner is. Runs
 * the machines of `usage/announcement.ts` and `usage/neighbourhood.ts`; sockets, packets and the
 * clock are a driver's. RFC 6762, RFC 6763.
 */
import type { Millis } from "../transaction/timers.ts";
import * as announcement from "../usage/announcement.ts";
import {
  type DnsSdRecord,
  instanceName,
  type Neighbour,
  type Presence,
  recordsOf,
  SIP_SERVICE,
} from "../usage/dns-sd.ts";
import * as neighbourhood from "../usage/neighbourhood.ts";
import { type IterationOptions, Queue } from "./replay.ts";

/** What is told of this phone, but for the name, which may be somebody else's already. */
export type Self = Omit<Presence, "name">;

/** Who one is on the link. */
export interface NeighboursOptions {
  /** For people: `Alice`. Where somebody else has it, `Alice (2)`. */
  readonly name: string;
  /** Looked at whenever something is said: a status or an address may be another one by then. */
  readonly self: () => Self;
}

/** What a driver does for it. */
export interface MulticastLink {
  /** The time in milliseconds since 1970. */
  now(): Millis;
  /** Calls `tick` then; each call is in place of the one before. Infinity: not at all. */
  wakeAt(at: Millis): void;
  /** Sends these as a response; those that are about this phone alone with the cache-flush bit. */
  say(records: readonly DnsSdRecord[]): void;
  /** Asks for a name: `PTR` for who is there, `ANY` for whether a name is free. */
  ask(name: string, type: "PTR" | "ANY"): void;
}

/** Somebody has come, changed, or gone. */
export type NeighbourChange = {
  readonly kind: "Found" | "Changed" | "Gone";
  readonly neighbour: Neighbour;
};

/** Phones on the same link, found without a server. RFC 6762, RFC 6763. */
export class Neighbours {
  readonly #link: MulticastLink;
  readonly #options: NeighboursOptions;
  readonly #params: announcement.Params;
  readonly #queues = new Set<Queue<NeighbourChange>>();
  #self: announcement.State;
  #others: neighbourhood.State;

  constructor(options: NeighboursOptions, link: MulticastLink) {
    this.#options = options;
    this.#link = link;
    this.#params = { label: options.name };
    const [self, ...said] = announcement.start(this.#params, link.now());
    const [others] = neighbourhood.start({ own: () => "" }, link.now());
    this.#self = self;
    this.#others = others;
    for (const output of said) this.#say(output);
    link.ask(SIP_SERVICE, "PTR");
    this.#schedule();
  }

  /** What this phone is called on the link. */
  get name(): string {
    return "label" in this.#self ? this.#self.label : this.#options.name;
  }

  /** All that are there, by name. */
  list(): readonly Neighbour[] {
    return neighbourhood.neighbours(this.#others);
  }

  /** The one that a word means: its user part, its name, or how that begins if no other does. */
  called(word: string): Neighbour | undefined {
    return neighbourhood.neighbourCalled(this.#others, word);
  }

  /** What changes from now on. */
  changes({ signal }: IterationOptions = {}): AsyncIterableIterator<NeighbourChange> {
    const queue = new Queue<NeighbourChange>((one) => this.#queues.delete(one), signal);
    if (!queue.ended) this.#queues.add(queue);
    return queue;
  }

  /** What is told of this phone has changed: its status, its address. */
  changed(): void {
    this.#stepSelf({ kind: "Changed" });
  }

  /** Says goodbye, and nothing more. */
  leave(): void {
    this.#stepSelf({ kind: "Leave" });
    this.#stepOthers({ kind: "Abandon" });
    for (const queue of this.#queues) queue.end();
  }

  // ---- for the driver --------------------------------------------------------------------------

  /** It is time: what `wakeAt` asked for last. */
  tick(): void {
    this.#stepSelf({ kind: "Tick" });
    this.#stepOthers({ kind: "Tick" });
  }

  /** The answers and additional records of a packet, one's own too, which comes back. */
  heard(records: readonly DnsSdRecord[]): void {
    const rival = records.find((record) => this.#isRival(record));
    if (rival) this.#stepSelf({ kind: "Conflict", label: this.name });
    this.#stepOthers({ kind: "Heard", records });
  }

  /** The names that a packet asks for. */
  asked(names: readonly string[]): void {
    const own = [SIP_SERVICE, instanceName(this.name), this.#options.self().host];
    const isOurs = names.some((name) =>
      own.some((one) => one.toLowerCase() === name.toLowerCase()),
    );
    if (isOurs) this.#stepSelf({ kind: "Asked" });
  }

  /** Somebody else who has our name, at another place. RFC 6762 §9. */
  #isRival(record: DnsSdRecord): boolean {
    if (record.type !== "SRV" || record.ttl === 0) return false;
    const { host, port } = this.#options.self();
    const isOurName = record.name.toLowerCase() === instanceName(this.name).toLowerCase();
    return (
      isOurName && (record.target.toLowerCase() !== host.toLowerCase() || record.port !== port)
    );
  }

  #stepSelf(input: announcement.Input): void {
    const now = this.#link.now();
    const [state, ...outputs] = announcement.step(this.#params, this.#self, input, now);
    this.#self = state;
    for (const output of outputs) this.#say(output);
    this.#schedule();
  }

  #stepOthers(input: neighbourhood.Input): void {
    const own = instanceName(this.name).toLowerCase();
    const params: neighbourhood.Params = { own: () => own };
    const now = this.#link.now();
    const [state, ...outputs] = neighbourhood.step(params, this.#others, input, now);
    this.#others = state;
    for (const output of outputs) {
      if (output.kind === "Ask") this.#link.ask(SIP_SERVICE, "PTR");
      else for (const queue of this.#queues) queue.push(output);
    }
    this.#schedule();
  }

  #say(output: announcement.Output): void {
    const { label } = output;
    if (output.kind === "Probe") return this.#link.ask(instanceName(label), "ANY");
    const presence = { ...this.#options.self(), name: label };
    this.#link.say(recordsOf(presence, output.kind === "SayGoodbye"));
  }

  #schedule(): void {
    const at = Math.min(announcement.deadline(this.#self), neighbourhood.deadline(this.#others));
    this.#link.wakeAt(at);
  }
}
