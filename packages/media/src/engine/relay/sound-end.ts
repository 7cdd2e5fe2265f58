/**
 * One stream of sound of one side. What comes there goes to whoever hears it: as it is where that
 * side has the same codec, else decoded, at the rate that is needed there, and coded anew. RFC 3550
 * §7.1 calls it a translator; RTCP is our own on each side, as a mixer's.
 */
import {
  ComfortNoise,
  DtmfDetector,
  type DtmfTone,
  EventReceiver,
  mosOf,
  type PayloadCodec,
  Player,
  parseTones,
  payloadEnd,
  payloadStart,
  type ReceivedEvent,
  ReceivedSource,
  Reports,
  Resampler,
  readNoiseLevel,
  SteadyStream,
  toneOf,
} from "carillon/rtp";
import { readAttribute, ssrc as ssrcLine } from "carillon/sdp";
import type {
  Instant,
  LocalSink,
  LocalSource,
  PathEnd,
  PathEndOptions,
  PathStatistics,
  PressedKey,
  StreamAgreement,
} from "../transport.ts";
import { Mouth, type PassingPacket } from "./mouth.ts";
import { uint16, uint32 } from "./octets.ts";
import { type Beating, forget, setBeat, watch } from "./path-clock.ts";
import {
  codecOf,
  type Format,
  NO_TABLE,
  NOTHING_PASSES,
  passedAs,
  passedExtensions,
  type StreamTable,
  streamTable,
} from "./stream-table.ts";

const FRAME_MS = 20;
const EVENT_CLOCK = 8000;
/** Nothing comes for so long: that is silence, and no packet that is late. */
const LEFT_OUT_MS = 100;
/** With Opus' DTX something comes every 400 ms, with CN about as often. */
const GONE_MS = 3000;
/** In -dBov; softer noise nobody hears. */
const SOFTEST_NOISE = 75;

interface Playing {
  readonly source: LocalSource;
  readonly done: (() => void) | undefined;
}

/** Made by `openPathEnd`. */
export class SoundEnd implements PathEnd, Beating {
  readonly media = "audio";
  onkey: ((key: PressedKey) => void) | undefined;
  readonly #options: PathEndOptions;
  readonly #reports: Reports;
  #mouth: Mouth;
  #table: StreamTable = NO_TABLE;
  /** Who is heard at that side, and as what his packets go there. */
  #heard: SoundEnd | undefined;
  #passes: Int16Array = NOTHING_PASSES;
  #kept = 0;
  readonly #listeners = new Set<SoundEnd>();
  /** Who sends there. */
  #source: ReceivedSource | undefined;
  #lostBefore = 0;
  #packets = 0;
  #octets = 0;
  #refused = 0;
  #heardAt: Instant = 0;
  /** What its last sound was coded with. */
  #format: Format | undefined;
  #events = new EventReceiver(EVENT_CLOCK);
  #eventClock = EVENT_CLOCK;
  #detector: DtmfDetector | undefined;
  readonly #noise = new ComfortNoise();
  /** It says that it has fallen silent. */
  #isHushed = false;
  #player: Player | undefined;
  #rate = 0;
  #sink: LocalSink | undefined;
  #toSink: Resampler | undefined;
  #playing: Playing | undefined;
  #isClosed = false;

  constructor(options: PathEndOptions) {
    this.#options = options;
    this.#mouth = this.#mouthWith(undefined);
    const { cname, random } = options;
    this.#reports = new Reports({ cname, random, epochMs: performance.timeOrigin });
    watch(this);
  }

  agree({ slot, local, remote }: StreamAgreement): void {
    if (this.#isClosed) return;
    this.#heardAt = performance.now();
    // The one that our description has, where it names one.
    const told = readAttribute(local.lines, ssrcLine)?.ssrc;
    if (told !== undefined && told !== this.#mouth.stream.ssrc) this.#mouth = this.#mouthWith(told);
    this.#table = streamTable(slot, local, remote);
    this.#mouth.agree(this.#table);
    this.#plan();
    for (const listener of this.#listeners) listener.#plan();
  }

  take(packet: Uint8Array, at: Instant): void {
    const payloadType = packet[1]! & 0x7f;
    const format = this.#table.incoming[payloadType];
    const [start, end] = [payloadStart(packet), payloadEnd(packet)];
    //= RFC 3550 §5.1
    //# A receiver MUST ignore packets with payload types that it does not understand.
    if (!format || !this.#table.isReceiving || start < 0 || end < start) {
      this.#refused++;
      return;
    }
    const [sequence, timestamp, ssrc] = [uint16(packet, 2), uint32(packet, 4), uint32(packet, 8)];
    const clockRate = format.agreed.clockRateHz;
    const arrival = Math.round((at * clockRate) / 1000);
    const number = this.#sourceOf(ssrc, sequence).take(sequence, timestamp, arrival);
    if (number === undefined) return;
    this.#heardAt = at;
    this.#packets++;
    this.#octets += end - start;
    if (format.kind === "Main" && format !== this.#format) this.#sounds(format);
    if (this.#player) {
      // It is kept longer than this turn.
      const payload = packet.slice(start, end);
      this.#player.put({ sequence: number, timestamp, payloadType, payload }, at);
    }
    this.#isHushed = format.kind === "Noise";
    if (format.kind === "Noise") {
      this.#noise.told(readNoiseLevel(packet.subarray(start, end)) ?? this.#noise.level);
    }
    const numbers = { ssrc, sequence, timestamp, start, end, clockRate, kept: 0 };
    if (format.kind === "Event") return this.#takeEvent(packet, numbers, at);
    const isShared = this.#listeners.size > 1;
    for (const listener of this.#listeners) {
      listener.#hears(isShared ? packet.slice() : packet, payloadType, numbers, at);
    }
  }

  takeControl(packet: Uint8Array, at: Instant): void {
    this.#reports.receive(packet, this.#reported(at), this.#source, at);
    const { remote } = this.#reports;
    if (remote) this.#mouth.lossFraction = remote.lossFraction;
  }

  hear(other: PathEnd | undefined): void {
    if (other === this.#heard) return;
    const before = this.#heard;
    const heard = other instanceof SoundEnd && !this.#isClosed ? other : undefined;
    this.#heard = heard;
    if (before) {
      before.#listeners.delete(this);
      before.#replan();
    }
    if (heard) heard.#listeners.add(this);
    this.#plan();
  }

  play(source: LocalSource | undefined, done?: () => void): void {
    this.#playing?.source.close?.();
    this.#playing = source && { source, done };
    this.#replanBoth();
  }

  tap(sink: LocalSink | undefined): void {
    if (this.#sink !== sink) this.#sink?.end?.();
    this.#sink = sink;
    this.#toSink = undefined;
    this.#replan();
  }

  press(tones: string): void {
    for (const key of parseTones(tones)) this.#mouth.press(key);
    this.#replan();
  }

  refresh(): void {}

  statistics(at: Instant): PathStatistics {
    const format = this.#format ?? this.#table.outgoing.find(({ kind }) => kind === "Main");
    const source = this.#source;
    const clockRate = format?.agreed.clockRateHz ?? 8000;
    const jitterMs = ((source?.jitter ?? 0) * 1000) / clockRate;
    const lost = Math.max(0, this.#lostBefore + (source?.lost ?? 0));
    const roundTripMs = this.#reports.remote?.roundTripMs;
    const codec = format?.agreed.encoding;
    const lossFraction = lost / Math.max(1, this.#packets + lost);
    const quality = { lossFraction, jitterMs, roundTripMs: roundTripMs ?? 0, codec: codec ?? "" };
    return {
      ...{ codec, jitterMs, roundTripMs },
      isTranscoded: !this.#passesAll(),
      packetsReceived: this.#packets,
      packetsSent: this.#mouth.packets,
      octetsReceived: this.#octets,
      octetsSent: this.#mouth.octets,
      packetsLost: lost,
      packetsRefused: this.#refused,
      mos: this.#packets > 0 ? mosOf(quality) : undefined,
      silentForMs: Math.max(0, at - this.#heardAt),
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.hear(undefined);
    this.#isClosed = true;
    for (const listener of this.#listeners) listener.hear(undefined);
    if (this.#table.isSending || this.#packets > 0) {
      this.#options.sendControl(this.#reports.goodbye(this.#context(performance.now())));
    }
    forget(this);
    this.#playing?.source.close?.();
    this.#playing = undefined;
    this.#sink?.end?.();
    this.#sink = undefined;
    this.#player?.close();
    this.#player = undefined;
    this.#mouth.close();
    this.#table = NO_TABLE;
  }

  beat(due: Instant): void {
    if (this.#mouth.beat(due)) this.#skipPlaying();
    else this.#beatPlaying(due);
    this.#beatSamples(due);
    if (!this.#needsBeat) this.#replan();
  }

  look(now: Instant): void {
    for (const event of this.#events.tick(now)) this.#keyOf(event);
    if (!this.#table.isSending && !this.#table.isReceiving) return;
    const report = this.#reports.due(this.#context(now));
    if (report) this.#options.sendControl(report);
  }

  /** A packet of whom this side hears. */
  #hears(packet: Uint8Array, payloadType: number, numbers: PassingPacket, at: Instant): void {
    const type = this.#passes[payloadType]!;
    if (type < 0 || this.#playing) return;
    // Between sound that is coded anew noise is made anew as well.
    const heard = this.#heard;
    if (!heard) return;
    const isNoise = heard.#table.incoming[payloadType]?.kind === "Noise";
    if (isNoise && !this.#passesSound(heard.#format)) return;
    if (this.#mouth.isPressing) this.#mouth.stream.drop(numbers);
    else {
      numbers.kept = this.#kept;
      this.#mouth.pass(packet, numbers, type, at);
    }
  }

  #takeEvent(packet: Uint8Array, numbers: Parameters<Mouth["pass"]>[1], at: Instant): void {
    const { start, end, timestamp, clockRate } = numbers;
    const payload = packet.slice(start, end);
    const isMarked = packet[1]! >= 0x80;
    if (clockRate !== this.#eventClock) {
      this.#events = new EventReceiver(clockRate);
      this.#eventClock = clockRate;
    }
    const told = this.#events.receive(timestamp, payload, at);
    for (const listener of this.#listeners) {
      const isSame =
        listener.#passes[packet[1]! & 0x7f]! >= 0 && listener.#passesSound(this.#format);
      if (listener.#playing) continue;
      if (isSame) listener.#hears(packet.slice(), packet[1]! & 0x7f, numbers, at);
      else listener.#keyFrom({ payload, timestamp, clockRate, isMarked }, told, at);
    }
    for (const event of told) this.#keyOf(event);
  }

  /** A key of whom this side hears, which is not beside the same sound. */
  #keyFrom(packet: Parameters<Mouth["key"]>[0], told: readonly ReceivedEvent[], at: Instant): void {
    if (this.#mouth.key(packet, at)) return;
    for (const event of told) {
      const tone = event.kind === "Ended" ? toneOf(event.event) : undefined;
      if (event.kind === "Ended" && tone && this.#mouth.hears(tone)) {
        this.#mouth.press(tone, Math.max(event.durationMs, 60));
      }
    }
    this.#replan();
  }

  #keyOf(event: ReceivedEvent): void {
    const tone = event.kind === "Ended" ? toneOf(event.event) : undefined;
    if (event.kind === "Ended" && tone) this.#pressed(tone, event.durationMs, false);
  }

  #pressed(tone: DtmfTone, durationMs: number, isInBand: boolean): void {
    const all = [...this.#listeners];
    const isUnsaid = all.length > 0 && all.every((each) => !each.#mouth.hears(tone));
    this.onkey?.({ tone, durationMs, isInBand, isUnsaid });
  }

  #beatSamples(due: Instant): void {
    const pcm = this.#player?.read(due);
    const rate = this.#player?.codec?.sampleRate;
    if (!pcm || rate === undefined) return;
    const isSilent = this.#soften(pcm, due);
    if (this.#sink) this.#write(this.#sink, pcm, rate);
    this.#detect(pcm, rate);
    for (const listener of this.#listeners) {
      if (listener.#passesSound(this.#format) || listener.#playing) continue;
      if (listener.#mouth.isPressing) continue;
      if (!isSilent || !listener.#mouth.hush(this.#noise.level, due)) {
        listener.#mouth.say(pcm, rate, due);
      }
    }
  }

  /** True where that side says nothing: the frame is made what is behind it. RFC 3389 */
  #soften(pcm: Int16Array, now: Instant): boolean {
    const isSilent = pcm.every((sample) => sample === 0);
    if (!isSilent) {
      this.#noise.heard(pcm);
      return false;
    }
    // Who sends nothing at all is not there, and who codes silence means it.
    const isLeftOut = this.#isHushed || now - this.#heardAt > LEFT_OUT_MS;
    if (!isLeftOut || now - this.#heardAt > GONE_MS) return false;
    if (this.#noise.level < SOFTEST_NOISE) this.#noise.fill(pcm);
    return true;
  }

  #detect(pcm: Int16Array, rate: number): void {
    if (!this.#isDetecting) return;
    this.#detector ??= new DtmfDetector(rate);
    for (const heard of this.#detector.hear(pcm)) {
      if (heard.kind === "Ended") this.#pressed(heard.tone, heard.durationMs, true);
      else for (const listener of this.#listeners) listener.#keyInBand(heard.tone);
    }
  }

  /** A key in the sound of whom this side hears: said beside it, where this side has that. */
  #keyInBand(tone: DtmfTone): void {
    if (this.#playing || !this.#table.keys || !this.#mouth.hears(tone)) return;
    this.#mouth.press(tone);
    this.#replan();
  }

  /** Where that side has no other keys, they are looked for in its sound. */
  get #isDetecting(): boolean {
    return !this.#table.hasKeys && this.#format !== undefined && this.#format.name !== "opus";
  }

  #beatPlaying(due: Instant): void {
    const playing = this.#playing;
    if (!playing) return;
    const { source, done } = playing;
    const coded = this.#mouth.takesCoded ? source.coded?.() : undefined;
    if (coded) return this.#mouth.sayCoded(coded, due);
    const samples = (source.sampleRate * FRAME_MS) / 1000;
    const pcm = source.read(samples);
    if (pcm !== null)
      return this.#mouth.say(pcm ?? new Int16Array(samples), source.sampleRate, due);
    this.play(undefined);
    done?.();
  }

  /** It goes on unheard while keys take its place. */
  #skipPlaying(): void {
    const source = this.#playing?.source;
    source?.read((source.sampleRate * FRAME_MS) / 1000);
  }

  #write(sink: LocalSink, pcm: Int16Array, rate: number): void {
    const wanted = sink.sampleRate ?? rate;
    if (wanted === rate) return sink.write(pcm, rate);
    if (this.#toSink?.from !== rate || this.#toSink.to !== wanted) {
      this.#toSink = new Resampler(rate, wanted);
    }
    sink.write(this.#toSink.process(pcm), wanted);
  }

  #sourceOf(ssrc: number, sequence: number): ReceivedSource {
    if (this.#source?.ssrc === ssrc) return this.#source;
    this.#lostBefore += Math.max(0, this.#source?.lost ?? 0);
    this.#source = new ReceivedSource(ssrc, sequence, 0);
    this.#player?.reset();
    this.#reports.began();
    return this.#source;
  }

  #sounds(format: Format): void {
    this.#format = format;
    this.#detector = undefined;
    this.#replan();
  }

  /** Who is heard, or how, has changed. */
  #plan(): void {
    const heard = this.#heard;
    this.#passes = heard ? passedAs(heard.#table, this.#table) : NOTHING_PASSES;
    this.#kept = heard ? passedExtensions(heard.#table, this.#table) : 0;
    this.#replanBoth();
  }

  #replanBoth(): void {
    if (this.#heard) this.#heard.#replan();
    this.#replan();
  }

  #passesSound(format: Format | undefined): boolean {
    return format !== undefined && this.#passes[format.agreed.receivePayloadType]! >= 0;
  }

  #passesAll(): boolean {
    const heard = this.#heard;
    if (!heard) return true;
    const { incoming } = heard.#table;
    return this.#passesSound(heard.#format ?? incoming.find((each) => each?.kind === "Main"));
  }

  /** Whether samples are needed of what comes, and at which rate; whether there is a beat. */
  #replan(): void {
    const rate = this.#isClosed ? 0 : this.#neededRate();
    if (rate === 0) {
      this.#player?.close();
      this.#player = undefined;
    } else if (!this.#player || rate !== this.#rate) {
      this.#player ??= new Player();
      this.#player.expect(this.#decoded(rate));
    } else this.#player.expect(this.#decoded(rate));
    this.#rate = rate;
    setBeat(this, !this.#isClosed && this.#needsBeat);
  }

  get #needsBeat(): boolean {
    return this.#player !== undefined || this.#playing !== undefined || this.#mouth.isPressing;
  }

  /** In Hz; 0 where nobody needs samples. */
  #neededRate(): number {
    const format = this.#format;
    if (!format) return 0;
    const own = codecOf(format.agreed, 48_000)?.sampleRate ?? 0;
    let needed = this.#isDetecting ? 8000 : 0;
    if (this.#sink) needed = Math.max(needed, this.#sink.sampleRate ?? own);
    for (const listener of this.#listeners) {
      if (listener.#playing || listener.#passesSound(format)) continue;
      needed = Math.max(needed, Math.min(own, listener.#mouth.rate ?? 0));
    }
    return needed;
  }

  #decoded(rate: number): readonly PayloadCodec[] {
    const opusRate = [8000, 12_000, 16_000, 24_000].find((each) => each >= rate) ?? 48_000;
    return this.#table.incoming.flatMap((format, payloadType): readonly PayloadCodec[] => {
      if (format?.kind !== "Main") return [];
      const codec = codecOf(format.agreed, opusRate);
      return codec ? [{ payloadType, codec, fmtp: format.agreed.params }] : [];
    });
  }

  #mouthWith(ssrc: number | undefined): Mouth {
    const { random, send } = this.#options;
    return new Mouth(new SteadyStream(random, ssrc), send);
  }

  #reported(now: Instant) {
    const { stream, packets, octets } = this.#mouth;
    return { ssrc: stream.ssrc, packets, octets, timestamp: stream.timestampAt(now) };
  }

  #context(now: Instant) {
    const clockRate = this.#format?.agreed.clockRateHz ?? 8000;
    return { sender: this.#reported(now), source: this.#source, clockRate, now };
  }
}
