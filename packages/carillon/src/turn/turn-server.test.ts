import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEVER } from "../grammar/millis.ts";
import { nodeStunCrypto } from "../node/stun-crypto.ts";
import { type Address, formatAddress } from "../uri/host.ts";
import { readXorAddress } from "./stun-address.ts";
import { attributeTypes, numberAttribute, readNumber } from "./stun-attributes.ts";
import { attribute, methods, type StunAttribute, type StunMessage } from "./stun-message.ts";
import {
  codeOf,
  overUdp,
  relayedIn,
  SERVER,
  type StageClient,
  stageCredentials,
  TurnStage,
  textIn,
} from "./testing-turn.ts";

const crypto = nodeStunCrypto();
const peer: Address = { host: "198.51.100.20", port: 9000 };
const stageWith = (
  ...options: ConstructorParameters<typeof TurnStage> extends [unknown, ...infer R] ? R : never
) => new TurnStage(crypto, ...options);
const family = (
  code: number,
  type: number = attributeTypes.REQUESTED_ADDRESS_FAMILY,
): StunAttribute => ({
  type,
  value: Uint8Array.of(code, 0, 0, 0),
});
const lifetime = (seconds: number) => numberAttribute(attributeTypes.LIFETIME, seconds);
const evenPort = (value: number): StunAttribute => ({
  type: attributeTypes.EVEN_PORT,
  value: Uint8Array.of(value),
});
const lifetimeIn = (answer: StunMessage | undefined) =>
  readNumber(answer && attribute(answer, attributeTypes.LIFETIME));
const mappedIn = (answer: StunMessage | undefined) =>
  answer &&
  readXorAddress(attribute(answer, attributeTypes.XOR_MAPPED_ADDRESS)!, answer.transactionId);

describe("a stranger", () => {
  test("RFC 8489 §6.3.1.1 is told where their Binding request came from", () => {
    const answer = stageWith().client().plain(methods.Binding);
    expect([codeOf(answer), mappedIn(answer)]).toEqual([0, { host: "198.51.100.7", port: 40_000 }]);
    const six = stageWith().client("2001:db8:5::9").plain(methods.Binding);
    expect(mappedIn(six)?.host).toBe("2001:db8:5::9");
  });

  //= RFC 8489 §9.2.4
  //# If the message does not contain a MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 attribute, the
  //# server MUST generate an error response with an error code of 401 (Unauthenticated).
  //= RFC 8489 §9.2.4
  //# This response MUST include a REALM value.  The response MUST include a NONCE, selected by the
  //# server.
  test("RFC 8489 §9.2.4 is asked who they are, with realm, nonce and algorithms", () => {
    const stage = stageWith();
    const answer = stage.client().plain(methods.Allocate, [overUdp]);
    expect([codeOf(answer), textIn(answer, attributeTypes.REALM)]).toEqual([401, "house.example"]);
    expect(textIn(answer, attributeTypes.NONCE)).toMatch(/^obMatJos2gAAA[\w-]{22}$/);
    const algorithms = answer && attribute(answer, attributeTypes.PASSWORD_ALGORITHMS);
    expect([...algorithms!]).toEqual([0, 2, 0, 0, 0, 1, 0, 0]);
    expect(stage.server.census().allocations).toBe(0);
  });

  test("gets no more octets than three times what they sent, headers included, and no more answers than so many", () => {
    const stage = stageWith();
    const client = stage.client();
    let answers = 0;
    for (let i = 0; i < 1000; i++) {
      for (const method of [methods.Binding, methods.Allocate, methods.Refresh]) {
        const bytes = client.bytesOf("Request", method, []);
        const answer = client.raw(bytes);
        if (!answer) continue;
        answers++;
        expect(answer.bytes.length + 28).toBeLessThanOrEqual(3.1 * (bytes.length + 28));
      }
    }
    expect(answers).toBe(200);
    stage.pass(1000);
    for (let i = 0; i < 100; i++) if (client.plain(methods.Binding)) answers++;
    expect(answers).toBe(250);
    expect(codeOf(stage.client("198.51.100.8").plain(methods.Binding))).toBe(0);
  });

  test("has no answers to indications, answers, nonsense and channels", () => {
    const client = stageWith().client();
    client.sendOn(0x4000, "hello");
    client.send(peer, "hello");
    expect(client.raw(client.bytesOf("Indication", methods.Binding, []))).toBeUndefined();
    for (const bytes of [[], [0x40], [0x40, 0, 0], [0x50, 0, 0, 0], [0x80, 1, 2, 3]]) {
      expect(client.raw(Uint8Array.from(bytes))).toBeUndefined();
    }
  });

  //= RFC 8489 §6.3.1
  //# If the request contains one or more unknown comprehension-required attributes, the server replies
  //# with an error response with an error code of 420 (Unknown Attribute) and includes an
  //# UNKNOWN-ATTRIBUTES attribute in the response that lists the unknown comprehension-required
  //# attributes.
  test("RFC 8489 §6.3.1 is told which attributes are not understood", () => {
    const unknown = { type: 0x7001, value: new Uint8Array(3) };
    const answer = stageWith().client().plain(methods.Binding, [unknown]);
    expect(codeOf(answer)).toBe(420);
    expect([...attribute(answer!, attributeTypes.UNKNOWN_ATTRIBUTES)!]).toEqual([0x70, 0x01]);
  });
});

describe("credentials (RFC 8489 §9.2.4)", () => {
  const attempt = (change: (client: StageClient, stage: TurnStage) => void): number => {
    const stage = stageWith();
    const client = stage.client();
    change(client, stage);
    return codeOf(client.ask(methods.Allocate, [overUdp]));
  };

  test("of both kinds are taken, and answers are proved in the same way", () => {
    for (const integrity of ["SHA-1", "SHA-256"] as const) {
      const client = stageWith().client();
      client.integrity = integrity;
      const answer = client.ask(methods.Allocate, [overUdp]);
      expect(codeOf(answer)).toBe(0);
      const proofs = [answer?.integrityAt !== undefined, answer?.integritySha256At !== undefined];
      expect(proofs).toEqual([integrity === "SHA-1", integrity === "SHA-256"]);
    }
  });

  test("that are expired, made up, or of somebody else's secret are refused", () => {
    const wrong: readonly ((client: StageClient, stage: TurnStage) => void)[] = [
      (client, stage) => {
        client.credentials = stageCredentials(stage, "alice", -1);
      },
      (client) => {
        client.credentials = { ...client.credentials, credential: "secret" };
      },
      (client) => {
        client.credentials = { ...client.credentials, username: "alice" };
      },
      (client) => {
        const { username, credential } = client.credentials;
        client.credentials = { username: username.replace("alice", "bob"), credential };
      },
      (client) => {
        client.credentials = { ...client.credentials, username: "9".repeat(400) };
      },
    ];
    expect(wrong.map(attempt)).toEqual([401, 401, 401, 401, 401]);
  });

  //= RFC 8489 §9.2.4
  //# If the NONCE is no longer valid, the server MUST generate an error response with an error code
  //# of 438 (Stale Nonce).
  test("with a nonce of somebody else, or of an hour ago, are asked for again", () => {
    expect(
      attempt((client, stage) => {
        const other = stage.client("198.51.100.99");
        other.ask(methods.Refresh);
        client.challenge = other.challenge;
      }),
    ).toBe(438);
    expect(
      attempt((client, stage) => {
        client.ask(methods.Refresh);
        stage.pass(3_601_000);
        client.credentials = stageCredentials(stage, "alice");
      }),
    ).toBe(438);
  });

  //= RFC 8489 §9.2.4
  //# If the message contains a MESSAGE-INTEGRITY or a MESSAGE-INTEGRITY-SHA256 attribute, but is
  //# missing either the USERNAME or USERHASH, REALM, or NONCE attribute, the server MUST generate an
  //# error response with an error code of 400 (Bad Request).
  test("that are not whole are a bad request", () => {
    expect(
      attempt((client) => {
        client.challenge = { realm: "house.example", nonce: "x".repeat(800) };
      }),
    ).toBe(400);
  });

  //= RFC 8656 §5
  //# then the request MUST be rejected with a 441 (Wrong Credentials) error.
  test("of another account cannot change an allocation", () => {
    const stage = stageWith();
    const client = stage.client();
    client.allocate();
    client.credentials = stageCredentials(stage, "mallory");
    expect([client.permit(peer), codeOf(client.ask(methods.Refresh, [lifetime(0)]))]).toEqual([
      441, 441,
    ]);
    expect(stage.server.census().allocations).toBe(1);
  });

  test("may end in the middle of a call, which goes on", () => {
    const stage = stageWith();
    const client = stage.client();
    client.credentials = stageCredentials(stage, "alice", 60);
    client.allocate();
    stage.pass(120_000);
    expect(codeOf(client.ask(methods.Refresh))).toBe(0);
    const again = stage.client("198.51.100.7", 40_001);
    again.credentials = client.credentials;
    expect(codeOf(again.ask(methods.Allocate, [overUdp]))).toBe(401);
  });
});

describe("Allocate (RFC 8656 §7.2)", () => {
  test("gives an address, a lifetime and where the client is seen", () => {
    const stage = stageWith({ software: "Carillon" });
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
    const stage = stageWith();
    const client = stage.client();
    const id = crypto.randomBytes(12);
    const [first, second] = [0, 1].map(() => client.ask(methods.Allocate, [overUdp], id)!);
    expect(relayedIn(second!)).toEqual(relayedIn(first!));
    expect(codeOf(client.ask(methods.Allocate, [overUdp]))).toBe(437);
    expect(stage.server.census()).toMatchObject({ allocations: 1, relays: 1 });
  });

  //= RFC 8656 §7.2
  //# If the request contains a LIFETIME attribute, then the server computes the minimum of the
  //# client's proposed lifetime and the server's maximum allowed lifetime.  If this computed value is
  //# greater than the default lifetime, then the server uses the computed lifetime as the initial
  //# value of the time-to-expiry field.  Otherwise, the server uses the default lifetime.
  test.each([
    [1, 600],
    [900, 900],
    [4_000_000_000, 3600],
  ])("lives %i seconds: %i", (asked, given) => {
    const answer = stageWith()
      .client()
      .ask(methods.Allocate, [overUdp, lifetime(asked)]);
    expect(lifetimeIn(answer)).toBe(given);
  });

  test("is refused where it asks for what there is not, and for what contradicts itself", () => {
    const additional = (code: number) => family(code, attributeTypes.ADDITIONAL_ADDRESS_FAMILY);
    const token = { type: attributeTypes.RESERVATION_TOKEN, value: new Uint8Array(8) };
    const overTcp = { ...overUdp, value: Uint8Array.of(6, 0, 0, 0) };
    const dontFragment = { type: attributeTypes.DONT_FRAGMENT, value: new Uint8Array() };
    const code = (...attributes: readonly StunAttribute[]) =>
      codeOf(stageWith().client().ask(methods.Allocate, attributes));
    expect([code(), code(overTcp), code(overUdp, dontFragment)]).toEqual([400, 442, 420]);
    expect([code(overUdp, family(3)), code(overUdp, family(2), additional(2))]).toEqual([440, 400]);
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
  test("gives IPv6 to who asks for it, both to who asks for both, and says which is not there", () => {
    const both = family(2, attributeTypes.ADDITIONAL_ADDRESS_FAMILY);
    expect(stageWith().client().allocate(family(2))?.host).toBe("2001:db8::1");
    const answer = stageWith().client().ask(methods.Allocate, [overUdp, both])!;
    expect(relayedIn(answer).map(({ host }) => host)).toEqual([SERVER.host, "2001:db8::1"]);
    const onlyFour = () =>
      stageWith({
        relayHost: (_, wanted) =>
          wanted === 4 ? { bound: "203.0.113.1", told: "203.0.113.1" } : undefined,
      }).client();
    expect(codeOf(onlyFour().ask(methods.Allocate, [overUdp, family(2)]))).toBe(440);
    const half = onlyFour().ask(methods.Allocate, [overUdp, both])!;
    expect(relayedIn(half).map(({ host }) => host)).toEqual([SERVER.host]);
    expect([...attribute(half, attributeTypes.ADDRESS_ERROR_CODE)!].slice(0, 4)).toEqual([
      2, 0, 4, 40,
    ]);
  });

  test("gives an even port, and keeps the next one for who has the token", () => {
    for (let i = 0; i < 20; i++) {
      expect(stageWith().client().allocate(evenPort(0))!.port % 2).toBe(0);
    }
    const stage = stageWith();
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
    const stage = stageWith();
    stage.client().allocate(evenPort(0x80));
    stage.pass(29_999);
    expect(stage.server.census().relays).toBe(2);
    stage.pass(1);
    expect([stage.server.census().relays, stage.sockets.size]).toEqual([1, 1]);
  });

  test("tries other ports where other programs have theirs, and gives up in the end", () => {
    const stage = stageWith({ ports: { first: 50_000, last: 50_003 } });
    for (const port of [50_000, 50_001, 50_002]) stage.taken.add(port);
    const ports = new Set<number | undefined>();
    for (let i = 0; i < 8; i++) {
      const client = stage.client("198.51.100.7", 41_000 + i);
      const relayed = client.allocate();
      if (relayed) ports.add(relayed.port);
      client.ask(methods.Refresh, [lifetime(0)]);
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
    const stage = stageWith({ limits });
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

describe("Refresh (RFC 8656 §8.2)", () => {
  test("keeps an allocation alive, or ends it at once", () => {
    const stage = stageWith();
    const client = stage.client();
    client.allocate();
    stage.pass(599_000);
    expect(lifetimeIn(client.ask(methods.Refresh, [lifetime(700)]))).toBe(700);
    stage.pass(699_999);
    expect(stage.server.census().allocations).toBe(1);
    expect(lifetimeIn(client.ask(methods.Refresh, [lifetime(0)]))).toBe(0);
    expect([stage.server.census().allocations, stage.sockets.size]).toEqual([0, 0]);
    expect(stage.events.at(-1)).toMatchObject({ kind: "Released", account: "alice" });
  });

  //= RFC 8656 §5
  //# For all TURN messages (including ChannelData) EXCEPT an Allocate request, if the 5-tuple does
  //# not identify an existing allocation, then the message MUST either be rejected with a 437
  //# Allocation Mismatch error (if it is a request) or be silently ignored (if it is an indication
  //# or a ChannelData message).
  test("of what is over has 437", () => {
    const stage = stageWith();
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
    const client = stageWith().client();
    client.allocate();
    expect(codeOf(client.ask(methods.Refresh, [family(2)]))).toBe(443);
    const stage = stageWith();
    const dual = stage.client();
    dual.allocate(family(2, attributeTypes.ADDITIONAL_ADDRESS_FAMILY));
    expect(codeOf(dual.ask(methods.Refresh, [family(2), lifetime(0)]))).toBe(0);
    expect(stage.server.census()).toMatchObject({ allocations: 1, relays: 1 });
  });
});

describe("permissions and data (RFC 8656 §9 to §12)", () => {
  const talk = () => {
    const stage = stageWith();
    const client = stage.client();
    const relayed = client.allocate()!;
    return { stage, client, relayed };
  };

  test("nothing goes to or comes from whom there is no permission for", () => {
    const { stage, client, relayed } = talk();
    client.send(peer, "hello");
    stage.fromPeer(peer, relayed, "hello");
    expect([stage.delivered, client.heard]).toEqual([[], []]);
  });

  //= RFC 8656 §11.3
  //# The Data indication MUST contain both an XOR-PEER-ADDRESS and a DATA attribute.
  test("with one it does, from each port of that address, for five minutes", () => {
    const { stage, client, relayed } = talk();
    expect(client.permit(peer)).toBe(0);
    client.send(peer, "there");
    stage.fromPeer({ ...peer, port: 1 }, relayed, "and back");
    expect(stage.delivered).toEqual([
      { from: formatAddress(relayed), to: formatAddress(peer), text: "there" },
    ]);
    expect(client.heard).toEqual([{ from: "198.51.100.20:1", text: "and back" }]);
    stage.pass(299_999);
    client.send(peer, "still");
    stage.pass(1);
    client.send(peer, "no more");
    stage.fromPeer(peer, relayed, "no more");
    expect([stage.delivered.length, client.heard.length]).toEqual([2, 1]);
  });

  //= RFC 8656 §12.5
  //# The server, on the other hand, MUST use the ChannelData message if a channel has been bound to
  //# the peer.
  test("a channel is a short name both ways, and a permission", () => {
    const { stage, client, relayed } = talk();
    expect(client.bind(0x4001, peer)).toBe(0);
    client.sendOn(0x4001, "there");
    client.sendOn(0x4002, "nowhere");
    stage.fromPeer(peer, relayed, "back");
    stage.fromPeer({ ...peer, port: 1 }, relayed, "another port");
    expect(stage.delivered.map(({ text }) => text)).toEqual(["there"]);
    expect(client.heard).toEqual([
      { from: 0x4001, text: "back" },
      { from: "198.51.100.20:1", text: "another port" },
    ]);
  });

  test("a channel is one peer's for ten minutes, and a peer has one", () => {
    const { stage, client } = talk();
    const other = { ...peer, port: 9001 };
    expect([
      client.bind(0x4001, peer),
      client.bind(0x4001, other),
      client.bind(0x4002, peer),
    ]).toEqual([0, 400, 400]);
    expect([client.bind(0x3fff, other), client.bind(0x5000, other)]).toEqual([400, 400]);
    stage.pass(300_000);
    client.ask(methods.Refresh, [lifetime(3600)]);
    expect(client.bind(0x4001, peer)).toBe(0);
    stage.pass(599_999);
    expect(client.bind(0x4001, other)).toBe(400);
    stage.pass(1);
    expect(client.bind(0x4001, other)).toBe(0);
  });

  //= RFC 8656 §12.6
  //# If the ChannelData message is received in a UDP datagram, and if the UDP datagram is too short
  //# to contain the claimed length of the ChannelData message (i.e., the UDP header length field
  //# value is less than the ChannelData header length field value + 4 + 8), then the message is
  //# silently discarded.
  test("§12.6 a channel message that is too short is dropped; one that is padded or empty is not", () => {
    const { stage, client } = talk();
    client.bind(0x4001, peer);
    const bytes = [0x40, 0x01, 0x00, 0x03, 0x61, 0x62];
    client.raw(Uint8Array.from(bytes));
    client.raw(Uint8Array.from([...bytes, 0x63, 0x00]));
    client.raw(Uint8Array.of(0x40, 0x01, 0, 0));
    expect(stage.delivered.map(({ text }) => text)).toEqual(["abc", ""]);
  });

  //= RFC 8656 §10.2
  //# If an XOR-PEER-ADDRESS attribute contains an address of an address family that is not the
  //# same as that of a relayed transport address for the allocation, the server MUST generate an
  //# error response with the 443 (Peer Address Family Mismatch) response code.
  //= RFC 8656 §10.2
  //# The CreatePermission request MUST contain at least one XOR-PEER-ADDRESS attribute and MAY
  //# contain multiple such attributes.  If no such attribute exists, or if any of these attributes
  //# are invalid, then a 400 (Bad Request) error is returned.
  test("peers of another family, none, too many, and one bad one among good ones are refused", () => {
    const { stage, client, relayed } = talk();
    const six = { host: "2001:db8:5::1", port: 1 };
    expect([client.permit(six), client.bind(0x4000, six), client.permit()]).toEqual([
      443, 443, 400,
    ]);
    expect(client.permit(peer, { host: "10.0.0.1", port: 1 })).toBe(403);
    stage.fromPeer(peer, relayed, "not permitted by half");
    expect(client.heard).toEqual([]);
    const many = Array.from({ length: 60 }, (_, i) => ({ host: `198.51.100.${i}`, port: 1 }));
    expect(client.permit(...many.slice(0, 50))).toBe(0);
    expect(client.permit(...many.slice(50))).toBe(0);
    for (let i = 60; i < 64; i++) client.permit({ host: `198.51.100.${i}`, port: 1 });
    expect(client.permit({ host: "198.51.100.99", port: 1 })).toBe(508);
    expect(client.bind(0x4003, { host: "198.51.100.99", port: 1 })).toBe(508);
    expect(client.permit({ host: "198.51.100.3", port: 7 })).toBe(0);
  });

  test("what exceeds the bandwidth of an allocation is left out", () => {
    const stage = stageWith({ limits: { bandwidth: { burst: 2000, perSecond: 1000 } } });
    const client = stage.client();
    client.allocate();
    client.permit(peer);
    for (let i = 0; i < 10; i++) client.send(peer, "x".repeat(500));
    expect(stage.delivered.length).toBe(4);
    stage.pass(1000);
    for (let i = 0; i < 10; i++) client.send(peer, "x".repeat(500));
    expect(stage.delivered.length).toBe(6);
    expect(stage.server.census()).toMatchObject({ packets: 6, bytes: 3000 });
  });
});

describe("this machine as a peer", () => {
  test("two relays of this server talk to each other without a socket in between", () => {
    const stage = stageWith();
    const [alice, bob] = [stage.client(), stage.client("198.51.100.8")];
    bob.credentials = stageCredentials(stage, "bob");
    const [a, b] = [alice.allocate()!, bob.allocate()!];
    expect([alice.permit(b), bob.bind(0x4000, a)]).toEqual([0, 0]);
    alice.send(b, "hello");
    bob.sendOn(0x4000, "hello yourself");
    expect(bob.heard).toEqual([{ from: 0x4000, text: "hello" }]);
    expect(alice.heard).toEqual([{ from: formatAddress(b), text: "hello yourself" }]);
    expect(stage.delivered).toEqual([]);
  });

  test("a permission for one port of it is none for another, and none once that is something else", () => {
    let media = 20_000;
    const stage = stageWith({ isOwnMedia: ({ port }) => port === media });
    const client = stage.client();
    const relayed = client.allocate()!;
    const engine = { host: SERVER.host, port: 20_000 };
    expect([client.permit({ ...engine, port: 5060 }), client.permit(engine)]).toEqual([403, 0]);
    client.send(engine, "sound");
    client.send({ ...engine, port: 5060 }, "OPTIONS");
    stage.fromPeer(engine, relayed, "sound");
    stage.fromPeer({ ...engine, port: 5060 }, relayed, "a secret");
    expect(stage.delivered.map(({ text }) => text)).toEqual(["sound"]);
    expect(client.heard.map(({ text }) => text)).toEqual(["sound"]);
    media = 20_002;
    stage.pass(1001);
    client.send(engine, "sound");
    stage.fromPeer(engine, relayed, "sound");
    expect([stage.delivered.length, client.heard.length]).toEqual([1, 1]);
  });

  test("a relay that is gone is a peer no longer", () => {
    const stage = stageWith();
    const [alice, bob] = [stage.client(), stage.client("198.51.100.8")];
    const b = bob.allocate()!;
    alice.allocate();
    expect(alice.permit(b)).toBe(0);
    bob.ask(methods.Refresh, [lifetime(0)]);
    stage.pass(1001);
    alice.send(b, "anybody?");
    expect(stage.delivered).toEqual([]);
    expect(alice.permit(b)).toBe(403);
    expect(stage.events.at(-1)).toMatchObject({ kind: "PeerRefused", account: "alice", peer: b });
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
      const stage = stageWith({ limits: { allocations: 3, peers: 2 } });
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

test("a socket that is never there is given up after ten seconds", () => {
  const stage = stageWith();
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
