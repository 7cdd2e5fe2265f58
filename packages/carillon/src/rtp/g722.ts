/**
 * G.722: 7 kHz of sound in 64 kbit/s, two bands of adaptive differences. ITU-T G.722 §6; RFC 3551
 * §4.5.2. Bit-exact: see the test.
 */
import type { Codec, Decoder, Encoder } from "./codec.ts";
import { Concealer } from "./concealer.ts";
import { Band, HIGHER, LOWER, saturated } from "./g722-band.ts";
import { ILN, ILP, Q6, QM2, QM4, QM6, QMF, WH, WL } from "./g722-tables.ts";

const SAMPLE_RATE_HZ = 16_000;
const TAPS = 24;

//= RFC 3551 §4.5.2
//# Even though the actual sampling rate for G.722 audio is 16,000 Hz, the RTP clock rate for the
//# G722 payload format is 8,000 Hz because that value was erroneously assigned in RFC 1890 and must
//# remain unchanged for backward compatibility.
/**
 * G.722, payload type 9: sampled at 16,000 Hz, with timestamps at 8000. Frames have an even number
 * of samples. RFC 3551 §4.5.2
 */
export const g722: Codec = {
  ...{ name: "G722", clockRate: 8000, sampleRate: SAMPLE_RATE_HZ, channels: 1, payloadType: 9 },
  encoder: () => new G722Encoder(),
  decoder: () => new G722Decoder(),
};

class G722Encoder implements Encoder {
  readonly #lower = new Band(LOWER);
  readonly #higher = new Band(HIGHER);
  /** The last 24 samples, twice: a window of them is never broken. */
  readonly #window = new Int32Array(2 * TAPS);
  #at = 0;

  encode(pcm: Int16Array): Uint8Array {
    const payload = new Uint8Array(pcm.length >> 1);
    for (let n = 0; n < payload.length; n++) {
      this.#push(pcm[2 * n]!);
      this.#push(pcm[2 * n + 1]!);
      payload[n] = this.#encodePair();
    }
    return payload;
  }

  #push(sample: number): void {
    this.#window[this.#at] = sample;
    this.#window[this.#at + TAPS] = sample;
    this.#at = this.#at + 1 === TAPS ? 0 : this.#at + 1;
  }

  #encodePair(): number {
    const [window, at] = [this.#window, this.#at];
    let [odd, even] = [0, 0];
    for (let i = 0; i < 12; i++) {
      odd += window[at + 2 * i]! * QMF[i]!;
      even += window[at + 2 * i + 1]! * QMF[11 - i]!;
    }
    const low = encodeLower(this.#lower, limited((even + odd) >> 14));
    return (encodeHigher(this.#higher, limited((even - odd) >> 14)) << 6) | low;
  }
}

/** SUBTRA, QUANTL, INVQAL */
function encodeLower(band: Band, sample: number): number {
  const difference = saturated(sample - band.predicted);
  const size = difference >= 0 ? difference : -(difference + 1);
  let level = 1;
  while (level < 30 && size >= (Q6[level]! * band.det) >> 12) level++;
  const code = difference < 0 ? ILN[level]! : ILP[level]!;
  band.adapt((band.det * QM4[code >> 2]!) >> 15, WL[code >> 2]!);
  return code;
}

/** SUBTRA, QUANTH, INVQAH */
function encodeHigher(band: Band, sample: number): number {
  const difference = saturated(sample - band.predicted);
  const size = difference >= 0 ? difference : -(difference + 1);
  const isLarge = size >= (564 * band.det) >> 12;
  const code = (difference < 0 ? 0 : 2) + (isLarge ? 0 : 1);
  band.adapt((band.det * QM2[code]!) >> 15, WH[code]!);
  return code;
}

class G722Decoder implements Decoder {
  readonly #lower = new Band(LOWER);
  readonly #higher = new Band(HIGHER);
  /** The last twelve pairs of sums and differences of the bands, twice. */
  readonly #window = new Int32Array(2 * TAPS);
  readonly #concealer = new Concealer(SAMPLE_RATE_HZ);
  #at = 0;

  decode(payload: Uint8Array): Int16Array {
    const pcm = new Int16Array(2 * payload.length);
    for (let n = 0; n < payload.length; n++) this.#decodePair(payload[n]!, pcm, 2 * n);
    return this.#concealer.heard(pcm);
  }

  conceal(samples: number): Int16Array {
    return this.#concealer.lost(samples);
  }

  #decodePair(octet: number, pcm: Int16Array, to: number): void {
    const low = decodeLower(this.#lower, octet & 0x3f);
    const high = decodeHigher(this.#higher, octet >> 6);
    const [window, at] = [this.#window, this.#at];
    window[at] = low + high;
    window[at + TAPS] = low + high;
    window[at + 1] = low - high;
    window[at + 1 + TAPS] = low - high;
    const from = at + 2 === TAPS ? 0 : at + 2;
    this.#at = from;
    let [odd, even] = [0, 0];
    for (let i = 0; i < 12; i++) {
      even += window[from + 2 * i]! * QMF[i]!;
      odd += window[from + 2 * i + 1]! * QMF[11 - i]!;
    }
    pcm[to] = saturated(odd >> 11);
    pcm[to + 1] = saturated(even >> 11);
  }
}

/** INVQBL, LIMIT, INVQAL */
function decodeLower(band: Band, code: number): number {
  const sample = limited(band.predicted + ((band.det * QM6[code]!) >> 15));
  band.adapt((band.det * QM4[code >> 2]!) >> 15, WL[code >> 2]!);
  return sample;
}

/** INVQAH, LIMIT */
function decodeHigher(band: Band, code: number): number {
  const difference = (band.det * QM2[code]!) >> 15;
  const sample = limited(band.predicted + difference);
  band.adapt(difference, WH[code]!);
  return sample;
}

const limited = (value: number): number =>
  value > 16_383 ? 16_383 : value < -16_384 ? -16_384 : value;
