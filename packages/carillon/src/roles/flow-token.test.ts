import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { Ids } from "../endpoint/ids.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import type { Flow } from "../transport/flow.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { GONE } from "./cookie.ts";
import { FlowTokens } from "./flow-token.ts";

const ids = (key = 7) =>
  new Ids(portableCrypto(seededBytes(seeded(1))), new Uint8Array(32).fill(key), "n1");
const tokens = new FlowTokens(ids(), "boot");

const address = fc.record({
  host: fc.constantFrom("192.0.2.1", "2001:db8::1", "fe80::1%eth0"),
  port: fc.integer({ min: 1, max: 65_535 }),
});
const flow: fc.Arbitrary<Flow> = fc.record({
  transport: fc.constantFrom("UDP", "TCP", "TLS", "WS", "WSS"),
  local: address,
  remote: address,
  connection: fc.integer({ min: -1000, max: 1000 }),
});

describe("RFC 5626 §5.2: flow tokens", () => {
  //= RFC 5626 §5.2
  //# A proxy can use any algorithm it wants as long as the flow token is unique to a flow, the flow
  //# can be recovered from the token, and the token cannot be modified by attackers.
  test("a flow is recovered from its token, which may stand in a URI", () => {
    fc.assert(
      fc.property(flow, (one) => {
        const token = tokens.make(one);
        expect(tokens.read(token)).toEqual({ kind: "Token", flow: one });
        const uri = parseSipUri(`sip:${token}@192.0.2.1;lr;ob`);
        expect(uri.ok && uri.value.user).toBe(token);
      }),
    );
  });

  test("no two flows have the same", () => {
    fc.assert(
      fc.property(flow, flow, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(tokens.make(one)).not.toBe(tokens.make(other));
      }),
    );
  });

  test("one changed letter makes it a forgery, or none", () => {
    fc.assert(
      fc.property(flow, fc.nat(), fc.constantFrom("0", "a", "/", ".", "!"), (one, at, letter) => {
        const token = tokens.make(one);
        const place = at % token.length;
        const changed = token.slice(0, place) + letter + token.slice(place + 1);
        fc.pre(changed !== token);
        expect(tokens.read(changed)?.kind).not.toBe("Token");
      }),
    );
  });

  test("another key's are forgeries, and what is no token is none", () => {
    const [one] = fc.sample(flow, 1) as [Flow];
    expect(new FlowTokens(ids(8), "boot").read(tokens.make(one))).toEqual({ kind: "Forged" });
    for (const user of ["", "bob", "n2!a!b", "n1!a!b!c", "n1"]) {
      expect([user, tokens.read(user)]).toEqual([user, undefined]);
    }
  });

  test("the connections of an earlier run are gone, whoever has their numbers now", () => {
    const [some] = fc.sample(flow, 1) as [Flow];
    const later = new FlowTokens(ids(), "later");
    expect(later.read(tokens.make({ ...some, connection: 3 }))).toEqual({
      kind: "Token",
      flow: { ...some, connection: GONE },
    });
    const udp = { ...some, transport: "UDP", connection: 0 } as const;
    expect(later.read(tokens.make(udp))).toEqual({ kind: "Token", flow: udp });
  });
});
