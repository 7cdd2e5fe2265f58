/**
 * libopus as WebAssembly: one instance for all encoders and decoders of the process, whose states
 * lie side by side in its memory. The binary is that of `@evan/opus`, whose exports are libopus'
 * own functions; its JavaScript is not used, since it can neither conceal nor read what FEC
 * carries.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The largest packet of RFC 6716 §3.2.5: 48 frames would not fit in a datagram anyway. */
export const MAX_PACKET_BYTES = 4096;
/** 120 ms of two channels at 48 kHz. */
export const MAX_PCM_SAMPLES: number = 5760 * 2;

interface Exports {
  readonly memory: WebAssembly.Memory;
  malloc(bytes: number): number;
  free(at: number): void;
  _initialize(): void;
  opus_strerror(code: number): number;
  opus_encoder_get_size(channels: number): number;
  opus_encoder_init(state: number, rate: number, channels: number, application: number): number;
  opus_encode(state: number, pcm: number, samples: number, to: number, max: number): number;
  opus_encoder_ctl_set(state: number, request: number, value: number): number;
  opus_encoder_ctl_get(state: number, request: number): number;
  opus_decoder_get_size(channels: number): number;
  opus_decoder_init(state: number, rate: number, channels: number): number;
  opus_decode(
    ...of: [state: number, packet: number, bytes: number, pcm: number, samples: number, fec: number]
  ): number;
  opus_decoder_ctl_set(state: number, request: number, value: number): number;
}

export class OpusWasm {
  readonly #wasm: Exports;
  readonly #packetAt: number;
  readonly #pcmAt: number;
  #octets: Uint8Array = new Uint8Array();
  #samples: Int16Array = new Int16Array();

  constructor() {
    const nothing = (): number => 0;
    const instance = new WebAssembly.Instance(compiled(), {
      wasi_snapshot_preview1: {
        ...{ fd_seek: nothing, fd_write: nothing, fd_close: nothing },
        proc_exit: (code: number) => {
          throw new Error(`libopus gave up (${code})`);
        },
      },
      env: { emscripten_notify_memory_growth: nothing },
    });
    this.#wasm = instance.exports as unknown as Exports;
    this.#wasm._initialize();
    this.#packetAt = this.allocate(MAX_PACKET_BYTES);
    this.#pcmAt = this.allocate(MAX_PCM_SAMPLES * 2);
  }

  /** How much memory the instance has, in octets. It grows and never shrinks. */
  get memoryBytes(): number {
    return this.#wasm.memory.buffer.byteLength;
  }

  allocate(bytes: number): number {
    const at = this.#wasm.malloc(bytes);
    if (at === 0) throw new Error("no memory is left for another Opus codec");
    return at;
  }

  free(at: number): void {
    this.#wasm.free(at);
  }

  encoder(sampleRate: number, channels: number, application: number): number {
    const state = this.allocate(this.#wasm.opus_encoder_get_size(channels));
    this.#checked(this.#wasm.opus_encoder_init(state, sampleRate, channels, application));
    return state;
  }

  decoder(sampleRate: number, channels: number): number {
    const state = this.allocate(this.#wasm.opus_decoder_get_size(channels));
    this.#checked(this.#wasm.opus_decoder_init(state, sampleRate, channels));
    return state;
  }

  /** Throws a RangeError if libopus does not know the request or takes no such value. */
  setEncoder(state: number, request: number, value: number): void {
    const code = this.#wasm.opus_encoder_ctl_set(state, request, value);
    if (code < 0) throw new RangeError(`Opus: ${this.#words(code)} (${request} = ${value})`);
  }

  encoderValue(state: number, request: number): number {
    return this.#wasm.opus_encoder_ctl_get(state, request);
  }

  /**
   * `pcm` is interleaved; the packet has at most `max` octets. Throws a RangeError for a length
   * that Opus has no frame of.
   */
  encode(state: number, pcm: Int16Array, channels: number, max: number): Uint8Array {
    if (pcm.length > MAX_PCM_SAMPLES) throw new RangeError("Opus: a frame of more than 120 ms");
    const { octets, samples } = this.#views();
    samples.set(pcm, this.#pcmAt >> 1);
    const to = this.#packetAt;
    const bytes = this.#wasm.opus_encode(
      ...([
        state,
        this.#pcmAt,
        pcm.length / channels,
        to,
        Math.min(max, MAX_PACKET_BYTES),
      ] as const),
    );
    if (bytes < 0) throw new RangeError(`Opus: ${this.#words(bytes)}`);
    return octets.slice(to, to + bytes);
  }

  /**
   * The PCM of a packet, or what stands for one that is missing (`packet` undefined), or what the
   * packet after it carries of it (`fec`). Undefined if the packet is none of Opus.
   */
  decode(
    state: number,
    packet: Uint8Array | undefined,
    { samples, channels, fec }: { samples: number; channels: number; fec: boolean },
  ): Int16Array | undefined {
    const views = this.#views();
    const bytes = packet?.length ?? 0;
    if (bytes > MAX_PACKET_BYTES || samples * channels > MAX_PCM_SAMPLES) return undefined;
    if (packet) views.octets.set(packet, this.#packetAt);
    const made = this.#wasm.opus_decode(
      ...([state, bytes && this.#packetAt, bytes, this.#pcmAt, samples, Number(fec)] as const),
    );
    if (made < 0) return undefined;
    const from = this.#pcmAt >> 1;
    return this.#views().samples.slice(from, from + made * channels);
  }

  /** Views of a memory that has grown have no length. */
  #views(): { octets: Uint8Array; samples: Int16Array } {
    const { buffer } = this.#wasm.memory;
    if (this.#octets.buffer !== buffer) {
      this.#octets = new Uint8Array(buffer);
      this.#samples = new Int16Array(buffer);
    }
    return { octets: this.#octets, samples: this.#samples };
  }

  #checked(code: number): void {
    if (code < 0) throw new RangeError(`Opus: ${this.#words(code)}`);
  }

  #words(code: number): string {
    const { octets } = this.#views();
    const from = this.#wasm.opus_strerror(code);
    return Buffer.from(octets.subarray(from, octets.indexOf(0, from))).toString("latin1");
  }
}

/** Read and compiled when the first codec is made: 400 kB that a phone on G.711 does without. */
export function opusWasm(): OpusWasm {
  shared ??= new OpusWasm();
  return shared;
}

let shared: OpusWasm | undefined;

function compiled(): WebAssembly.Module {
  const path = createRequire(import.meta.url).resolve("@evan/opus/wasm/simd.wasm");
  return new WebAssembly.Module(readFileSync(path));
}
