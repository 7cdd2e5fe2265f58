/**
 * What goes to one side: packets that are passed on or coded here, and keys. All of it is one
 * stream with one SSRC.
 */
import {
  DTMF_FREQUENCIES,
  type DtmfTone,
  type Encoder,
  EventSender,
  eventOf,
  FRAME_MS,
  keepExtensionElements,
  type PassedPacket,
  Resampler,
  type Source,
  type SteadyStream,
  tone,
  writeNoiseLevel,
} from "carillon/rtp";
import { opusParams, parseFmtpParams } from "carillon/sdp";
import type { Instant } from "../transport.ts";
import { EventTranslator } from "./event-translator.ts";
import { canPress, codecOf, NO_TABLE, opusRateFor, type StreamTable } from "./stream-table.ts";

/** The pace of keys. RFC 4733 §2.5.1 */
const [KEY_MS, KEY_GAP_MS] = [100, 80] as const;
const HEADER_BYTES = 12;
/** A level of noise is told as often, while it lasts. */
const HUSH_MS = 1000;
/** What files are coded with, in bits a second. */
const CODED_BITRATE = 32_000;
/** Keys that wait, and the pauses after them. */
const MAX_TONES = 512;

/** A packet of another side, as far as passing it on needs it. */
export interface PassingPacket extends PassedPacket {
  /** Of its payload… */
  readonly start: number;
  /** …and where that ends. */
  readonly end: number;
  readonly clockRate: number;
  /** Header extensions that go on, as bits by their ids. */
  kept: number;
}

/** No sources are named between the header and the extension. */
const hasOnlyExtension = (packet: Uint8Array): boolean => (packet[0]! & 0x1f) === 0x10;

export class Mouth {
  readonly stream: SteadyStream;
  packets = 0;
  octets = 0;
  /** When the last was sent. */
  spokeAt: Instant = Number.NEGATIVE_INFINITY;
  readonly #send: (packet: Uint8Array) => boolean;
  #table: StreamTable = NO_TABLE;
  #encoder: Encoder | undefined;
  #encoderRate = 0;
  #resampler: Resampler | undefined;
  #lossFraction: number | undefined;
  /** Nothing was coded before: the next packet says that sound begins. */
  #isQuiet = true;
  #hushedAt: Instant = Number.NEGATIVE_INFINITY;
  #keys: EventSender | undefined;
  #translator: EventTranslator | undefined;
  /** Keys as tones in the sound, where that side has no others; one after the other. */
  readonly #tones: (Source | number)[] = [];

  constructor(stream: SteadyStream, send: (packet: Uint8Array) => boolean) {
    this.stream = stream;
    this.#send = send;
  }

  agree(table: StreamTable): void {
    const before = this.#table;
    this.#table = table;
    const [old, now] = [before.spoken?.agreed, table.spoken?.agreed];
    if (old?.encoding !== now?.encoding || old?.params !== now?.params) this.#forget();
    if (before.keys?.clockRate !== table.keys?.clockRate) {
      this.#keys = table.keys && new EventSender(table.keys.clockRate);
      this.#translator = table.keys && new EventTranslator(table.keys.clockRate);
    }
  }

  /** Whether anything may go to that side now. */
  get isOpen(): boolean {
    return this.#table.isSending;
  }

  /** In Hz, of the sound that is coded for it; undefined where nothing can be. */
  get rate(): number | undefined {
    const { spoken } = this.#table;
    if (!spoken) return undefined;
    return spoken.name === "opus" ? 48_000 : codecOf(spoken.agreed, 0)?.sampleRate;
  }

  /** Keys are pressed towards that side, or wait to be. */
  get isPressing(): boolean {
    return this.#tones.length > 0 || this.#keys?.isIdle === false;
  }

  /**
   * A packet of another side goes on as it is, but for its header: it is written over, in place.
   * `start` and `end` are those of its payload.
   */
  pass(packet: Uint8Array, of: PassingPacket, payloadType: number, now: Instant): void {
    if (!this.#table.isSending || !this.stream.pass(of, of.clockRate, now)) return;
    const isMarked = packet[1]! >= 0x80 || this.stream.isFirst;
    // Sources and most extensions are of the other side's session: the header goes over them.
    const isExtended =
      of.kept !== 0 && hasOnlyExtension(packet) && keepExtensionElements(packet, of.kept);
    const out = packet.subarray(isExtended ? 0 : of.start - HEADER_BYTES, of.end);
    this.#write(out, payloadType, isMarked);
    if (isExtended) out[0] = 0x90;
    this.#isQuiet = true;
    this.#out(out, now);
  }

  /** Samples go to that side, 20 ms of them. */
  say(pcm: Int16Array, sampleRate: number, now: Instant): void {
    const { spoken, isSending } = this.#table;
    if (!spoken || !isSending) return;
    const encoder = this.#encoderFor(sampleRate);
    if (!encoder) return;
    const { clockRateHz, payloadType } = spoken.agreed;
    const duration = (clockRateHz * FRAME_MS) / 1000;
    const payload = encoder.encode(this.#resampler?.process(pcm) ?? pcm);
    if (payload.length === 0) {
      this.#isQuiet = true;
      return this.stream.skip(duration, now);
    }
    this.stream.own(duration, clockRateHz, now);
    this.#own(payload, payloadType, this.#isQuiet || this.stream.isFirst, now);
    this.#isQuiet = false;
  }

  /** Whether what is coded as Opus already may go there: that side sets no narrow limit. */
  get takesCoded(): boolean {
    const { spoken } = this.#table;
    if (spoken?.name !== "opus") return false;
    const { maxAverageBitrate } = opusParams(parseFmtpParams(spoken.agreed.params ?? ""));
    return maxAverageBitrate === undefined || maxAverageBitrate >= CODED_BITRATE;
  }

  /** 20 ms that are coded as Opus, where that side `takesCoded`. */
  sayCoded(payload: Uint8Array, now: Instant): void {
    const { spoken, isSending } = this.#table;
    if (!spoken || !isSending) return;
    const { clockRateHz, payloadType } = spoken.agreed;
    this.stream.own((clockRateHz * FRAME_MS) / 1000, clockRateHz, now);
    this.#own(payload, payloadType, this.#isQuiet || this.stream.isFirst, now);
    this.#isQuiet = false;
  }

  /** Nobody speaks there: noise of this level, in -dBov, if that side makes it itself. RFC 3389 */
  hush(level: number, now: Instant): boolean {
    const { noise, spoken, isSending } = this.#table;
    if (noise === undefined || !spoken || !isSending) return false;
    const { clockRateHz } = spoken.agreed;
    const duration = (clockRateHz * FRAME_MS) / 1000;
    //= RFC 3389 §4
    //# Each RTP packet containing comfort noise MUST contain exactly one CN
    //# payload per channel.
    if (this.#isQuiet && now - this.#hushedAt < HUSH_MS) this.stream.skip(duration, now);
    else {
      this.stream.own(duration, clockRateHz, now);
      this.#own(writeNoiseLevel(level), noise, false, now);
      this.#hushedAt = now;
    }
    this.#isQuiet = true;
    return true;
  }

  /** A key of another side's telephone-event, in this side's numbers; false: it has none. */
  key(
    packet: {
      readonly payload: Uint8Array;
      readonly timestamp: number;
      readonly clockRate: number;
      readonly isMarked: boolean;
    },
    now: Instant,
  ): boolean {
    const { keys, isSending } = this.#table;
    if (!keys || !this.#translator) return false;
    if (!isSending) return true;
    const clock = this.#table.spoken?.agreed.clockRateHz ?? keys.clockRate;
    const said = this.#translator.translate(packet, this.stream.timestampAt(now, clock));
    if (!said || !canPress(keys, said.payload[0] ?? 255)) return true;
    this.stream.insert(said.timestamp);
    this.#own(said.payload, keys.payloadType, packet.isMarked, now);
    return true;
  }

  /** Whether a key can be heard at that side, in one way or another. */
  hears(key: DtmfTone): boolean {
    const { keys, spoken } = this.#table;
    return (
      canPress(keys, eventOf(key)) ||
      (keys === undefined && spoken !== undefined && spoken.name !== "opus")
    );
  }

  /** Presses a key towards that side; one too many of those that wait is left out. */
  press(key: DtmfTone, durationMs: number = KEY_MS): void {
    const event = eventOf(key);
    if (canPress(this.#table.keys, event)) {
      if (this.#keys?.isFull === false) this.#keys.push(event, durationMs, KEY_GAP_MS);
      return;
    }
    const sampleRate = this.rate;
    if (sampleRate === undefined || this.#tones.length >= MAX_TONES) return;
    const frequencies = DTMF_FREQUENCIES[event]!;
    this.#tones.push(
      tone({ frequencies, amplitude: 0.2, lengthMs: durationMs, sampleRate }),
      KEY_GAP_MS,
    );
  }

  /** 20 ms of the keys that are pressed: true while these take the place of all sound. */
  beat(now: Instant): boolean {
    return this.#beatKeys(now) || this.#beatTones(now);
  }

  #beatKeys(now: Instant): boolean {
    const { keys, spoken } = this.#table;
    if (!keys || !this.#keys || this.#keys.isIdle) return false;
    const clock = spoken?.agreed.clockRateHz ?? keys.clockRate;
    const at = this.stream.timestampAt(now, clock);
    const { packets, isToneOn } = this.#keys.tick(at, (keys.clockRate * FRAME_MS) / 1000);
    for (const { payload, marker, timestamp } of packets) {
      this.stream.insert(timestamp);
      this.#own(payload, keys.payloadType, marker, now);
    }
    return isToneOn;
  }

  #beatTones(now: Instant): boolean {
    const [first] = this.#tones;
    const sampleRate = this.rate;
    if (first === undefined || sampleRate === undefined) return false;
    const samples = (sampleRate * FRAME_MS) / 1000;
    if (typeof first === "number") {
      if (first <= FRAME_MS) this.#tones.shift();
      else this.#tones[0] = first - FRAME_MS;
      this.say(new Int16Array(samples), sampleRate, now);
      return true;
    }
    const pcm = first.read(samples);
    if (!pcm) {
      this.#tones.shift();
      return this.#beatTones(now);
    }
    this.say(pcm, sampleRate, now);
    return true;
  }

  /** What that side says is lost on its way there, 0 to 1: Opus carries more of it twice. */
  set lossFraction(fraction: number) {
    this.#lossFraction = fraction;
    if (this.#encoder && "lossFraction" in this.#encoder) this.#encoder.lossFraction = fraction;
  }

  close(): void {
    this.#forget();
    this.#tones.length = 0;
    this.#table = NO_TABLE;
  }

  #encoderFor(sampleRate: number): Encoder | undefined {
    if (this.#encoder && this.#encoderRate === sampleRate) return this.#encoder;
    this.#forget();
    const spoken = this.#table.spoken;
    const codec = spoken && codecOf(spoken.agreed, opusRateFor(sampleRate));
    if (!codec) return undefined;
    this.#encoder = codec.encoder(spoken.agreed.params);
    this.#encoderRate = sampleRate;
    if (codec.sampleRate !== sampleRate)
      this.#resampler = new Resampler(sampleRate, codec.sampleRate);
    if (this.#lossFraction !== undefined) this.lossFraction = this.#lossFraction;
    return this.#encoder;
  }

  #forget(): void {
    this.#encoder?.close?.();
    this.#encoder = undefined;
    this.#resampler = undefined;
    this.#isQuiet = true;
  }

  #own(payload: Uint8Array, payloadType: number, isMarked: boolean, now: Instant): void {
    const packet = new Uint8Array(HEADER_BYTES + payload.length);
    packet.set(payload, HEADER_BYTES);
    this.#write(packet, payloadType, isMarked);
    this.#out(packet, now);
  }

  #write(packet: Uint8Array, payloadType: number, isMarked: boolean): void {
    const { sequence, timestamp, ssrc } = this.stream;
    packet[0] = 0x80;
    packet[1] = isMarked ? 0x80 | payloadType : payloadType;
    packet[2] = sequence >> 8;
    packet[3] = sequence;
    packet[4] = timestamp >>> 24;
    packet[5] = timestamp >>> 16;
    packet[6] = timestamp >>> 8;
    packet[7] = timestamp;
    packet[8] = ssrc >>> 24;
    packet[9] = ssrc >>> 16;
    packet[10] = ssrc >>> 8;
    packet[11] = ssrc;
  }

  #out(packet: Uint8Array, now: Instant): void {
    if (!this.#send(packet)) return;
    this.packets++;
    this.octets += packet.length - HEADER_BYTES;
    this.spokeAt = now;
  }
}
