/** What the engine says itself to one side: a tone, files, a clock, as a source for its path. */
import type { Playable } from "carillon/b2bua";
import { SampleQueue } from "../../sound/sample-queue.ts";
import type { LocalSource } from "../transport.ts";
import type { ClipShelf } from "./clip-shelf.ts";
import { utteranceOf } from "./playables.ts";
import { frameOf, type Utterance } from "./said.ts";

/** How it is said. */
export interface LocalSoundOptions {
  /** In Hz, of the samples: those of the codec it is for, so that nobody has to convert them. */
  readonly sampleRate: number;
  /** The clips of all calls of this process. */
  readonly shelf: ClipShelf;
  /** A file cannot be played, in words. */
  readonly onerror?: (words: string) => void;
}

/** From what an engine is told to play to a source. It begins at once; files are waited for. */
export const localSound = (what: Playable, options: LocalSoundOptions): LocalSource =>
  new LocalSound(utteranceOf(what, options.shelf, options.onerror), options.sampleRate);

/** Anything that is said in frames of 20 ms, read in pieces of any length. */
export class LocalSound implements LocalSource {
  readonly sampleRate: number;
  readonly #utterance: Utterance;
  readonly #rest = new SampleQueue();
  #isOver = false;

  constructor(utterance: Utterance, sampleRate: number) {
    this.#utterance = utterance;
    this.sampleRate = sampleRate;
  }

  coded(): Uint8Array | undefined {
    if (this.#isOver || this.#rest.length > 0) return undefined;
    const said = this.#utterance.next({ sampleRate: this.sampleRate, opus: true });
    if (said?.kind === "Opus") return said.payload;
    // What was asked for and is no Opus is what `read` has next.
    this.#keep(said?.pcm, said === null);
    return undefined;
  }

  read(samples: number): Int16Array | undefined | null {
    while (!this.#isOver && this.#rest.length < samples) {
      const said = this.#utterance.next({ sampleRate: this.sampleRate, opus: false });
      this.#keep(said?.kind === "Pcm" ? said.pcm : undefined, said === null);
    }
    if (this.#isOver && this.#rest.length === 0) return null;
    return this.#rest.take(samples);
  }

  close(): void {
    this.#isOver = true;
    this.#rest.trim(0);
    this.#utterance.close();
  }

  #keep(pcm: Int16Array | undefined, isOver: boolean): void {
    if (isOver) this.#isOver = true;
    else this.#rest.add(pcm ?? new Int16Array(frameOf(this.sampleRate)));
  }
}
