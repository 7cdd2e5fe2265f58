/** A whole domain on a simulated network in one call: a server, and phones that know it. */
import { createEndpoint } from "../endpoint/endpoint.ts";
import { type DomainOptions, domain } from "../roles/domain.ts";
import { MemoryLocation } from "../roles/location.ts";
import type { MediaSession } from "../ua/media.ts";
import { Phone } from "../ua/phone.ts";
import type { Address } from "../uri/host.ts";
import { testAccounts } from "./accounts.ts";
import { type Host, Network, type NetworkOptions } from "./network.ts";
import { silentMedia } from "./silent-media.ts";

export interface House {
  readonly network: Network;
  readonly server: Host;
  readonly location: MemoryLocation;
  /** A phone of this person, over UDP or WebSocket; each has a host of its own. */
  phone(user: string, way?: "udp" | "ws"): Phone<MediaSession>;
}

export interface HouseOptions extends NetworkOptions {
  readonly domain?: string;
  readonly log?: NonNullable<DomainOptions["log"]>;
  /** Names with passwords. */
  readonly people?: Readonly<Record<string, string>>;
}

const SERVER: Address = { host: "198.51.100.1", port: 5060 };

export function house(options: HouseOptions = {}): House {
  const { domain: name = "house.example", people = { alice: "a secret", bob: "b secret" } } =
    options;
  const network = new Network(options);
  const { crypto } = network;
  const location = new MemoryLocation();
  const role = domain({
    domain: name,
    aliases: [SERVER.host],
    realm: name,
    accounts: testAccounts(crypto, name, people),
    location,
    crypto,
    key: crypto.randomBytes(32),
    tokenKey: crypto.randomBytes(32),
    node: "n1",
    ...(options.log && { log: options.log }),
  });
  const endpoint = createEndpoint({ role, crypto, node: "n1", product: "Carillon/test" });
  const server = network.host("server", SERVER, endpoint);
  let count = 0;
  const phone = (user: string, way: "udp" | "ws" = "udp"): Phone<MediaSession> => {
    const nth = ++count;
    const address: Address = { host: `203.0.113.${nth}`, port: 5060 };
    const password = people[user] ?? "";
    const options = { aor: `sip:${user}@${name}`, password, displayName: user };
    return new Phone(options, {
      crypto,
      media: () => silentMedia(address.host),
      run: (endpoint) => network.host(hostName(network, user), address, endpoint),
      server: () =>
        way === "ws"
          ? { kind: "Open", url: `ws://${SERVER.host}:${SERVER.port}/` }
          : {
              kind: "Flow",
              flow: () => ({ transport: "UDP", local: address, remote: SERVER, connection: 0 }),
            },
    });
  };
  return { network, server, location, phone };
}

/** `bob`, then `bob-2`: a person may have several devices. */
function hostName(network: Network, user: string): string {
  for (let nth = 1; ; nth++) {
    const name = nth === 1 ? user : `${user}-${nth}`;
    if (!network.names.has(name)) return name;
  }
}
