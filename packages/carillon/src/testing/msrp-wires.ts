/**
 * Connections of MSRP in memory: what one side writes the other reads, in the same turn or soon.
 */
import type { MsrpLink, MsrpLinkUser, MsrpWorld, OwnPlace } from "../msrp/link.ts";

/** What may wait on a wire before its writer has to stop. */
const CAPACITY = 64 * 1024;

/** Wires between ends that connect to each other by host and port. */
export class MsrpWires {
  readonly #listeners = new Map<string, (link: MsrpLink) => MsrpLinkUser>();
  readonly #open = new Set<Wire>();
  /** Octets that were written, in all. */
  octets = 0;
  /** The most that has waited on one wire. */
  mostWaiting = 0;
  /** Breaks the connections that there are once so many octets more have been written. */
  breakAfter: number = Number.POSITIVE_INFINITY;

  /** Connections that are open. */
  get count(): number {
    return this.#open.size;
  }

  /** An end at this address, or one that nobody can connect to. */
  world(place?: Partial<OwnPlace> & Pick<OwnPlace, "host">): MsrpWorld {
    const own: OwnPlace | undefined = place && {
      ...{ scheme: "msrp", port: 2855, transport: "tcp", ...place },
    };
    return {
      own,
      connect: async (to, user) => {
        const take = this.#listeners.get(`${to.host}:${to.port}`);
        if (!take) throw new Error("nobody listens there");
        const isFramed = to.transport === "ws";
        const [near, far] = [new Wire(this, isFramed), new Wire(this, isFramed)];
        near.join(far, user(near));
        far.join(near, take(far));
        this.#open.add(near).add(far);
      },
      ...(own && {
        listen: (take: (link: MsrpLink) => MsrpLinkUser) => {
          const key = `${own.host}:${own.port}`;
          this.#listeners.set(key, take);
          return () => void this.#listeners.delete(key);
        },
      }),
    };
  }

  /** Cuts every connection. */
  breakAll(): void {
    for (const wire of [...this.#open]) wire.cut("the wire was cut");
  }

  /** For the wires: so many octets were written, and so many wait. */
  wrote(octets: number, waiting: number): void {
    this.octets += octets;
    this.mostWaiting = Math.max(this.mostWaiting, waiting);
    this.breakAfter -= octets;
    if (this.breakAfter > 0) return;
    this.breakAfter = Number.POSITIVE_INFINITY;
    queueMicrotask(() => this.breakAll());
  }

  /** For the wires: this one is closed. */
  closed(wire: Wire): void {
    this.#open.delete(wire);
  }
}

class Wire implements MsrpLink {
  readonly isFramed: boolean;
  readonly #wires: MsrpWires;
  readonly #queue: Uint8Array[] = [];
  #waiting = 0;
  #peer: Wire | undefined;
  #user: MsrpLinkUser | undefined;
  #isPaused = false;
  #isRunning = false;

  constructor(wires: MsrpWires, isFramed: boolean) {
    this.#wires = wires;
    this.isFramed = isFramed;
  }

  join(peer: Wire, user: MsrpLinkUser): void {
    this.#peer = peer;
    this.#user = user;
    this.#run();
  }

  /** What the peer has not read yet counts. */
  get room(): number {
    return CAPACITY - (this.#peer ? this.#peer.#waiting : 0);
  }

  write(octets: Uint8Array): void {
    if (this.#peer) this.#peer.#take(octets);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#run();
  }

  close(): void {
    this.cut("closed");
  }

  cut(why: string): void {
    const [user, peer] = [this.#user, this.#peer];
    if (!user) return;
    this.#user = undefined;
    this.#peer = undefined;
    this.#wires.closed(this);
    user.closed(why);
    peer?.cut(why);
  }

  #take(octets: Uint8Array): void {
    this.#queue.push(octets.slice());
    this.#waiting += octets.length;
    this.#wires.wrote(octets.length, this.#waiting);
    this.#run();
  }

  #run(): void {
    if (this.#isRunning || this.#isPaused) return;
    this.#isRunning = true;
    queueMicrotask(() => {
      this.#isRunning = false;
      const octets = this.#isPaused ? undefined : this.#queue.shift();
      if (!octets) return;
      this.#waiting -= octets.length;
      this.#user?.received(octets);
      if (this.#peer) this.#peer.#user?.drained();
      this.#run();
    });
  }
}
