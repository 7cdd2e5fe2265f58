import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import type { Target } from "../locate/target.ts";
import { requestText } from "../testing/request-text.ts";
import { Wire } from "../testing/wire.ts";
import type { Flow } from "../transport/flow.ts";
import type { ClientTransaction } from "./client-transaction.ts";
import { createEndpoint } from "./endpoint.ts";
import type { Incoming } from "./incoming.ts";
import type { Output } from "./input-output.ts";
import type { Role } from "./role.ts";
import type { ServerTransaction } from "./server-transaction.ts";

const LOCAL = { host: "192.0.2.1", port: 5060 };
const PEER = { host: "192.0.2.9", port: 40_000 };

/** Answers OPTIONS, keeps everything else waiting. */
function stage() {
  const heard: Incoming[] = [];
  const told: string[] = [];
  const alive: string[] = [];
  const servers: (ServerTransaction | undefined)[] = [];
  const role: Role = {
    attach() {},
    request(from) {
      heard.push(from);
      if (from.request.method === "OPTIONS") return endpoint.reply(from, { status: 200 });
      servers.push(
        endpoint.accept(from, {
          cancelled() {},
          failed: (_, reason) => told.push(`failed: ${reason}`),
          unreachable: () => told.push("unreachable"),
        }),
      );
    },
    ack() {},
    keptAlive: (_, octets) => alive.push(octets),
    closed: ({ connection }, cause) => told.push(`closed ${connection}: ${cause}`),
  };
  const crypto = portableCrypto((count) => new Uint8Array(count).fill(7));
  const endpoint = createEndpoint({ role, crypto });
  const wire = new Wire(endpoint);
  wire.input({ kind: "Listening", transport: "TCP", local: LOCAL });
  return { wire, endpoint, heard, told, alive, servers };
}

let requests = 0;
const options = (how = "") =>
  requestText("OPTIONS", { via: `SIP/2.0/TCP 192.0.2.9:5070;branch=z9hG4bK${++requests}${how}` });
const invite = (via = "SIP/2.0/TCP 192.0.2.9:5070") =>
  requestText("INVITE", { via: `${via};branch=z9hG4bK${++requests}` });
const firstLine = (octets: string) => octets.split("\r\n", 1)[0];
const kinds = (outputs: readonly Output[]) => outputs.map(({ kind }) => kind);

describe("octets on a stream", () => {
  test("RFC 3261 §18.3: wherever they are cut, the same requests are in them", () => {
    const both = `${options()}\r\n${options()}`;
    for (let cut = 1; cut < both.length; cut++) {
      const { wire, heard } = stage();
      const tcp = wire.open({ transport: "TCP" });
      const answers = [both.slice(0, cut), both.slice(cut)].flatMap((part) =>
        wire.received(tcp, part),
      );
      expect(answers.map(firstLine)).toEqual(["SIP/2.0 200 OK", "SIP/2.0 200 OK"]);
      expect(heard).toHaveLength(2);
    }
    const { wire } = stage();
    const tcp = wire.open({ transport: "TCP" });
    expect([...both].flatMap((octet) => wire.received(tcp, octet))).toHaveLength(2);
  });

  test("RFC 3261 §18.3: after what cannot be delimited the connection is closed, and deaf", () => {
    const { wire, heard, told, endpoint } = stage();
    const tcp = wire.open({ transport: "TCP" });
    const broken = options().replace(/Content-Length: 0/, "Content-Length: +0");
    const outputs = wire.input({
      kind: "Received",
      connection: tcp,
      octets: options() + broken + options(),
    });
    expect(kinds(outputs)).toEqual(["Regard", "Send", "Send", "Close"]);
    //= RFC 3261 §18.3
    //# If the message is a request, the element SHOULD generate a 400 (Bad Request) response.
    expect(outputs.map((one) => one.kind === "Send" && firstLine(one.octets))).toEqual([
      false,
      "SIP/2.0 200 OK",
      "SIP/2.0 400 Bad Request",
      false,
    ]);
    expect(wire.received(tcp, options())).toEqual([]);
    expect(heard).toHaveLength(1);
    expect(told).toHaveLength(1);
    expect(endpoint.census().connections).toBe(0);
    wire.input({ kind: "Closed", connection: tcp });
    expect(told, "its end is told once").toHaveLength(1);
  });

  test("what is no request at all closes the connection without a word", () => {
    for (const octets of ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\rx", "x".repeat(20_000)]) {
      const { wire } = stage();
      const connection = wire.open({ transport: "TCP" });
      expect(kinds(wire.input({ kind: "Received", connection, octets }))).toEqual(["Close"]);
    }
  });

  test("RFC 5626 §4.4.1: a ping is answered with a pong, wherever it is cut", () => {
    const { wire } = stage();
    const tcp = wire.open({ transport: "TCP" });
    //= RFC 5626 §4.4.1
    //# the server "pong" is a single CRLF
    //= RFC 5626 §5.4
    //# When a server receives a double CRLF sequence between SIP messages on a connection-oriented
    //# transport such as TCP or SCTP, it MUST immediately respond with a single CRLF over the same
    //# connection.
    expect(wire.received(tcp, "\r\n\r\n")).toEqual(["\r\n"]);
    expect([..."\r\n\r\n"].flatMap((octet) => wire.received(tcp, octet))).toEqual(["\r\n"]);
    expect(wire.received(tcp, `\r\n${options()}`)).toHaveLength(1);
  });

  test("RFC 5626 §4.4.1: each pong is heard, though nothing else comes between two", () => {
    const { wire, alive } = stage();
    const tcp = wire.open({ transport: "TCP" });
    for (let nth = 1; nth <= 4; nth++) {
      wire.received(tcp, "\r\n");
      expect(alive.length).toBe(nth);
    }
  });
});

describe("patience", () => {
  test("a message has ten seconds from its first octet, however it dribbles", () => {
    const { wire, told } = stage();
    const tcp = wire.open({ transport: "TCP" });
    const text = options();
    for (let at = 0; at < 11 && told.length === 0; at++) {
      wire.received(tcp, text[at] ?? "");
      wire.wait(1000);
    }
    expect(told).toEqual([`closed ${tcp}: a message took too long`]);
    expect(wire.outputs.at(-1)).toEqual({ kind: "Close", connection: tcp });
  });

  test("the time of the next message does not run out with that of the last", () => {
    const { wire, told } = stage();
    const tcp = wire.open({ transport: "TCP" });
    const [one, other] = [options(), options()];
    wire.received(tcp, one.slice(0, 20));
    wire.wait(9_000);
    expect(wire.received(tcp, one.slice(20) + other.slice(0, 20))).toHaveLength(1);
    wire.wait(9_000);
    expect(wire.received(tcp, other.slice(20))).toHaveLength(1);
    expect(told).toEqual([]);
  });

  test("who says nothing for half a minute is hung up on; who is known or waits is not", () => {
    const { wire, told, endpoint } = stage();
    const silent = wire.open({ transport: "TCP" });
    const known = wire.open({ transport: "TCP", remote: { ...PEER, port: 40_001 } });
    const waiting = wire.open({ transport: "TLS", remote: { ...PEER, port: 40_002 } });
    const page = wire.connect();
    wire.call(() => endpoint.keep(known));
    wire.received(waiting, invite("SIP/2.0/TLS 192.0.2.9:5071"));
    wire.received(known, options());
    wire.wait(60_000);
    expect(told).toEqual([`closed ${silent}: nothing was said for too long`]);
    for (const one of [known, waiting, page]) expect(endpoint.connection(one)).toBeDefined();
  });

  test("who says nothing but keep-alives counts as silent, unless known", () => {
    const { wire, told, endpoint } = stage();
    const pinging = wire.open({ transport: "TCP" });
    const known = wire.open({ transport: "TCP", remote: { ...PEER, port: 40_001 } });
    wire.call(() => endpoint.keep(known));
    for (let i = 0; i < 12; i++) {
      for (const one of [pinging, known]) wire.received(one, i % 2 ? "\r\n\r\n" : "\r\n");
      wire.wait(5_000);
    }
    expect(told).toEqual([`closed ${pinging}: nothing was said for too long`]);
    expect(endpoint.connection(known)).toBeDefined();
  });

  test("the driver hears once of each who is heard and who is known", () => {
    const { wire, endpoint } = stage();
    const one = wire.open({ transport: "TCP" });
    for (let i = 0; i < 2; i++) wire.call(() => endpoint.keep(one));
    wire.received(one, options());
    wire.received(one, options());
    const said = wire.outputs.filter(({ kind }) => kind === "Regard");
    const regard = { kind: "Regard", connection: one };
    expect(said).toEqual([
      { ...regard, as: "Known" },
      { ...regard, as: "Heard" },
    ]);
  });
});

const target = (how: Partial<Target> = {}): Target => ({
  transport: "TCP",
  address: { host: "192.0.2.50", port: 5060 },
  name: "example.com",
  ...how,
});

/** Sends an OPTIONS to a target, as whoever located it would. */
function sendTo({ wire, endpoint }: ReturnType<typeof stage>, to: Target, owner?: string) {
  const outcome: string[] = [];
  let client: ClientTransaction | undefined;
  let flow: Flow | undefined;
  const from = wire.outputs.length;
  wire.call(() => {
    flow = endpoint.reach(to, owner);
    if (!flow) return;
    const via = `SIP/2.0/${flow.transport} 192.0.2.1:5060;branch=${endpoint.ids.branch("x")}`;
    client = endpoint.sendText(requestText("OPTIONS", { via }), flow, {
      response: (_, response) => outcome.push(`${response.status}`),
      failed: (_, reason) => outcome.push(reason),
    });
  });
  return { outcome, client, flow, outputs: wire.outputs.slice(from) };
}

describe("a request to a target", () => {
  test("waits for the connection that it asks for, and the next one takes the same", () => {
    const on = stage();
    const first = sendTo(on, target());
    expect(first.outputs).toEqual([
      {
        kind: "Open",
        dial: 1,
        to: { transport: "TCP", remote: target().address, name: "example.com" },
      },
    ]);
    expect(sendTo(on, target()).outputs, "it is asked for once").toEqual([]);
    const before = on.wire.outputs.length;
    const connection = on.wire.open({
      transport: "TCP",
      dial: 1,
      remote: target().address,
      local: { host: "192.0.2.1", port: 41_234 },
    });
    expect(kinds(on.wire.outputs.slice(before))).toEqual(["Send", "Send"]);
    //= RFC 3261 §18.1.1
    //# If a request is destined to an IP address, port, and transport to which an existing
    //# connection is open, it is RECOMMENDED that this connection be used to send the request, but
    //# another connection MAY be opened and used.
    //= RFC 5626 §4.3
    //# For protocols that don't use TLS, if the UAC has an existing flow to this IP address, and
    //# port with the correct protocol, then the UAC MUST use the existing connection.
    const third = sendTo(on, target());
    expect(third.outputs).toMatchObject([{ kind: "Send", connection }]);
    const known = on.endpoint.connection(third.flow?.connection ?? 0);
    expect(known?.local, "the port that others find us at").toEqual(LOCAL);
    expect(known?.connection).toBe(first.flow?.connection);
  });

  test("takes another connection where the last request heard not a word for eight seconds", () => {
    const on = stage();
    sendTo(on, target());
    const connection = on.wire.open({ transport: "TCP", dial: 1, remote: target().address });
    on.wire.wait(7_900);
    expect(sendTo(on, target()).outputs).toMatchObject([{ kind: "Send", connection }]);
    on.wire.received(connection, "\r\n");
    on.wire.wait(60_000);
    expect(sendTo(on, target()).outputs, "it was heard").toMatchObject([
      { kind: "Send", connection },
    ]);
    on.wire.wait(8_100);
    expect(sendTo(on, target()).outputs).toMatchObject([{ kind: "Open", dial: 2 }]);
  });

  test("fails with the connection, at once", () => {
    const on = stage();
    const { outcome } = sendTo(on, target());
    on.wire.input({ kind: "NotOpened", dial: 1, cause: "refused" });
    expect(outcome).toEqual(["transport"]);
    expect(sendTo(on, target()).outputs, "and the next one tries anew").toMatchObject([
      { kind: "Open", dial: 2 },
    ]);
    const connection = on.wire.open({ transport: "TCP", dial: 2, remote: target().address });
    const third = sendTo(on, target());
    on.wire.input({ kind: "Closed", connection, cause: "reset" });
    expect(third.outcome).toEqual(["transport"]);
    on.wire.wait(400_000);
    expect(on.endpoint.census()).toMatchObject({ clients: 0, connections: 0, timers: 0 });
  });

  test("is answered on the connection it left on", () => {
    const on = stage();
    const { outcome, client } = sendTo(on, target());
    const connection = on.wire.open({ transport: "TCP", dial: 1, remote: target().address });
    const via = /^Via: .*$/m.exec(client?.request.text ?? "")?.[0];
    on.wire.received(
      connection,
      `SIP/2.0 200 OK\r\n${via}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\n` +
        "Call-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
    );
    expect(outcome).toEqual(["200"]);
  });

  //= RFC 3261 §18.1.1
  //# To handle this case, the transport layer MUST also be prepared to receive an incoming
  //# connection on the source IP address from which the request was sent and port number in the
  //# "sent-by" field. It also MUST be prepared to receive incoming connections on any address and
  //# port that would be selected by a server based on the procedures described in Section 5 of [4].
  test("RFC 3261 §18.1.1: is answered on a connection that the server opens to our sent-by", () => {
    const on = stage();
    const { outcome, client, flow } = sendTo(on, target());
    on.wire.open({ transport: "TCP", dial: 1, remote: target().address });
    expect(flow?.local, "which is where we listen").toEqual(LOCAL);
    const via = /^Via: .*$/m.exec(client?.request.text ?? "")?.[0];
    const another = on.wire.open({
      transport: "TCP",
      remote: { host: "192.0.2.50", port: 41_000 },
    });
    on.wire.received(
      another,
      `SIP/2.0 200 OK\r\n${via}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\n` +
        "Call-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
    );
    expect(outcome).toEqual(["200"]);
  });

  test("takes the connection a peer opened only if it leads to that very port", () => {
    const on = stage();
    const connection = on.wire.open({ transport: "TCP", remote: PEER });
    expect(sendTo(on, target({ address: PEER })).outputs).toMatchObject([
      { kind: "Send", connection },
    ]);
    expect(kinds(sendTo(on, target({ address: { ...PEER, port: 5060 } })).outputs)).toEqual([
      "Open",
    ]);
  });

  test("over UDP leaves at once, and from an address of the same family", () => {
    const on = stage();
    expect(kinds(sendTo(on, target({ transport: "UDP" })).outputs)).toEqual(["Datagram"]);
    const v6 = target({ transport: "UDP", address: { host: "2001:db8::1", port: 5060 } });
    expect(sendTo(on, v6).flow).toBeUndefined();
  });

  test("to nobody who answers, a thousand connections are asked for and no more", () => {
    const on = stage();
    const dials = Array.from({ length: 1001 }, (_, i) => {
      return sendTo(on, target({ address: { host: "192.0.2.50", port: 2000 + i } })).flow;
    });
    expect(dials.filter((flow) => flow !== undefined)).toHaveLength(1000);
  });

  test("and what waits for one connection is bounded", () => {
    const on = stage();
    const flow = on.endpoint.reach(target());
    if (!flow) throw new Error("no flow");
    const sent = Array.from({ length: 10 }, () => on.endpoint.transmit(flow, "x".repeat(60_000)));
    expect(sent.filter(Boolean)).toHaveLength(4);
  });

  test("a connection that served its purpose is closed after a time", () => {
    const on = stage();
    sendTo(on, target());
    on.wire.open({ transport: "TCP", dial: 1, remote: target().address });
    on.wire.wait(400_000);
    expect(on.told).toEqual(["closed -1: nothing was said for too long"]);
  });
});

describe("who is at the other end", () => {
  const at = { host: "192.0.2.50", port: 5061 };
  const tls = (name: string) => target({ transport: "TLS", address: at, name });

  //= RFC 5626 §4.3
  //# For TLS protocols, there MUST also be a match between the host production in the next hop and
  //# one of the URIs contained in the subjectAltName in the peer certificate.
  test("RFC 5923 §8.1: one connection for two domains only if a certificate spoke for both", () => {
    const on = stage();
    sendTo(on, tls("one.example"));
    expect(kinds(sendTo(on, tls("two.example")).outputs), "not even while it opens").toEqual([
      "Open",
    ]);
    const identities = ["one.example", "also.example"];
    const connection = on.wire.open({ transport: "TLS", dial: 1, remote: at, identities });
    //= RFC 5923 §8.1
    //# 2. The URI used for RFC3263 server resolution matches one of the identities stored in the
    //# alias table row corresponding to that resolved address.
    expect(sendTo(on, tls("also.example")).outputs).toMatchObject([{ kind: "Send", connection }]);
    expect(kinds(sendTo(on, tls("three.example")).outputs)).toEqual(["Open"]);
    //= RFC 5923 §9.3
    //# P1 MUST NOT open a connection on behalf of one domain and reuse it to send a new request on
    //# behalf of another domain.
    expect(kinds(sendTo(on, tls("one.example"), "ours.example").outputs)).toEqual(["Open"]);
  });

  test("RFC 5923 §9.2: a peer's own connection is used if it offers it and shows who it is", () => {
    const offer = "SIP/2.0/TLS 192.0.2.50;alias";
    const named = stage();
    const identities = ["one.example"];
    const ends = { transport: "TLS", remote: { ...at, port: 43_210 } } as const;
    const connection = named.wire.open({ ...ends, identities });
    expect(kinds(sendTo(named, tls("one.example")).outputs), "not unasked").toEqual(["Open"]);
    const asked = stage();
    const other = asked.wire.open({ ...ends, identities });
    asked.wire.received(other, requestText("OPTIONS", { via: `${offer};branch=z9hG4bKa` }));
    expect(sendTo(asked, tls("one.example")).outputs).toMatchObject([
      { kind: "Send", connection: other },
    ]);
    expect(kinds(sendTo(asked, tls("two.example")).outputs)).toEqual(["Open"]);
    //= RFC 5923 §9.2
    //# If the client does not present a certificate, the server MUST proceed as if the "alias"
    //# header field parameter was not present in the topmost Via header. In this case, the server
    //# MUST NOT update the alias table.
    const nameless = stage();
    const bare = nameless.wire.open(ends);
    nameless.wire.received(bare, requestText("OPTIONS", { via: `${offer};branch=z9hG4bKa` }));
    expect(kinds(sendTo(nameless, tls("one.example")).outputs)).toEqual(["Open"]);
    expect(connection).toBe(bare);
  });

  test("ever new ports in an offer are few rows, and none outlives the connection", () => {
    const on = stage();
    const identities = ["one.example"];
    const connection = on.wire.open({ transport: "TLS", remote: at, identities });
    const ports = Array.from({ length: 20 }, (_, i) => 6000 + i);
    for (const port of ports) {
      const via = `SIP/2.0/TLS 192.0.2.50:${port};alias;branch=z9hG4bKa${port}`;
      on.wire.received(connection, requestText("OPTIONS", { via }));
    }
    const to = (port: number) =>
      target({ transport: "TLS", address: { ...at, port }, name: "one.example" });
    const reused = ports.filter((port) => on.endpoint.reach(to(port))?.connection === connection);
    expect(reused).toEqual([6000, 6001, 6002, 6003]);
    on.wire.input({ kind: "Closed", connection });
    expect(on.endpoint.reach(to(6000))?.connection).toBeLessThan(0);
  });
});

describe("a response whose connection is gone", () => {
  const ringing = (via?: string) => {
    const on = stage();
    const tcp = on.wire.open({ transport: "TCP", remote: PEER });
    on.wire.received(tcp, invite(via));
    const closed = on.wire.input({ kind: "Closed", connection: tcp });
    return { ...on, closed };
  };

  test("RFC 3261 §18.2.2: goes over a new one, to the sent-by port", () => {
    const { wire, servers, closed, told } = ringing();
    //= RFC 3261 §18.2.2
    //# If that connection is no longer open, the server SHOULD open a connection to the IP address
    //# in the "received" parameter, if present, using the port in the "sent-by" value, or the
    //# default port for that transport, if no port is specified.
    expect(closed).toMatchObject([
      { kind: "Open", dial: 1, to: { transport: "TCP", remote: { host: PEER.host, port: 5070 } } },
    ]);
    wire.call(() => servers[0]?.reply({ status: 486 }));
    const before = wire.outputs.length;
    const connection = wire.open({ transport: "TCP", dial: 1, remote: { ...PEER, port: 5070 } });
    expect(wire.outputs.slice(before)).toMatchObject([{ kind: "Send", connection }]);
    expect(told).toEqual(["closed 1: undefined"]);
  });

  test("is lost when nobody is there, and whoever answers hears of it", () => {
    const { wire, told, endpoint } = ringing();
    wire.input({ kind: "NotOpened", dial: 1, cause: "refused" });
    expect(told).toContain("unreachable");
    wire.wait(40_000);
    expect(endpoint.census()).toMatchObject({ connections: 0, timers: 0 });
  });

  test("is called back once, and not each time it hangs up", () => {
    const { wire, told } = ringing();
    const connection = wire.open({ transport: "TCP", dial: 1, remote: { ...PEER, port: 5070 } });
    expect(kinds(wire.input({ kind: "Closed", connection }))).toEqual([]);
    expect(told).toContain("unreachable");
  });

  test("never reaches another service's port, nor a browser", () => {
    const low = ringing("SIP/2.0/TCP 192.0.2.9:25");
    expect(low.closed).toEqual([]);
    expect(low.told).toContain("unreachable");
    const on = stage();
    const page = on.wire.connect();
    on.wire.received(page, invite("SIP/2.0/WS x.invalid"));
    expect(on.wire.input({ kind: "Closed", connection: page })).toEqual([]);
    expect(on.told).toContain("unreachable");
  });
});
