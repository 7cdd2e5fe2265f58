import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { promisify } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Input } from "../endpoint/input-output.ts";
import { Crowd } from "./crowd.ts";
import type { ConnectionInfo, Link } from "./runner.ts";
import { plainHost } from "./stream-limits.ts";
import type { StreamHost } from "./stream-server.ts";
import { dialTcp, tcp } from "./tcp.ts";

interface Recorded {
  readonly info: ConnectionInfo;
  readonly link: Link;
  readonly received: string[];
  readonly closed: unknown[];
}

/** A runner that writes down what it is told. */
function recorder() {
  const connections: Recorded[] = [];
  const inputs: Input[] = [];
  const host: StreamHost = {
    input: (input) => void inputs.push(input),
    connection(info, link) {
      const recorded: Recorded = { info, link, received: [], closed: [] };
      connections.push(recorded);
      return {
        received: (octets) => void recorded.received.push(octets),
        closed: (cause) => void recorded.closed.push(cause),
      };
    },
  };
  return { host, connections, inputs };
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function stage(limits: Parameters<typeof tcp>[2] = {}) {
  const on = recorder();
  const server = await tcp(on.host, { host: "127.0.0.1", port: 0 }, limits);
  cleanups.push(() => server.close());
  return { ...on, server };
}

function client({ server }: { server: { address: { port: number } } }): Socket {
  const socket = connect(server.address.port, "127.0.0.1");
  socket.on("error", () => {});
  cleanups.push(() => socket.destroy());
  return socket;
}

test("tells where it listens, and who comes", async () => {
  const on = await stage();
  expect(on.inputs).toEqual([{ kind: "Listening", transport: "TCP", local: on.server.address }]);
  const socket = client(on);
  await vi.waitFor(() => expect(on.connections).toHaveLength(1));
  expect(on.connections[0]?.info).toEqual({
    transport: "TCP",
    local: on.server.address,
    remote: { host: "127.0.0.1", port: socket.localPort },
  });
});

test("a wildcard is refused: others have to be told where we are", () => {
  const { host } = recorder();
  expect(() => tcp(host, { host: "::", port: 0 })).toThrow(RangeError);
});

test("a port that is taken is said with its code", async () => {
  const { server, host } = await stage();
  await expect(tcp(host, server.address)).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("octets come as they were sent, whatever they are", async () => {
  const on = await stage();
  const socket = client(on);
  socket.write(Buffer.from([0, 255, 128, 13, 10]));
  await vi.waitFor(() => expect(on.connections[0]?.received.join("")).toBe("\0\xff\x80\r\n"));
});

test("what was said last arrives, though the peer goes on talking and is hung up on", async () => {
  const on = await stage();
  const socket = client(on);
  let heard = "";
  socket.on("data", (bytes) => {
    heard += bytes;
  });
  socket.write("x".repeat(100_000));
  await vi.waitFor(() => expect(on.connections[0]?.received.length).toBeGreaterThan(0));
  const [connection] = on.connections;
  connection?.link.send("SIP/2.0 400 Bad Request\r\n\r\n");
  connection?.link.close();
  const before = connection?.received.length;
  socket.write("y".repeat(100_000));
  connection?.link.send("too late");
  await once(socket, "close");
  expect(heard).toBe("SIP/2.0 400 Bad Request\r\n\r\n");
  expect(connection?.received).toHaveLength(before ?? 0);
  await vi.waitFor(() => expect(connection?.closed).toHaveLength(1));
});

test("a stranger may have less to read than somebody known", async () => {
  const on = await stage({ waitingBytes: 64 << 20 });
  for (const isKnown of [false, true]) {
    const socket = client(on);
    socket.pause();
    await vi.waitFor(() => expect(on.connections).toHaveLength(isKnown ? 2 : 1));
    const connection = on.connections.at(-1);
    if (isKnown) connection?.link.regard?.("Known");
    // More than a quarter, with all that the system takes; and less than all.
    connection?.link.send("x".repeat(30 << 20));
    await new Promise((next) => setTimeout(next, 50));
    expect(connection?.closed.length).toBe(isKnown ? 0 : 1);
    socket.destroy();
  }
});

test("a peer that reads nothing is hung up on before it fills our memory", async () => {
  const on = await stage();
  const socket = client(on);
  socket.pause();
  await vi.waitFor(() => expect(on.connections).toHaveLength(1));
  const [connection] = on.connections;
  const octets = "x".repeat(60_000);
  for (let i = 0; i < 1000 && connection?.closed.length === 0; i++) {
    connection?.link.send(octets);
    if (i % 20 === 0) await new Promise((next) => setTimeout(next, 1));
  }
  expect(String(connection?.closed[0])).toContain("not read");
  await vi.waitFor(() => expect(on.server.count).toBe(0));
});

describe("where there are too many, in all or from one place,", () => {
  const from = (on: Awaited<ReturnType<typeof stage>>, localAddress: string) => {
    const { port } = on.server.address;
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    socket.on("error", () => {}).resume();
    cleanups.push(() => socket.destroy());
    return socket;
  };

  test("the stranger who came first makes room for who comes last", async () => {
    const on = await stage({ connections: 3, connectionsPerSource: 2 });
    const sockets = [from(on, "127.0.0.1"), from(on, "127.0.0.1")];
    await vi.waitFor(() => expect(on.connections).toHaveLength(2));
    sockets.push(from(on, "127.0.0.1"));
    await once(sockets[0] as Socket, "close");
    sockets.push(from(on, "127.0.0.2"));
    await vi.waitFor(() => expect(on.connections).toHaveLength(4));
    sockets.push(from(on, "127.0.0.3"));
    await once(sockets[1] as Socket, "close");
    await vi.waitFor(() => expect(on.connections).toHaveLength(5));
    expect(on.server.count).toBe(3);
    expect(sockets.map((socket) => socket.destroyed)).toEqual([true, true, false, false, false]);
  });

  test("whoever is known stays, and if all are known nobody else comes in", async () => {
    const on = await stage({ connections: 2, connectionsPerSource: 2 });
    const known = from(on, "127.0.0.1");
    await vi.waitFor(() => expect(on.connections).toHaveLength(1));
    on.connections[0]?.link.regard?.("Known");
    const stranger = from(on, "127.0.0.2");
    await vi.waitFor(() => expect(on.connections).toHaveLength(2));
    const second = from(on, "127.0.0.3");
    await once(stranger, "close");
    await vi.waitFor(() => expect(on.connections).toHaveLength(3));
    on.connections[2]?.link.regard?.("Known");
    await once(from(on, "127.0.0.4"), "close");
    expect([known.destroyed, second.destroyed, on.server.count]).toEqual([false, false, 2]);
  });
});

test("those who said nothing go first, then strangers, by who came first", () => {
  const dropped: string[] = [];
  const limits = { connections: 4, connectionsPerSource: 9 };
  const crowd = new Crowd<string>(limits, (member) => dropped.push(member));
  for (const name of ["a", "b", "c", "d"]) crowd.enter(name, name);
  crowd.regard("a", "Known");
  for (const name of ["b", "a"]) crowd.regard(name, "Heard");
  const entered = ["e", "f", "g", "h"].map((name) => {
    const isIn = crowd.enter(name, name);
    crowd.regard(name, "Known");
    return isIn;
  });
  expect([dropped, entered]).toEqual([
    ["c", "d", "b"],
    [true, true, true, false],
  ]);
  // Whoever has left is regarded as nobody.
  crowd.regard("c", "Heard");
  crowd.leave("a");
  expect([crowd.enter("i", "i"), [...crowd]]).toEqual([true, ["e", "f", "g", "i"]]);
});

test("a source is an IPv4 address, or a /64 of IPv6", () => {
  expect(plainHost("::ffff:192.0.2.1")).toBe("192.0.2.1");
  const dropped: string[] = [];
  const limits = { connections: 9, connectionsPerSource: 1 };
  const crowd = new Crowd<string>(limits, (member) => dropped.push(member));
  for (const host of ["::1", "::2", "192.0.2.1"]) expect(crowd.enter(host, host)).toBe(true);
  expect([dropped, [...crowd]]).toEqual([["::1"], ["::2", "192.0.2.1"]]);
  crowd.leave("::1");
  crowd.leave("::2");
  expect(crowd.size).toBe(1);
});

/** A program with 60 file descriptors: 200 come, all go, and one more is answered. */
const FEW_DESCRIPTORS = `
import { connect } from "node:net";
import { once } from "node:events";
import { tcp } from ${JSON.stringify(new URL("tcp.ts", import.meta.url).href)};
const heard = [];
const host = { input() {}, connection: (_, link) => ({
  received: (octets) => link.send(octets), closed() {} }) };
const server = await tcp(host, { host: "127.0.0.1", port: 0 });
const { port } = server.address;
const client = () => connect(port, "127.0.0.1").on("error", (error) => heard.push(error.code));
const many = Array.from({ length: 200 }, client);
await new Promise((wait) => setTimeout(wait, 300));
for (const one of many) one.destroy();
await new Promise((wait) => setTimeout(wait, 300));
const last = client();
last.write("still there?");
const [answer] = await once(last, "data");
console.log(heard.includes("EMFILE"), String(answer));
process.exit(0);
`;

test("when there is no file descriptor left, it waits, and goes on when there is", async () => {
  const command = `ulimit -n 60; exec "$0" --input-type=module -e "$1"`;
  const args = ["-c", command, process.execPath, FEW_DESCRIPTORS];
  const { stdout } = await promisify(execFile)("sh", args, { timeout: 15_000 });
  expect(stdout.trim()).toBe("true still there?");
}, 20_000);

describe("dialling", () => {
  test("says which dial it answers", async () => {
    const on = await stage();
    const other = recorder();
    dialTcp(other.host, 7, on.server.address);
    await vi.waitFor(() => expect(other.connections).toHaveLength(1));
    expect(other.connections[0]?.info).toMatchObject({ dial: 7, remote: on.server.address });
    other.connections[0]?.link.close();
    await vi.waitFor(() => expect(other.connections[0]?.closed).toEqual([undefined]));
  });

  test("says that nobody is there", async () => {
    const other = recorder();
    dialTcp(other.host, 7, { host: "127.0.0.1", port: 9 });
    await vi.waitFor(() => expect(other.inputs).toHaveLength(1));
    expect(other.inputs[0]).toMatchObject({
      kind: "NotOpened",
      dial: 7,
      cause: { code: "ECONNREFUSED" },
    });
  });
});
