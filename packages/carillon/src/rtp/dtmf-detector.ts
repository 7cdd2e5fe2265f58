/**
 * Keys of a telephone in the sound: two tones, one of a row and one of a column. ITU-T Q.23; what
 * counts as one, and what does not, is ITU-T Q.24's. By Goertzel's algorithm: linear.
 */
import { type DtmfTone, toneOf } from "./telephone-event.ts";

const ROWS = [697, 770, 852, 941] as const;
const COLUMNS = [1209, 1336, 1477, 1633] as const;
const KEYS = ["123A", "456B", "789C", "*0#D"] as const;

/** The two frequencies of each event from 0 to 15, in Hz. ITU-T Q.23; RFC 4733 §3.2 */
export const DTMF_FREQUENCIES: readonly (readonly [row: number, column: number])[] = Array.from(
  { length: 16 },
  (_, event): readonly [number, number] => {
    const key = toneOf(event) ?? "0";
    const row = KEYS.findIndex((keys) => keys.includes(key));
    return [ROWS[row]!, COLUMNS[KEYS[row]!.indexOf(key)]!];
  },
);

/** Samples of a block at 8 kHz: 12.75 ms, as all that detect DTMF have it since the eighties. */
const BLOCK = 102;
const RATE_HZ = 8000;
/** A key counts from the second block on, and is over at the second without it. */
const BLOCKS = 2;
/** Mean power of a sample below which there is nothing: about -36 dBm0. */
const LEAST_POWER = 40_000;
/** The row may be so much louder than the column, and the reverse, in power (8 and 4 dB). */
const [TWIST, REVERSE_TWIST] = [6.3, 2.5] as const;
/** The next of its group is so much weaker than the loudest (8 dB). */
const CLEAR = 6.3;
/** Of all that is heard, the two have so much: speech and music have more beside them. */
const SHARE = 0.63;

const coefficient = (hz: number, rate: number): number => 2 * Math.cos((2 * Math.PI * hz) / rate);

/** What was heard: a key from when it is sure, and again when it is over. */
export type HeardKey =
  | { readonly kind: "Begun"; readonly tone: DtmfTone }
  | { readonly kind: "Ended"; readonly tone: DtmfTone; readonly durationMs: number };

/** Finds keys in the sound of one side; made for one rate, in Hz, of 8000 or more. */
export class DtmfDetector {
  readonly #rate: number;
  readonly #block: number;
  readonly #coefficients: readonly number[];
  readonly #before: Float64Array = new Float64Array(8);
  readonly #twoBefore: Float64Array = new Float64Array(8);
  #energy = 0;
  #filled = 0;
  #candidate: DtmfTone | undefined;
  #blocks = 0;
  #sounding: DtmfTone | undefined;
  #missed = 0;
  #lasted = 0;

  constructor(sampleRate: number) {
    this.#rate = sampleRate;
    this.#block = Math.round((BLOCK * sampleRate) / RATE_HZ);
    this.#coefficients = [...ROWS, ...COLUMNS].map((hz) => coefficient(hz, sampleRate));
  }

  /** The key that sounds now; undefined: none. */
  get sounding(): DtmfTone | undefined {
    return this.#sounding;
  }

  /** The next samples; returns what has begun or ended in them, in order. */
  hear(pcm: Int16Array): readonly HeardKey[] {
    let told: HeardKey[] | undefined;
    for (let at = 0; at < pcm.length; ) {
      const count = Math.min(this.#block - this.#filled, pcm.length - at);
      this.#run(pcm, at, at + count);
      at += count;
      this.#filled += count;
      if (this.#filled < this.#block) break;
      const heard = this.#judge();
      if (heard) {
        told ??= [];
        told.push(heard);
      }
    }
    return told ?? NOTHING;
  }

  #run(pcm: Int16Array, from: number, to: number): void {
    const [before, twoBefore] = [this.#before, this.#twoBefore];
    for (let n = 0; n < 8; n++) {
      const factor = this.#coefficients[n]!;
      let [one, two] = [before[n]!, twoBefore[n]!];
      for (let at = from; at < to; at++) {
        const next = pcm[at]! + factor * one - two;
        two = one;
        one = next;
      }
      before[n] = one;
      twoBefore[n] = two;
    }
    let energy = 0;
    for (let at = from; at < to; at++) energy += pcm[at]! * pcm[at]!;
    this.#energy += energy;
  }

  #judge(): HeardKey | undefined {
    const key = this.#keyOf();
    this.#before.fill(0);
    this.#twoBefore.fill(0);
    this.#energy = 0;
    this.#filled = 0;
    if (key !== undefined && key === this.#sounding) {
      this.#missed = 0;
      this.#lasted++;
      return undefined;
    }
    this.#blocks = key !== undefined && key === this.#candidate ? this.#blocks + 1 : 1;
    this.#candidate = key;
    if (this.#sounding !== undefined) return this.#miss();
    if (key === undefined || this.#blocks < BLOCKS) return undefined;
    this.#sounding = key;
    this.#lasted = this.#blocks;
    this.#missed = 0;
    return { kind: "Begun", tone: key };
  }

  #miss(): HeardKey | undefined {
    const tone = this.#sounding;
    if (tone === undefined || ++this.#missed < BLOCKS) return undefined;
    this.#sounding = undefined;
    return {
      kind: "Ended",
      tone,
      durationMs: Math.round((this.#lasted * this.#block * 1000) / this.#rate),
    };
  }

  /** The key of a block, if it is one. */
  #keyOf(): DtmfTone | undefined {
    const energy = this.#energy;
    if (energy < LEAST_POWER * this.#block) return undefined;
    const row = this.#loudest(0);
    const column = this.#loudest(4);
    if (row < 0 || column < 0) return undefined;
    const [low, high] = [this.#power(row), this.#power(column)];
    if (low > high * TWIST || high > low * REVERSE_TWIST) return undefined;
    // A pure tone's is the energy times half the samples.
    if (low + high < (SHARE * energy * this.#block) / 2) return undefined;
    return KEYS[row]![column - 4] as DtmfTone;
  }

  /** Of four, from `from` on; -1 where it is not clear. */
  #loudest(from: number): number {
    let loudest = from;
    for (let n = from + 1; n < from + 4; n++)
      if (this.#power(n) > this.#power(loudest)) loudest = n;
    const power = this.#power(loudest);
    for (let n = from; n < from + 4; n++) {
      if (n !== loudest && this.#power(n) * CLEAR > power) return -1;
    }
    return loudest;
  }

  #power(n: number): number {
    const [one, two] = [this.#before[n]!, this.#twoBefore[n]!];
    return one * one + two * two - this.#coefficients[n]! * one * two;
  }
}

const NOTHING: readonly HeardKey[] = [];
