/** A connection between two hosts: two streams, and what its ends hear of each other. */
import type { Octets } from "../../grammar/octets.ts";
import type { TransportName } from "../../transport/flow.ts";
import { FrameReader, framed } from "./frames.ts";
import type { Host } from "./host.ts";
import type { Machine } from "./machine.ts";
import { type Bed, Stream } from "./stream.ts";

/** What a connection needs of the network. */
export interface Wiring extends Omit<Bed, "arrived" | "finished" | "timedOut" | "isOpen"> {
  /** Whether what this host sends gets to the other one right now. */
  readonly isOpen: (from: Host<Machine>, to: Host<Machine>) => boolean;
}

export class Connection {
  readonly transport: TransportName;
  readonly #ends: readonly [End, End];
  readonly #wiring: Wiring;
  #arrivedBytes = 0;

  /** The two learn of it from whoever made it. */
  constructor(
    transport: TransportName,
    dialler: Host<Machine>,
    acceptor: Host<Machine>,
    wiring: Wiring,
  ) {
    this.transport = transport;
    this.#wiring = wiring;
    const [near, far] = [new End(this, dialler), new End(this, acceptor)];
    near.join(far, wiring);
    far.join(near, wiring);
    this.#ends = [near, far];
  }

  get dialler(): End {
    return this.#ends[0];
  }

  get acceptor(): End {
    return this.#ends[1];
  }

  /** Counts what arrives, for a connection that is to break in the middle of a message. */
  arrived(end: End, octets: Octets): void {
    const { resetAfterBytes = Number.POSITIVE_INFINITY } = this.#wiring.weather();
    const left = resetAfterBytes - this.#arrivedBytes;
    this.#arrivedBytes += octets.length;
    end.read(octets.slice(0, left));
    if (octets.length >= left) this.reset("ECONNRESET");
  }

  /** Both ends at once: what is on its way in either direction never arrives. */
  reset(cause: string): void {
    for (const end of this.#ends) end.kill(cause);
  }

  after(ms: number, run: () => void): void {
    this.#wiring.after(ms, run);
  }
}

/** One end of a connection, as the machine on this host sees it. */
export class End {
  readonly host: Host<Machine>;
  /** How this host calls it. */
  readonly id: number;
  readonly #connection: Connection;
  readonly #reader: FrameReader | undefined;
  #out: Stream | undefined;
  #other: End | undefined;
  #isOpen = true;

  constructor(connection: Connection, host: Host<Machine>) {
    this.#connection = connection;
    this.host = host;
    this.id = host.addEnd(this);
    const isWebSocket = connection.transport === "WS" || connection.transport === "WSS";
    this.#reader = isWebSocket ? new FrameReader() : undefined;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get other(): End {
    if (!this.#other) throw new RangeError("a connection has two ends");
    return this.#other;
  }

  join(other: End, wiring: Wiring): void {
    this.#other = other;
    this.#out = new Stream({
      ...wiring,
      isOpen: () => wiring.isOpen(this.host, other.host),
      arrived: (octets) => this.#connection.arrived(other, octets),
      finished: () => other.#finished(),
      timedOut: () => this.#connection.reset("ETIMEDOUT"),
    });
  }

  send(octets: Octets): void {
    this.#out?.send(this.#reader ? framed(octets) : octets);
  }

  read(octets: Octets): void {
    if (!this.#isOpen) return;
    const messages = this.#reader ? this.#reader.read(octets) : [octets];
    for (const one of messages.filter((each) => each !== "" || this.#reader)) {
      this.host.input({ kind: "Received", connection: this.id, octets: one });
    }
  }

  /** Says nothing more, and goes on listening. */
  finish(): void {
    this.#out?.finish();
  }

  /** Says nothing more and wants to hear nothing more. */
  close(): void {
    if (!this.#isOpen) return;
    this.#out?.finish();
    this.#connection.after(0, () => this.#closed());
    this.#isOpen = false;
  }

  reset(): void {
    this.#connection.reset("ECONNRESET");
  }

  kill(cause: string): void {
    this.#out?.kill();
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#connection.after(0, () => this.#closed(cause));
  }

  /** The other side's FIN is here. As sockets do by default, this side finishes too. */
  #finished(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#out?.finish();
    this.#closed();
  }

  #closed(cause?: string): void {
    this.host.removeEnd(this.id);
    this.host.input({ kind: "Closed", connection: this.id, ...(cause && { cause }) });
  }
}
