/** How loud it is while it goes by. */

import type { Sink, Source } from "carillon/rtp";
import { levelDbfs } from "./level.ts";

/** Tells the level in dBFS of each tenth of a second. */
export type OnLevel = (dbfs: number) => void;

/** The same source, whose level is told as it is read. */
export function meteredSource(source: Source, onlevel: OnLevel): Source {
  const meter = new Meter(onlevel);
  return {
    sampleRate: source.sampleRate,
    read(samples) {
      const pcm = source.read(samples);
      if (pcm) meter.add(pcm, source.sampleRate);
      return pcm;
    },
  };
}

/** The same sink, whose level is told as it is written. */
export function meteredSink(sink: Sink, onlevel: OnLevel): Sink {
  const meter = new Meter(onlevel);
  return {
    ...(sink.sampleRate !== undefined && { sampleRate: sink.sampleRate }),
    write(pcm, sampleRate) {
      meter.add(pcm, sampleRate);
      sink.write(pcm, sampleRate);
    },
    end: () => sink.end?.(),
  };
}

class Meter {
  readonly #onlevel: OnLevel;
  #pieces: Int16Array[] = [];
  #samples = 0;

  constructor(onlevel: OnLevel) {
    this.#onlevel = onlevel;
  }

  add(pcm: Int16Array, sampleRate: number): void {
    this.#pieces.push(pcm.slice());
    this.#samples += pcm.length;
    if (this.#samples < sampleRate / TOLD_A_SECOND) return;
    const all = new Int16Array(this.#samples);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    this.#samples = 0;
    this.#onlevel(levelDbfs(all));
  }
}

const TOLD_A_SECOND = 10;
