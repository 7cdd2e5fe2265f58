import { createSocket, type Socket } from "node:dgram";
import { formatRtcp, formatRtp, parseRtp } from "carillon/rtp";
import {
  agreedMedia,
  answer,
  checkAnswer,
  type Description,
  type LocalMedia,
  offer,
} from "carillon/sdp";
import { afterEach, expect, test } from "vitest";
import type { LocalPart, Provided, TransportOptions } from "../transport.ts";
import { RtpTransport } from "./rtp-transport.ts";

const HERE = "127.0.0.1";
const ports = { from: 44_000, to: 44_999 };
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const AUDIO = { slot: undefined, media: "audio" } as const;

function transport(options: Partial<TransportOptions> = {}): RtpTransport {
  const made = new RtpTransport({
    address: HERE,
    ports,
    isBehindNat: false,
    sdes: false,
    ...options,
  });
  closing.push(() => made.close());
  return made;
}

function value<T>(provided: Provided<T>): T {
  if (!provided.ok) throw new Error(provided.why);
  return provided.value;
}

/** The engine's part: descriptions out of what the transports give. */
function local(part: LocalPart): LocalMedia {
  const origin = { username: "-", sessionId: "1", sessionVersion: "1", netType: "IN" };
  const codecs = [{ encoding: "PCMU", clockRateHz: 8000, payloadType: 0 }];
  return {
    ...part,
    origin: { ...origin, ...part.address },
    streams: part.streams.map((stream) => ({ media: "audio", codecs, ...stream })),
  };
}

/** Two transports that have agreed with each other. */
async function agreed(near: RtpTransport, far: RtpTransport): Promise<void> {
  const offered = offer(local(value(await near.prepare({ streams: [AUDIO] })))).description;
  const wish = { streams: [{ ...AUDIO, slot: 0 }], offer: offered };
  const answered = answer(offered, local(value(await far.prepare(wish)))).description;
  connect(near, { own: offered, peer: answered, answerer: "remote" });
  connect(far, { own: answered, peer: offered, answerer: "local" });
}

function connect(
  end: RtpTransport,
  of: { own: Description; peer: Description; answerer: "local" | "remote" },
): void {
  const slots = agreedMedia({ local: of.own, remote: of.peer }, of.answerer);
  value(end.agree({ slots, local: of.own, remote: of.peer, answerer: of.answerer }));
}

/** A phone that is not ours: a socket, and a description of it. */
async function phone(host = HERE): Promise<{ socket: Socket; port: number; heard: Buffer[] }> {
  const socket = createSocket("udp4");
  await new Promise<void>((bound) => socket.bind(0, host, bound));
  const heard: Buffer[] = [];
  socket.on("message", (octets) => heard.push(octets));
  closing.push(() => socket.close());
  return { socket, port: socket.address().port, heard };
}

function described(port: number): LocalMedia {
  const address = { addressType: "IP4", address: HERE } as const;
  return local({ address, streams: [{ protos: ["RTP/AVP"], port }] });
}

async function agreedWithPhone(end: RtpTransport, port: number): Promise<number> {
  const offered = offer(local(value(await end.prepare({ streams: [AUDIO] })))).description;
  const answered = answer(offered, described(port)).description;
  expect(checkAnswer(offered, answered).ok).toBe(true);
  connect(end, { own: offered, peer: answered, answerer: "remote" });
  return offered.media[0]?.port ?? 0;
}

const packet = (sequence: number, ssrc = 7): Uint8Array =>
  formatRtp({
    ...{ marker: false, payloadType: 0, sequence, timestamp: sequence * 160, ssrc },
    payload: Uint8Array.of(sequence, 1, 2, 3),
  });

const until = async (isSo: () => boolean): Promise<void> => {
  for (let n = 0; n < 300 && !isSo(); n++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isSo()).toBe(true);
};

const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 40));

function sequencesAt(end: RtpTransport): number[] {
  const heard: number[] = [];
  end.onpacket = (slot, octets) => {
    const parsed = parseRtp(octets);
    if (slot === 0 && parsed.ok) heard.push(parsed.value.sequence);
  };
  return heard;
}

test.each([
  ["in the clear", false],
  ["with SDES", true],
])("%s: RTP and RTCP go from one to the other, and back", async (_, sdes) => {
  const [near, far] = [transport({ sdes }), transport()];
  const [atNear, atFar] = [sequencesAt(near), sequencesAt(far)];
  const reports: number[] = [];
  far.oncontrol = (slot) => reports.push(slot);
  await agreed(near, far);
  expect([near.isEncrypted, far.isEncrypted, near.isOpen]).toEqual([sdes, sdes, true]);
  for (let n = 0; n < 5; n++) {
    near.send(0, packet(n));
    far.send(0, packet(100 + n, 8));
  }
  near.sendControl(0, formatRtcp([{ kind: "ReceiverReport", ssrc: 7, reports: [] }]));
  await until(() => atNear.length === 5 && atFar.length === 5 && reports.length === 1);
  expect(atNear).toEqual([100, 101, 102, 103, 104]);
  expect(atFar).toEqual([0, 1, 2, 3, 4]);
});

test("IPv6 works as IPv4 does", async () => {
  const [near, far] = [transport({ address: "::1" }), transport({ address: "::1" })];
  const heard = sequencesAt(far);
  await agreed(near, far);
  near.send(0, packet(1));
  await until(() => heard.length === 1);
});

test("A16: a stranger at the port gets nothing and is not heard, and the phone is", async () => {
  const [desk, stranger] = [await phone(), await phone("127.0.0.66")];
  const end = transport();
  const heard = sequencesAt(end);
  const port = await agreedWithPhone(end, desk.port);
  for (let n = 0; n < 20; n++) {
    stranger.socket.send(packet(1000 + n, 66), port, HERE);
    desk.socket.send(packet(n), port, HERE);
    end.send(0, packet(n, 9));
  }
  await until(() => heard.length === 20 && desk.heard.length === 20);
  await quiet();
  expect(heard).toEqual(Array.from({ length: 20 }, (_, n) => n));
  expect(stranger.heard).toEqual([]);
  expect(end.statistics().packetsRefused).toBe(20);
});

test("A16: behind a NAT one is answered where one is, and who sprays is not", async () => {
  const [desk, stranger] = [await phone("127.0.0.7"), await phone("127.0.0.66")];
  const end = transport({ isBehindNat: true });
  const port = await agreedWithPhone(end, 9);
  for (let n = 0; n < 4; n++) stranger.socket.send(packet(1000 + 2 * n, 66), port, HERE);
  await quiet();
  for (let n = 0; n < 10; n++) {
    desk.socket.send(packet(n), port, HERE);
    stranger.socket.send(packet(2000 + n, 66), port, HERE);
    end.send(0, packet(n, 9));
    await quiet();
  }
  expect(desk.heard.length).toBeGreaterThan(3);
  expect(stranger.heard).toEqual([]);
});

test("A16: SRTP that is not authentic teaches nothing and goes nowhere", async () => {
  const [near, far] = [transport({ sdes: true }), transport({ isBehindNat: true })];
  const stranger = await phone("127.0.0.66");
  const heard = sequencesAt(far);
  const offered = offer(local(value(await near.prepare({ streams: [AUDIO] })))).description;
  const wish = { streams: [{ ...AUDIO, slot: 0 }], offer: offered };
  const answered = answer(offered, local(value(await far.prepare(wish)))).description;
  connect(far, { own: answered, peer: offered, answerer: "local" });
  for (let n = 0; n < 10; n++) {
    stranger.socket.send(packet(n, 66), answered.media[0]?.port ?? 0, HERE);
    await quiet();
    far.send(0, packet(n, 9));
  }
  connect(near, { own: offered, peer: answered, answerer: "remote" });
  near.send(0, packet(500));
  await until(() => heard.length === 1);
  expect(heard).toEqual([500]);
  expect(stranger.heard).toEqual([]);
});

test("RFC 3264 §5.1: what comes before the answer is heard once it is there", async () => {
  const desk = await phone();
  const end = transport();
  const heard = sequencesAt(end);
  const offered = offer(local(value(await end.prepare({ streams: [AUDIO] })))).description;
  for (let n = 0; n < 3; n++) desk.socket.send(packet(n), offered.media[0]?.port ?? 0, HERE);
  await quiet();
  expect(heard).toEqual([]);
  const answered = answer(offered, described(desk.port)).description;
  connect(end, { own: offered, peer: answered, answerer: "remote" });
  expect(heard).toEqual([0, 1, 2]);
});

test("where nothing is new a description has the same ports; a restart has others", async () => {
  const end = transport();
  const port = await agreedWithPhone(end, 9);
  const streams = [{ ...AUDIO, slot: 0 }];
  expect(value(await end.prepare({ streams })).streams[0]?.port).toBe(port);
  const restarted = value(await end.prepare({ streams, restart: true })).streams[0]?.port;
  expect(restarted).not.toBe(port);
  end.withdraw();
  expect(value(await end.prepare({ streams })).streams[0]?.port).toBe(port);
});

test("what cannot be done is said in words", async () => {
  const end = transport({ ports: { from: 44_998, to: 44_999 } });
  await agreedWithPhone(end, 9);
  const more = await end.prepare({ streams: [{ ...AUDIO, slot: 0 }, AUDIO] });
  const why = "no port for media is free between 44998 and 44999";
  expect(more).toEqual({ ok: false, why, isBusy: true });
  const browser = { ...local({ address: { addressType: "IP4", address: HERE }, streams: [] }) };
  const page = offer({
    ...browser,
    streams: [
      {
        ...{ media: "audio", protos: ["UDP/TLS/RTP/SAVPF"], port: 9 },
        codecs: [{ encoding: "PCMU", clockRateHz: 8000, payloadType: 0 }],
        dtls: { fingerprints: [{ hash: "sha-256", value: Array(32).fill("AB").join(":") }] },
      },
    ],
  }).description;
  const refused = await transport().prepare({ streams: [{ ...AUDIO, slot: 0 }], offer: page });
  expect(refused).toEqual({
    ok: false,
    why: "they offer UDP/TLS/RTP/SAVPF, and not RTP/AVP or RTP/SAVP",
  });
});
