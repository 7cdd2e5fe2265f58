/**
 * Voice on Node without a package: RTP over UDP sockets, G.711 and G.722 (others can be brought
 * along), SDES-SRTP, tones. What is said comes from a source of samples, what is heard goes to a
 * sink.
 */
import { voiceAgreement } from "../rtp/agreement.ts";
import type { Codec } from "../rtp/codec.ts";
import { pcma, pcmu } from "../rtp/g711.ts";
import { g722 } from "../rtp/g722.ts";
import type { Sink, Source } from "../rtp/pcm.ts";
import { FRAME_MS } from "../rtp/player.ts";
import { Resampler, resampled } from "../rtp/resampler.ts";
import { eventOf, parseTones, type ReceivedEvent, toneOf } from "../rtp/telephone-event.ts";
import { type VoiceStatistics, VoiceStream } from "../rtp/voice-stream.ts";
import type { AgreedSlot } from "../sdp/agreed-media.ts";
import type { DtmfTone, MediaFactory, MediaSession, Wanted, Wish } from "../ua/media.ts";
import { SipError } from "../ua/sip-error.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { type VoiceTime, voiceClock } from "./voice-clock.ts";
import type { SrtpPolicy } from "./voice-description.ts";
import type { PortRange } from "./voice-ports.ts";
import { type OpenVoiceWay, udpWay, type VoiceWay } from "./voice-way.ts";

/** The voice of a phone's calls. */
export interface VoiceOptions {
  /**
   * The IP address of this machine where sound comes to; a function is asked again when the
   * machine's addresses have changed.
   */
  readonly address: string | (() => string);
  /** Where what is said comes from; silence without it. A function makes one for each call. */
  readonly source?: Source | (() => Source);
  /** Where what is heard goes to; nowhere without it. A function makes one for each call. */
  readonly sink?: Sink | (() => Sink);
  /** Best first; G.722, G.711 µ-law and A-law without it. */
  readonly codecs?: readonly Codec[];
  /**
   * Keys in descriptions (RFC 4568), which are as secret as the way that descriptions go. `off`:
   * none. `offer`: we offer encrypted sound, and take whatever is offered to us. `require`: nothing
   * else. Off without it.
   */
  readonly srtp?: SrtpPolicy;
  /** The UDP ports of calls, two for each; 30000 to 39999 without it. */
  readonly ports?: PortRange;
  /** Sound goes back to where it comes from, though the other side describes another address. */
  readonly behindNat?: boolean;
  /** How packets go, instead of over sockets as the options above describe them. */
  readonly way?: VoiceWay;
  /** Whose beat it has; that of the process without it. */
  readonly clock?: VoiceTime;
}

/** The pace of keys. RFC 4733 §2.5.1 */
export interface DtmfTiming {
  /** How long each tone sounds; 100 if left out. */
  readonly durationMs?: number;
  /** How long it is quiet after it; 80 if left out. */
  readonly gapMs?: number;
}

const CODECS: readonly Codec[] = [g722, pcmu, pcma];
const [TONE_MS, GAP_MS] = [100, 80] as const;
const STATISTICS_BEATS = 1000 / FRAME_MS;

/**
 * Media for a phone that needs nothing else installed: G.722 and G.711 over UDP. `Phone.open` makes
 * them by itself; with another phone they are for `media` of its world.
 */
export const voice =
  (options: VoiceOptions): MediaFactory<VoiceMedia> =>
  (wanted) =>
    new VoiceMedia(wanted, options);

/**
 * The voice of one call. A call makes and drives it; a program sets its source and sink, mutes it,
 * and reads its statistics.
 */
export class VoiceMedia implements MediaSession {
  /** Set by the call: no sound gets through any more, or its source or sink threw. In words. */
  onlost: ((why: string) => void) | undefined;
  /** Set by the call: a key was let go of at the other end. RFC 4733 */
  ondtmf: ((event: DtmfTone) => void) | undefined;
  /** Once a second, while the call goes on. */
  onstatistics: ((statistics: VoiceStatistics) => void) | undefined;
  /** The source has nothing more to say; from here on there is silence. */
  onsourceend: (() => void) | undefined;
  readonly #options: VoiceOptions;
  readonly #wanted: Wanted;
  readonly #clock: VoiceTime;
  readonly #stream: VoiceStream;
  readonly #codecs: readonly Codec[];
  readonly #beat = (due: number): void => {
    try {
      this.#tick(due);
    } catch (cause) {
      // A source or sink that fails ends its own call, and no other that has the same clock.
      this.#clock.delete(this.#beat);
      this.onlost?.(cause instanceof Error ? cause.message : String(cause));
    }
  };
  #opened: Promise<MediaSession> | undefined;
  #way: OpenVoiceWay | undefined;
  #wish: Wish | undefined;
  #source: Source | undefined;
  /** The source at the rate of the codec. */
  #voice: Source | undefined;
  #sink: Sink | undefined;
  #toSink: Resampler | undefined;
  #isMuted = false;
  #isClosed = false;
  #beats = 0;
  #statistics: VoiceStatistics | undefined;
  #whenPressed: (() => void)[] = [];

  constructor(wanted: Wanted, options: VoiceOptions) {
    this.#wanted = wanted;
    this.#options = options;
    this.#codecs = options.codecs ?? CODECS;
    this.#clock = options.clock ?? voiceClock;
    const { randomBytes } = nodeCrypto();
    this.#stream = new VoiceStream({
      random: () => Buffer.from(randomBytes(4)).readUInt32BE(),
      //= RFC 3550 §6.5.1
      //# Like the SSRC identifier, the CNAME identifier SHOULD also be unique among all
      //# participants within one RTP session.
      cname: Buffer.from(randomBytes(12)).toString("base64url"),
      epochMs: performance.timeOrigin,
    });
    this.#stream.onevent = (event) => this.#heardKey(event);
    const { source, sink } = options;
    this.#source = typeof source === "function" ? source() : source;
    this.#sink = typeof sink === "function" ? sink() : sink;
  }

  /** Where what is said comes from; another one can take its place at any time. */
  get source(): Source | undefined {
    return this.#source;
  }

  set source(source: Source | undefined) {
    this.#source = source;
    this.#voice = undefined;
  }

  /** Where what is heard goes to. One that another takes the place of is not ended. */
  get sink(): Sink | undefined {
    return this.#sink;
  }

  set sink(sink: Sink | undefined) {
    this.#sink = sink;
    this.#toSink = undefined;
  }

  /** Silence is sent instead of what is said, which goes by unheard. */
  get muted(): boolean {
    return this.#isMuted;
  }

  set muted(muted: boolean) {
    this.#isMuted = muted;
  }

  /** Whether sound is encrypted on its way. */
  get isEncrypted(): boolean {
    return this.#way?.isEncrypted ?? false;
  }

  /** The last second's; undefined before the first. */
  get statistics(): VoiceStatistics | undefined {
    return this.#statistics;
  }

  /** For the call: our description, as SDP. Rejects if no port can be had, or no way. */
  async offer(): Promise<string> {
    const media = await this.#open();
    return media.offer();
  }

  /**
   * For the call: our answer to an offer. Rejects with a SipError `SIP_MEDIA`, status 488, where
   * nothing is in common.
   */
  async answer(offer: string): Promise<string> {
    const media = await this.#open();
    return media.answer(offer);
  }

  /**
   * For the call: their answer to our offer. Rejects with a SipError `SIP_MEDIA` where it answers
   * something else.
   */
  async accept(answer: string): Promise<void> {
    const media = await this.#open();
    return media.accept(answer);
  }

  /** For the call: the answer that is foretold, for early media. RFC 3960 */
  async preview(answer: string): Promise<void> {
    const media = await this.#open();
    return media.preview?.(answer);
  }

  /** For the call: whether there is a voice, and is held, from the next description on. */
  async want(wish: Wish): Promise<void> {
    this.#wish = wish;
    const media = await this.#open();
    return media.want?.(wish);
  }

  /** For the call: our last offer came to nothing. */
  async withdraw(): Promise<void> {
    const media = await this.#open();
    return media.withdraw?.();
  }

  /** For the call: the next description has this machine's address as it is by then. */
  async restart(): Promise<void> {
    const media = await this.#open();
    return media.restart?.();
  }

  /**
   * Presses keys, `0` to `9`, `*`, `#`, `A` to `D`, one after the other; resolves once the last is
   * sent. Throws a RangeError on what is no key; rejects with a SipError `SIP_MEDIA` where the
   * other side does not hear them beside the sound. RFC 4733
   */
  sendDtmf(tones: string, timing: DtmfTiming = {}): Promise<void> {
    const { durationMs = TONE_MS, gapMs = GAP_MS } = timing;
    const events = parseTones(tones).map(eventOf);
    if (!events.every((event) => this.#stream.canPress(event))) {
      const why = "The other side does not hear keys beside the sound.";
      return Promise.reject(new SipError("SIP_MEDIA", why));
    }
    for (const event of events) this.#stream.press(event, durationMs, gapMs);
    return new Promise((resolve) => {
      this.#whenPressed.push(resolve);
    });
  }

  /** For the call: says goodbye by RTCP, closes sockets, and ends the sink. Twice does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#clock.delete(this.#beat);
    this.#way?.sendControl(this.#stream.goodbye(this.#clock.now()));
    this.#way?.close();
    this.#stream.close();
    this.#sink?.end?.();
    for (const resolve of this.#whenPressed.splice(0)) resolve();
  }

  #open(): Promise<MediaSession> {
    this.#opened ??= this.#bind();
    return this.#opened;
  }

  async #bind(): Promise<MediaSession> {
    const { way = udpWay(this.#options) } = this.#options;
    const opened = await way.open({
      wanted: this.#wanted,
      codecs: this.#codecs,
      now: () => this.#clock.now(),
      packet: (bytes, at = this.#clock.now()) => {
        this.#clock.arrived?.();
        return this.#stream.receive(bytes, at);
      },
      control: (bytes) => this.#stream.receiveControl(bytes, this.#clock.now()),
      agreed: (slot) => this.#agreed(slot),
      lost: (why) => this.onlost?.(why),
    });
    this.#way = opened;
    if (this.#isClosed) opened.close();
    if (this.#wish) await opened.media.want?.(this.#wish);
    return opened.media;
  }

  #agreed(slot: AgreedSlot | undefined): void {
    if (this.#isClosed) return;
    if (!slot) {
      this.#stream.agree({ send: undefined, receive: [], events: undefined });
      return this.#clock.delete(this.#beat);
    }
    this.#stream.agree(voiceAgreement(slot, this.#codecs));
    this.#voice = undefined;
    this.#clock.add(this.#beat);
  }

  #tick(due: number): void {
    const heard = this.#stream.play(due);
    if (heard) this.#hear(heard.pcm, heard.sampleRate);
    const rate = this.#stream.sendRate;
    if (rate !== undefined && this.#way?.isOpen) {
      for (const packet of this.#stream.send(this.#say(rate))) this.#way?.send(packet);
    }
    const control = this.#stream.control(due);
    if (control) this.#way?.sendControl(control);
    if (this.#whenPressed.length > 0 && !this.#stream.isPressed) {
      for (const resolve of this.#whenPressed.splice(0)) resolve();
    }
    if (++this.#beats % STATISTICS_BEATS !== 0) return;
    this.#statistics = this.#stream.statistics();
    this.onstatistics?.(this.#statistics);
  }

  #say(rate: number): Int16Array | undefined {
    if (!this.#source) return undefined;
    if (this.#voice?.sampleRate !== rate) this.#voice = resampled(this.#source, rate);
    const pcm = this.#voice.read((rate * FRAME_MS) / 1000);
    if (pcm === null) {
      this.source = undefined;
      this.onsourceend?.();
    }
    return this.#isMuted ? undefined : (pcm ?? undefined);
  }

  #hear(pcm: Int16Array, rate: number): void {
    const sink = this.#sink;
    if (!sink) return;
    const wanted = sink.sampleRate ?? rate;
    if (wanted === rate) return sink.write(pcm, rate);
    if (this.#toSink?.from !== rate || this.#toSink.to !== wanted) {
      this.#toSink = new Resampler(rate, wanted);
    }
    sink.write(this.#toSink.process(pcm), wanted);
  }

  #heardKey(event: ReceivedEvent): void {
    const tone = event.kind === "Ended" ? toneOf(event.event) : undefined;
    if (event.kind === "Ended" && tone) this.ondtmf?.({ tone, durationMs: event.durationMs });
  }
}
