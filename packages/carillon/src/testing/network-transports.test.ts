/** The network in memory passes what every transport has to pass. */
import { describe, test } from "vitest";
import type { TransportName } from "../transport/flow.ts";
import { Network } from "./network.ts";
import { type End, newEnd, type Pair, transportChecks } from "./transport-suite.ts";

const PLACES = {
  IPv4: { server: "192.0.2.1", client: "192.0.2.9" },
  IPv6: { server: "2001:db8::1", client: "2001:db8::9" },
};

function pair(transport: TransportName, family: keyof typeof PLACES): Pair {
  const network = new Network();
  const place = PLACES[family];
  const ends = [newEnd(network.crypto), newEnd(network.crypto)] as const;
  const at = (host: string) => ({ host, port: 5060 });
  const identities = { identities: ["house.example", place.server] };
  const hosts = [
    network.host("server", at(place.server), ends[0].endpoint, identities),
    network.host("client", at(place.client), ends[1].endpoint),
  ] as const;
  const [server, client] = ends.map((end, i): End => {
    return { ...end, call: (what) => hosts[i]?.call(what) };
  }) as [End, End];
  const port = transport === "TLS" ? 5061 : 5060;
  // In memory there is no DNS for the name in the address of a WebSocket.
  const name = transport === "WSS" ? place.server : "house.example";
  const to = (port: number) =>
    client.endpoint.reach({ transport, address: { host: place.server, port }, name });
  let flow: ReturnType<typeof to>;
  client.call(() => {
    flow = to(port);
  });
  if (!flow) throw new Error("there is no way");
  return {
    ...{ server, client, flow },
    nowhere: () => to(9),
    hangUp: () => server.call(() => server.endpoint.close(server.opened[0]?.connection ?? 0)),
    step: () => network.run(20),
    stop: () => Promise.resolve(),
  };
}

const ways = (["UDP", "TCP", "TLS", "WS", "WSS"] as const).flatMap((transport) =>
  (["IPv4", "IPv6"] as const).map((family) => ({ transport, family })),
);

describe.each(ways)("$transport over $family, in memory", ({ transport, family }) => {
  test.each(transportChecks(transport))("$name", (check) => check.run(pair(transport, family)));
});
