import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection, Link } from "carillon/node";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { isOwnOrigin } from "../http/own-origin.ts";
import { type SipWebSockets, sipWebSockets, type WebSocketLimits } from "./web-socket.ts";

type Info = Parameters<import("carillon/node").Runner["connection"]>[0];

/** A runner that writes down what it is told. */
interface Recorded {
  readonly info: Info;
  readonly link: Link;
  readonly received: string[];
  closed: number;
}

interface Stage {
  readonly port: number;
  readonly server: Server;
  readonly sip: SipWebSockets;
  readonly connections: Recorded[];
}

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function stage(limits: Partial<WebSocketLimits> = {}): Promise<Stage> {
  const connections: Recorded[] = [];
  const connection = (info: Info, link: Link): Connection => {
    const recorded: Recorded = { info, link, received: [], closed: 0 };
    connections.push(recorded);
    return {
      received: (octets) => void recorded.received.push(octets),
      closed: () => void recorded.closed++,
    };
  };
  const server = createServer();
  const names = { domain: "house.example", hostname: "tower" };
  const sip = sipWebSockets(server, {
    runner: { connection },
    isOwnOrigin: (request) => isOwnOrigin(request, names),
    limits,
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  cleanups.push(() => {
    sip.close();
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, server, sip, connections };
}

interface Asked {
  readonly path?: string;
  readonly origin?: string;
  readonly protocol?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly autoPong?: boolean;
  /** Of the WebSocket protocol; 13 if left out. */
  readonly version?: number;
}

function client({ port }: Stage, asked: Asked = {}): WebSocket {
  const { path = "/sip", protocol = "sip", origin, headers, autoPong = true } = asked;
  const { version: protocolVersion = 13 } = asked;
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol ? [protocol] : [], {
    ...(origin === undefined ? {} : { origin }),
    ...(headers === undefined ? {} : { headers }),
    ...{ autoPong, protocolVersion },
  });
  webSocket.on("error", () => {});
  cleanups.push(() => webSocket.terminate());
  return webSocket;
}

const opened = (webSocket: WebSocket): Promise<void> =>
  new Promise((resolve, reject) => {
    webSocket.on("open", () => resolve());
    webSocket.on("unexpected-response", (_, response) => reject(response.statusCode));
  });

const closed = (webSocket: WebSocket): Promise<number> =>
  new Promise((resolve) => webSocket.on("close", resolve));

const message = (webSocket: WebSocket): Promise<[Buffer, boolean]> =>
  new Promise((resolve) =>
    webSocket.on("message", (data, binary) => resolve([data as Buffer, binary])),
  );

test("RFC 7118 §4.1 the handshake answers with sip and without compression", async () => {
  const on = await stage();
  const webSocket = client(on);
  await opened(webSocket);
  //= RFC 7118 §4.1
  //# The 101 reply from the server MUST contain "sip" in its corresponding Sec-WebSocket-Protocol
  //# header.
  expect(webSocket.protocol).toBe("sip");
  expect(webSocket.extensions).toBe("");
  expect(on.connections[0]?.info).toMatchObject({
    transport: "WS",
    local: { host: "127.0.0.1", port: on.port },
    remote: { host: "127.0.0.1" },
  });
});

test.each([
  ["without the subprotocol sip", { protocol: "" }, 400],
  ["with another subprotocol", { protocol: "chat" }, 400],
  ["from a page of another host", { origin: "http://evil.example" }, 403],
  ["from a page of another port of this machine", { origin: "http://127.0.0.1:1" }, 403],
  ["from a sandboxed frame", { origin: "null" }, 403],
  ["to another path", { path: "/other" }, 404],
  ["in another version of the protocol", { version: 8 }, 426],
] as const)("a handshake %s is refused and opens nothing", async (_, asked, status) => {
  const on = await stage();
  await expect(opened(client(on, asked))).rejects.toBe(status);
  expect(on.connections).toHaveLength(0);
});

//= RFC 6455 §4.4
//# If the server doesn't support the requested version, it MUST respond with a
//# |Sec-WebSocket-Version| header field (or multiple |Sec-WebSocket-Version| header fields)
//# containing all versions it is willing to use.
test("RFC 6455 §4.4 who comes with another version is told which one to use", async () => {
  const webSocket = client(await stage(), { version: 8 });
  const answer = await new Promise<IncomingMessage>((resolve) =>
    webSocket.on("unexpected-response", (_, response) => resolve(response)),
  );
  expect([answer.statusCode, answer.headers["sec-websocket-version"]]).toEqual([426, "13"]);
});

test("our own page may connect", async () => {
  const on = await stage();
  await opened(client(on, { origin: `http://127.0.0.1:${on.port}` }));
  expect(on.sip.count).toBe(1);
});

test("behind a proxy on this machine, the address and the TLS are the client's", async () => {
  const on = await stage();
  const headers = { "X-Forwarded-For": "6.6.6.6, 192.0.2.7", "X-Forwarded-Proto": "https" };
  await opened(client(on, { headers }));
  expect(on.connections[0]?.info).toMatchObject({
    transport: "WSS",
    remote: { host: "192.0.2.7" },
  });
});

test("RFC 7118 §4.2 text and binary frames both arrive as octets", async () => {
  const on = await stage();
  const webSocket = client(on);
  await opened(webSocket);
  //= RFC 7118 §4.2
  //# SIP WebSocket Clients and SIP WebSocket Servers MUST accept both text and binary frames.
  webSocket.send("é");
  webSocket.send(Buffer.from([0xff, 0x00]));
  await expect.poll(() => on.connections[0]?.received).toEqual(["\xc3\xa9", "\xff\x00"]);
});

test("RFC 7118 §4.2 what is not UTF-8 leaves in a binary frame, all else as text", async () => {
  const on = await stage();
  const webSocket = client(on);
  await opened(webSocket);
  const text = message(webSocket);
  on.connections[0]?.link.send("caf\xc3\xa9");
  expect(await text).toEqual([Buffer.from("café"), false]);
  webSocket.removeAllListeners("message");
  const binary = message(webSocket);
  //= RFC 7118 §4.2
  //# If there is at least one non-UTF-8 symbol in the whole SIP message (including headers and the
  //# body), then the whole message MUST be sent within a WebSocket binary message.
  on.connections[0]?.link.send("caf\xe9");
  expect(await binary).toEqual([Buffer.from([0x63, 0x61, 0x66, 0xe9]), true]);
});

test("RFC 7118 §5 one message is one frame's worth, each way", async () => {
  const on = await stage();
  const webSocket = client(on);
  await opened(webSocket);
  //= RFC 7118 §5
  //# Each SIP message MUST be carried within a single WebSocket message, and a WebSocket message
  //# MUST NOT contain more than one SIP message.
  webSocket.send("OPTIONS ", { fin: false });
  webSocket.send("sip:a");
  await expect.poll(() => on.connections[0]?.received).toEqual(["OPTIONS sip:a"]);
});

test("whichever side hangs up, the runner hears it once", async () => {
  const on = await stage();
  const [one, two] = [client(on), client(on)];
  await opened(one);
  await opened(two);
  one.terminate();
  await expect.poll(() => on.connections[0]?.closed).toBe(1);
  on.connections[1]?.link.close("bye\r\n");
  expect(await closed(two)).toBe(1000);
  await expect.poll(() => on.connections[1]?.closed).toBe(1);
  on.connections[1]?.link.send("late");
  await sleep(20);
  expect(on.connections.map((connection) => connection.closed)).toEqual([1, 1]);
  expect(on.sip.count).toBe(0);
});

test("a message over 64 KB ends the connection with 1009", async () => {
  const on = await stage();
  const webSocket = client(on);
  await opened(webSocket);
  const end = closed(webSocket);
  webSocket.send("x".repeat(64 * 1024 + 1));
  expect(await end).toBe(1009);
  await expect.poll(() => on.connections[0]?.closed).toBe(1);
  expect(on.connections[0]?.received).toEqual([]);
});

test("RFC 6455 §5.1 an unmasked frame ends the connection with 1002", async () => {
  const on = await stage();
  const socket = connect(on.port, "127.0.0.1");
  cleanups.push(() => socket.destroy());
  let heard = Buffer.alloc(0);
  socket.on("data", (data: Buffer) => {
    heard = Buffer.concat([heard, data]);
  });
  socket.write(
    "GET /sip HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
      "Sec-WebSocket-Protocol: sip\r\n\r\n",
  );
  await expect.poll(() => heard.toString("latin1")).toContain("101");
  socket.write(Buffer.from([0x81, 0x01, 0x41]));
  await expect.poll(() => heard.subarray(-2).readUInt16BE()).toBe(1002);
});

test("a peer that answers no ping is hung up on, one that does stays", async () => {
  // Whoever shares a busy machine with others has to answer within it, too.
  const on = await stage({ pingMs: 400 });
  const [dead, live] = [client(on, { autoPong: false }), client(on)];
  await opened(dead);
  await opened(live);
  await closed(dead);
  await sleep(900);
  expect(live.readyState).toBe(WebSocket.OPEN);
});

test("a peer that reads nothing is hung up on before it fills our memory", async () => {
  const on = await stage();
  const webSocket = client(on);
  await opened(webSocket);
  webSocket.pause();
  const octets = "x".repeat(60_000);
  for (let i = 0; i < 1000 && on.connections[0]?.closed === 0; i++) {
    on.connections[0]?.link.send(octets);
    if (i % 20 === 0) await sleep(1);
  }
  await expect.poll(() => on.connections[0]?.closed).toBe(1);
  expect(on.sip.count).toBe(0);
});

test("a connection that says nothing is closed, and so is a message that never ends", async () => {
  const on = await stage({ silentMs: 150, messageMs: 100 });
  const [silent, endless, good] = [client(on), client(on), client(on)];
  await Promise.all([opened(silent), opened(endless), opened(good)]);
  for (const webSocket of [good, endless]) webSocket.send("OPTIONS");
  await expect.poll(() => on.connections[1]?.received.length).toBe(1);
  endless.send("OPT", { fin: false });
  const dribble = setInterval(() => endless.send("I", { fin: false }), 20);
  cleanups.push(() => clearInterval(dribble));
  await Promise.all([closed(silent), closed(endless)]);
  await sleep(200);
  expect(good.readyState).toBe(WebSocket.OPEN);
  expect(on.connections.map((connection) => connection.closed)).toEqual([1, 1, 0]);
});

test("where there are too many the stranger who came first makes room", async () => {
  const on = await stage({ connections: 3, connectionsPerSource: 2 });
  const [one, two] = [client(on), client(on)];
  await opened(one);
  await opened(two);
  on.connections[0]?.link.regard?.("Known");
  await Promise.all([closed(two), opened(client(on))]);
  await opened(client(on, { headers: { "X-Forwarded-For": "192.0.2.7" } }));
  expect(on.sip.count).toBe(3);
  for (const connection of on.connections) connection.link.regard?.("Known");
  // Now everybody who is there belongs here.
  const late = client(on, { headers: { "X-Forwarded-For": "192.0.2.8" } });
  await expect(opened(late)).rejects.toBe(503);
  one.terminate();
  await expect.poll(() => on.sip.count).toBe(2);
  await opened(client(on));
});

test("when the program stops, everybody is told", async () => {
  const on = await stage();
  const webSocket = client(on);
  await opened(webSocket);
  const end = closed(webSocket);
  on.sip.close();
  expect(await end).toBe(1001);
  await expect.poll(() => on.connections[0]?.closed).toBe(1);
});
