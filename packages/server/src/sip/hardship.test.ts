/**
 * What every driver has to live through: its sockets die under it, it is starved (nobody reads what
 * it says, the system takes nothing more), and it is flooded. Others are served meanwhile.
 */
import { createSocket, type Socket as Datagrams } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { ask, type Pair } from "carillon/testing";
import type { Address } from "carillon/uri";
import type { System } from "carillon-media/system";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { BatchedUdp } from "./batched/batched-udp.ts";
import { believeThem, type Listening, listening, newRunner, reach, system } from "./test-ways.ts";

/** Every datagram socket that a driver makes. */
const { made } = vi.hoisted(() => ({ made: [] as Datagrams[] }));
vi.mock("node:dgram", async (original) => {
  const real = await original<typeof import("node:dgram")>();
  const create = (...how: Parameters<typeof real.createSocket>) => {
    const socket = real.createSocket(...how);
    made.push(socket);
    return socket;
  };
  return { ...real, createSocket: create };
});

const HOST = "127.0.0.1";
const cleanups: (() => unknown)[] = [];
beforeAll(believeThem);
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  made.length = 0;
});

const WORLD: Pick<Pair, "step"> = {};
const pause = (ms: number) => new Promise((go) => setTimeout(go, ms));

function newEnd() {
  const made = newRunner();
  cleanups.push(() => made.runner.close());
  return made;
}

/** Passes everything on between a client and what listens, until it is told otherwise. */
async function between(to: Address) {
  const ways: [Socket, Socket][] = [];
  const server = createServer((client) => {
    const onward = connect(to);
    ways.push([client, onward]);
    for (const socket of [client, onward]) socket.on("error", () => {});
    client.on("data", (bytes) => onward.write(bytes)).on("close", () => onward.destroy());
    onward.on("data", (bytes) => client.write(bytes)).on("close", () => client.destroy());
  });
  server.listen(0, HOST);
  await once(server, "listening");
  cleanups.push(() => server.close());
  const { port } = server.address() as { port: number };
  return {
    address: { host: HOST, port },
    /** As when a machine falls over: both sides are reset. */
    kill: () => {
      for (const socket of ways.splice(0).flat()) socket.resetAndDestroy();
    },
    /** Nothing that the server says is read any more. */
    stall: () => {
      for (const [, onward] of ways) onward.pause();
    },
  };
}

describe.each(["TCP", "TLS", "WS", "WSS"] as const)("the driver of %s", (way) => {
  async function stage() {
    const [server, client] = [newEnd(), newEnd()];
    const open: Listening = await listening(server.runner, way, HOST);
    cleanups.push(() => open.close());
    const line = await between(open.address);
    return { server, client, open, line };
  }

  test("is killed: both sides hear of it once, and the next connection works", async () => {
    const { server, client, open, line } = await stage();
    const flow = reach(client.end, way, line.address);
    await ask(WORLD, client.end, flow, "first");
    const late = ask(WORLD, client.end, flow, "on its way").catch((error: Error) => error.message);
    line.kill();
    expect(["transport", 200]).toContain(
      await late.then((one) => (typeof one === "string" ? one : one.status)),
    );
    const told = () => [client.end, server.end].map(({ closed }) => closed.length);
    await expect.poll(told).toEqual([1, 1]);
    await expect.poll(() => open.count).toBe(0);
    const again = reach(client.end, way, line.address);
    expect((await ask(WORLD, client.end, again, "again")).body).toBe("again");
    expect([told(), server.faults, client.faults]).toEqual([[1, 1], [], []]);
  });

  test("is starved: who reads nothing is cut off, and nobody else", async () => {
    const { server, client, open, line } = await stage();
    await ask(WORLD, client.end, reach(client.end, way, line.address), "first");
    const [flow] = server.end.opened;
    if (!flow) throw new Error("nobody came");
    const other = newEnd();
    const theirs = reach(other.end, way, open.address);
    await ask(WORLD, other.end, theirs, "first");
    line.stall();
    const octets = "x".repeat(60_000);
    let said = 0;
    for (; said < 1000 && server.end.closed.length === 0; said++) {
      server.end.call(() => server.end.endpoint.transmit(flow, octets));
      await new Promise((go) => setImmediate(go));
    }
    await expect.poll(() => server.end.closed).toHaveLength(1);
    // What the system's own buffers took, and no more than the limit beside it.
    expect(said).toBeLessThan(1000);
    expect((await ask(WORLD, other.end, theirs, "still there?")).body).toBe("still there?");
    await expect.poll(() => open.count).toBe(1);
    expect(server.faults).toEqual([]);
  });

  test("is flooded: garbage and silence keep nobody from being answered", async () => {
    const { server, client, open } = await stage();
    const flow = reach(client.end, way, open.address);
    await ask(WORLD, client.end, flow, "first");
    const flood = Array.from({ length: 250 }, (_, nth) => {
      const socket = connect(open.address);
      socket.on("error", () => {}).resume();
      if (nth % 5 > 0) socket.write(garbage(nth));
      return socket;
    });
    const bodies = Array.from({ length: 200 }, (_, nth) => `${nth}`);
    const answers = await Promise.all(bodies.map((body) => ask(WORLD, client.end, flow, body)));
    expect(answers.map(({ body }) => body)).toEqual(bodies);
    for (const socket of flood) socket.destroy();
    await expect.poll(() => open.count, { timeout: 5000 }).toBe(1);
    expect([client.end.closed, server.faults]).toEqual([[], []]);
  });
});

/** What is no SIP, no TLS and no HTTP, and some that begins as if it were. */
function garbage(nth: number): Buffer {
  const bytes = Buffer.alloc(2000, (nth * 37) & 255);
  if (nth % 3 === 0) return bytes;
  const begun =
    nth % 3 === 1 ? "GET /sip HTTP/1.1\r\nUpgrade: websocket\r\n" : "INVITE sip:x SIP/2.0\r\n";
  return Buffer.concat([Buffer.from(begun), bytes]);
}

/** A system that does not take the first so many sends. */
function refusing(real: System, sends: number, errno: number): System {
  let left = sends;
  let isRefused = false;
  return {
    ...real,
    sendmmsg: (...how) => {
      isRefused = left-- > 0;
      return isRefused ? -1 : real.sendmmsg(...how);
    },
    errno: () => (isRefused ? errno : real.errno()),
  };
}

const EAGAIN = 11;
const ENOBUFS = 105;

describe.each(["UDP", "UDP in batches"] as const)("the driver of %s", (way) => {
  async function stage(bind?: (end: ReturnType<typeof newEnd>) => Promise<Listening>) {
    const [server, client] = [newEnd(), newEnd()];
    const open = await listening(server.runner, way, HOST);
    const own = await (bind?.(client) ?? listening(client.runner, way, HOST));
    cleanups.push(() => Promise.all([open.close(), own.close()]));
    const [ours, theirs] = made;
    if (!ours || !theirs) throw new Error("the drivers made no sockets");
    return { server, client, open, ours, theirs, flow: reach(client.end, way, open.address) };
  }

  test("is killed: what is to be sent fails at once, and nothing is thrown", async () => {
    const { server, client, ours, flow } = await stage();
    await ask(WORLD, client.end, flow, "first");
    const back = server.end.heard[0]?.flow;
    ours.close();
    await pause(20);
    await expect(ask(WORLD, server.end, back, "x")).rejects.toThrow("transport");
    expect(server.faults).toEqual([]);
  });

  test.each([EAGAIN, ENOBUFS])(
    "is starved (errno %i): it is said again, and arrives",
    async (errno) => {
      const isBatched = way === "UDP in batches";
      const { client, theirs, flow } = await stage(
        isBatched
          ? async ({ runner }) => {
              const driver = new BatchedUdp(refusing(await system(), 2, errno), Date.now);
              return { ...(await driver.bind(runner, { host: HOST, port: 0 })), count: 0 };
            }
          : undefined,
      );
      if (!isBatched) refuseSends(theirs, 2, errno);
      expect((await ask(WORLD, client.end, flow, "in the end")).body).toBe("in the end");
      expect(client.faults).toEqual([]);
    },
  );

  test("is flooded: garbage keeps nobody from being answered", async () => {
    const { server, client, open, flow } = await stage();
    const stranger = createSocket("udp4");
    cleanups.push(() => stranger.close());
    const flood = async () => {
      for (let nth = 0; nth < 10_000; nth++) {
        stranger.send(garbage(nth), open.address.port, HOST);
        if (nth % 100 === 99) await pause(1);
      }
    };
    const bodies = Array.from({ length: 200 }, (_, nth) => `${nth}`);
    const asked = async () => {
      const answers = [];
      for (const body of bodies) answers.push((await ask(WORLD, client.end, flow, body)).body);
      return answers;
    };
    const [answers] = await Promise.all([asked(), flood()]);
    expect(answers).toEqual(bodies);
    expect([server.faults, client.faults]).toEqual([[], []]);
  }, 20_000);
});

function refuseSends(socket: Datagrams, sends: number, errno: number): void {
  const real = socket.send.bind(socket) as (...how: unknown[]) => void;
  const code = errno === ENOBUFS ? "ENOBUFS" : "EAGAIN";
  let left = sends;
  Object.assign(socket, {
    send: (...how: unknown[]) => {
      const told = how.at(-1) as (cause: Error) => void;
      if (left-- > 0)
        queueMicrotask(() => told(Object.assign(new Error(code), { code, errno: -errno })));
      else real(...how);
    },
  });
}
