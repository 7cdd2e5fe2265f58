import { describe, expect, test } from "vitest";
import {
  lifetimeAttribute,
  peerOf,
  SERVER,
  stageCredentials,
  TurnStage,
} from "../testing/turn-stage.ts";
import { type Address, formatAddress } from "../uri/host.ts";
import { attributeTypes } from "./stun-attributes.ts";
import { methods } from "./stun-message.ts";

const peer: Address = { host: "198.51.100.20", port: 9000 };

describe("permissions and data (RFC 8656 §9 to §12)", () => {
  const talk = () => {
    const stage = new TurnStage();
    const client = stage.client();
    const relayed = client.allocate()!;
    return { stage, client, relayed };
  };

  //= RFC 8656 §11.2
  //# The Send indication MUST contain both an XOR-PEER-ADDRESS attribute and a DATA attribute. If
  //# one of these attributes is missing or invalid, then the message is discarded.
  test("nothing goes to or comes from whom there is no permission for", () => {
    const { stage, client, relayed } = talk();
    client.send(peer, "hello");
    stage.fromPeer(peer, relayed, "hello");
    expect([stage.delivered, client.heard]).toEqual([[], []]);
    client.permit(peer);
    const { DATA } = attributeTypes;
    const id = stage.crypto.randomBytes(12);
    for (const half of [[peerOf(peer, id)], [{ type: DATA, value: new Uint8Array(3) }], []]) {
      client.raw(client.bytesOf("Indication", methods.Send, half, id));
    }
    expect(stage.delivered).toEqual([]);
  });

  //= RFC 8656 §11.3
  //# The Data indication MUST contain both an XOR-PEER-ADDRESS and a DATA attribute.
  //= RFC 8656 §9
  //# The Permission Lifetime MUST be 300 seconds (= 5 minutes).
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

  test("a channel may have a number of RFC 5766, as coturn's client has them", () => {
    const { stage, client } = talk();
    expect(client.bind(0x7abc, peer)).toBe(0);
    client.sendOn(0x7abc, "there");
    expect(stage.delivered.map(({ text }) => text)).toEqual(["there"]);
  });

  //= RFC 8656 §12.6
  //# On the server, the receipt of a ChannelData message MUST NOT refresh either the channel
  //# binding or the permission towards the peer.
  test("§12.6 what is sent on a channel keeps neither it nor its permission alive", () => {
    const { stage, client } = talk();
    client.bind(0x4001, peer);
    for (let second = 0; second < 310; second++) {
      client.sendOn(0x4001, `${second}`);
      stage.pass(1000);
    }
    expect(stage.delivered.length).toBe(300);
  });

  test("a channel is one peer's for ten minutes, and a peer has one", () => {
    const { stage, client } = talk();
    const other = { ...peer, port: 9001 };
    expect([
      client.bind(0x4001, peer),
      client.bind(0x4001, other),
      client.bind(0x4002, peer),
    ]).toEqual([0, 400, 400]);
    expect([client.bind(0x3fff, other), client.bind(0x8000, other)]).toEqual([400, 400]);
    stage.pass(300_000);
    client.ask(methods.Refresh, [lifetimeAttribute(3600)]);
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
  test("§12.6 a channel message that is too short is dropped; a padded or empty one is not", () => {
    const { stage, client } = talk();
    client.bind(0x4001, peer);
    const bytes = [0x40, 0x01, 0x00, 0x03, 0x61, 0x62];
    client.raw(Uint8Array.from(bytes));
    client.raw(Uint8Array.from([...bytes, 0x63, 0x00]));
    client.raw(Uint8Array.of(0x40, 0x01, 0, 0));
    expect(stage.delivered.map(({ text }) => text)).toEqual(["abc", ""]);
  });

  //= RFC 8656 §10.2
  //# If an XOR-PEER-ADDRESS attribute contains an address of an address family that is not the same
  //# as that of a relayed transport address for the allocation, the server MUST generate an error
  //# response with the 443 (Peer Address Family Mismatch) response code.
  //= RFC 8656 §10.2
  //# The CreatePermission request MUST contain at least one XOR-PEER-ADDRESS attribute and MAY
  //# contain multiple such attributes. If no such attribute exists, or if any of these attributes
  //# are invalid, then a 400 (Bad Request) error is returned.
  //= RFC 8656 §12.2
  //# If the XOR-PEER-ADDRESS attribute contains an address of an address family that is not the
  //# same as that of a relayed transport address for the allocation, the server MUST generate an
  //# error response with the 443 (Peer Address Family Mismatch) response code.
  test("another family, nobody, too many, and one bad peer among good ones are refused", () => {
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
    const stage = new TurnStage({ limits: { bandwidth: { burst: 2000, perSecond: 1000 } } });
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
    const stage = new TurnStage();
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

  test("a permission for one port of it is none for another, nor for what is there later", () => {
    let media = 20_000;
    const stage = new TurnStage({ isOwnMedia: ({ port }) => port === media });
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

  test("media are reached where the client came to, and at no other address of ours", () => {
    const stage = new TurnStage({ isOwnMedia: () => true, isOwn: () => true });
    const client = stage.client();
    client.allocate();
    const hosts = [SERVER.host, "127.0.0.1", "10.0.0.5", "192.168.1.1"];
    expect(hosts.map((host) => client.permit({ host, port: 20_000 }))).toEqual([0, 403, 403, 403]);
  });

  test("a relay that is gone is a peer no longer", () => {
    const stage = new TurnStage();
    const [alice, bob] = [stage.client(), stage.client("198.51.100.8")];
    const b = bob.allocate()!;
    alice.allocate();
    expect(alice.permit(b)).toBe(0);
    bob.ask(methods.Refresh, [lifetimeAttribute(0)]);
    stage.pass(1001);
    alice.send(b, "anybody?");
    expect(stage.delivered).toEqual([]);
    expect(alice.permit(b)).toBe(403);
    expect(stage.events.at(-1)).toMatchObject({ kind: "PeerRefused", account: "alice", peer: b });
  });
});
