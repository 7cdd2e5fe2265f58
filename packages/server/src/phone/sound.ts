/**
 * The sound of a phone in the terminal: one microphone and one loudspeaker, or files in their
 * place, for however many calls there are. With one call that goes on they belong to it; calls that
 * go on at the same time hear each other, too.
 */
import { Mixer, resampled, type Seat, type Sink, type Source } from "carillon/rtp";
import type { DeskMedia } from "./desk-media.ts";

export interface OwnSound {
  /** What is said here. Asked for anew when a first call goes on: a file begins again. */
  source(): Source;
  /** What is heard here. */
  sink(): Sink;
}

/** As wide as G.722; Opus calls among others lose what is above. */
const MIXER_RATE = 16_000;

export class Sound {
  readonly #own: OwnSound;
  readonly #seats = new Map<DeskMedia, Seat | undefined>();
  #source: Source | undefined;
  #sink: Sink | undefined;
  #mixer: Mixer | undefined;

  constructor(own: OwnSound) {
    this.#own = own;
  }

  /** They hear, and are heard. */
  attach(media: DeskMedia): void {
    if (this.#seats.has(media)) return;
    this.#seats.set(media, undefined);
    this.#connect();
  }

  /** They are on hold, or gone. */
  detach(media: DeskMedia): void {
    if (!this.#seats.has(media)) return;
    this.#seats.get(media)?.leave();
    this.#seats.delete(media);
    media.source = undefined;
    media.sink = undefined;
    this.#connect();
  }

  /** No call goes on any more, and none will. */
  close(): void {
    for (const media of [...this.#seats.keys()]) this.detach(media);
  }

  #connect(): void {
    if (this.#seats.size === 0) return this.#rest();
    this.#source ??= this.#own.source();
    this.#sink ??= this.#own.sink();
    const [only] = this.#seats.keys();
    if (only && this.#seats.size === 1) this.#alone(only, this.#source, this.#sink);
    else this.#together(this.#source, this.#sink);
  }

  #alone(media: DeskMedia, source: Source, sink: Sink): void {
    this.#seats.get(media)?.leave();
    this.#seats.set(media, undefined);
    this.#mixer = undefined;
    media.source = source;
    media.sink = sink;
  }

  #together(source: Source, sink: Sink): void {
    this.#mixer ??= this.#newMixer(source, sink);
    for (const [media, seat] of this.#seats) {
      if (seat) continue;
      const taken = this.#mixer.join();
      this.#seats.set(media, taken);
      // Whoever leaves first must not end the sound of all.
      media.sink = { write: (pcm, rate) => taken.write(pcm, rate) };
      media.source = this.#pumped(taken);
    }
  }

  /** A room in which this phone has a place, too. */
  #newMixer(source: Source, sink: Sink): Mixer {
    const mixer = new Mixer(MIXER_RATE);
    const here = mixer.join();
    const said = resampled(source, MIXER_RATE);
    this.#pump = (samples) => {
      here.write(said.read(samples) ?? new Int16Array(samples), MIXER_RATE);
      sink.write(here.read(samples) ?? new Int16Array(samples), MIXER_RATE);
    };
    return mixer;
  }

  #pump: (samples: number) => void = () => {};

  /** The call that is the first of them keeps the pace for what is said and heard here. */
  #pumped(seat: Seat): Source {
    return {
      sampleRate: MIXER_RATE,
      read: (samples) => {
        const [first] = this.#seats.values();
        if (first === seat) this.#pump(samples);
        return seat.read(samples);
      },
    };
  }

  #rest(): void {
    this.#sink?.end?.();
    this.#source = undefined;
    this.#sink = undefined;
    this.#mixer = undefined;
  }
}
