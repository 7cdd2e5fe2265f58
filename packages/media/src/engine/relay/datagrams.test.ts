import { expect, test } from "vitest";
import { readSocketAddress, socketAddress } from "../../system/socket-address.ts";
import { loadSystem } from "../../system/system.ts";
import { type DatagramSocket, type Datagrams, datagrams } from "./datagrams.ts";
import { PlainDatagrams } from "./plain-datagrams.ts";
import { PolledDatagrams } from "./polled-datagrams.ts";

const system = await loadSystem();
const KINDS: readonly (readonly [string, Datagrams])[] = [
  ["node:dgram", new PlainDatagrams()],
  ...(typeof system === "string" ? [] : [["epoll", new PolledDatagrams(system)] as const]),
];
const HOSTS = ["127.0.0.1", "::1"];
const CASES = KINDS.flatMap(([name, kind]) => HOSTS.map((host) => [name, host, kind] as const));

async function open(kind: Datagrams, host: string, received: Parameters<Datagrams["bind"]>[1]) {
  for (let port = 42_000; port < 43_000; port++) {
    const socket = await kind.bind({ host, port }, received);
    if (socket) return socket;
  }
  throw new Error("no port is free");
}

test("on Linux the system's own calls are what is used", async () => {
  const isLinux = process.platform === "linux";
  expect((await datagrams()) instanceof PolledDatagrams).toBe(isLinux);
});

test.each(CASES)(
  "%s on %s: datagrams come whole, from whom they were sent",
  async (_, host, kind) => {
    const heard: string[] = [];
    const peers = new Set<object>();
    let whole = (): void => {};
    const done = new Promise<void>((resolve) => {
      whole = resolve;
    });
    const far = await open(kind, host, (octets, from) => {
      heard.push(`${from.host} ${from.port} ${Buffer.from(octets)}`);
      peers.add(from);
      if (heard.length === 100) whole();
    });
    const near = await open(kind, host, () => {});
    for (let n = 0; n < 100; n++) {
      expect(near.send(Buffer.from(`packet ${n}`), { host, port: far.port })).toBe(true);
    }
    await done;
    expect(heard).toEqual(
      Array.from({ length: 100 }, (_, n) => `${host} ${near.port} packet ${n}`),
    );
    expect(peers.size).toBe(1);
    for (const socket of [near, far]) socket.close();
  },
);

test.each(CASES)(
  "%s on %s: a handler that throws costs its datagram, and nobody else's",
  async (_, host, kind) => {
    const warned: string[] = [];
    const onwarning = (warning: Error) => void warned.push(warning.message);
    process.on("warning", onwarning);
    const heard: string[] = [];
    const far = await open(kind, host, (octets) => {
      const text = Buffer.from(octets).toString();
      if (text === "bad") throw new Error("a defect of ours");
      heard.push(text);
    });
    const near = await open(kind, host, () => {});
    for (const text of ["one", "bad", "bad", "two"]) {
      near.send(Buffer.from(text), { host, port: far.port });
    }
    for (let n = 0; n < 300 && (heard.length < 2 || warned.length === 0); n++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    process.off("warning", onwarning);
    for (const socket of [near, far]) socket.close();
    expect(heard).toEqual(["one", "two"]);
  },
);

test.each(CASES)(
  "%s on %s: what comes can be sent on within its handler",
  async (_, host, kind) => {
    let echoed: string | undefined;
    let heard = (): void => {};
    const done = new Promise<void>((resolve) => {
      heard = resolve;
    });
    let echo: DatagramSocket | undefined;
    echo = await open(kind, host, (octets, from) => {
      octets[0]! ^= 0x20;
      echo?.send(octets, from);
    });
    const near = await open(kind, host, (octets) => {
      echoed = Buffer.from(octets).toString();
      heard();
    });
    near.send(Buffer.from("hello"), { host, port: echo.port });
    await done;
    expect(echoed).toBe("Hello");
    for (const socket of [near, echo]) socket.close();
  },
);

test.each(CASES)(
  "%s on %s: what is sliced from a datagram is a copy, which later ones do not write over",
  async (_, host, kind) => {
    const kept: Uint8Array[] = [];
    const far = await open(kind, host, (octets) => kept.push(octets.slice(1, 3)));
    const near = await open(kind, host, () => {});
    const said = async (text: string): Promise<void> => {
      const before = kept.length;
      near.send(Buffer.from(text), { host, port: far.port });
      while (kept.length === before) await new Promise((go) => setTimeout(go, 5));
    };
    for (const text of ["1abc", "2def", "3ghi"]) await said(text);
    expect(kept.map((one) => Buffer.from(one).toString())).toEqual(["ab", "de", "gh"]);
    for (const socket of [near, far]) socket.close();
  },
);

test.each(CASES)(
  "%s on %s: a port that is taken is told, and closed ones are free",
  async (_, host, kind) => {
    const first = await open(kind, host, () => {});
    expect(await kind.bind({ host, port: first.port }, () => {})).toBeUndefined();
    first.close();
    first.close();
    expect(first.send(Buffer.from("late"), { host, port: 9 })).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const again = await kind.bind({ host, port: first.port }, () => {});
    expect(again?.port).toBe(first.port);
    again?.close();
  },
);

test.each(typeof system === "string" ? [] : [system])(
  "epoll: what is longer than a frame is no RTP, whether it comes alone or in a crowd",
  async (calls) => {
    const kind = new PolledDatagrams(calls);
    const heard: string[] = [];
    const far = await open(kind, "127.0.0.1", (octets) =>
      heard.push(Buffer.from(octets).toString()),
    );
    const near = new PlainDatagrams();
    const socket = await open(near, "127.0.0.1", () => {});
    const to = { host: "127.0.0.1", port: far.port };
    const said = async (...all: readonly string[]): Promise<void> => {
      for (const one of all) socket.send(Buffer.from(one), to);
      while (heard.at(-1) !== all.at(-1)) await new Promise((go) => setTimeout(go, 5));
    };
    const long = "x".repeat(3000);
    for (let n = 0; n < 30; n++) await said(`${n}`);
    await said("one");
    socket.send(Buffer.from(long), to);
    await new Promise((go) => setTimeout(go, 20));
    await said("two");
    await said("a", long, "b", long, long, "c", "d");
    expect(heard.slice(30)).toEqual(["one", "two", "a", "b", "c", "d"]);
    for (const each of [far, socket]) each.close();
  },
);

test("addresses are written as the system has them, and read again", () => {
  const all = ["127.0.0.1", "255.0.1.20", "::1", "2001:db8::7:0:1", "fe80::1", "::"];
  for (const host of all) {
    const octets = socketAddress({ host, port: 40_123 });
    expect(readSocketAddress(new DataView(octets.buffer), 0)).toEqual({ host, port: 40_123 });
  }
});
