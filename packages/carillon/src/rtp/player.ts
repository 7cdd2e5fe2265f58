/** From packets to samples at the pace of a clock: jitter buffer, decoders and concealment. */
import type { Millis } from "../grammar/millis.ts";
import type { Codec, Decoder } from "./codec.ts";
import { type BufferedPacket, JitterBuffer, type JitterBufferCounts } from "./jitter-buffer.ts";
import { shortened } from "./shorten.ts";

/** What a payload type stands for. */
export interface PayloadCodec {
  /** 0 to 127, in the direction that this is for. */
  readonly payloadType: number;
  /** How its payloads are coded. */
  readonly codec: Codec;
  /** The text of the peer's `a=fmtp`. */
  readonly fmtp?: string | undefined;
}

/** How long the frames of a voice are, in both directions. */
export const FRAME_MS = 20;

/**
 * From the packets of one sender to sound: a jitter buffer, decoders and concealment. It takes
 * packets as they come, and gives 20 ms of PCM each time it is asked.
 */
export class Player {
  #codecs: ReadonlyMap<number, PayloadCodec> = new Map();
  readonly #decoders = new Map<number, Decoder>();
  #buffer: JitterBuffer | undefined;
  #clockRate = 0;
  /** Whose packets were played last. */
  #current: PayloadCodec | undefined;
  #decoder: Decoder | undefined;
  /** Decoded and not played yet. */
  #rest: Int16Array = EMPTY;

  /** What may come from now on. Who stays in it keeps its decoder. */
  expect(codecs: readonly PayloadCodec[]): void {
    const before = this.#codecs;
    this.#codecs = new Map(codecs.map((each) => [each.payloadType, each]));
    for (const [payloadType, decoder] of this.#decoders) {
      const [old, now] = [before.get(payloadType), this.#codecs.get(payloadType)];
      if (old?.codec === now?.codec && old?.fmtp === now?.fmtp) continue;
      decoder.close?.();
      this.#decoders.delete(payloadType);
      if (this.#decoder === decoder) this.#forget();
    }
  }

  /** Of what is played; undefined before the first packet. */
  get codec(): Codec | undefined {
    return this.#current?.codec;
  }

  /** Of its jitter buffer, anew with each sender or clock rate; undefined before anything came. */
  get counts(): JitterBufferCounts | undefined {
    return this.#buffer?.counts;
  }

  /** How long packets are held in its buffer, above the quickest; 0 before the first. */
  get targetMs(): number {
    return this.#buffer?.targetMs ?? 0;
  }

  /** How much sound waits in its buffer. */
  get waitingMs(): number {
    return this.#buffer?.waitingMs ?? 0;
  }

  /** Takes a packet, or only its number where nothing here can play it. */
  put(packet: BufferedPacket, now: Millis): void {
    const known = this.#codecs.get(packet.payloadType);
    if (!known) {
      this.#buffer?.pass(packet, now);
      return;
    }
    if (!this.#buffer || known.codec.clockRate !== this.#clockRate) this.#restart(known.codec);
    this.#buffer?.put(packet, now);
  }

  /** Another sender begins. */
  reset(): void {
    this.#buffer = undefined;
    this.#forget();
    this.close();
  }

  /** Gives back the decoders. What comes afterwards is played with new ones. */
  close(): void {
    for (const decoder of this.#decoders.values()) decoder.close?.();
    this.#decoders.clear();
  }

  /** The next 20 ms, at the rate of `codec`; undefined before anything came. */
  read(now: Millis): Int16Array | undefined {
    const buffer = this.#buffer;
    if (!buffer) return undefined;
    if (this.#rest.length === 0) {
      const whole = this.#next(buffer, now);
      if (!whole || whole.length === this.#frameSamples) return whole;
      this.#rest = whole;
    }
    while (this.#rest.length < this.#frameSamples) {
      const more = this.#next(buffer, now);
      this.#rest = joined(this.#rest, more ?? EMPTY);
    }
    const frame = this.#rest.slice(0, this.#frameSamples);
    this.#rest = this.#rest.subarray(this.#frameSamples);
    return frame;
  }

  #next(buffer: JitterBuffer, now: Millis): Int16Array | undefined {
    const taken = buffer.take(now);
    if (taken.kind === "Frame") return this.#decode(taken.packet, taken.hurry);
    if (!this.#current) return undefined;
    if (taken.kind === "Nothing") return new Int16Array(this.#frameSamples);
    const { clockRate, sampleRate } = this.#current.codec;
    const samples = Math.max(1, Math.round((taken.duration * sampleRate) / clockRate));
    const next = taken.kind === "Lost" ? taken.next?.payload : undefined;
    return this.#decoder?.conceal(samples, next) ?? new Int16Array(samples);
  }

  #decode({ payloadType, payload }: BufferedPacket, hurry: boolean): Int16Array | undefined {
    const known = this.#codecs.get(payloadType);
    if (!known) return this.#current && new Int16Array(this.#frameSamples);
    if (known !== this.#current) this.#switch(known);
    const pcm = this.#decoder?.decode(payload) ?? EMPTY;
    return hurry ? shortened(pcm, known.codec.sampleRate) : pcm;
  }

  #switch(known: PayloadCodec): void {
    this.#current = known;
    this.#rest = EMPTY;
    this.#decoder = this.#decoders.get(known.payloadType) ?? known.codec.decoder(known.fmtp);
    this.#decoders.set(known.payloadType, this.#decoder);
  }

  /** Timestamps count in another unit, so nothing of before can be compared with them. */
  #restart({ clockRate }: Codec): void {
    this.#clockRate = clockRate;
    this.#buffer = new JitterBuffer({ clockRate });
  }

  #forget(): void {
    this.#current = undefined;
    this.#decoder = undefined;
    this.#rest = EMPTY;
  }

  get #frameSamples(): number {
    return ((this.#current?.codec.sampleRate ?? 8000) * FRAME_MS) / 1000;
  }
}

const EMPTY = new Int16Array();

function joined(a: Int16Array, b: Int16Array): Int16Array {
  const out = new Int16Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
