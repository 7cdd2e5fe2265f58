/**
 * The torture messages of RFC 4475 and RFC 5118 over real sockets of this machine: UDP, TCP, TLS
 * and WebSocket. The sockets are real, the clock runs ahead: what waits half a minute is over at
 * once.
 */
import { createHash } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createEndpoint } from "../endpoint/endpoint.ts";
import { fromBytes, type Octets } from "../grammar/octets.ts";
import { frame, startFraming } from "../message/framing.ts";
import { header } from "../message/headers.ts";
import { parseMessage } from "../message/message.ts";
import { domain } from "../roles/domain.ts";
import { Guard } from "../roles/guard.ts";
import type { Binding, Location } from "../roles/location.ts";
import { testAccounts } from "../testing/accounts.ts";
import { certificate } from "../testing/certificate.ts";
import { answer, request } from "../testing/domain-stage.ts";
import { openDoor } from "../testing/open-door.ts";
import { tortureOctets } from "../testing/torture-stage.ts";
import {
  finalsFor,
  forwardedFor,
  streamEnd,
  TORTURE,
  TORTURE_ADDRESSES,
  TORTURE_DOMAINS,
} from "../testing/torture-table.ts";
import type { Address } from "../uri/host.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { type Runner, run } from "./runner.ts";
import { tcp } from "./tcp.ts";
import { tls } from "./tls.ts";
import { udp } from "./udp.ts";

const HERE = "127.0.0.1";
const bytesOf = (octets: Octets) => Buffer.from(octets, "latin1");

/**
 * Answers to the messages go to the ports that their Vias name, 5060 above all. Others may have
 * those at 127.0.0.1; on Linux all of 127.0.0.0/8 is this machine.
 */
const OWN = `127.${100 + (process.pid % 100)}.${(process.pid >> 7) % 250}.7`;
const CALLER = process.platform === "linux" ? OWN : HERE;
const ANSWERED_PORTS = [5060, 5050, 6050, 19_823];

/** Milliseconds that our clock is ahead. */
let ahead = 0;
beforeAll(() => {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + ahead);
});
afterAll(() => vi.restoreAllMocks());

const OPEN = openDoor(Guard.prototype.check);
const openTheDoor = () => vi.spyOn(Guard.prototype, "check").mockImplementation(OPEN);

/** Everybody has one and the same device; what a REGISTER changes is forgotten. */
function oneDevice(local: () => Address, remote: Address): Location {
  const online = () => true;
  const bindings = (): readonly Binding[] => {
    const flow = { transport: "UDP", local: local(), remote, connection: 0 } as const;
    const contact = `sip:device@${remote.host}:${remote.port}`;
    return [{ contact, q: 1000, callId: "x", cseq: 1, expiresAt: Number.MAX_VALUE, flow }];
  };
  return { bindings, replace() {}, drop() {}, online };
}

async function bound(address: string, port = 0): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind({ address, port, exclusive: true });
  await once(socket, "listening");
  return socket;
}

/** The device: it takes everything, and counts. */
async function device() {
  const socket = await bound(HERE);
  const heard: Octets[] = [];
  socket.on("message", (bytes, from) => {
    const octets = fromBytes(bytes);
    heard.push(octets);
    socket.send(bytesOf(answer(octets, 200, "d")), from.port, from.address);
  });
  return { socket, heard, address: { host: HERE, port: socket.address().port } };
}

/** A server with one UDP socket and WebSockets, and somebody who speaks to it either way. */
async function house(open: boolean) {
  const callee = await device();
  const crypto = nodeCrypto();
  const living = testAccounts(crypto, "house.example", { alice: "a secret" });
  let at: Address = { host: HERE, port: 0 };
  const role = domain({
    domain: "house.example",
    aliases: open ? TORTURE_DOMAINS : [],
    realm: "house.example",
    accounts: open ? { ...living, has: () => true } : living,
    location: oneDevice(() => at, callee.address),
    ...{ crypto, key: crypto.randomBytes(32), tokenKey: crypto.randomBytes(32), node: "n1" },
  });
  const endpoint = createEndpoint({ role, crypto, node: "n1" });
  const runner = run(endpoint);
  const socket = await udp(runner, at);
  at = socket.address;
  const overTcp = await tcp(runner, { host: HERE, port: 0 });
  const overTls = await tls(runner, { host: HERE, port: 0 }, certificate({ name: HERE }));
  if (open) for (const local of TORTURE_ADDRESSES) runner.listening(local, () => {});
  const web = createServer();
  web.on("upgrade", ({ headers }, line: Duplex) => accept(runner, headers, line));
  web.listen(0, HERE);
  await once(web, "listening");
  const stop = async () => {
    runner.close();
    await Promise.all([socket.close(), overTcp.close(), overTls.close()]);
    callee.socket.close();
    web.close();
  };
  const ports = { tcp: overTcp.address.port, tls: overTls.address.port };
  return { endpoint, runner, at: socket.address, ports, web, heard: callee.heard, stop };
}

type House = Awaited<ReturnType<typeof house>>;

// ---- WebSockets, as little of RFC 6455 as the messages need -------------------------------------

function accept(
  runner: Runner,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  line: Duplex,
): void {
  const magic = `${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const key = createHash("sha1").update(magic).digest("base64");
  const said = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  said.push(`Sec-WebSocket-Accept: ${key}`, "Sec-WebSocket-Protocol: sip");
  line.write(`${said.join("\r\n")}\r\n\r\n`);
  const ends = { local: { host: HERE, port: 80 }, remote: { host: HERE, port: 40_000 } };
  const connection = runner.connection(
    { transport: "WS", ...ends },
    { send: (octets) => line.write(framed(octets)), close: () => line.destroy() },
  );
  let waiting = Buffer.alloc(0);
  line.on("data", (bytes: Buffer) => {
    waiting = Buffer.concat([waiting, bytes]);
    for (let one = unframed(waiting); one; one = unframed(waiting)) {
      waiting = waiting.subarray(one.size);
      if (one.opcode === CLOSE) line.end(Buffer.from([0x80 | CLOSE, 0]));
      else connection.received(fromBytes(one.payload));
    }
  });
  line.on("error", () => {});
  line.on("close", () => connection.closed());
}

const CLOSE = 8;

/** A binary message in one frame; none of ours is over 65,535 octets. */
function framed(octets: Octets): Buffer {
  const { length } = octets;
  const size = length < 126 ? [length] : [126, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([0x82, ...size]), bytesOf(octets)]);
}

/** The first frame of a client, which masks it; undefined if it is not all there. */
function unframed(bytes: Buffer): { opcode: number; payload: Buffer; size: number } | undefined {
  if (bytes.length < 6) return undefined;
  const short = (bytes[1] ?? 0) & 127;
  const start = short === 126 ? 4 : 2;
  const size = start + 4 + (short === 126 ? bytes.readUInt16BE(2) : short);
  if (bytes.length < size) return undefined;
  const mask = bytes.subarray(start, start + 4);
  const payload = Buffer.from(bytes.subarray(start + 4, size)).map(
    (byte, i) => byte ^ (mask[i % 4] ?? 0),
  );
  return { opcode: (bytes[0] ?? 0) & 15, payload: Buffer.from(payload), size };
}

// ---- who speaks ---------------------------------------------------------------------------------

interface Caller {
  readonly heard: Octets[];
  /** Over a connection: opens it anew if it was closed. */
  say(octets: Octets): void;
  close(): Promise<void>;
}

async function udpCaller({ at }: House): Promise<Caller> {
  const heard: Octets[] = [];
  const sockets = await Promise.all(ANSWERED_PORTS.map((port) => bound(CALLER, port)));
  const [first] = sockets;
  for (const socket of sockets) socket.on("message", (bytes) => heard.push(fromBytes(bytes)));
  return {
    heard,
    say: (octets) => first?.send(bytesOf(octets), at.port, at.host),
    close: async () => {
      for (const socket of sockets) socket.close();
    },
  };
}

async function webCaller({ web }: House): Promise<Caller> {
  const heard: Octets[] = [];
  const socket = new WebSocket(`ws://${HERE}:${portOf(web)}/sip`, "sip");
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => heard.push(fromBytes(new Uint8Array(data))));
  await once(socket, "open");
  const close = async () => {
    const closed = once(socket, "close");
    socket.close();
    await closed;
  };
  return { heard, say: (octets) => socket.send(bytesOf(octets)), close };
}

/** Speaks on a stream, which it opens anew when it was closed. */
function streamCaller(open: () => Duplex): Caller {
  const heard: Octets[] = [];
  let socket: Duplex | undefined;
  const opened = () => {
    const fresh = open();
    const answers = cutter((octets) => heard.push(octets));
    fresh.on("data", (bytes: Buffer) => answers(fromBytes(bytes)));
    fresh.on("error", () => {});
    return fresh;
  };
  const close = async () => {
    if (!socket || socket.closed) return;
    const closed = once(socket, "close");
    socket.destroy();
    await closed;
  };
  return {
    heard,
    say(octets) {
      if (!socket || socket.destroyed || socket.readableEnded) socket = opened();
      socket.write(bytesOf(octets));
    },
    close,
  };
}

/** Cuts what comes on a stream into messages. */
function cutter(message: (octets: Octets) => void): (octets: Octets) => void {
  let state = startFraming;
  return (octets) => {
    const [next, ...frames] = frame(state, octets);
    state = next;
    for (const one of frames) if (one.kind === "Message") message(one.text);
  };
}

const tcpCaller = async ({ ports }: House): Promise<Caller> =>
  streamCaller(() => connect(ports.tcp, HERE));
const tlsCaller = async ({ ports }: House): Promise<Caller> =>
  streamCaller(() => connectTls({ port: ports.tls, host: HERE, rejectUnauthorized: false }));

const portOf = (web: Server) => (web.address() as AddressInfo).port;

const statusesIn = (texts: readonly Octets[], callId: RegExp): number[] =>
  texts.flatMap((text) => {
    const message = parseMessage(text);
    if (!message.ok || message.value.kind !== "Response" || message.value.status < 200) return [];
    return callId.test(header(message.value, "Call-ID") ?? "") ? [message.value.status] : [];
  });

let probes = 0;
/** Asks for what it can do, and waits for the answer: all that was said before is dealt with. */
async function probe(caller: Caller, uri: string): Promise<number[]> {
  const callId = `probe-${++probes}`;
  const via = `SIP/2.0/UDP ${CALLER}:5060;branch=z9hG4bK${callId}`;
  caller.say(request("OPTIONS", { uri, via, callId }));
  const answers = () => statusesIn(caller.heard, new RegExp(`^${callId}$`));
  await vi.waitFor(() => expect(answers()).not.toEqual([]), WAIT);
  return answers();
}

/** Seventy seconds, in steps that no timer is shorter than by much. */
function runOut({ runner }: House): void {
  for (let i = 0; i < 140; i++) {
    ahead += 500;
    runner.call(() => {});
  }
}

/** The caller's connection is closed, and the server knows. */
async function hungUp(caller: Caller, { endpoint }: House): Promise<void> {
  await caller.close();
  await vi.waitFor(() => expect(endpoint.census().connections).toBe(0), WAIT);
}

const WAIT = { timeout: 5000, interval: 2 };
const NO_PROBE = /^(?!probe-)/;

const houses = [
  { what: "open, with the torture domains served", open: true, probed: [200] },
  { what: "as it comes", open: false, probed: [407] },
];
const ways = [
  { way: "UDP", call: udpCaller },
  { way: "TCP", call: tcpCaller },
  { way: "TLS", call: tlsCaller },
  { way: "WebSocket", call: webCaller },
] as const;

describe.each(houses)("a server on real sockets, $what", ({ open, probed }) => {
  describe.each(ways)("over $way", ({ way, call }) => {
    let served: House;
    let caller: Caller;
    let door: ReturnType<typeof openTheDoor> | undefined;
    beforeAll(async () => {
      door = open ? openTheDoor() : undefined;
      served = await house(open);
      caller = await call(served);
    });
    afterAll(async () => {
      await caller.close();
      await vi.waitFor(() => expect(served.endpoint.census().connections).toBe(0));
      await served.stop();
      door?.mockRestore();
    });

    test.each(TORTURE)(`$rfc $name over ${way}`, async (row) => {
      const uri = open ? "sip:example.com" : "sip:house.example";
      const isStream = way === "TCP" || way === "TLS";
      const ask = async () => {
        expect(await probe(caller, uri)).toEqual(probed);
        if (isStream) await hungUp(caller, served);
        runOut(served);
        return served.endpoint.census();
      };
      const before = await ask();
      caller.heard.length = 0;
      served.heard.length = 0;

      caller.say(tortureOctets(row));
      const expected = finalsFor(row, { open, way });
      const finals = () => statusesIn(caller.heard, NO_PROBE);
      await vi.waitFor(() => expect(finals()).toHaveLength(expected.length), WAIT);
      const forwarded = forwardedFor(row, { open, way });
      await vi.waitFor(() => expect(served.heard).toHaveLength(forwarded), WAIT);
      if (isStream && streamEnd(row)) {
        // What never ends is given up, once it has begun; the server hangs up by itself.
        if (streamEnd(row) === "Late") {
          await sleep(50);
          runOut(served);
        }
        await vi.waitFor(() => expect(served.endpoint.census().connections).toBe(0), WAIT);
        await caller.close();
      }

      expect(await ask()).toEqual(before);
      expect(finals(), "and nothing more came").toHaveLength(expected.length);
      for (const [i, statuses] of expected.entries()) expect(statuses).toContain(finals()[i]);
      expect(served.heard).toHaveLength(forwarded);
    });
  });
});
