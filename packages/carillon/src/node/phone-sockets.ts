/** What a phone listens with: UDP, TCP and TLS at each of its addresses, which come and go. */
import type { Address } from "../uri/host.ts";
import type { Runner } from "./runner.ts";
import { tcp } from "./tcp.ts";
import { type TlsCredentials, tls } from "./tls.ts";
import { udp } from "./udp.ts";

type Transport = "UDP" | "TCP" | "TLS";

interface Socket {
  readonly transport: Transport;
  readonly address: Address;
  close(): Promise<void>;
}

export interface PhoneSocketsOptions {
  readonly transports: readonly Transport[];
  /** The same at every address; 0 takes any that is free, TLS one more than the others. */
  readonly port: number;
  readonly tls: TlsCredentials;
}

/** Of ports at random: each is free with one transport and taken with another now and then. */
const MAX_TRIES = 8;

export class PhoneSockets {
  readonly #runner: Runner;
  readonly #options: PhoneSocketsOptions;
  #sockets: readonly Socket[] = [];
  #work: Promise<unknown> = Promise.resolve();

  constructor(runner: Runner, options: PhoneSocketsOptions) {
    this.#runner = runner;
    this.#options = options;
  }

  /** Where it listens now. */
  get addresses(): readonly Address[] {
    return this.#sockets.map(({ address }) => address);
  }

  /**
   * Listens at these addresses and no others. One that cannot be had is done without; rejects with
   * why if none can, and something was to be listened with.
   */
  listenAt(hosts: readonly string[]): Promise<void> {
    const done = this.#work.then(() => this.#listenAt(hosts));
    this.#work = done.catch(() => {});
    return done;
  }

  async close(): Promise<void> {
    await this.#work;
    await Promise.all(this.#sockets.map((one) => one.close()));
    this.#sockets = [];
  }

  async #listenAt(hosts: readonly string[]): Promise<void> {
    const gone = this.#sockets.filter(({ address }) => !hosts.includes(address.host));
    this.#sockets = this.#sockets.filter((one) => !gone.includes(one));
    for (const { transport, address: local } of gone) {
      this.#runner.input({ kind: "Unbound", transport, local });
    }
    await Promise.all(gone.map((one) => one.close()));
    const known = new Set(this.addresses.map(({ host }) => host));
    const added = hosts.filter((host) => !known.has(host));
    const bound = await Promise.allSettled(added.map((host) => this.#bind(host)));
    for (const one of bound) {
      if (one.status === "fulfilled") this.#sockets = [...this.#sockets, ...one.value];
    }
    const refused = bound.find((one) => one.status === "rejected");
    if (refused && this.#sockets.length === 0) throw refused.reason;
  }

  /** All transports at one address; none of them if one is not to be had. */
  async #bind(host: string): Promise<readonly Socket[]> {
    const { port } = this.#options;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#bindAt(host, port);
      } catch (cause) {
        // The port that one transport was given at random is somebody else's with another.
        const isTaken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
        if (port !== 0 || !isTaken || tries >= MAX_TRIES) throw cause;
      }
    }
  }

  async #bindAt(host: string, wanted: number): Promise<readonly Socket[]> {
    const { transports } = this.#options;
    // Others keep the port that the first was given.
    let port = wanted;
    const sockets: Socket[] = [];
    try {
      for (const transport of transports) {
        const at = transport === "TLS" && port !== 0 ? port + 1 : port;
        const socket = await this.#listen(transport, { host, port: at });
        if (port === 0) ({ port } = socket.address);
        sockets.push({ transport, address: socket.address, close: () => socket.close() });
      }
    } catch (cause) {
      await Promise.all(sockets.map((one) => this.#giveUp(one)));
      throw cause;
    }
    return sockets;
  }

  #giveUp({ transport, address: local, close }: Socket): Promise<void> {
    this.#runner.input({ kind: "Unbound", transport, local });
    return close();
  }

  #listen(
    transport: Transport,
    address: Address,
  ): Promise<{ readonly address: Address; close(): Promise<void> }> {
    if (transport === "UDP") return udp(this.#runner, address);
    if (transport === "TCP") return tcp(this.#runner, address);
    return tls(this.#runner, address, this.#options.tls);
  }
}
