/** A stream of sound that is decoded and coded anew, whatever the two codecs are. */
import { type Beat, voiceClock } from "carillon/node";
import {
  type Codec,
  type DtmfTone,
  eventOf,
  g722,
  parseTones,
  pcma,
  pcmu,
  Resampler,
  toneOf,
  VoiceStream,
  voiceAgreement,
} from "carillon/rtp";
import { opus } from "../../opus/opus.ts";
import type {
  LocalSink,
  LocalSource,
  PathEnd,
  PathEndOptions,
  PathStatistics,
  PressedKey,
  StreamAgreement,
} from "../transport.ts";

const OWN_CODECS: readonly Codec[] = [opus({ dtx: false }), g722, pcmu, pcma];
const [TONE_MS, GAP_MS] = [100, 80] as const;

export class VoiceEnd implements PathEnd {
  readonly media: "audio" | "video";
  onkey: ((key: PressedKey) => void) | undefined;
  readonly #options: PathEndOptions;
  readonly #stream: VoiceStream;
  readonly #beat: Beat = (due) => this.#tick(due);
  #other: VoiceEnd | undefined;
  #source: { readonly source: LocalSource; readonly done: (() => void) | undefined } | undefined;
  #sink: LocalSink | undefined;
  /** The last 20 ms. */
  said: { readonly pcm: Int16Array; readonly sampleRate: number } | undefined;
  #resampler: { readonly of: Resampler; readonly from: number; readonly to: number } | undefined;
  #heardAt = performance.now();

  constructor(options: PathEndOptions) {
    this.#options = options;
    this.media = options.media;
    this.#stream = new VoiceStream({
      ...{ random: options.random, cname: options.cname, epochMs: performance.timeOrigin },
    });
    this.#stream.onevent = (event) => {
      if (event.kind !== "Ended") return;
      const tone: DtmfTone | undefined = toneOf(event.event);
      if (!tone) return;
      const isUnsaid = this.#other?.hears(tone) !== true;
      this.onkey?.({ tone, durationMs: event.durationMs, isInBand: false, isUnsaid });
      if (!isUnsaid) this.#other?.press(tone);
    };
  }

  hears(tone: DtmfTone): boolean {
    return this.#stream.canPress(eventOf(tone));
  }

  agree({ slot }: StreamAgreement): void {
    this.#heardAt = performance.now();
    this.#stream.agree(voiceAgreement(slot, OWN_CODECS));
    voiceClock.add(this.#beat);
  }

  take(packet: Uint8Array, at: number): void {
    if (this.#stream.receive(packet, at)) this.#heardAt = at;
  }

  takeControl(packet: Uint8Array, at: number): void {
    this.#stream.receiveControl(packet, at);
  }

  hear(other: PathEnd | undefined): void {
    this.#other = other instanceof VoiceEnd ? other : undefined;
  }

  play(source: LocalSource | undefined, done?: () => void): void {
    this.#source?.source.close?.();
    this.#source = source && { source, done };
  }

  tap(sink: LocalSink | undefined): void {
    if (sink !== this.#sink) this.#sink?.end?.();
    this.#sink = sink;
  }

  press(tones: string): void {
    for (const event of parseTones(tones).map(eventOf)) {
      if (this.#stream.canPress(event)) this.#stream.press(event, TONE_MS, GAP_MS);
    }
  }

  refresh(): void {}

  statistics(at: number): PathStatistics {
    const { codec, sent, received, remote, mos } = this.#stream.statistics();
    return {
      ...{ codec, isTranscoded: true, mos, packetsRefused: 0 },
      ...{ packetsReceived: received.packets, octetsReceived: received.octets },
      ...{ packetsSent: sent.packets, octetsSent: sent.octets },
      ...{ packetsLost: received.lost, jitterMs: received.jitterMs },
      roundTripMs: remote?.roundTripMs,
      silentForMs: Math.max(0, at - this.#heardAt),
    };
  }

  close(): void {
    voiceClock.delete(this.#beat);
    this.play(undefined);
    this.tap(undefined);
    this.#options.sendControl(this.#stream.goodbye(performance.now()));
    this.#stream.close();
  }

  #tick(due: number): void {
    this.said = this.#stream.play(due);
    if (this.said) this.#sink?.write(this.said.pcm, this.said.sampleRate);
    const rate = this.#stream.sendRate;
    if (rate !== undefined) {
      for (const packet of this.#stream.send(this.#next(rate))) this.#options.send(packet);
    }
    const control = this.#stream.control(due);
    if (control) this.#options.sendControl(control);
  }

  #next(rate: number): Int16Array | undefined {
    const playing = this.#source;
    if (playing) {
      const pcm = playing.source.read((playing.source.sampleRate * 20) / 1000);
      if (pcm !== null) return pcm && this.#at(rate, pcm, playing.source.sampleRate);
      this.play(undefined);
      playing.done?.();
    }
    const said = this.#other?.said;
    return said && this.#at(rate, said.pcm, said.sampleRate);
  }

  #at(rate: number, pcm: Int16Array, from: number): Int16Array {
    if (from === rate) return pcm;
    if (this.#resampler?.from !== from || this.#resampler.to !== rate) {
      this.#resampler = { of: new Resampler(from, rate), from, to: rate };
    }
    const frame = new Int16Array((rate * 20) / 1000);
    frame.set(this.#resampler.of.process(pcm).subarray(0, frame.length));
    return frame;
  }
}
