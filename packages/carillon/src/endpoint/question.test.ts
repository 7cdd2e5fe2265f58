import { expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import type { Answered } from "../locate/naming.ts";
import { Wire } from "../testing/wire.ts";
import { createEndpoint } from "./endpoint.ts";

const question = { name: "example.com", type: "NAPTR" } as const;
const answer = { kind: "None", why: "NODATA", ttlSeconds: 60 } as const;

test("a question goes out to the world, and its answer to whoever listens", () => {
  const crypto = portableCrypto((count) => new Uint8Array(count));
  const role = { attach() {}, request() {}, ack() {} };
  const wire = new Wire(createEndpoint({ role, crypto }));
  const answered = { kind: "Answered", question, answer } as const;
  expect(wire.input(answered), "nobody listens yet").toEqual([]);
  const heard: Answered[] = [];
  wire.endpoint.onAnswered((one) => heard.push(one));
  const asked = wire.input({ kind: "Call", run: () => wire.endpoint.query(question) });
  expect(asked).toEqual([{ kind: "Query", question }]);
  wire.input(answered);
  expect(heard).toEqual([answered]);
});
