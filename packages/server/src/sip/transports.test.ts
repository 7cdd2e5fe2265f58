/** Our WebSockets and batched datagrams pass what every transport has to pass. */
import { transportChecks } from "carillon/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { believeThem, flowTo, HOSTS, pair } from "./test-ways.ts";

beforeAll(believeThem);

const ways = (["UDP in batches", "WS", "WSS"] as const).flatMap((way) =>
  HOSTS.map((host) => ({ way, host })),
);

describe.each(ways)("$way at $host", ({ way, host }) => {
  test.each(transportChecks(way === "UDP in batches" ? "UDP" : way))("$name", async (check) => {
    const between = await pair(way, host);
    try {
      await check.run(between);
    } finally {
      await between.stop();
    }
  });
});

test("a dial that is refused by HTTP was not opened", async () => {
  const between = await pair("WS", "127.0.0.1");
  const { client } = between;
  await expect.poll(() => client.opened).toHaveLength(1);
  const { host, port } = client.opened[0]?.remote ?? { host: "", port: 0 };
  client.call(() => {
    client.endpoint.open({ transport: "WS", url: `ws://${host}:${port}/other` });
  });
  await expect.poll(() => client.notOpened).toHaveLength(1);
  expect(flowTo(client, "WS", { host, port: 9 })).toBeDefined();
  await between.stop();
});
