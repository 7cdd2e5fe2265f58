import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { createEndpoint, type Endpoint, type Input, type Role } from "carillon/endpoint";
import { nodeCrypto, type Runner, run, type UdpSocket } from "carillon/node";
import { loadSystem } from "carillon-media/system";
import { afterEach, describe, expect, test } from "vitest";
import { type Datagrams, datagrams } from "./datagrams.ts";

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);
const HOSTS = hasIpv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"];

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function request(method: string, via: string, body = ""): string {
  return [
    `${method} sip:x@y SIP/2.0`,
    `Via: ${via}`,
    "From: <sip:a@b>;tag=1",
    "To: <sip:x@y>",
    "Call-ID: c1",
    `CSeq: 1 ${method}`,
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}

/** An endpoint that answers everything with 200, on a socket of its own. */
async function stage({ bind }: Datagrams, host: string, failed: (why: string) => void = () => {}) {
  const inputs: Input[] = [];
  const role: Role = {
    attach() {},
    request: (from) => endpoint.reply(from, { status: 200 }),
    ack() {},
  };
  const endpoint: Endpoint = createEndpoint({ role, crypto: nodeCrypto() });
  const runner: Runner = run(endpoint);
  const input = runner.input.bind(runner);
  runner.input = (one) => {
    inputs.push(one);
    input(one);
  };
  const socket: UdpSocket = await bind(runner, { host, port: 0 });
  closers.push(() => runner.close(), socket.close);
  const ask = (port: number, to = host) => {
    const { address } = socket;
    const sentBy = host.includes(":") ? `[${host}]` : host;
    const via = `SIP/2.0/UDP ${sentBy}:${address.port};branch=${endpoint.ids.branch("x")}`;
    const flow = {
      transport: "UDP",
      local: address,
      remote: { host: to, port },
      connection: 0,
    } as const;
    const user = { response() {}, failed: (_: unknown, why: string) => failed(why) };
    runner.call(() => endpoint.sendText(request("OPTIONS", via), flow, user));
  };
  return { ...socket, runner, inputs, endpoint, ask };
}

/** A socket that is no SIP element. */
async function plain(host: string): Promise<{ socket: Socket; port: number; heard: string[] }> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  socket.bind({ address: host, port: 0 });
  await once(socket, "listening");
  const heard: string[] = [];
  socket.on("message", (bytes) => heard.push(bytes.toString("latin1")));
  closers.push(() => new Promise<void>((done) => socket.close(() => done())));
  return { socket, port: socket.address().port, heard };
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isTrue(); i++) await new Promise((go) => setTimeout(go, 10));
  expect(isTrue()).toBe(true);
}

test("Linux on 64 bits sends and receives in batches; where not, it says why", async () => {
  const can = process.platform === "linux" && ["x64", "arm64"].includes(process.arch);
  expect(typeof (await loadSystem())).toBe(can ? "object" : "string");
  expect((await datagrams({ inBatches: false })).whyNot).toBe("switched off");
});

for (const batched of [true, false]) {
  describe(batched ? "datagrams in batches" : "datagrams one by one", () => {
    for (const host of HOSTS) {
      test(`answers from the address that was asked, ${host}`, async () => {
        const { address } = await stage(await datagrams({ inBatches: batched }), host);
        const { socket, port, heard } = await plain(host);
        const froms: unknown[] = [];
        socket.on("message", (_, from) => froms.push([from.address, from.port]));
        const sentBy = host.includes(":") ? `[${host}]` : host;
        const via = `SIP/2.0/UDP ${sentBy}:${port};branch=z9hG4bK1;rport`;
        socket.send(request("OPTIONS", via), address.port, host);
        await until(() => heard.length === 1);
        expect(heard[0]).toMatch(/^SIP\/2\.0 200 OK\r\n/);
        expect(froms).toEqual([[host, address.port]]);
      });
    }

    test("what the system refuses to send is a transport error", async () => {
      const failures: string[] = [];
      const failed = (why: string) => failures.push(why);
      const { ask } = await stage(await datagrams({ inBatches: batched }), "127.0.0.1", failed);
      // Broadcast: nothing leaves.
      ask(9, "127.255.255.255");
      await until(() => failures.length === 1);
      expect(failures).toEqual(["transport"]);
    });

    test("a burst of 3,000 is answered whole, and octets stay as they are", async () => {
      const { address, endpoint } = await stage(
        await datagrams({ inBatches: batched }),
        "127.0.0.1",
      );
      const { socket, port, heard } = await plain("127.0.0.1");
      socket.setRecvBufferSize(8 << 20);
      const body = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
      for (let i = 0; i < 3_000; i++) {
        const via = `SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bKburst${i};rport`;
        socket.send(
          Buffer.from(request("MESSAGE", via, body), "latin1"),
          address.port,
          "127.0.0.1",
        );
        if (i % 100 === 99) await new Promise((go) => setTimeout(go, 2));
      }
      await until(() => new Set(heard.map((one) => /burst\d+/.exec(one)?.[0])).size === 3_000);
      expect(endpoint.census().servers).toBe(0);
    });

    test("takes 60,000 octets, and sends them", async () => {
      const { address, runner, endpoint, inputs } = await stage(
        await datagrams({ inBatches: batched }),
        "127.0.0.1",
      );
      const { socket, port, heard } = await plain("127.0.0.1");
      const large = request(
        "MESSAGE",
        `SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bKl`,
        "\u00e4".repeat(60_000),
      );
      socket.send(Buffer.from(large, "latin1"), address.port, "127.0.0.1");
      await until(() => inputs.some((one) => one.kind === "Datagram" && one.octets === large));
      const remote = { host: "127.0.0.1", port };
      const flow = { transport: "UDP", local: address, remote, connection: 0 } as const;
      runner.call(() => {
        for (let i = 0; i < 40; i++) endpoint.transmit(flow, large);
      });
      await until(() => heard.includes(large));
    });

    test("says EADDRINUSE when the port is taken", async () => {
      const ways = await datagrams({ inBatches: batched });
      const { address, runner } = await stage(ways, "127.0.0.1");
      await expect(ways.bind(runner, address)).rejects.toMatchObject({ code: "EADDRINUSE" });
      await expect(ways.bind(runner, { host: "192.0.2.1", port: 0 })).rejects.toMatchObject({
        code: "EADDRNOTAVAIL",
      });
    });

    test("what was said before it is closed leaves, and a port is free again", async () => {
      const ways = await datagrams({ inBatches: batched });
      const { address, runner, endpoint, close } = await stage(ways, "127.0.0.1");
      const { port, heard } = await plain("127.0.0.1");
      runner.call(() => {
        const remote = { host: "127.0.0.1", port };
        const flow = { transport: "UDP", local: address, remote, connection: 0 } as const;
        endpoint.transmit(flow, "the last words");
      });
      await close();
      await until(() => heard.includes("the last words"));
      const again = await ways.bind(runner, address);
      await again.close();
    });
  });
}
