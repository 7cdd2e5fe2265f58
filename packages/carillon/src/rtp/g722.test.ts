/**
 * The sums are those of what the ITU-T's own reference (G.191 Software Tool Library, G.722 v3.0)
 * makes of the same signals. Its licence keeps its code and its recordings out of here; of those,
 * `inpsp.bin` is encoded to `codspw.cod` and decoded to `outsp1.bin` sample by sample as well.
 */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { g722 } from "./g722.ts";

const FRAME = 320;

/** The same numbers on every machine. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 16;
  };
}

/** Silence, full-scale noise, noise of every loudness, squares, ramps, and clicks: ten seconds. */
function signal(): Int16Array {
  const next = numbers(722);
  const parts: ((i: number) => number)[] = [
    () => 0,
    () => next() - 32_768,
    (i) => (next() - 32_768) >> ((i >> 11) & 15),
    (i) => ((i >> 5) & 1 ? 32_767 : -32_768),
    (i) => ((i * 37) & 0xffff) - 32_768,
    (i) => ((i * 3001) & 0x3fff) - 8192,
    (i) => (i % 1601 === 0 ? 32_767 : i % 997 === 0 ? -32_768 : 0),
    (i) => ((i >> 3) & 1 ? 400 : -400) + (next() & 63),
    (i) => Math.abs(((i * 101) & 0x7fff) - 16_384) - 8192,
    () => (next() & 15) - 8,
  ];
  return Int16Array.from({ length: 160_000 }, (_, i) => parts[Math.floor(i / 16_000)]?.(i) ?? 0);
}

/** Every code, in no order that an encoder would make. */
function codes(): Uint8Array {
  const next = numbers(64);
  return Uint8Array.from({ length: 80_000 }, (_, i) =>
    i < 40_000 ? next() & 0xff : (i * 7) & 0xff,
  );
}

const sum = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const bytesOf = (pcm: Int16Array) => new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);

function encoded(pcm: Int16Array): Uint8Array {
  const encoder = g722.encoder();
  const frames = Array.from({ length: pcm.length / FRAME }, (_, n) =>
    encoder.encode(pcm.subarray(n * FRAME, (n + 1) * FRAME)),
  );
  return Uint8Array.from(frames.flatMap((frame) => [...frame]));
}

describe("G.722", () => {
  test("Appendix II: octets are those of the reference", () => {
    const pcm = signal();
    expect(sum(bytesOf(pcm))).toBe(SIGNAL);
    expect(sum(encoded(pcm))).toBe(ENCODED);
  });

  test("Appendix II: samples are those of the reference, of its octets and of any", () => {
    expect(sum(bytesOf(g722.decoder().decode(encoded(signal()))))).toBe(DECODED);
    expect(sum(bytesOf(g722.decoder().decode(codes())))).toBe(DECODED_CODES);
  });

  test.each([300, 1000, 3000, 6500])("§1: a tone of %i Hz comes through", (hz) => {
    const pcm = Int16Array.from({ length: 16_000 }, (_, i) =>
      Math.round(10_000 * Math.sin((2 * Math.PI * hz * i) / 16_000)),
    );
    const heard = g722.decoder().decode(encoded(pcm));
    const [power, energy] = [goertzel(heard, hz), heard.reduce((s, x) => s + x * x, 0)];
    expect((2 * power) / (heard.length * energy)).toBeGreaterThan(0.99);
    expect(Math.sqrt(energy / heard.length)).toBeCloseTo(10_000 / Math.SQRT2, -3);
  });

  test("a frame of 20 ms is 160 octets and 320 samples, and one that is lost is concealed", () => {
    const payload = g722.encoder().encode(new Int16Array(FRAME));
    expect(payload).toHaveLength(160);
    const decoder = g722.decoder();
    expect(decoder.decode(payload)).toHaveLength(FRAME);
    expect(decoder.conceal(FRAME)).toHaveLength(FRAME);
  });

  test("any octets, and none, are a sound", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (payload) => {
        expect(g722.decoder().decode(payload)).toHaveLength(2 * payload.length);
      }),
    );
  });
});

function goertzel(samples: Int16Array, hz: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * hz) / 16_000);
  let [last, before] = [0, 0];
  for (const sample of samples) [last, before] = [sample + factor * last - before, last];
  return last * last + before * before - factor * last * before;
}

const SIGNAL = "9f052eacd94d0bf6e86ca10c4c3829191d89e0d4a9c36075c7c893fed9fb8e58";
const ENCODED = "319d4fbe4f33da2eb6f5e7f769964f29327207d5c78baa3f37f22ef4721ec921";
const DECODED = "fee83ab76a291dd18081d32d31946a891aa0a0afaeedaa9879bd35c3524b0202";
const DECODED_CODES = "a440cd1a758ea3ea5bcf9a42f2f4d8d3dd71278ca1c542eb3d1599f9cc050245";
