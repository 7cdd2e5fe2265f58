import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { createEndpoint } from "../endpoint/endpoint.ts";
import type { Role } from "../endpoint/role.ts";
import { requestText } from "../testing/request-text.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { run } from "./runner.ts";
import { udp } from "./udp.ts";

const HERE = { host: "127.0.0.1", port: 0 };

/** An endpoint that answers every request with 200, and writes down what fails. */
function stage() {
  const failures: string[] = [];
  const role: Role = {
    attach() {},
    request: (from) => endpoint.reply(from, { status: 200 }),
    ack() {},
  };
  const endpoint = createEndpoint({ role, crypto: nodeCrypto() });
  const runner = run(endpoint);
  return { endpoint, runner, failures };
}

/** A socket that is no SIP element, for looking at what comes. */
async function plainSocket(host = "127.0.0.1") {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  socket.bind({ address: host, port: 0 });
  await once(socket, "listening");
  const next = async () => String((await once(socket, "message"))[0]);
  return { socket, port: socket.address().port, next };
}

describe("SIP over UDP", () => {
  for (const host of ["127.0.0.1", "::1"]) {
    test(`answers from the address that was asked, ${host}`, async () => {
      const { runner } = stage();
      const { address, close } = await udp(runner, { host, port: 0 });
      const peer = await plainSocket(host);
      const via = host === "::1" ? `[::1]:${peer.port}` : `127.0.0.1:${peer.port}`;
      const answer = once(peer.socket, "message");
      const text = requestText("OPTIONS", { via: `SIP/2.0/UDP ${via};branch=z9hG4bK1;rport` });
      peer.socket.send(text, address.port, host);
      const [bytes, from] = await answer;
      expect(String(bytes)).toMatch(/^SIP\/2\.0 200 OK\r\n/);
      expect(from).toMatchObject({ address: host, port: address.port });
      runner.close();
      peer.socket.close();
      await close();
    });
  }

  test("carries every octet as it is", async () => {
    const { runner } = stage();
    const { address, close } = await udp(runner, HERE);
    const peer = await plainSocket();
    const name = String.fromCharCode(...Array.from({ length: 128 }, (_, i) => 128 + i));
    const via = `SIP/2.0/UDP 127.0.0.1:${peer.port};branch=z9hG4bK1`;
    const text = requestText("OPTIONS", { via, from: `"${name}" <sip:a@b>;tag=1` });
    const answer = once(peer.socket, "message");
    peer.socket.send(Buffer.from(text, "latin1"), address.port, address.host);
    expect((await answer)[0].toString("latin1")).toContain(`"${name}" <sip:a@b>;tag=1`);
    runner.close();
    peer.socket.close();
    await close();
  });

  test("says EADDRINUSE when the port is taken", async () => {
    const { runner } = stage();
    const { address, close } = await udp(runner, HERE);
    await expect(udp(runner, address)).rejects.toMatchObject({ code: "EADDRINUSE" });
    runner.close();
    await close();
  });

  test("wants one address, not all of them", () => {
    const { runner } = stage();
    for (const host of ["0.0.0.0", "::"]) {
      expect(() => udp(runner, { host, port: 0 })).toThrow(RangeError);
    }
    runner.close();
  });

  test("RFC 3261 §18.4 tells who asked that an address cannot be reached", async () => {
    const { runner, endpoint } = stage();
    const { address, close } = await udp(runner, HERE);
    const failed = Promise.withResolvers<string>();
    // Broadcast is refused by the system itself: nothing leaves.
    const remote = { host: "127.255.255.255", port: 9 };
    runner.call(() => {
      const branch = endpoint.ids.branch("x");
      const via = `SIP/2.0/UDP 127.0.0.1:${address.port};branch=${branch}`;
      endpoint.sendText(
        requestText("OPTIONS", { via }),
        { transport: "UDP", local: address, remote, connection: 0 },
        { response() {}, failed: (_, reason) => failed.resolve(reason) },
      );
    });
    expect(await failed.promise).toBe("transport");
    runner.close();
    await close();
  });

  test("what was said before it is closed leaves", async () => {
    const { runner } = stage();
    const { address, close } = await udp(runner, HERE);
    const peer = await plainSocket();
    const heard = peer.next();
    runner.call(() => {
      const remote = { host: "127.0.0.1", port: peer.port };
      const flow = { transport: "UDP", local: address, remote, connection: 0 } as const;
      runner.endpoint.transmit(flow, "the last words");
    });
    runner.close();
    const closing = close();
    expect(close(), "twice is once").toBe(closing);
    await closing;
    expect(await heard).toBe("the last words");
    peer.socket.close();
  });
});
