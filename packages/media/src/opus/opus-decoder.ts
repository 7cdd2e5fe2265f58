/** An Opus decoder. Whatever was coded, it gives PCM of its own rate and channels. RFC 6716 §4. */
import type { Decoder } from "carillon/rtp";
import type { OpusSampleRate } from "./opus-encoder.ts";
import { MAX_PCM_SAMPLES, type OpusWasm, opusWasm } from "./opus-wasm.ts";

/** What comes out of it. */
export interface OpusDecoderOptions {
  /** Of the PCM, in Hz; it need not be the encoder's. */
  readonly sampleRate: OpusSampleRate;
  /** Of the PCM, interleaved; 1 if left out. */
  readonly channels?: 1 | 2;
}

/** For one direction of one call, or a file. After `close` its methods throw an Error. */
export class OpusDecoder implements Decoder {
  readonly #wasm: OpusWasm;
  readonly #channels: number;
  /** Of one channel, in 120 ms: the longest packet. */
  readonly #longest: number;
  /** 2.5 ms: what is concealed is a multiple of it. */
  readonly #shortest: number;
  #state: number;
  #lastSamples: number;

  constructor({ sampleRate, channels = 1 }: OpusDecoderOptions) {
    this.#wasm = opusWasm();
    this.#channels = channels;
    this.#longest = Math.min((sampleRate * 120) / 1000, MAX_PCM_SAMPLES / channels);
    this.#shortest = sampleRate / 400;
    this.#lastSamples = sampleRate / 50;
    this.#state = this.#wasm.decoder(sampleRate, channels);
    unclosed.register(this, this.#state, this);
  }

  /** What is no packet of Opus sounds like one that was lost. */
  decode(payload: Uint8Array): Int16Array {
    const channels = this.#channels;
    if (payload.length === 0) return this.conceal(this.#lastSamples * channels);
    const options = { samples: this.#longest, channels, fec: false };
    const pcm = this.#wasm.decode(this.#open(), payload, options);
    if (!pcm) return this.conceal(this.#lastSamples * channels);
    this.#lastSamples = pcm.length / channels;
    return pcm;
  }

  /**
   * `samples` in all channels together. With the packet that comes after the gap, its end is what
   * that packet's FEC carries of it.
   */
  conceal(samples: number, next?: Uint8Array): Int16Array {
    const channels = this.#channels;
    const made = new Int16Array(samples);
    // No packet is longer than 120 ms; what is missing before that is made up.
    const steps = Math.ceil(samples / channels / this.#shortest);
    for (let left = steps, at = 0; left > 0; ) {
      const now = Math.min(left, this.#longest / this.#shortest);
      const fec = left === now && next !== undefined && next.length > 0;
      const options = { samples: now * this.#shortest, channels, fec };
      const pcm =
        this.#wasm.decode(this.#open(), fec ? next : undefined, options) ??
        this.#wasm.decode(this.#open(), undefined, { ...options, fec: false });
      if (pcm) made.set(pcm.subarray(0, samples - at), at);
      at += now * this.#shortest * channels;
      left -= now;
    }
    return made;
  }

  /** Gives its memory back. */
  close(): void {
    if (this.#state === 0) return;
    unclosed.unregister(this);
    this.#wasm.free(this.#state);
    this.#state = 0;
  }

  #open(): number {
    if (this.#state === 0) throw new Error("this decoder is closed");
    return this.#state;
  }
}

/** Of what nobody closed the memory is given back all the same. */
const unclosed = new FinalizationRegistry<number>((state) => opusWasm().free(state));
