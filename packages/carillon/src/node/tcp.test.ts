import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { promisify } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Input } from "../endpoint/input-output.ts";
import type { ConnectionInfo, Link } from "./runner.ts";
import { OpenCount, plainHost, STREAM_LIMITS, sourceOf } from "./stream-limits.ts";
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

test("who comes when there are too many, in all or from one place, is not let in", async () => {
  const on = await stage({ connections: 3, connectionsPerSource: 2 });
  const [one, two] = [client(on), client(on)];
  await vi.waitFor(() => expect(on.connections).toHaveLength(2));
  await once(client(on), "close");
  const elsewhere = connect({
    port: on.server.address.port,
    host: "127.0.0.1",
    localAddress: "127.0.0.2",
  });
  cleanups.push(() => elsewhere.destroy());
  await vi.waitFor(() => expect(on.server.count).toBe(3));
  const another = connect({
    port: on.server.address.port,
    host: "127.0.0.1",
    localAddress: "127.0.0.3",
  });
  another.on("error", () => {});
  await once(another, "close");
  one.destroy();
  await vi.waitFor(() => expect(on.server.count).toBe(2));
  client(on);
  await vi.waitFor(() => expect(on.connections).toHaveLength(4));
  expect(two.destroyed).toBe(false);
});

test("a source is an IPv4 address, or a /64 of IPv6", () => {
  expect(plainHost("::ffff:192.0.2.1")).toBe("192.0.2.1");
  expect(sourceOf("192.0.2.1")).toBe("192.0.2.1");
  const net = ["2001:db8:0:1::5", "2001:db8:0:1:a:b:c:d", "2001:db8:0:1:ffff::"].map(sourceOf);
  expect(new Set(net)).toEqual(new Set(["2001:db8:0:1"]));
  expect(sourceOf("::1")).toBe("0:0:0:0");
  const count = new OpenCount({ ...STREAM_LIMITS, connectionsPerSource: 1 });
  expect(["::1", "::2", "192.0.2.1"].map((host) => count.enter(host))).toEqual([true, false, true]);
  count.leave("::1");
  expect(count.enter("::2")).toBe(true);
  expect(count.all).toBe(2);
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
