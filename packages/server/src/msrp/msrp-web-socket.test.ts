import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Switchboard } from "carillon/msrp";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { msrpHost } from "./msrp-host.ts";
import { isForMsrp, type MsrpLimits, msrpWebSockets } from "./msrp-web-socket.ts";

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0).reverse()) one.close();
});

async function listening(limits: Partial<MsrpLimits> = {}) {
  const server: Server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const board = new Switchboard(msrpHost(() => performance.now()));
  const isOwnOrigin = ({ headers }: { headers: { origin?: string | undefined } }) =>
    headers.origin !== "https://elsewhere.example";
  const sockets = msrpWebSockets(server, { isOwnOrigin, take: board.take, limits });
  open.push(server, sockets);
  const { port } = server.address() as AddressInfo;
  const dial = (protocol = "msrp", origin = "http://127.0.0.1", path = "/msrp") => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol, { origin });
    socket.on("error", () => {});
    return socket;
  };
  return { board, dial, sockets };
}

/** `open`, the status that refused it, or `closed`. */
const fate = (socket: WebSocket): Promise<string | number> =>
  new Promise((resolve) => {
    socket.once("open", () => resolve("open"));
    socket.once("unexpected-response", (_, { statusCode = 0 }) => resolve(statusCode));
    socket.once("close", () => resolve("closed"));
  });

const place = { scheme: "msrps", host: "house.example", port: 2855, transport: "tcp" } as const;
const greeting = (to: string): string =>
  [
    ...["MSRP abcd1234 SEND", `To-Path: ${to}`, "From-Path: msrps://a.invalid:9/x;ws"],
    ...["Message-ID: mess1", "-------abcd1234$", ""],
  ].join("\r\n");

test("RFC 7977 §4.1 a handshake has to name msrp, and come from our own page", async () => {
  //= RFC 7977 §4.1
  //# The 101 reply from the Server MUST contain "msrp" in its corresponding Sec-WebSocket-Protocol
  //# header.
  const { dial } = await listening();
  const socket = dial();
  expect(await fate(socket)).toBe("open");
  expect(socket.protocol).toBe("msrp");
  expect(await fate(dial("sip"))).toBe(400);
  expect(await fate(dial("msrp", "https://elsewhere.example"))).toBe(403);
});

test("what is at another path is somebody else's", () => {
  const at = (url: string) => isForMsrp({ url } as Parameters<typeof isForMsrp>[0]);
  expect([at("/msrp"), at("/msrp?x"), at("/sip"), at("/msrp/x")]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("RFC 4976 §6.1 who says nothing of use is hung up on, and who does stays", async () => {
  //= RFC 4976 §6.1
  //# If no request is received in that time, the server closes the connection.
  const { board, dial } = await listening({ silentMs: 300 });
  const user = { incoming: () => 415 as const, lost: () => {} };
  const session = board.session(place, user, { maxOctets: 10, waitMs: 5000 });
  const [known, stranger, silent] = [dial(), dial(), dial()];
  await Promise.all([fate(known), fate(stranger), fate(silent)]);
  known.send(greeting(`msrps://house.example:2855/${session.own.sessionId};tcp`));
  stranger.send(greeting("msrps://house.example:2855/0000;tcp"));
  const [answer] = (await once(stranger, "message")) as [Buffer];
  expect(answer.toString()).toMatch(/^MSRP abcd1234 481 /);
  await Promise.all([once(stranger, "close"), once(silent, "close")]);
  expect(known.readyState).toBe(WebSocket.OPEN);
});

test("RFC 7977 §4.2 text frames are taken as octets", async () => {
  //= RFC 7977 §4.2
  //# MSRP WebSocket Clients and Servers MUST accept both text and binary frames.
  const { dial } = await listening();
  const socket = dial();
  await fate(socket);
  for (const what of [greeting("msrps://h:1/x;tcp"), Buffer.from(greeting("msrps://h:1/x;tcp"))]) {
    socket.send(what);
    const [answer] = (await once(socket, "message")) as [Buffer];
    expect(answer.toString()).toMatch(/ 481 /);
  }
});

test("a message that is too large ends its connection, and so does what is no MSRP", async () => {
  const { dial, sockets } = await listening({ messageBytes: 1000 });
  const [large, other] = [dial(), dial()];
  await Promise.all([fate(large), fate(other)]);
  large.send("x".repeat(1001));
  other.send("GET / HTTP/1.1\r\n\r\n");
  await Promise.all([once(large, "close"), once(other, "close")]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(sockets.count).toBe(0);
});
