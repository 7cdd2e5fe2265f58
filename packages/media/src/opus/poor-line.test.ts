/** A voice in Opus over lines that lose and delay, in a time that is turned by hand. */
import { isRtcp, type VoiceAgreement, VoiceStream } from "carillon/rtp";
import { expect, test } from "vitest";
import { levelDbfs } from "../sound/level.ts";
import { opus } from "./opus.ts";

const FRAME_MS = 20;
const RATE = 48_000;
const FRAME = RATE / 50;
/** IPv4 and UDP. */
const HEADERS = 28;

/** How late a packet is, in ms; undefined: it is lost. */
type Weather = (random: () => number) => number | undefined;

interface Heard {
  readonly pcm: Int16Array;
  readonly bitsPerSecond: number;
  readonly lossFraction: number;
}

/** So many seconds of one that speaks, to one that listens. */
function call(seconds: number, say: (n: number) => Int16Array, weather: Weather, seed = 7): Heard {
  const random = dice(seed);
  const random32 = () => Math.floor(random() * 2 ** 32);
  const [from, to] = ["a", "b"].map(
    (cname) => new VoiceStream({ random: random32, cname, epochMs: 1.7e12 }),
  ) as [VoiceStream, VoiceStream];
  for (const side of [from, to]) side.agree(agreement());
  const flying: { at: number; bytes: Uint8Array }[] = [];
  const heard = new Int16Array(seconds * RATE);
  let [octets, filled] = [0, 0];
  for (let n = 0; n < seconds * 50; n++) {
    const now = n * FRAME_MS;
    const control = from.control(now);
    for (const bytes of [...from.send(say(n)), ...(control ? [control] : [])]) {
      octets += bytes.length + HEADERS;
      const late = weather(random);
      if (late !== undefined) flying.push({ at: now + late, bytes });
    }
    flying.sort((one, other) => one.at - other.at);
    while (flying[0] && flying[0].at <= now) {
      const { at, bytes } = flying.shift() ?? { at: 0, bytes: new Uint8Array() };
      if (isRtcp(bytes)) to.receiveControl(bytes, at);
      else to.receive(bytes, at);
    }
    const played = to.play(now + 7);
    if (!played) continue;
    heard.set(played.pcm, filled);
    filled += played.pcm.length;
  }
  const { lossFraction } = to.statistics().received;
  for (const side of [from, to]) side.close();
  return { pcm: heard.subarray(0, filled), bitsPerSecond: (octets * 8) / seconds, lossFraction };
}

/** As two of our phones agree: FEC and DTX are asked for. */
function agreement(): VoiceAgreement {
  const codec = opus();
  const payload = { payloadType: 111, codec, fmtp: codec.fmtp };
  return { send: payload, receive: [payload], events: undefined };
}

function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A voice that never pauses, so that every gap is the line's: harmonics that wander. */
function vowel(): (n: number) => Int16Array {
  let phase = 0;
  return (n) =>
    Int16Array.from({ length: FRAME }, (_, at) => {
      const time = n / 50 + at / RATE;
      phase += (2 * Math.PI * (130 + 25 * Math.sin(3 * time))) / RATE;
      let sample = 0;
      for (let nth = 1; nth < 16; nth++) sample += Math.sin(nth * phase) / nth;
      return Math.round(3000 * sample);
    });
}

/** The same in syllables, with a pause after every two seconds. */
function talk(): (n: number) => Int16Array {
  const sound = vowel();
  return (n) => {
    const loud = n % 150 < 100 ? Math.max(0, Math.sin((2 * Math.PI * 3 * n) / 50)) : 0;
    return sound(n).map((sample) => Math.round(sample * loud));
  };
}

/** The longest time in which nothing is heard, in ms, once sound has begun. */
function longestGapMs(pcm: Int16Array): number {
  const block = RATE / 200;
  let [longest, now, hasBegun] = [0, 0, false];
  for (let at = 0; at + block <= pcm.length; at += block) {
    const isLoud = levelDbfs(pcm.subarray(at, at + block)) > -40;
    hasBegun ||= isLoud;
    now = isLoud || !hasBegun ? 0 : now + 5;
    longest = Math.max(longest, now);
  }
  return longest;
}

const SEEDS = Array.from({ length: 5 }, (_, n) => n + 1);

test.each(SEEDS)("10 %% are lost at random, and no gap is longer than 60 ms (seed %d)", (seed) => {
  const lossy: Weather = (random) => (random() < 0.1 ? undefined : 30);
  const { pcm, lossFraction } = call(20, vowel(), lossy, seed);
  expect(lossFraction).toBeGreaterThan(0.06);
  expect(longestGapMs(pcm)).toBeLessThanOrEqual(60);
});

test("without loss there is no gap at all, and where most is lost there are long ones", () => {
  const clean = call(10, vowel(), () => 30).pcm;
  expect(longestGapMs(clean)).toBe(0);
  expect(clean.length).toBeGreaterThan(9 * RATE);
  const broken = call(10, vowel(), (random) => (random() < 0.8 ? undefined : 30)).pcm;
  expect(longestGapMs(broken)).toBeGreaterThan(60);
});

test.each([50, 100])(
  "delays of up to %d ms are absorbed: nothing is lost, no gap is heard",
  (jitterMs) => {
    const { pcm, lossFraction } = call(20, vowel(), (random) => 20 + random() * jitterMs);
    // What is still on its way at the end has not come.
    expect(lossFraction).toBeLessThan(0.005);
    // The first seconds teach the buffer how late packets are.
    expect(longestGapMs(pcm.subarray(5 * RATE))).toBeLessThanOrEqual(20);
  },
);

test("loss and delays together: no gap is longer than 60 ms", () => {
  const bad: Weather = (random) => (random() < 0.1 ? undefined : 20 + random() * 60);
  const { pcm } = call(20, vowel(), bad);
  expect(longestGapMs(pcm.subarray(5 * RATE))).toBeLessThanOrEqual(60);
});

test("a call takes at most 32 kbit/s on the wire, RTCP included, and silence at most 10", () => {
  const clear: Weather = () => 20;
  const [voice, sound, silence] = [
    call(30, talk(), clear).bitsPerSecond,
    call(20, vowel(), clear).bitsPerSecond,
    call(20, () => new Int16Array(FRAME), clear).bitsPerSecond,
  ];
  expect(voice).toBeLessThan(26_000);
  expect(sound).toBeLessThanOrEqual(32_000);
  expect(sound).toBeGreaterThan(25_000);
  expect(silence).toBeLessThan(4000);
});
