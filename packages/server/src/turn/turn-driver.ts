/** `TurnServer` of the library on sockets and a clock. It knows nothing of the house. */
import type { Address, TurnCensus, TurnEvent, TurnOutput, TurnServerOptions } from "carillon/turn";
import { TurnServer } from "carillon/turn";
import { openPort, type UdpPort } from "./turn-sockets.ts";

export interface TurnDriverOptions extends Omit<TurnServerOptions, "startedAt"> {
  /** Where it listens: addresses of this machine, all with the same port. */
  readonly listen: readonly Address[];
  /** Milliseconds since 1970, on a clock that does not jump. */
  now(): number;
  told(event: TurnEvent): void;
}

export interface TurnDriver {
  /** Those at which it listens, with the port that was had. */
  readonly addresses: readonly Address[];
  census(): TurnCensus;
  close(): Promise<void>;
}

/** Rejects with what the system says where an address cannot be bound; nothing is left then. */
export async function turnDriver(options: TurnDriverOptions): Promise<TurnDriver> {
  const work = new TurnWork(options);
  try {
    await work.listen(options.listen);
  } catch (cause) {
    await work.close();
    throw cause;
  }
  return work;
}

class TurnWork implements TurnDriver {
  readonly #options: TurnDriverOptions;
  readonly #server: TurnServer;
  readonly #listeners = new Map<string, UdpPort>();
  /** Those that are open, and those that are opening. */
  readonly #relays = new Map<number, UdpPort | undefined>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(options: TurnDriverOptions) {
    this.#options = options;
    this.#server = new TurnServer({ ...options, startedAt: options.now() });
  }

  get addresses(): readonly Address[] {
    return [...this.#listeners.values()].map(({ address }) => address);
  }

  census(): TurnCensus {
    return this.#server.census();
  }

  /** The first address may ask for any port; the others then have the same one. */
  async listen(wanted: readonly Address[]): Promise<void> {
    let taken = 0;
    for (const { host, port } of wanted) {
      const opened = await openPort({ host, port: port === 0 ? taken : port }, (bytes, remote) =>
        this.#give({ kind: "Datagram", local: opened.address, remote, bytes }),
      );
      taken = opened.address.port;
      this.#listeners.set(host, opened);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const open = [...this.#listeners.values(), ...this.#relays.values()];
    await Promise.all(open.map((port) => port?.close()));
  }

  #give(input: Parameters<TurnServer["handle"]>[0]): void {
    if (this.#isClosed) return;
    for (const output of this.#server.handle(input, this.#options.now())) this.#carryOut(output);
    const due = this.#server.deadline();
    if (due !== this.#timerAt) this.#wake(due);
  }

  #wake(at: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    const ms = Math.max(0, Math.min(at - this.#options.now(), 2 ** 31 - 1));
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#give({ kind: "Tick" });
    }, Math.ceil(ms));
    this.#timer.unref();
  }

  #carryOut(output: TurnOutput): void {
    switch (output.kind) {
      case "Send":
        return this.#listeners.get(output.local.host)?.send(output.bytes, output.remote);
      case "SendToPeer":
        return this.#relays.get(output.relay)?.send(output.bytes, output.remote);
      case "OpenRelay":
        void this.#open(output.relay, output.address);
        return;
      case "CloseRelay": {
        const port = this.#relays.get(output.relay);
        this.#relays.delete(output.relay);
        void port?.close();
        return;
      }
      case "Told":
        return this.#options.told(output.what);
    }
  }

  async #open(relay: number, address: Address): Promise<void> {
    this.#relays.set(relay, undefined);
    const take = (bytes: Uint8Array, remote: Address): void =>
      this.#give({ kind: "PeerDatagram", relay, remote, bytes });
    const port = await openPort(address, take).catch(() => undefined);
    // It may have been given up meanwhile.
    if (this.#isClosed || !this.#relays.has(relay)) return void port?.close();
    if (port) this.#relays.set(relay, port);
    else this.#relays.delete(relay);
    this.#give({ kind: port ? "RelayOpened" : "RelayFailed", relay });
  }
}
