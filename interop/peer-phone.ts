/** A phone of the library with no server, which says how much its endpoint keeps. */

import { wholePhone } from "carillon/calling";
import { Servers } from "carillon/endpoint";
import { dns, type Endpoint, nodeCrypto, type Runner, run, udp } from "carillon/node";
import { silentMedia } from "carillon/testing";
import { CorePhone } from "carillon/ua";

const HOST = "127.0.0.1";
export const PEER_AOR = "sip:own@127.0.0.1";

export class PeerPhone {
  readonly phone: CorePhone;
  readonly census: () => ReturnType<Endpoint["census"]>;
  readonly #socket: { close(): unknown };

  private constructor(phone: CorePhone, census: PeerPhone["census"], socket: { close(): unknown }) {
    this.phone = phone;
    this.census = census;
    this.#socket = socket;
  }

  /** Resolves once it listens there; it takes calls from anyone. */
  static async open(port: number): Promise<PeerPhone> {
    let own!: { endpoint: Endpoint; runner: Runner };
    const phone = new CorePhone(
      { aor: PEER_AOR, accept: "anyone" },
      {
        crypto: nodeCrypto(),
        media: () => silentMedia(HOST, 40_000),
        servers: () => [],
        isLocal: () => true,
        run: (endpoint) => {
          endpoint.find(() => new Servers(endpoint, endpoint.serversOptions));
          own = { endpoint, runner: run(endpoint, { dns: dns() }) };
          return own.runner;
        },
      },
    );
    wholePhone(phone);
    const socket = await udp(own.runner, { host: HOST, port });
    return new PeerPhone(phone, () => own.endpoint.census(), socket);
  }

  async close(): Promise<void> {
    await this.phone.close();
    await this.#socket.close();
  }
}
