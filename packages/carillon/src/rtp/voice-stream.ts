/**
 * One side of a voice call, pure: samples in and packets out, packets in and samples out, reports
 * and tones beside them. Who drives it has a clock that comes every 20 ms, and sockets.
 */
import type { Millis } from "../grammar/millis.ts";
import type { Encoder } from "./codec.ts";
import { mosOf } from "./mos.ts";
import { parseRtp, type RtpPacket } from "./packet.ts";
import { FRAME_MS, type PayloadCodec, Player } from "./player.ts";
import { ReceivedSource } from "./received-source.ts";
import { type Reception, type RemoteView, Reports } from "./reports.ts";
import { type Random32, RtpSender } from "./rtp-sender.ts";
import { EventReceiver, EventSender, type ReceivedEvent } from "./telephone-event.ts";

/** So long nothing comes of somebody before somebody else is heard. */
const QUIET_MS = 100;
const MAX_CANDIDATES = 8;

/** What a stream needs of its world. */
export interface VoiceStreamOptions {
  /** For its SSRC, its first sequence number and timestamp, and the times of reports. */
  readonly random: Random32;
  /** Says who we are in RTCP; nothing of a person. RFC 7022 */
  readonly cname: string;
  /** What the time was when the clock of `now` was zero, in ms since 1970. */
  readonly epochMs: number;
}

/** What holds from now on, as two descriptions agreed on it. */
export interface VoiceAgreement {
  /** How what we say is sent; undefined: it is not. */
  readonly send: PayloadCodec | undefined;
  /** What may come; nothing: we listen to nobody. */
  readonly receive: readonly PayloadCodec[];
  /** Undefined: no tones were agreed on. */
  readonly events: EventAgreement | undefined;
}

/** The payload types of telephone-event: the peer's and ours. */
export interface EventAgreement {
  /** The payload type that the peer wants them with. */
  readonly send: number;
  /** The payload type that we want them with. */
  readonly receive: number;
  /** In Hz, of their durations; mostly, and not always, that of the sound. */
  readonly clockRate: number;
  /** The numbers of the events that the peer can hear; 0 to 15 are the keys of a telephone. */
  readonly known: readonly number[];
}

/** How a voice is doing. Counts are since it began, fractions since the statistics before. */
export interface VoiceStatistics {
  /**
   * The encoding name of what is heard, or of what is sent before anything came: `opus`, `PCMU`.
   * Undefined: nothing was agreed on.
   */
  readonly codec: string | undefined;
  /** RTP packets since our SSRC is the one it is, and the octets of their payloads. */
  readonly sent: { readonly packets: number; readonly octets: number };
  /** How well the other side is heard. */
  readonly received: Reception;
  /** What the peer says of what we send; undefined before it said so. */
  readonly remote: RemoteView | undefined;
  /** From 1 to 4.4: how the other side is heard, by the E-model of ITU-T G.107 (see `mosOf`). */
  readonly mos: number;
}

/**
 * A voice call's RTP and RTCP, without the network. The times that it is told are all of one
 * monotonic clock, in ms. Packets are unencrypted: SRTP comes before `receive` and after `send`.
 */
export class VoiceStream {
  /** Set by whoever wants to hear of keys that are pressed at the other end. */
  onevent: ((event: ReceivedEvent) => void) | undefined;
  readonly #sender: RtpSender;
  readonly #player = new Player();
  readonly #reports: Reports;
  #agreement: VoiceAgreement = { send: undefined, receive: [], events: undefined };
  #encoder: Encoder | undefined;
  #events: { readonly sender: EventSender; readonly receiver: EventReceiver } | undefined;
  #source: ReceivedSource | undefined;
  /** When its last packet came. */
  #heardAt: Millis = 0;
  /** Others, whose packets have to come in order first, and nobody else's. */
  readonly #candidates = new Map<number, ReceivedSource>();
  #receivedOctets = 0;
  /** Nothing was sent before: the next packet says that sound begins. */
  #isQuiet = true;

  constructor({ random, cname, epochMs }: VoiceStreamOptions) {
    this.#sender = new RtpSender(random);
    this.#reports = new Reports({ cname, epochMs, random });
  }

  /** Ours, 32 bits; another one once somebody else was found to have it. RFC 3550 §8.2 */
  get ssrc(): number {
    return this.#sender.ssrc;
  }

  /** Samples a second of what `send` takes; undefined while nothing is sent. */
  get sendRate(): number | undefined {
    return this.#agreement.send?.codec.sampleRate;
  }

  /** Takes up what was agreed on, at the beginning and whenever it changes. */
  agree(agreement: VoiceAgreement): void {
    const before = this.#agreement;
    this.#agreement = agreement;
    const [old, now] = [before.send, agreement.send];
    if (old?.codec !== now?.codec || old?.fmtp !== now?.fmtp) {
      this.#encoder?.close?.();
      this.#encoder = now?.codec.encoder(now.fmtp);
      this.#isQuiet = true;
    }
    this.#player.expect(agreement.receive);
    const { events } = agreement;
    if (!events) this.#events = undefined;
    else if (!this.#events || before.events?.clockRate !== events.clockRate) {
      const { clockRate } = events;
      this.#events = { sender: new EventSender(clockRate), receiver: new EventReceiver(clockRate) };
    }
  }

  /** An RTP packet came, decrypted. False: it is nothing of this call. */
  receive(bytes: Uint8Array, now: Millis): boolean {
    const parsed = parseRtp(bytes);
    if (!parsed.ok) return false;
    const packet = parsed.value;
    if (packet.ssrc === this.#sender.ssrc) {
      this.#reports.collided(this.#sender.collided());
      return false;
    }
    const source = this.#sourceOf(packet, now);
    if (!source) return false;
    const clockRate = this.#clockRateOf(packet.payloadType);
    const arrival = Math.round((now * clockRate) / 1000);
    const sequence = source.take(packet.sequence, packet.timestamp, arrival);
    if (sequence === undefined) return false;
    if (source !== this.#source) this.#begin(source);
    this.#heardAt = now;
    this.#receivedOctets += packet.payload.length;
    this.#take(packet, sequence, now);
    return true;
  }

  /** A datagram of RTCP came, decrypted. */
  receiveControl(bytes: Uint8Array, now: Millis): void {
    this.#reports.receive(bytes, this.#sender, this.#source, now);
  }

  /** The next 20 ms that are heard; undefined where nothing came yet. */
  play(now: Millis): { readonly pcm: Int16Array; readonly sampleRate: number } | undefined {
    for (const event of this.#events?.receiver.tick(now) ?? []) this.onevent?.(event);
    const pcm = this.#player.read(now);
    const { codec } = this.#player;
    return pcm && codec && { pcm, sampleRate: codec.sampleRate };
  }

  //= RFC 4733 §2.5.1.2
  //# DTMF digits and other named telephone events are carried as part of the audio stream, and they
  //# MUST use the same sequence number and timestamp base as the regular audio channel to simplify
  //# the generation of audio waveforms at a gateway.
  /** Packets for 20 ms of what is said, at `sendRate`; undefined is silence. */
  send(pcm: Int16Array | undefined): readonly Uint8Array[] {
    const { send, events } = this.#agreement;
    if (!send || !this.#encoder) return NONE;
    const { clockRate, sampleRate } = send.codec;
    const duration = (clockRate * FRAME_MS) / 1000;
    // Events may have a clock of their own: some phones know telephone-event at 8 kHz alone.
    const toneDuration = ((events?.clockRate ?? clockRate) * FRAME_MS) / 1000;
    const tick = events && this.#events?.sender.tick(this.#sender.timestamp, toneDuration);
    const tones = tick?.packets ?? NO_TONES;
    const packets = tones.map(({ timestamp, payload, marker }) =>
      this.#sender.packetAt(timestamp, { payloadType: events?.send ?? 0, payload, marker }),
    );
    const payload = tick?.isToneOn
      ? undefined
      : this.#encoder.encode(pcm ?? new Int16Array((sampleRate * FRAME_MS) / 1000));
    if (!payload || payload.length === 0) {
      this.#sender.skip(duration);
      this.#isQuiet = true;
      return packets;
    }
    const { payloadType } = send;
    //= RFC 3551 §4.1
    //# For applications which send either no packets or occasional comfort-noise packets during
    //# silence, the first packet of a talkspurt, that is, the first packet after a silence period
    //# during which packets have not been transmitted contiguously, SHOULD be distinguished by
    //# setting the marker bit in the RTP data header to one.
    const marker = this.#isQuiet;
    this.#isQuiet = false;
    packets.push(this.#sender.packet({ payloadType, payload, duration, marker }));
    return packets;
  }

  /** Whether the other side hears keys beside the sound at all, and this one. */
  canPress(event: number): boolean {
    return this.#agreement.events?.known.includes(event) ?? false;
  }

  /**
   * Presses a key after those before it: `eventOf`, and how long. Throws a RangeError where the
   * other side cannot hear it, and while 256 are waiting.
   */
  press(event: number, durationMs: Millis, gapMs: Millis): void {
    if (!this.#events || !this.canPress(event)) throw new RangeError("no tones were agreed on");
    this.#events.sender.push(event, durationMs, gapMs);
  }

  /** False while keys are being pressed. */
  get isPressed(): boolean {
    return this.#events?.sender.isIdle === false;
  }

  /** A report to send, if one is due: ask with every frame. RFC 3550 §6.2 */
  control(now: Millis): Uint8Array | undefined {
    return this.#reports.due(this.#context(now));
  }

  /** The last report to send: we are gone. RFC 3550 §6.6 */
  goodbye(now: Millis): Uint8Array {
    return this.#reports.goodbye(this.#context(now));
  }

  /**
   * How it is doing now. Each call begins a new span for `lossFraction`; who shows them calls about
   * once a second.
   */
  statistics(): VoiceStatistics {
    const codec = this.#player.codec?.name ?? this.#agreement.send?.codec.name;
    const clockRate = this.#player.codec?.clockRate ?? 8000;
    const received = this.#reports.reception({
      ...{ source: this.#source, player: this.#player, clockRate, octets: this.#receivedOctets },
    });
    const { remote } = this.#reports;
    const { lossFraction, jitterMs } = received;
    const roundTripMs = remote?.roundTripMs ?? Number.NaN;
    return {
      codec,
      sent: { packets: this.#sender.packets, octets: this.#sender.octets },
      received,
      remote,
      mos: mosOf({ lossFraction, jitterMs, roundTripMs, codec: codec ?? "" }),
    };
  }

  /** Gives back encoder and decoders. It says nothing: send what `goodbye` returns before. */
  close(): void {
    this.#encoder?.close?.();
    this.#encoder = undefined;
    this.#agreement = { send: undefined, receive: [], events: undefined };
    this.#player.close();
  }

  #context(now: Millis) {
    const clockRate = this.#agreement.send?.codec.clockRate ?? 8000;
    return { sender: this.#sender, source: this.#source, clockRate, now };
  }

  #sourceOf({ ssrc, sequence }: RtpPacket, now: Millis): ReceivedSource | undefined {
    if (this.#source?.ssrc === ssrc) return this.#source;
    // The first one is heard at once; who comes later is, once that one is heard no more.
    if (!this.#source) return new ReceivedSource(ssrc, sequence, 0);
    if (now - this.#heardAt < QUIET_MS) return undefined;
    const candidate = this.#candidates.get(ssrc) ?? new ReceivedSource(ssrc, sequence);
    this.#candidates.set(ssrc, candidate);
    const [oldest] = this.#candidates.keys();
    if (this.#candidates.size > MAX_CANDIDATES && oldest !== undefined) {
      this.#candidates.delete(oldest);
    }
    return candidate;
  }

  #begin(source: ReceivedSource): void {
    this.#source = source;
    this.#candidates.clear();
    this.#player.reset();
    this.#reports.began();
  }

  //= RFC 3550 §5.1
  //# A receiver MUST ignore packets with payload types that it does not understand.
  #take({ timestamp, payloadType, payload }: RtpPacket, sequence: number, now: Millis): void {
    const isEvent = payloadType === this.#agreement.events?.receive;
    this.#player.put({ sequence, timestamp, payloadType, payload }, now);
    if (!isEvent) return;
    const told = this.#events?.receiver.receive(timestamp, payload, now) ?? [];
    for (const event of told) this.onevent?.(event);
  }

  #clockRateOf(payloadType: number): number {
    const known = this.#agreement.receive.find((each) => each.payloadType === payloadType);
    return known?.codec.clockRate ?? this.#player.codec?.clockRate ?? 8000;
  }
}

const NONE: readonly Uint8Array[] = [];
const NO_TONES: never[] = [];
