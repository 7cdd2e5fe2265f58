/** Our WebSockets pass what every transport has to pass; the client is the library's own. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { webSocketAt } from "carillon/endpoint";
import { dialler, nodeCrypto, type Runner, run } from "carillon/node";
import { type End, newEnd, type Pair, transportChecks } from "carillon/testing";
import { expect, test } from "vitest";
import { sipWebSockets } from "./web-socket.ts";

async function pair(): Promise<Pair> {
  const crypto = nodeCrypto();
  const ends = [newEnd(crypto), newEnd(crypto)] as const;
  const runners = ends.map(({ endpoint }) => run(endpoint, { dialler: dialler() })) as [
    Runner,
    Runner,
  ];
  const [server, client] = ends.map((end, i): End => {
    return { ...end, call: (what) => runners[i]?.call(what) };
  }) as [End, End];
  const web = createServer();
  const sockets = sipWebSockets(web, { runner: runners[0], isOwnOrigin: () => true });
  await new Promise<void>((listening) => web.listen(0, "127.0.0.1", listening));
  const { port } = web.address() as AddressInfo;
  const open = (at: number) => {
    client.call(() => client.endpoint.open(webSocketAt(`ws://127.0.0.1:${at}/sip`)));
  };
  open(port);
  await expect.poll(() => client.opened).toHaveLength(1);
  const [flow] = client.opened;
  if (!flow) throw new Error("there is no way");
  return {
    ...{ server, client, flow },
    nowhere: () => {
      const address = { host: "127.0.0.1", port: 9 };
      return client.endpoint.reach({ transport: "WS", address, name: "" });
    },
    hangUp: () => server.call(() => server.endpoint.close(server.opened[0]?.connection ?? 0)),
    stop: async () => {
      for (const runner of runners) runner.close();
      sockets.close();
      web.closeAllConnections();
      await new Promise((closed) => web.close(closed));
    },
  };
}

test.each(transportChecks("WS"))("$name", async (check) => {
  const between = await pair();
  try {
    await check.run(between);
  } finally {
    await between.stop();
  }
});

test("a dial that is refused by HTTP was not opened", async () => {
  const between = await pair();
  const { client } = between;
  const { port } = between.flow.remote;
  client.call(() => client.endpoint.open(webSocketAt(`ws://127.0.0.1:${port}/other`)));
  await expect.poll(() => client.notOpened).toHaveLength(1);
  await between.stop();
});
