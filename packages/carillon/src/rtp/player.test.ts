import { describe, expect, test } from "vitest";
import type { Codec } from "./codec.ts";
import { pcmu } from "./g711.ts";
import { FRAME_MS, Player } from "./player.ts";

const player = (...codecs: readonly Codec[]) => {
  const one = new Player();
  one.expect(codecs.map((codec, n) => ({ payloadType: n, codec })));
  return one;
};

/** Octets that decode to these numbers, one by one, so that it shows if one is missing. */
const counting: Codec = {
  ...pcmu,
  name: "counting",
  encoder: pcmu.encoder,
  decoder: () => ({
    decode: (payload) => Int16Array.from(payload),
    conceal: (samples) => new Int16Array(samples).fill(-1),
  }),
};

/** Plays packets of so many ms, and returns all that is heard. */
function heard(one: Player, packetMs: number, totalMs: number): number[] {
  const samples: number[] = [];
  let [sent, sequence] = [0, 0];
  for (let now = 0; now < totalMs; now += FRAME_MS) {
    while (sent <= now) {
      const from = sent * 8;
      const payload = Uint8Array.from({ length: packetMs * 8 }, (_, i) => 1 + ((from + i) % 250));
      const packet = { sequence: sequence++, timestamp: from, payloadType: 0, payload };
      sent += packetMs;
      one.put(packet, sent - packetMs);
    }
    samples.push(...(one.read(now + 7) ?? []));
  }
  return samples;
}

describe("a player", () => {
  test.each([5, 10, 20, 30, 40, 60, 120])(
    "packets of %i ms are heard without a seam",
    (packetMs) => {
      const samples = heard(player(counting), packetMs, 6000);
      // Behind the first seconds, in which what it waits for becomes what is enough.
      const settled = samples.slice(16_000);
      const jumps = settled.slice(1).filter((sample, n) => {
        const before = settled[n] ?? 0;
        return sample !== (before === 250 ? 1 : before + 1);
      });
      expect([settled.length > 30_000, jumps]).toEqual([true, []]);
    },
  );

  test("a frame is 20 ms at the rate of what is played, nothing before anything came", () => {
    const wide: Codec = {
      ...counting,
      sampleRate: 16_000,
      decoder: () => ({ decode: () => new Int16Array(320), conceal: (n) => new Int16Array(n) }),
    };
    const one = player(wide);
    expect(one.read(0)).toBeUndefined();
    one.put({ sequence: 0, timestamp: 0, payloadType: 0, payload: new Uint8Array(160) }, 0);
    expect(one.read(7)).toBeUndefined();
    for (let n = 1; n < 5; n++) {
      one.put(
        { sequence: n, timestamp: n * 160, payloadType: 0, payload: new Uint8Array(160) },
        n * 20,
      );
    }
    expect(one.read(87)).toHaveLength(320);
    expect(one.codec).toBe(wide);
  });

  test("decoders are closed when their codec goes, and when it all ends", () => {
    const closed: string[] = [];
    const closing = (name: string): Codec => ({
      ...counting,
      name,
      decoder: () => ({ ...counting.decoder(), close: () => closed.push(name) }),
    });
    const [first, second] = [closing("first"), closing("second")];
    const one = player(first, second);
    const payload = new Uint8Array(160);
    for (let n = 0; n < 8; n++) {
      one.put({ sequence: n, timestamp: n * 160, payloadType: n < 4 ? 0 : 1, payload }, n * 20);
      one.read(n * 20 + 7);
    }
    for (let n = 8; n < 12; n++) one.read(n * 20 + 7);
    one.expect([{ payloadType: 1, codec: second }]);
    expect(closed).toEqual(["first"]);
    one.close();
    expect(closed).toEqual(["first", "second"]);
  });

  test("a payload of no octets, and one of far too many, are heard as what they are", () => {
    const one = player(counting);
    for (let n = 0; n < 200; n++) {
      const payload = new Uint8Array(n % 3 === 0 ? 0 : n % 3 === 1 ? 1400 : 160);
      one.put({ sequence: n, timestamp: n * 160, payloadType: 0, payload }, n * 20);
      expect(one.read(n * 20 + 7)?.length ?? 160).toBe(160);
    }
  });
});
