/** Servers of ours in front of a house, and phones whose flows go through them. RFC 5626 §5. */
import { createEndpoint } from "../endpoint/endpoint.ts";
import { Servers } from "../endpoint/servers.ts";
import { domain } from "../roles/domain.ts";
import { MemoryLocation } from "../roles/location.ts";
import { webSocketAt } from "../transport/destination.ts";
import { Phone } from "../ua/phone.ts";
import { wholePhone } from "../ua/whole-phone.ts";
import { testAccounts } from "./accounts.ts";
import type { House } from "./house.ts";
import type { Host } from "./network.ts";
import { silentMedia } from "./silent-media.ts";

/** Where an edge is, and how it is called. */
export interface EdgePlace {
  readonly host: string;
  /** Its tower in a ladder. */
  readonly tower: string;
  /** The name of all edges that stand in for each other; they do not, if left out. */
  readonly name?: string;
}

/** An edge before the house, which it knows by the address of its server. */
export function edgeBefore({ network, server }: House, { host, tower, name }: EdgePlace): Host {
  const { crypto } = network;
  const home = server.address.host;
  const [key, tokenKey] = [crypto.randomBytes(32), crypto.randomBytes(32)];
  const role = domain({
    ...{ domain: `${host}.example`, aliases: [host], realm: host, node: "e1" },
    ...{ crypto, key, tokenKey },
    accounts: testAccounts(crypto, host, {}),
    location: new MemoryLocation(),
    policy: () => ({
      edge: {
        isServed: (served) => served === "house.example",
        registrar: `sip:${home}`,
        isHome: ({ remote }) => remote.host === home,
        ...(name !== undefined && { name }),
      },
    }),
  });
  const endpoint = createEndpoint({ role, crypto, key, node: "e1" });
  return network.host(tower, { host, port: 5060 }, endpoint);
}

/** Whose phone it is, and which device. */
export interface FlowPhone {
  readonly user: string;
  readonly password: string;
  readonly instance: string;
  /** Where it is. */
  readonly address: string;
}

/** A phone, with a flow to each of these addresses over WebSocket. */
export function phoneWithFlowsTo(
  { network }: House,
  servers: readonly string[],
  { user, password, instance, address }: FlowPhone,
): { readonly phone: Phone; readonly host: Host } {
  const ways = servers.map((host, nth) => ({
    ...({ kind: "Open", to: webSocketAt(`ws://${host}:5060/`), name: `flow ${nth + 1}` } as const),
  }));
  let host: Host | undefined;
  const phone = new Phone(
    { aor: `sip:${user}@house.example`, password, instance, flows: servers.length },
    {
      crypto: network.crypto,
      media: () => silentMedia(),
      run: (endpoint) => {
        endpoint.find(() => new Servers(endpoint));
        host = network.host(user, { host: address, port: 5060 }, endpoint);
        return host;
      },
      servers: () => ways,
    },
  );
  wholePhone(phone);
  if (!host) throw new Error("this phone runs nowhere");
  return { phone, host };
}
