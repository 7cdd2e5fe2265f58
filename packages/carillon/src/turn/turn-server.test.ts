import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEVER } from "../grammar/millis.ts";
import {
  codeOf,
  evenPort,
  familyAttribute,
  lifetimeAttribute,
  lifetimeIn,
  TurnStage,
} from "../testing/turn-stage.ts";
import type { Address } from "../uri/host.ts";
import { attributeTypes } from "./stun-attributes.ts";
import { methods } from "./stun-message.ts";

const peer: Address = { host: "198.51.100.20", port: 9000 };

describe("Refresh (RFC 8656 §8.2)", () => {
  test("keeps an allocation alive, or ends it at once", () => {
    const stage = new TurnStage();
    const client = stage.client();
    client.allocate();
    stage.pass(599_000);
    expect(lifetimeIn(client.ask(methods.Refresh, [lifetimeAttribute(700)]))).toBe(700);
    stage.pass(699_999);
    expect(stage.server.census().allocations).toBe(1);
    expect(lifetimeIn(client.ask(methods.Refresh, [lifetimeAttribute(0)]))).toBe(0);
    expect([stage.server.census().allocations, stage.sockets.size]).toEqual([0, 0]);
    expect(stage.events.at(-1)).toMatchObject({ kind: "Released", account: "alice" });
  });

  //= RFC 8656 §5
  //# For all TURN messages (including ChannelData) EXCEPT an Allocate request, if the 5-tuple does
  //# not identify an existing allocation, then the message MUST either be rejected with a 437
  //# Allocation Mismatch error (if it is a request) or be silently ignored (if it is an indication
  //# or a ChannelData message).
  test("of what is over has 437", () => {
    const stage = new TurnStage();
    const client = stage.client();
    expect(codeOf(client.ask(methods.Refresh))).toBe(437);
    client.allocate();
    stage.pass(600_000);
    expect(client.permit(peer)).toBe(437);
  });

  //= RFC 8656 §8.2
  //# If the server receives a Refresh Request with a REQUESTED-ADDRESS-FAMILY attribute and the
  //# attribute value does not match the address family of the allocation, the server MUST reply
  //# with a 443 (Peer Address Family Mismatch) Refresh error response.
  test("of another family has 443; of one of two it ends that one", () => {
    const client = new TurnStage().client();
    client.allocate();
    expect(codeOf(client.ask(methods.Refresh, [familyAttribute(2)]))).toBe(443);
    const stage = new TurnStage();
    const dual = stage.client();
    dual.allocate(familyAttribute(2, attributeTypes.ADDITIONAL_ADDRESS_FAMILY));
    expect(codeOf(dual.ask(methods.Refresh, [familyAttribute(2), lifetimeAttribute(0)]))).toBe(0);
    expect(stage.server.census()).toMatchObject({ allocations: 1, relays: 1 });
  });
});

test("any inputs at any time: it never throws, keeps to its limits, and forgets all of it", () => {
  const anyAttribute = fc.record({
    type: fc.constantFrom(...Object.values(attributeTypes), 0x7fff, 0xff00),
    value: fc.uint8Array({ maxLength: 24 }),
  });
  const act = fc.oneof(
    fc.record({ kind: fc.constant("Ask"), method: fc.nat(10), attributes: fc.array(anyAttribute) }),
    fc.record({ kind: fc.constant("Bytes"), bytes: fc.uint8Array({ maxLength: 60 }) }),
    fc.record({ kind: fc.constant("Allocate"), even: fc.nat(255) }),
    fc.record({
      kind: fc.constant("Bind"),
      number: fc.integer({ min: 0x3ffe, max: 0x4004 }),
      port: fc.nat(3),
    }),
    fc.record({
      kind: fc.constant("Relay"),
      relay: fc.nat(9),
      bytes: fc.uint8Array({ maxLength: 9 }),
    }),
    fc.record({ kind: fc.constant("Pass"), ms: fc.nat(400_000) }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), act), { maxLength: 60 }), (acts) => {
      const stage = new TurnStage({ limits: { allocations: 3, peers: 2 } });
      const clients = [0, 1, 2, 3].map((i) => stage.client("198.51.100.7", 40_000 + i));
      for (const [who, one] of acts) {
        const client = clients[who]!;
        if (one.kind === "Ask") client.ask(one.method, one.attributes);
        else if (one.kind === "Bytes") client.raw(one.bytes);
        else if (one.kind === "Allocate") client.allocate(evenPort(one.even));
        else if (one.kind === "Bind") client.bind(one.number, { ...peer, port: one.port });
        else if (one.kind === "Pass") stage.pass(one.ms);
        else stage.give({ kind: "PeerDatagram", remote: peer, relay: one.relay, bytes: one.bytes });
        expect(stage.server.census().allocations).toBeLessThanOrEqual(3);
        expect(stage.sockets.size).toBe(stage.server.census().relays);
      }
      stage.pass(3_700_000);
      expect([stage.server.census().allocations, stage.sockets.size]).toEqual([0, 0]);
      expect(stage.server.deadline()).toBe(NEVER);
    }),
    { numRuns: 200 },
  );
});
