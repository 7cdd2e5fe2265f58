/** An Opus encoder for voice. RFC 6716, RFC 7587. */
import type { Encoder } from "carillon/rtp";
import { MAX_PACKET_BYTES, type OpusWasm, opusWasm } from "./opus-wasm.ts";

/** The rates that Opus codes, in hertz. */
export type OpusSampleRate = 8000 | 12_000 | 16_000 | 24_000 | 48_000;

/** How it is coded. */
export interface OpusEncoderOptions {
  /** Of the PCM, in Hz. */
  readonly sampleRate: OpusSampleRate;
  /** Of the PCM, interleaved; 1 if left out. */
  readonly channels?: 1 | 2;
  /** Bits a second, without headers, that voice is coded with. */
  readonly bitrate: number;
  /** What no second's packets exceed on average, whatever the sound; in bits a second. */
  readonly maxAverageBitrate?: number;
  /** 0 to 10: what the processor spends on quality. */
  readonly complexity: number;
  /** Each packet may say again what the one before it said. */
  readonly inbandFec?: boolean;
  /** Nothing is sent while nobody speaks. */
  readonly dtx?: boolean;
  /** Constant bitrate, and not variable; false if left out. RFC 7587 §3.1.2 */
  readonly cbr?: boolean;
  /** No sound above half of this is coded; in hertz. */
  readonly maxPlaybackRate?: number;
  /** How much is lost on the way, as a guess to begin with; from 0 to 1. */
  readonly lossFraction?: number;
  /** `voice` if left out; `music` keeps what is no speech. */
  readonly signal?: "voice" | "music";
}

/** For one direction of one call, or a file. After `close` its methods throw an Error. */
export class OpusEncoder implements Encoder {
  readonly #wasm: OpusWasm;
  readonly #channels: number;
  readonly #allowance: Allowance | undefined;
  #state: number;

  /** Throws a RangeError for what Opus cannot do. */
  constructor(options: OpusEncoderOptions) {
    const { sampleRate, channels = 1, signal = "voice" } = options;
    this.#wasm = opusWasm();
    this.#channels = channels;
    const { maxAverageBitrate } = options;
    this.#allowance = maxAverageBitrate
      ? new Allowance(maxAverageBitrate / 8, sampleRate * channels)
      : undefined;
    const application = signal === "voice" ? APPLICATION_VOIP : APPLICATION_AUDIO;
    this.#state = this.#wasm.encoder(sampleRate, channels, application);
    unclosed.register(this, this.#state, this);
    const set = (request: number, value: number | boolean) =>
      this.#wasm.setEncoder(this.#state, request, Number(value));
    set(SET_SIGNAL, signal === "voice" ? SIGNAL_VOICE : SIGNAL_MUSIC);
    set(SET_BITRATE, options.bitrate);
    set(SET_COMPLEXITY, options.complexity);
    set(SET_INBAND_FEC, options.inbandFec ?? false);
    set(SET_DTX, options.dtx ?? false);
    set(SET_VBR, !(options.cbr ?? false));
    set(SET_MAX_BANDWIDTH, bandwidthFor(options.maxPlaybackRate ?? sampleRate));
    this.lossFraction = options.lossFraction ?? 0;
  }

  /** Bits a second, as set. */
  get bitrate(): number {
    return this.#wasm.encoderValue(this.#open(), GET_BITRATE);
  }

  set bitrate(bitsPerSecond: number) {
    this.#wasm.setEncoder(this.#open(), SET_BITRATE, bitsPerSecond);
  }

  /** What the other side reports as lost, from 0 to 1: the more, the more FEC. */
  set lossFraction(fraction: number) {
    const percent = Math.round(Math.min(Math.max(fraction, 0), 1) * 100);
    this.#wasm.setEncoder(this.#open(), SET_PACKET_LOSS_PERCENT, percent);
  }

  /** The samples by which what is decoded is late. */
  get lookahead(): number {
    return this.#wasm.encoderValue(this.#open(), GET_LOOKAHEAD);
  }

  //= RFC 7587 §3.1.3
  //# The transmitter MUST drop whole frames only, based on the size of the last transmitted frame,
  //# to ensure successive RTP timestamps differ by a multiple of 120 and to allow the receiver to
  //# use whole frames for concealment.
  /**
   * The packet of one frame of 2.5, 5, 10, 20, 40 or 60 ms; empty where DTX leaves it out.
   * Throws a RangeError for a frame of another length.
   */
  encode(pcm: Int16Array): Uint8Array {
    const max = this.#allowance?.add(pcm.length) ?? MAX_PACKET_BYTES;
    const packet = this.#wasm.encode(this.#open(), pcm, this.#channels, max);
    this.#allowance?.take(packet.length);
    return packet.length <= LEFT_OUT_BYTES ? NOTHING : packet;
  }

  /** Gives its memory back. */
  close(): void {
    if (this.#state === 0) return;
    unclosed.unregister(this);
    this.#wasm.free(this.#state);
    this.#state = 0;
  }

  #open(): number {
    if (this.#state === 0) throw new Error("this encoder is closed");
    return this.#state;
  }
}

/** How many octets may be spent just now: those of a quarter of a second can be saved up. */
class Allowance {
  readonly #bytesPerSample: number;
  readonly #most: number;
  #bytes = 0;

  constructor(bytesPerSecond: number, samplesPerSecond: number) {
    this.#bytesPerSample = bytesPerSecond / samplesPerSecond;
    this.#most = bytesPerSecond / 4;
  }

  /** What a frame of so many samples may take: half of what is there, yet a frame's own share. */
  add(samples: number): number {
    const share = samples * this.#bytesPerSample;
    this.#bytes = Math.min(this.#most + share, this.#bytes + share);
    return Math.floor(Math.max(Math.min(this.#bytes, share), this.#bytes / 2, SHORTEST_BYTES));
  }

  take(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** Less than this says only that there is nothing. */
const SHORTEST_BYTES = 3;

/** Of what nobody closed the memory is given back all the same. */
const unclosed = new FinalizationRegistry<number>((state) => opusWasm().free(state));

/** libopus: "If the return value is 2 bytes or less, the packet does not need to be transmitted."
 */
const LEFT_OUT_BYTES = 2;
const NOTHING = new Uint8Array();

/** RFC 6716 §2.1.3, Table 1: narrowband, mediumband, wideband, super-wideband, fullband. */
function bandwidthFor(rate: number): number {
  const index = [8000, 12_000, 16_000, 24_000].findIndex((limit) => rate <= limit);
  return BANDWIDTH_NARROWBAND + (index < 0 ? 4 : index);
}

// opus_defines.h
const APPLICATION_VOIP = 2048;
const APPLICATION_AUDIO = 2049;
const SIGNAL_VOICE = 3001;
const SIGNAL_MUSIC = 3002;
const BANDWIDTH_NARROWBAND = 1101;
const SET_BITRATE = 4002;
const GET_BITRATE = 4003;
const SET_MAX_BANDWIDTH = 4004;
const SET_VBR = 4006;
const SET_COMPLEXITY = 4010;
const SET_INBAND_FEC = 4012;
const SET_PACKET_LOSS_PERCENT = 4014;
const SET_DTX = 4016;
const SET_SIGNAL = 4024;
const GET_LOOKAHEAD = 4027;
