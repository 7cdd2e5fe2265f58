// Packets of media with something done to them: a million, at everything that reads a peer's.
//
//   npm run fuzz:packets                                  a million, from seed 1
//   npm run fuzz:packets -- --count 10000 --seed 7        fewer, others
//
// Fails on anything thrown, on RTCP that reads otherwise when it is written again, on a number that
// goes out twice, and on a packet that took over 50 ms of CPU.

import { parseArgs } from "node:util";
import { nodeSrtpCrypto } from "carillon/node";
import {
  DtmfDetector,
  EventReceiver,
  formatExtensionElements,
  formatRtcp,
  formatRtp,
  keepExtensionElements,
  Player,
  parseRtcp,
  parseRtp,
  pcmu,
  readExtensionElements,
  readNoiseLevel,
  SourceLock,
  SRTP_SUITE_LIST,
  SrtpReceiver,
  SrtpSender,
  SteadyStream,
  tone,
  writeTelephoneEvent,
} from "carillon/rtp";
import { opus } from "carillon-media";
import { type Random, seeded } from "./random.ts";

/** Of CPU; V8's collector, which has threads of its own, is in it. */
const LIMIT_MS = 50;
const REPORT_EVERY = 100_000;
const FROM = { host: "192.0.2.7", port: 4000 };

const { values } = parseArgs({
  options: { count: { type: "string" }, seed: { type: "string" } },
});
const count = Number(values.count ?? 1_000_000);
const seed = Number(values.seed ?? 1);

const numbers = { marker: false, sequence: 7, timestamp: 700, ssrc: 77 };
const suite = SRTP_SUITE_LIST.find(({ name }) => name === "AES_CM_128_HMAC_SHA1_80")!;
const srtp = { crypto: nodeSrtpCrypto, suite, master: new Uint8Array(30).fill(5) };
const voice = { codec: opus(), payloadType: 111 };
const source = tone({ frequencies: [440], sampleRate: 48_000 });
const encoder = voice.codec.encoder("useinbandfec=1");
const coded = Array.from({ length: 20 }, () =>
  encoder.encode(source.read(960) ?? new Int16Array()),
);

const CORPUS: readonly Uint8Array[] = [
  formatRtp({ ...numbers, payloadType: 0, payload: new Uint8Array(160).fill(0xd5) }),
  ...coded.map((payload, n) => formatRtp({ ...numbers, sequence: n, payloadType: 111, payload })),
  formatRtp({
    ...{ ...numbers, payloadType: 0, csrcs: [1, 2, 3], payload: new Uint8Array(20) },
    extension: formatExtensionElements([
      ...[{ id: 1, data: Uint8Array.of(9) }],
      { id: 3, data: new Uint8Array(16) },
    ]),
  }),
  formatRtp({
    ...{ ...numbers, payloadType: 101 },
    payload: writeTelephoneEvent({ event: 5, isEnd: true, volume: 10, duration: 800 }),
  }),
  new SrtpSender(srtp).protect(formatRtp({ ...numbers, payloadType: 0, payload: coded[0]! })),
  formatRtcp([
    {
      ...{ kind: "SenderReport", ssrc: 77, ntpSeconds: 1, ntpFraction: 2, timestamp: 3 },
      ...{ packets: 4, octets: 5, reports: [] },
    },
    { kind: "SourceDescription", chunks: [{ ssrc: 77, items: [{ type: 1, text: "cname" }] }] },
    { kind: "Nack", ssrc: 77, mediaSsrc: 5, sequences: [1, 2, 3, 400] },
    { kind: "BandwidthEstimate", ssrc: 77, bitsPerSecond: 300_000, ssrcs: [1, 2] },
    { kind: "FullIntraRequest", ssrc: 77, requests: [{ ssrc: 5, commandSequence: 1 }] },
    { kind: "Goodbye", ssrcs: [77], reason: "over" },
  ]),
];

const receiver = new SrtpReceiver(srtp);
const events = new EventReceiver(8000);
const detector = new DtmfDetector(8000);
const lock = new SourceLock();
lock.expect({ remote: FROM, isBehindNat: true }, 0);
const player = new Player();
player.expect([{ ...voice }, { codec: pcmu, payloadType: 0 }]);
let next = seed;
const steady = new SteadyStream(() => next++);
const gone = new Set<number>();
let highest = steady.sequence;

process.exitCode = run() ? 0 : 1;

function run(): boolean {
  const random = seeded(seed);
  let [understood, slowestMs, failures] = [0, 0, 0];
  for (let n = 0; n < count && failures < 10; n++) {
    const octets = mutated(random);
    const before = process.cpuUsage();
    try {
      if (check(octets, n * 5)) understood++;
    } catch (error) {
      failures++;
      console.log(`FAIL ${n}: ${Buffer.from(octets).toString("hex")}\n${(error as Error).stack}`);
    }
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    if (ms > slowestMs) slowestMs = ms;
    if ((n + 1) % REPORT_EVERY === 0) console.log(`${n + 1} packets, ${understood} of them read`);
  }
  console.log(
    `${count} packets, ${understood} read, ${failures} failed, ${slowestMs.toFixed(2)} ms`,
  );
  return failures === 0 && slowestMs < LIMIT_MS;
}

function mutated(random: Random): Uint8Array {
  let octets = Uint8Array.from(random.pick(CORPUS));
  for (let n = random.below(6); n > 0 && octets.length > 0; n--) {
    const at = random.below(octets.length);
    switch (random.below(5)) {
      case 0:
        octets = octets.slice(0, at);
        break;
      case 1:
        octets = Uint8Array.from([...octets, ...random.pick(CORPUS).subarray(0, at)]);
        break;
      case 2:
        octets.set(random.pick(CORPUS).subarray(0, octets.length - at), at);
        break;
      default:
        octets[random.below(4) === 0 ? random.below(Math.min(16, octets.length)) : at] =
          random.below(256);
    }
  }
  return octets.subarray(0, 1500);
}

/** True if it was a packet. */
function check(octets: Uint8Array, now: number): boolean {
  const control = parseRtcp(octets, { isReducedSize: true });
  if (control.ok) checkControl(octets);
  receiver.unprotect(octets);
  receiver.unprotectRtcp(octets);
  const parsed = parseRtp(octets);
  if (!parsed.ok) return control.ok;
  const { sequence, timestamp, ssrc, payload, payloadType, extension } = parsed.value;
  if (extension) readExtensionElements(extension);
  keepExtensionElements(octets.slice(), 0b1010);
  events.receive(timestamp, payload, now);
  events.tick(now);
  readNoiseLevel(payload);
  if (lock.isPossible(FROM, now)) {
    lock.take({ from: FROM, ssrc, sequence, isAuthentic: false }, now);
  }
  player.put({ sequence, timestamp, payloadType, payload: payload.slice() }, now);
  const pcm = player.read(now);
  if (pcm) detector.hear(pcm);
  checkSteady({ ssrc, sequence, timestamp }, now);
  return true;
}

/** What is written again reads as it did. */
function checkControl(octets: Uint8Array): void {
  const first = parseRtcp(octets, { isReducedSize: true });
  if (!first.ok || first.value.length === 0) return;
  const text = JSON.stringify(first.value);
  const again = parseRtcp(formatRtcp(first.value), { isReducedSize: true });
  if (!again.ok) throw new Error(`not read again: ${again.error.message}: ${text}`);
  if (JSON.stringify(again.value) !== text) throw new Error(`not stable: ${text}`);
}

/** Of a count without end, as SRTP counts. */
function checkSteady(of: Parameters<SteadyStream["pass"]>[0], now: number): void {
  if (!steady.pass(of, 8000, now)) return;
  const index = highest + (((steady.sequence - highest) << 16) >> 16);
  if (gone.has(index)) throw new Error(`${index} went out twice`);
  gone.add(index);
  if (index > highest) highest = index;
  const [oldest] = gone;
  if (gone.size > 1000 && oldest !== undefined) gone.delete(oldest);
}
