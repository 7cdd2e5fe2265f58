import { expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import { createEndpoint } from "./endpoint.ts";
import { Servers } from "./servers.ts";

test("an endpoint finds servers if somebody wants it to, and those that came first stay", () => {
  const role = { attach() {}, request() {}, ack() {} };
  const crypto = portableCrypto(seededBytes(seeded(1)));
  const endpoint = createEndpoint({ role, crypto, servers: { publicOnly: true } });
  expect(() => endpoint.servers).toThrow("finds no servers");
  const first = new Servers(endpoint, endpoint.serversOptions);
  endpoint.find(() => first);
  endpoint.find(() => new Servers(endpoint));
  expect(endpoint.servers).toBe(first);
  expect(endpoint.serversOptions).toEqual({ publicOnly: true });
});
