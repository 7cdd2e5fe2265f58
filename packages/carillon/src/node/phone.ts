/** A phone on Node: over UDP, with media that the caller brings along. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { localFor } from "../transport/local-address.ts";
import type { MediaFactory, MediaSession } from "../ua/media.ts";
import { Phone as CorePhone, type PhoneOptions } from "../ua/phone.ts";
import { type Address, isIpAddress } from "../uri/host.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { type Runner, run } from "./runner.ts";
import { udp } from "./udp.ts";

export interface NodePhoneOptions<M extends MediaSession> extends PhoneOptions {
  /** The server's IP address and UDP port. */
  readonly server: Address;
  /** Where to listen; port 0 takes any. */
  readonly local: Address;
  readonly media: MediaFactory<M>;
}

export class Phone<M extends MediaSession> extends CorePhone<M> {
  /** Binds the socket. Rejects if it is taken; throws if the server is no IP address. */
  static async open<M extends MediaSession>(options: NodePhoneOptions<M>): Promise<Phone<M>> {
    const { server, local } = options;
    if (!isIpAddress(server.host)) throw new RangeError("server.host has to be an IP address");
    let runner: Runner | undefined;
    const start = (endpoint: Endpoint) => {
      runner = run(endpoint);
      return runner;
    };
    const phone = new Phone<M>(options, {
      crypto: nodeCrypto(),
      media: options.media,
      run: start,
      server: (endpoint) => ({
        kind: "Flow",
        flow: () => {
          const from = localFor(endpoint.locals, server.host);
          return from && { transport: "UDP", local: from, remote: server, connection: 0 };
        },
      }),
    });
    if (runner) phone.#socket = await udp(runner, local);
    return phone;
  }

  #socket: { close(): Promise<void> } | undefined;

  override async close(): Promise<void> {
    await super.close();
    await this.#socket?.close();
  }
}
