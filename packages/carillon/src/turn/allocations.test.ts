import { describe, expect, test } from "vitest";
import { NEVER } from "../grammar/millis.ts";
import {
  codeOf,
  evenPort,
  familyAttribute,
  lifetimeAttribute,
  lifetimeIn,
  mappedIn,
  overUdp,
  relayedIn,
  SERVER,
  stageCredentials,
  TurnStage,
  textIn,
} from "../testing/turn-stage.ts";
import { attributeTypes } from "./stun-attributes.ts";
import { attribute, methods, type StunAttribute } from "./stun-message.ts";

describe("Allocate (RFC 8656 §7.2)", () => {
  test("gives an address, a lifetime and where the client is seen", () => {
    const stage = new TurnStage({ software: "Carillon" });
    const answer = stage.client().ask(methods.Allocate, [overUdp])!;
    const [relayed] = relayedIn(answer);
    expect([relayed?.host, relayed!.port >= 50_000 && relayed!.port <= 50_099]).toEqual([
      SERVER.host,
      true,
    ]);
    expect([lifetimeIn(answer), mappedIn(answer)?.port]).toEqual([600, 40_000]);
    expect(textIn(answer, attributeTypes.SOFTWARE)).toBe("Carillon");
    expect(stage.events).toEqual([
      expect.objectContaining({ kind: "Allocated", account: "alice", relayed: [relayed] }),
    ]);
  });

  test("again in the same transaction has the same answer; in another one it is refused", () => {
    const stage = new TurnStage();
    const client = stage.client();
    const id = stage.crypto.randomBytes(12);
    const [first, second] = [0, 1].map(() => client.ask(methods.Allocate, [overUdp], id)!);
    expect(relayedIn(second!)).toEqual(relayedIn(first!));
    expect(codeOf(client.ask(methods.Allocate, [overUdp]))).toBe(437);
    expect(stage.server.census()).toMatchObject({ allocations: 1, relays: 1 });
  });

  //= RFC 8656 §7.2
  //# If the request contains a LIFETIME attribute, then the server computes the minimum of the
  //# client's proposed lifetime and the server's maximum allowed lifetime. If this computed value
  //# is greater than the default lifetime, then the server uses the computed lifetime as the
  //# initial value of the time-to-expiry field. Otherwise, the server uses the default lifetime.
  test.each([
    [1, 600],
    [900, 900],
    [4_000_000_000, 3600],
  ])("lives %i seconds: %i", (asked, given) => {
    const answer = new TurnStage()
      .client()
      .ask(methods.Allocate, [overUdp, lifetimeAttribute(asked)]);
    expect(lifetimeIn(answer)).toBe(given);
  });

  test("is refused where it asks for what there is not, and for what contradicts itself", () => {
    const additional = (code: number) =>
      familyAttribute(code, attributeTypes.ADDITIONAL_ADDRESS_FAMILY);
    const token = { type: attributeTypes.RESERVATION_TOKEN, value: new Uint8Array(8) };
    const overTcp = { ...overUdp, value: Uint8Array.of(6, 0, 0, 0) };
    const dontFragment = { type: attributeTypes.DONT_FRAGMENT, value: new Uint8Array() };
    const code = (...attributes: readonly StunAttribute[]) =>
      codeOf(new TurnStage().client().ask(methods.Allocate, attributes));
    expect([code(), code(overTcp), code(overUdp, dontFragment)]).toEqual([400, 442, 420]);
    expect([
      code(overUdp, familyAttribute(3)),
      code(overUdp, familyAttribute(2), additional(2)),
    ]).toEqual([440, 400]);
    expect([code(overUdp, additional(1)), code(overUdp, additional(2), evenPort(0x80))]).toEqual([
      400, 400,
    ]);
    expect([code(overUdp, token), code(overUdp, token, evenPort(0))]).toEqual([508, 400]);
  });

  //= RFC 8656 §7.2
  //# If the server does not support the address family requested by the client in
  //# REQUESTED-ADDRESS-FAMILY, or if the allocation of the requested address family is disabled by
  //# local policy, it MUST generate an Allocate error response, and it MUST include an ERROR-CODE
  //# attribute with the 440 (Address Family not Supported) response code.
  //= RFC 8656 §7.2
  //# If the REQUESTED-ADDRESS-FAMILY attribute is absent and the server does not support the IPv4
  //# address family, the server MUST include an ERROR-CODE attribute with the 440 (Address Family
  //# not Supported) response code. If the REQUESTED-ADDRESS-FAMILY attribute is absent and the
  //# server supports the IPv4 address family, the server MUST allocate an IPv4 relayed transport
  //# address for the TURN client.
  test("gives IPv6 to who asks, both to who asks for both, and says which is not there", () => {
    const both = familyAttribute(2, attributeTypes.ADDITIONAL_ADDRESS_FAMILY);
    expect(new TurnStage().client().allocate(familyAttribute(2))?.host).toBe("2001:db8::1");
    const answer = new TurnStage().client().ask(methods.Allocate, [overUdp, both])!;
    expect(relayedIn(answer).map(({ host }) => host)).toEqual([SERVER.host, "2001:db8::1"]);
    const onlyFour = () =>
      new TurnStage({
        relayHost: (_, wanted) =>
          wanted === 4 ? { bound: "203.0.113.1", told: "203.0.113.1" } : undefined,
      }).client();
    expect(codeOf(onlyFour().ask(methods.Allocate, [overUdp, familyAttribute(2)]))).toBe(440);
    const onlySix = new TurnStage({
      relayHost: (_, wanted) =>
        wanted === 6 ? { bound: "2001:db8::1", told: "2001:db8::1" } : undefined,
    }).client();
    expect(codeOf(onlySix.ask(methods.Allocate, [overUdp]))).toBe(440);
    const half = onlyFour().ask(methods.Allocate, [overUdp, both])!;
    expect(relayedIn(half).map(({ host }) => host)).toEqual([SERVER.host]);
    expect([...attribute(half, attributeTypes.ADDRESS_ERROR_CODE)!].slice(0, 4)).toEqual([
      2, 0, 4, 40,
    ]);
  });

  test("gives an even port, and keeps the next one for who has the token", () => {
    for (let i = 0; i < 20; i++) {
      expect(new TurnStage().client().allocate(evenPort(0))!.port % 2).toBe(0);
    }
    const stage = new TurnStage();
    const first = stage.client().ask(methods.Allocate, [overUdp, evenPort(0x80)])!;
    const [{ port = 0 } = {}] = relayedIn(first);
    const value = attribute(first, attributeTypes.RESERVATION_TOKEN)!;
    const token = { type: attributeTypes.RESERVATION_TOKEN, value };
    const second = stage.client("198.51.100.8");
    expect(port % 2).toBe(0);
    expect(second.allocate(token)?.port).toBe(port + 1);
    expect(codeOf(stage.client("198.51.100.9").ask(methods.Allocate, [overUdp, token]))).toBe(508);
  });

  //= RFC 8656 §7.2
  //# The server MUST hold this reservation for at least 30 seconds and MAY choose to hold longer
  //# (e.g., until the allocation with port N expires).
  test("keeps it for thirty seconds", () => {
    const stage = new TurnStage();
    stage.client().allocate(evenPort(0x80));
    stage.pass(29_999);
    expect(stage.server.census().relays).toBe(2);
    stage.pass(1);
    expect([stage.server.census().relays, stage.sockets.size]).toEqual([1, 1]);
  });

  test("tries other ports where other programs have theirs, and gives up in the end", () => {
    const stage = new TurnStage({ ports: { first: 50_000, last: 50_003 } });
    for (const port of [50_000, 50_001, 50_002]) stage.taken.add(port);
    const ports = new Set<number | undefined>();
    for (let i = 0; i < 8; i++) {
      const client = stage.client("198.51.100.7", 41_000 + i);
      const relayed = client.allocate();
      if (relayed) ports.add(relayed.port);
      client.ask(methods.Refresh, [lifetimeAttribute(0)]);
    }
    expect([...ports]).toEqual([50_003]);
    stage.taken.add(50_003);
    expect(codeOf(stage.client("198.51.100.8").ask(methods.Allocate, [overUdp]))).toBe(508);
    const pair = stage.client("198.51.100.9");
    expect(codeOf(pair.ask(methods.Allocate, [overUdp, evenPort(0x80)]))).toBe(508);
    expect([stage.server.census().relays, stage.sockets.size]).toEqual([0, 0]);
  });

  test("stops at so many of an account, from a source, and in all", () => {
    const limits = { perAccount: 2, perSource: 3, allocations: 4 };
    const stage = new TurnStage({ limits });
    const allocate = (host: string, port: number, account: string) => {
      const client = stage.client(host, port);
      client.credentials = stageCredentials(stage, account);
      return codeOf(client.ask(methods.Allocate, [overUdp]));
    };
    const codes = [
      allocate("198.51.100.1", 1, "alice"),
      allocate("198.51.100.2", 2, "alice"),
      allocate("198.51.100.3", 3, "alice"),
      allocate("198.51.100.1", 4, "bob"),
      allocate("198.51.100.1", 5, "carol"),
      allocate("198.51.100.1", 6, "dave"),
      allocate("198.51.100.4", 7, "erin"),
    ];
    expect(codes).toEqual([0, 0, 486, 0, 0, 508, 508]);
    expect(stage.events.flatMap((event) => (event.kind === "Full" ? event.of : []))).toEqual([
      "account",
      ...["server", "server"],
    ]);
    stage.pass(600_000);
    expect(stage.server.census()).toMatchObject({ allocations: 0, relays: 0 });
    expect(stage.server.deadline()).toBe(NEVER);
    for (let i = 0; i < 3; i++) allocate("198.51.100.1", 20 + i, `p${i}`);
    expect(allocate("198.51.100.1", 30, "frank")).toBe(486);
  });
});

test("a socket that is never there is given up after ten seconds", () => {
  const stage = new TurnStage();
  const client = stage.client();
  stage.isSlow = true;
  expect(client.ask(methods.Allocate, [overUdp])).toBeUndefined();
  expect(stage.server.census()).toMatchObject({ allocations: 0, relays: 1 });
  stage.pass(10_000);
  expect(stage.server.census()).toMatchObject({ allocations: 0, relays: 0 });
  stage.isSlow = false;
  stage.give({ kind: "RelayOpened", relay: 1 });
  expect(client.allocate()?.host).toBe(SERVER.host);
});
