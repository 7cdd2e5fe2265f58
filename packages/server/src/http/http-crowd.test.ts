import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { certificate } from "carillon/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { crowdAt, keepConnection } from "./http-crowd.ts";

const { cert, key } = certificate({ name: "house.example", ips: ["127.0.0.1"] });
/** `/seat` is asked for by whoever lives here. */
const answers: RequestListener = (request, response) => {
  if (request.url === "/seat") keepConnection(request, "anna");
  response.end("here");
};
const LIMITS = { connections: 3, connectionsPerSource: 2, keptPerAccount: 1 };
const sockets: Socket[] = [];
let server: Server;

describe.each(["http", "https"])("over %s, of three connections in all", (scheme) => {
  beforeEach(async () => {
    const options = { keepAliveTimeout: 60_000 };
    server =
      scheme === "http"
        ? createServer(options, answers)
        : createSecureServer({ ...options, cert, key }, answers);
    crowdAt(server, LIMITS);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
    server.closeAllConnections();
  });

  async function open(path?: string, localAddress = "127.0.0.1"): Promise<Socket> {
    const { port } = server.address() as AddressInfo;
    const at = { port, host: "127.0.0.1", localAddress };
    const socket = scheme === "http" ? connect(at) : connectTls({ ...at, ca: cert });
    sockets.push(socket);
    socket.on("error", () => {});
    await once(socket, scheme === "http" ? "connect" : "secureConnect");
    if (path !== undefined) await ask(socket, path);
    return socket;
  }

  /** Undefined: the connection ended instead. */
  async function ask(socket: Socket, path: string): Promise<string | undefined> {
    const heard = new Promise<string | undefined>((resolve) => {
      socket.once("data", (octets) => resolve(octets.toString().slice(9, 12)));
      socket.once("close", () => resolve(undefined));
    });
    socket.write(`GET ${path} HTTP/1.1\r\nHost: house.example\r\n\r\n`);
    return heard;
  }

  const isOver = (socket: Socket): Promise<boolean> =>
    new Promise((resolve) => {
      if (socket.closed) return resolve(true);
      const late = setTimeout(() => resolve(false), 300);
      socket.once("close", () => {
        clearTimeout(late);
        resolve(true);
      });
    });

  test("who holds all connections open keeps nobody out: the first of them goes", async () => {
    const held = [await open("/"), await open("/"), await open("/")];
    const newcomer = await open();
    expect(await ask(newcomer, "/")).toBe("200");
    expect(await Promise.all(held.map(isOver))).toEqual([true, false, false]);
  });

  test("one source makes room for itself, and for nobody else", async () => {
    const other = await open("/", "127.0.0.1");
    const first = await open("/", "127.4.0.1");
    const second = await open("/", "127.4.0.1");
    const third = await open("/", "127.4.0.1");
    expect(await Promise.all([other, first, second, third].map(isOver))).toEqual([
      ...[false, true, false, false],
    ]);
  });

  test("who says nothing at all goes before whoever asks for something", async () => {
    const asking = await open("/");
    const silent = [await open(), await open()];
    expect(await ask(await open(), "/")).toBe("200");
    expect(await Promise.all([asking, ...silent].map(isOver))).toEqual([false, true, false]);
  });

  test("who lives here stays, and is not counted out by strangers", async () => {
    const seated = await open("/seat");
    const strangers = [await open("/"), await open("/"), await open("/"), await open("/")];
    expect(await isOver(seated)).toBe(false);
    expect(await ask(seated, "/")).toBe("200");
    expect((await Promise.all(strangers.map(isOver))).filter((one) => one)).toHaveLength(2);
  });

  test("one account keeps so many, and its others are a stranger's", async () => {
    const seats = [await open("/seat"), await open("/seat"), await open("/seat")];
    expect(await ask(await open(), "/")).toBe("200");
    expect(await Promise.all(seats.map(isOver))).toEqual([false, true, false]);
  });

  test("a WebSocket that nobody takes is ended", async () => {
    const socket = await open();
    socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    expect(await isOver(socket)).toBe(true);
  });
});
