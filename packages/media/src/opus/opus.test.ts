import { expect, test } from "vitest";
import { toneShare } from "../sound/tone-share.ts";
import { opus } from "./opus.ts";
import { OpusDecoder } from "./opus-decoder.ts";
import { OpusEncoder, type OpusSampleRate } from "./opus-encoder.ts";
import { opusWasm } from "./opus-wasm.ts";

const RATES: readonly OpusSampleRate[] = [8000, 16_000, 48_000];

const tone = (sampleRate: number, seconds: number, hertz = 1000, peak = 10_000): Int16Array =>
  Int16Array.from({ length: sampleRate * seconds }, (_, at) =>
    Math.round(peak * Math.sin((2 * Math.PI * hertz * at) / sampleRate)),
  );

/** Frames of 20 ms. */
function frames(pcm: Int16Array, sampleRate: number): readonly Int16Array[] {
  const size = sampleRate / 50;
  return Array.from({ length: Math.floor(pcm.length / size) }, (_, nth) =>
    pcm.subarray(nth * size, (nth + 1) * size),
  );
}

/** The octets of 20 ms from the 5th on, when the encoder has settled, as bits a second. */
const bitrateOf = (packets: readonly Uint8Array[]): number => {
  const settled = packets.slice(5);
  return (settled.reduce((sum, { length }) => sum + length, 0) * 8 * 50) / settled.length;
};

/** Bits a second on the wire: IPv4, UDP and RTP have 40 octets. */
const wireBitrateOf = (packets: readonly Uint8Array[]): number =>
  bitrateOf(packets.map(({ length }) => new Uint8Array(length === 0 ? 0 : length + 40)));

/** What sounds like somebody who speaks: harmonics of a wandering voice, in syllables. */
function speech(sampleRate: number, seconds: number): Int16Array {
  let phase = 0;
  return Int16Array.from({ length: sampleRate * seconds }, (_, at) => {
    const time = at / sampleRate;
    phase += (2 * Math.PI * (130 + 30 * Math.sin(4 * time))) / sampleRate;
    let sample = 0;
    for (let nth = 1; nth < 20; nth++) {
      const hertz = nth * 130;
      const formants =
        Math.exp(-(((hertz - 600) / 300) ** 2)) + 0.5 * Math.exp(-(((hertz - 1700) / 400) ** 2));
      sample += formants * Math.sin(nth * phase);
    }
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3 * time)) * (time % 3 < 2.2 ? 1 : 0);
    return Math.round(3000 * sample * syllable);
  });
}

test.each(RATES)("RFC 6716: a tone of 1 kHz comes back as one at %d Hz", (sampleRate) => {
  const codec = opus({ sampleRate });
  const [encoder, decoder] = [codec.encoder(), codec.decoder()];
  const heard = frames(tone(sampleRate, 1), sampleRate).map((pcm) =>
    decoder.decode(encoder.encode(pcm)),
  );
  expect(heard.every(({ length }) => length === sampleRate / 50)).toBe(true);
  const settled = Int16Array.from(heard.slice(10).flatMap((pcm) => [...pcm]));
  expect(toneShare(settled, sampleRate, 1000)).toBeGreaterThan(0.97);
});

test("RFC 6716 §2: what one rate coded another decodes", () => {
  const encoder = opus({ sampleRate: 48_000 }).encoder();
  const decoder = opus({ sampleRate: 8000 }).decoder();
  const heard = frames(tone(48_000, 1), 48_000).map((pcm) => decoder.decode(encoder.encode(pcm)));
  const settled = Int16Array.from(heard.slice(10).flatMap((pcm) => [...pcm]));
  expect(settled.length).toBe(40 * 160);
  expect(toneShare(settled, 8000, 1000)).toBeGreaterThan(0.97);
});

test("RFC 7587 §7: opus is 48000/2 in descriptions, and says what it takes", () => {
  //= RFC 7587 §7
  //# The RTP clock rate in "a=rtpmap" MUST be 48000, and the number of channels MUST be 2.
  const codec = opus({ sampleRate: 16_000 });
  expect([codec.name, codec.clockRate, codec.channels]).toEqual(["opus", 48_000, 2]);
  expect(codec.fmtp).toBe(
    "maxplaybackrate=16000;sprop-maxcapturerate=16000;useinbandfec=1;usedtx=1",
  );
  expect(opus({ inbandFec: false, dtx: false }).fmtp).toBe("");
});

test("RFC 7587 §6.1: a voice takes less than 32 kbit/s on the wire, FEC included", () => {
  const encoder = opus().encoder("useinbandfec=1;usedtx=1");
  const packets = frames(speech(48_000, 12), 48_000).map((pcm) => encoder.encode(pcm));
  expect(wireBitrateOf(packets)).toBeLessThan(27_000);
  expect(packets.some(({ length }) => length > 40)).toBe(true);
});

test.each([
  ["a tone", tone(48_000, 20)],
  [
    "noise",
    Int16Array.from({ length: 48_000 * 20 }, (_, at) => ((at * 7919 * at) % 20_011) - 10_000),
  ],
])("RFC 7587 §6.1: %s takes no more than 32 kbit/s on the wire either", (_, pcm) => {
  const encoder = opus().encoder("useinbandfec=1;usedtx=1");
  const packets = frames(pcm, 48_000).map((frame) => encoder.encode(frame));
  expect(wireBitrateOf(packets)).toBeLessThan(32_150);
  expect(wireBitrateOf(packets)).toBeGreaterThan(20_000);
});

test("RFC 7587 §3.1.3: silence takes less than 10 kbit/s, and a tone is no silence", () => {
  const encoder = opus().encoder("usedtx=1");
  const silence = frames(new Int16Array(48_000 * 10), 48_000).map((pcm) => encoder.encode(pcm));
  expect(wireBitrateOf(silence)).toBeLessThan(3000);
  expect(silence.some(({ length }) => length > 0)).toBe(true);
  const sound = frames(tone(48_000, 5), 48_000).map((pcm) => encoder.encode(pcm));
  expect(sound.slice(2).every(({ length }) => length > 0)).toBe(true);
});

test("RFC 7587 §6.1: without usedtx every frame is sent", () => {
  const encoder = opus().encoder("useinbandfec=1");
  const silence = frames(new Int16Array(48_000 * 3), 48_000).map((pcm) => encoder.encode(pcm));
  expect(silence.every(({ length }) => length > 2)).toBe(true);
});

test("RFC 7587 §6.1: maxaveragebitrate is kept to, and cbr makes all packets alike", () => {
  const bitrateWith = (fmtp: string) => {
    const encoder = opus({ bitrate: 40_000 }).encoder(fmtp);
    return frames(speech(48_000, 6), 48_000).map((pcm) => encoder.encode(pcm));
  };
  expect(bitrateOf(bitrateWith(""))).toBeGreaterThan(20_000);
  expect(bitrateOf(bitrateWith("maxaveragebitrate=12000"))).toBeLessThan(12_500);
  // Outside of 6000 to 510000 it is ignored.
  expect(bitrateOf(bitrateWith("maxaveragebitrate=5999"))).toBeGreaterThan(20_000);
  const lengths = new Set(bitrateWith("cbr=1;maxaveragebitrate=16000").map(({ length }) => length));
  expect([...lengths]).toEqual([40]);
});

test("RFC 7587 §6.1: no more bandwidth is coded than maxplaybackrate asks for", () => {
  //= RFC 7587 §6.1
  //# Sending signals with higher audio bandwidth results in higher than necessary network usage and
  //# encoding complexity, so an encoder SHOULD NOT encode frequencies above the audio bandwidth
  //# specified by maxplaybackrate.
  const bandwidths = (fmtp: string) => {
    const encoder = opus({ bitrate: 24_000 }).encoder(fmtp);
    const packets = frames(speech(48_000, 3), 48_000).map((pcm) => encoder.encode(pcm));
    // RFC 6716 §3.1, Table 2: 0 to 3 are narrowband, 8 and more wideband and above.
    return new Set(packets.map((packet) => ((packet[0] ?? 0) >> 3 < 4 ? "NB" : "more")));
  };
  expect([...bandwidths("maxplaybackrate=8000")]).toEqual(["NB"]);
  expect(bandwidths("").has("more")).toBe(true);
});

test("RFC 6716 §2.1.7: FEC brings back what was lost, and without it the gap is filled in", () => {
  const pcm = speech(16_000, 6);
  const heardWith = (fmtp: string, how: "all" | "fec" | "plc") => {
    const codec = opus({ sampleRate: 16_000, bitrate: 24_000 });
    const [encoder, decoder] = [codec.encoder(fmtp), codec.decoder()];
    const packets = frames(pcm, 16_000).map((frame) => encoder.encode(frame));
    return packets.flatMap((packet, nth) => {
      if (how === "all" || nth % 7 !== 6) return [...decoder.decode(packet)];
      return [...decoder.conceal(320, how === "fec" ? packets[nth + 1] : undefined)];
    });
  };
  const error = (fmtp: string, how: "fec" | "plc") => {
    const all = heardWith(fmtp, "all");
    const spoilt = heardWith(fmtp, how);
    expect(spoilt.length).toBe(all.length);
    return (
      all.reduce((sum, sample, at) => sum + (sample - (spoilt[at] ?? 0)) ** 2, 0) /
      all.reduce((sum, sample) => sum + sample ** 2, 0)
    );
  };
  const [fec, plc] = [error("useinbandfec=1", "fec"), error("useinbandfec=1", "plc")];
  expect(fec).toBeLessThan(plc / 2);
  expect(plc).toBeLessThan(1);
  // Where nobody asked for it there is none, and the next packet helps nothing.
  expect(error("", "fec")).toBeGreaterThan(fec * 2);
});

test("a long gap is filled to the sample, with or without the packet after it", () => {
  const codec = opus({ sampleRate: 48_000 });
  const [encoder, decoder] = [codec.encoder("useinbandfec=1"), codec.decoder()];
  const packets = frames(tone(48_000, 1), 48_000).map((pcm) => encoder.encode(pcm));
  for (const packet of packets.slice(0, 20)) decoder.decode(packet);
  for (const samples of [120, 960, 1000, 5760, 9600, 48_000]) {
    expect(decoder.conceal(samples).length).toBe(samples);
    expect(decoder.conceal(samples, packets[30]).length).toBe(samples);
  }
});

test("what is no Opus never throws, and lasts as long as what came before it", () => {
  const decoder = new OpusDecoder({ sampleRate: 16_000 });
  const encoder = new OpusEncoder({ sampleRate: 16_000, bitrate: 16_000, complexity: 1 });
  decoder.decode(encoder.encode(tone(16_000, 0.02)));
  // Code 3 without a count, and with 63 frames.
  for (const bad of [[], [3], [255, 63], [3, 63]]) {
    expect(decoder.decode(Uint8Array.from(bad)).length).toBe(320);
  }
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 0x7fffffff;
    return seed;
  };
  for (let nth = 0; nth < 5000; nth++) {
    const octets = Uint8Array.from({ length: random() % 300 }, () => random() & 255);
    const pcm = nth % 3 ? decoder.decode(octets) : decoder.conceal(320, octets);
    expect(pcm.length).toBeLessThanOrEqual(1920);
  }
  expect(decoder.decode(new Uint8Array(100_000)).length).toBeGreaterThan(0);
});

test("what is closed gives its memory back, and is of no further use", () => {
  const codec = opus();
  const rounds = (count: number) => {
    for (let nth = 0; nth < count; nth++) {
      const [encoder, decoder] = [codec.encoder(), codec.decoder()];
      decoder.decode(encoder.encode(new Int16Array(960)));
      encoder.close?.();
      encoder.close?.();
      decoder.close?.();
    }
  };
  rounds(10);
  const before = opusWasm().memoryBytes;
  // A pair takes about 60 kB: without `free` these would be 60 MB.
  rounds(1000);
  expect(opusWasm().memoryBytes).toBe(before);
  const encoder = codec.encoder();
  encoder.close?.();
  expect(() => encoder.encode(new Int16Array(960))).toThrow("closed");
});

test("many codecs live side by side in one memory that grows", () => {
  const codec = opus({ sampleRate: 16_000 });
  const pairs = Array.from({ length: 400 }, () => [codec.encoder(), codec.decoder()] as const);
  const sound = tone(16_000, 0.2);
  const heard = pairs.map(([encoder, decoder]) =>
    frames(sound, 16_000)
      .map((pcm) => decoder.decode(encoder.encode(pcm)))
      .at(-1),
  );
  expect(new Set(heard.map((pcm) => pcm?.join())).size).toBe(1);
  for (const one of pairs.flat()) one.close?.();
});

test("what Opus cannot do is the caller's mistake", () => {
  const encoder = new OpusEncoder({ sampleRate: 16_000, bitrate: 16_000, complexity: 5 });
  expect(() => encoder.encode(new Int16Array(333))).toThrow("invalid argument");
  expect(() => new OpusEncoder({ sampleRate: 16_000, bitrate: 16_000, complexity: 11 })).toThrow(
    RangeError,
  );
  expect(
    () => new OpusEncoder({ sampleRate: 44_100 as 48_000, bitrate: 16_000, complexity: 5 }),
  ).toThrow(RangeError);
});

test("what the other side reports as lost changes what is spent on FEC", () => {
  const sizes = [0, 0.3].map((lossFraction) => {
    const encoder = new OpusEncoder({
      sampleRate: 16_000,
      bitrate: 24_000,
      complexity: 7,
      inbandFec: true,
    });
    encoder.lossFraction = lossFraction;
    const packets = frames(speech(16_000, 4), 16_000).map((pcm) => encoder.encode(pcm));
    const decoder = new OpusDecoder({ sampleRate: 16_000 });
    const [whole, spare] = [new OpusDecoder({ sampleRate: 16_000 }), decoder];
    let error = 0;
    let energy = 0;
    for (const [nth, packet] of packets.entries()) {
      const true_ = whole.decode(packet);
      const lost = nth % 5 === 4 ? spare.conceal(320, packets[nth + 1]) : spare.decode(packet);
      error += true_.reduce((sum, sample, at) => sum + (sample - (lost[at] ?? 0)) ** 2, 0);
      energy += true_.reduce((sum, sample) => sum + sample ** 2, 0);
    }
    return error / energy;
  });
  expect(sizes[1]).toBeLessThan((sizes[0] ?? 0) / 2);
});
