/**
 * All that a phone can send wrong at the port of its own call, from its own address and port: RTP,
 * RTCP, keys and coded sound that are cut, too long, jump, or are noise. One bad packet never
 * ends a call (ES2018-01 to 04, ES2017-02 of Asterisk; baresip, which a wrong timestamp stops).
 */
import { randomBytes } from "node:crypto";
import { formatRtcp, writeTelephoneEvent } from "carillon/rtp";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { RawPhone, type RawPhoneOptions } from "./raw-phone.ts";
import { folderIn, Stage } from "./stage.ts";

const [SHORT, FULL] = [20_000, 1_000_000];
/** Sockets lose what comes faster. */
const BURST = 20;
const WAIT_MS = 20_000;

export async function hostileMedia(folder: string, report: Report, isFull: boolean): Promise<void> {
  const count = isFull ? FULL : SHORT;
  for (const codec of ["PCMU", "opus"] as const) {
    const path = codec === "PCMU" ? "passed on" : "coded anew";
    await report.check(
      `${count} hostile packets into a call that is ${path}: it stays`,
      async () => {
        const options = { args: ["--media", "always"] };
        const stage = await Stage.open(folderIn(folder, `hostile-${codec}`), 2, options);
        let figure = "";
        const cost = await stage.cost(async () => {
          figure = await attacked(stage, codec, count);
        });
        await stage.close();
        demand(cost.afterMb - cost.beforeMb < 256, `memory grew: ${cost.figure}`);
        return `${figure}; ${cost.figure}`;
      },
    );
  }
}

async function attacked(
  { people }: Stage,
  codec: RawPhoneOptions["codec"],
  count: number,
): Promise<string> {
  const [one, other] = people;
  if (!one || !other) throw new Error("there are two");
  const caller = await RawPhone.open(one, { host: "127.0.0.7", codec, hz: 440 });
  const callee = await RawPhone.open(other, { host: "127.0.0.8", codec: "PCMU", hz: 600 });
  void callee.answerAll();
  await caller.call(callee.aor);
  const both = async (what: string): Promise<void> => {
    const before = [caller.packets, callee.packets];
    const isHeard = () => caller.packets > before[0]! + 50 && callee.packets > before[1]! + 50;
    await until(what, () => isHeard() || undefined, WAIT_MS);
  };
  await both("both are heard before");
  for (let n = 0; n < count; n++) {
    caller.send(hostile(caller, n));
    if (n % BURST === 0) await pause(1);
  }
  await both("both are heard afterwards");
  demand(!caller.hasEnded && !callee.hasEnded, "the call ended");
  await Promise.all([caller, callee].map((each) => each.close()));
  return `${count} sent, both heard before and afterwards`;
}

/** One of many kinds, in turn. */
function hostile(phone: RawPhone, n: number): Uint8Array {
  const made = KINDS[n % KINDS.length]!;
  return made(phone);
}

type Kind = (phone: RawPhone) => Uint8Array;

const random = (most: number): number => Math.trunc(Math.random() * most);

/** As the phone's next packet, with octets of it written over. */
const spoiled = (phone: RawPhone, payload: Uint8Array, spoil: (packet: Uint8Array) => void) => {
  const { sequence } = phone;
  const packet = phone.next(payload);
  phone.sequence = sequence;
  spoil(packet);
  return packet;
};

const KINDS: readonly Kind[] = [
  () => randomBytes(random(200)),
  // RTP of the call's own source with noise in it, which goes to the decoder.
  (phone) => phone.next(randomBytes(random(400))),
  (phone) => phone.next(new Uint8Array()),
  // More sources than there is room for, an extension beyond the end, padding that is too long.
  (phone) => spoiled(phone, randomBytes(20), (packet) => packet.set([0x8f])),
  (phone) => spoiled(phone, randomBytes(40), (packet) => packet.set([0x90, packet[1]!])),
  (phone) =>
    spoiled(phone, randomBytes(40), (packet) => {
      packet[0] = 0xa0;
      packet[packet.length - 1] = random(256);
    }),
  // Numbers, times and sources that jump.
  (phone) => spoiled(phone, randomBytes(160), (packet) => packet.set(randomBytes(2), 2)),
  (phone) => spoiled(phone, randomBytes(160), (packet) => packet.set(randomBytes(4), 4)),
  (phone) => spoiled(phone, randomBytes(160), (packet) => packet.set(randomBytes(4), 8)),
  // Every payload type.
  (phone) => spoiled(phone, randomBytes(160), (packet) => packet.set([random(256)], 1)),
  // Keys that never end, end before they begin, and are cut.
  (phone) =>
    spoiled(phone, event(), (packet) => {
      packet[1] = 101;
    }),
  (phone) =>
    spoiled(phone, randomBytes(random(8)), (packet) => {
      packet[1] = 101;
    }),
  // RTCP: cut, of other lengths than it says, with noise behind it.
  (phone) => spoiledControl(phone),
  () => Uint8Array.from([0x81 + random(31), 200 + random(12), ...randomBytes(random(100))]),
];

const event = (): Uint8Array =>
  writeTelephoneEvent({
    ...{ event: random(256), isEnd: random(2) === 0, volume: random(64), duration: random(65_536) },
  });

function spoiledControl({ ssrc }: RawPhone): Uint8Array {
  const block = { ssrc: random(2 ** 32), fractionLost: random(256), cumulativeLost: -random(9) };
  const more = { highestSequence: random(2 ** 32), jitter: 0, lastReport: random(2 ** 32) };
  const reports = [{ ...block, ...more, delaySinceReport: random(2 ** 32) }];
  const octets = formatRtcp([
    { kind: "ReceiverReport", ssrc, reports },
    { kind: "Nack", ssrc, mediaSsrc: random(2 ** 32), sequences: [1, 2, 3, 40_000] },
    { kind: "Goodbye", ssrcs: [ssrc] },
  ]);
  octets.set(randomBytes(1), random(octets.length));
  return octets.subarray(0, random(2) === 0 ? octets.length : random(octets.length));
}
