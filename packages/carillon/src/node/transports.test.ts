import { describe, test } from "vitest";
import { certificate } from "../testing/certificate.ts";
import { type End, newEnd, type Pair, transportChecks } from "../testing/transport-suite.ts";
import type { Address } from "../uri/host.ts";
import { dialler } from "./dialler.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { type Runner, run } from "./runner.ts";
import { tcp } from "./tcp.ts";
import { tls } from "./tls.ts";
import { udp } from "./udp.ts";

const authority = certificate({ name: "an authority", isAuthority: true });
const shown = certificate({ name: "x", issuer: authority, uris: ["sip:house.example"] });
const credentials = { ...shown, ca: authority.cert };

type Transport = "UDP" | "TCP" | "TLS";

function listening(runner: Runner, transport: Transport, at: Address) {
  if (transport === "UDP") return udp(runner, at);
  return transport === "TCP" ? tcp(runner, at) : tls(runner, at, credentials);
}

async function pair(transport: Transport, host: string): Promise<Pair> {
  const crypto = nodeCrypto();
  const ends = [newEnd(crypto), newEnd(crypto)] as const;
  const runners = ends.map(({ endpoint }) =>
    run(endpoint, { dialler: dialler({ tls: () => credentials }) }),
  ) as [Runner, Runner];
  const server = await listening(runners[0], transport, { host, port: 0 });
  const socket = transport === "UDP" ? await udp(runners[1], { host, port: 0 }) : undefined;
  const [one, other] = ends.map((end, i): End => {
    return { ...end, call: (what) => runners[i]?.call(what) };
  }) as [End, End];
  const to = (address: Address) =>
    other.endpoint.reach({ transport, address, name: "house.example" });
  let flow: ReturnType<typeof to>;
  other.call(() => {
    flow = to(server.address);
  });
  if (!flow) throw new Error("there is no way");
  return {
    ...{ server: one, client: other, flow },
    nowhere: () => to({ host, port: 9 }),
    hangUp: () => one.call(() => one.endpoint.close(one.opened[0]?.connection ?? 0)),
    stop: async () => {
      for (const runner of runners) runner.close();
      await Promise.all([server.close(), socket?.close()]);
    },
  };
}

//= RFC 3261 §18
//# All SIP elements MUST implement UDP and TCP.
const ways = (["UDP", "TCP", "TLS"] as const).flatMap((transport) =>
  ["127.0.0.1", "::1"].map((host) => ({ transport, host })),
);

//= RFC 3261 §18
//# All SIP elements MUST implement UDP and TCP.
describe.each(ways)("$transport at $host", ({ transport, host }) => {
  test.each(transportChecks(transport))("$name", async (check) => {
    const between = await pair(transport, host);
    try {
      await check.run(between);
    } finally {
      await between.stop();
    }
  });
});
