/** A voice call over ICE and DTLS-SRTP: with the page of a browser, or a phone that has both. */
import { randomBytes } from "node:crypto";
import {
  type Codec,
  eventOf,
  isRtcp,
  parseTones,
  resampled,
  type Sink,
  type Source,
  toneOf,
  type VoiceStatistics,
  VoiceStream,
} from "carillon/rtp";
import type { AgreedSlot } from "carillon/sdp";
import { type DtmfTone, type MediaSession, SipError, type Wanted, type Wish } from "carillon/ua";
import { describedCodecs, voiceAgreement } from "../voice/agreement.ts";
import { type Beat, voiceClock } from "../voice/voice-clock.ts";
import type { DtlsLinkOptions } from "./dtls-link.ts";
import { DtlsMedia } from "./dtls-media.ts";

export interface DtlsVoiceOptions extends DtlsLinkOptions {
  /** Best first. */
  readonly codecs: readonly Codec[];
  /** What is said; silence if left out. */
  readonly source?: Source | undefined;
  /** Where what is heard goes. */
  readonly sink?: Sink | undefined;
}

export class DtlsVoice implements MediaSession, Beat {
  onlost: ((why: string) => void) | undefined;
  ondtmf: ((event: DtmfTone) => void) | undefined;
  /** Nothing is said though there is a source. */
  muted = false;
  readonly #media: DtlsMedia;
  readonly #stream: VoiceStream;
  readonly #codecs: readonly Codec[];
  readonly #sink: Sink | undefined;
  #given: Source | undefined;
  /** The same at the rate that is sent. */
  #source: Source | undefined;
  #isOpen = false;
  #isClosed = false;

  constructor(wanted: Wanted, { codecs, source, sink, ...link }: DtlsVoiceOptions) {
    this.#codecs = codecs;
    this.#given = source;
    this.#sink = sink;
    this.#stream = new VoiceStream({
      random: () => randomBytes(4).readUInt32BE(),
      cname: randomBytes(12).toString("base64url"),
      epochMs: performance.timeOrigin,
    });
    this.#stream.onevent = (event) => {
      const tone = toneOf(event.event);
      if (event.kind === "Ended" && tone) this.ondtmf?.({ tone, durationMs: event.durationMs });
    };
    this.#media = new DtlsMedia(wanted, {
      ...link,
      codecs: describedCodecs(codecs),
      onagreed: (slot) => this.#agreed(slot),
      onpacket: (packet) => this.#receive(packet),
      onopen: () => this.#begin(),
    });
    this.#media.onlost = (why) => this.onlost?.(why);
  }

  offer(): Promise<string> {
    return this.#media.offer();
  }

  answer(offer: string): Promise<string> {
    return this.#media.answer(offer);
  }

  accept(answer: string): Promise<void> {
    return this.#media.accept(answer);
  }

  want(wish: Wish): Promise<void> {
    return this.#media.want(wish);
  }

  withdraw(): Promise<void> {
    return this.#media.withdraw();
  }

  restart(): Promise<void> {
    return this.#media.restart();
  }

  /** What is said from now on; undefined is silence. */
  play(source: Source | undefined): void {
    this.#given = source;
    this.#source = undefined;
  }

  async sendDtmf(tones: string): Promise<void> {
    const events = parseTones(tones).map(eventOf);
    if (!events.every((event) => this.#stream.canPress(event))) {
      throw new SipError("SIP_MEDIA", "The other side hears no tones.");
    }
    for (const event of events) this.#stream.press(event, TONE_MS, GAP_MS);
    while (this.#stream.isPressed && !this.#isClosed) {
      await new Promise((resolve) => setTimeout(resolve, GAP_MS));
    }
  }

  statistics(): VoiceStatistics {
    return this.#stream.statistics();
  }

  /** Every 20 ms. */
  beat(now: number): void {
    const heard = this.#stream.play(now);
    if (heard) this.#sink?.write(heard.pcm, heard.sampleRate);
    for (const packet of this.#stream.send(this.#said())) this.#media.send(packet);
    const report = this.#stream.control(now);
    if (report) this.#media.send(report);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    voiceClock.delete(this);
    if (this.#isOpen) this.#media.send(this.#stream.goodbye(performance.now()));
    this.#media.close();
    this.#stream.close();
    this.#sink?.end?.();
  }

  #agreed(slot: AgreedSlot): void {
    this.#stream.agree(voiceAgreement(slot, this.#codecs));
    this.#source = undefined;
  }

  #begin(): void {
    if (!this.#isOpen && !this.#isClosed) voiceClock.add(this);
    this.#isOpen = true;
  }

  #receive(packet: Uint8Array): void {
    const now = performance.now();
    if (isRtcp(packet)) this.#stream.receiveControl(packet, now);
    else this.#stream.receive(packet, now);
  }

  #said(): Int16Array | undefined {
    const rate = this.#stream.sendRate;
    if (rate === undefined || !this.#given) return undefined;
    this.#source ??= resampled(this.#given, rate);
    const samples = (rate * FRAME_MS) / 1000;
    // Read all the same: who is muted does not go on later from where they were.
    const pcm = this.#source.read(samples);
    if (!pcm || this.muted) return undefined;
    return pcm.length === samples ? pcm : padded(pcm, samples);
  }
}

function padded(pcm: Int16Array, samples: number): Int16Array {
  const whole = new Int16Array(samples);
  whole.set(pcm.subarray(0, samples));
  return whole;
}

const FRAME_MS = 20;
const TONE_MS = 100;
const GAP_MS = 70;
