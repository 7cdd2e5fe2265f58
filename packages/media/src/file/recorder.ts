/**
 * Records a call: what is heard, what is said, or both, mixed or each on a channel of its own. The
 * two sides come at their own pace; where one brings nothing for a while the other goes on alone.
 */

import type { Sink, Source } from "carillon/rtp";
import { RateAdapter } from "../sound/rate-adapter.ts";
import { SampleQueue } from "../sound/sample-queue.ts";

/** `stereo`: what is said on the left, what is heard on the right. */
export type Recorded = "heard" | "said" | "mixed" | "stereo";

/** What a recorder writes to: a `WavSink`, an `OpusFileSink`. */
export interface RecordingSink {
  /** In Hz, of what is appended. */
  readonly sampleRate: number;
  /** Of what is appended, interleaved: left, right, left… */
  readonly channels: 1 | 2;
  /** Takes samples of this rate and these channels. */
  append(pcm: Int16Array): void;
  /** Nothing more comes: the file is made whole. */
  end(): void;
}

/** Between a call and a file: what goes through `said` and `heard` is written as well. */
export class Recorder {
  readonly #to: RecordingSink;
  readonly #what: Recorded;
  readonly #sides: { readonly said: Side; readonly heard: Side };

  /** Throws a RangeError if the sink has not two channels for `stereo`, or one for all else. */
  constructor(to: RecordingSink, what: Recorded = "mixed") {
    if (to.channels !== (what === "stereo" ? 2 : 1)) {
      throw new RangeError(`a ${what} recording does not fit ${to.channels} channels`);
    }
    this.#to = to;
    this.#what = what;
    this.#sides = { said: sideAt(to.sampleRate), heard: sideAt(to.sampleRate) };
  }

  /** What is heard goes on to `sink`, if there is one, and is recorded. */
  heard(sink?: Sink): Sink {
    return {
      ...(sink?.sampleRate !== undefined && { sampleRate: sink.sampleRate }),
      write: (pcm, sampleRate) => {
        this.#add("heard", pcm, sampleRate);
        sink?.write(pcm, sampleRate);
      },
      end: () => sink?.end?.(),
    };
  }

  /** What is read from `source` is recorded. */
  said(source: Source): Source {
    const { sampleRate } = source;
    return {
      sampleRate,
      read: (samples) => {
        const pcm = source.read(samples);
        this.#add("said", pcm ?? new Int16Array(samples), sampleRate);
        return pcm;
      },
    };
  }

  /** Writes what is still waiting for its other side, and ends the file. */
  end(): void {
    const { said, heard } = this.#sides;
    this.#write(Math.max(said.queue.length, heard.queue.length));
    this.#to.end();
  }

  #add(side: "said" | "heard", pcm: Int16Array, sampleRate: number): void {
    if (this.#what === "said" || this.#what === "heard") {
      if (side !== this.#what) return;
      return this.#to.append(this.#sides[side].adapter.adapt(pcm, sampleRate));
    }
    const { said, heard } = this.#sides;
    const { adapter, queue } = this.#sides[side];
    queue.add(adapter.adapt(pcm, sampleRate));
    const longer = Math.max(said.queue.length, heard.queue.length);
    const shorter = Math.min(said.queue.length, heard.queue.length);
    this.#write(Math.max(shorter, longer - (this.#to.sampleRate * WAITING_MS) / 1000));
  }

  #write(samples: number): void {
    if (samples <= 0) return;
    const { said, heard } = this.#sides;
    const [left, right] = [said.queue.take(samples), heard.queue.take(samples)];
    if (this.#what === "stereo") {
      const both = new Int16Array(samples * 2);
      for (let nth = 0; nth < samples; nth++) {
        both[nth * 2] = left[nth] ?? 0;
        both[nth * 2 + 1] = right[nth] ?? 0;
      }
      return this.#to.append(both);
    }
    this.#to.append(left.map((sample, nth) => clamped(sample + (right[nth] ?? 0))));
  }
}

interface Side {
  readonly adapter: RateAdapter;
  readonly queue: SampleQueue;
}

const sideAt = (sampleRate: number): Side => ({
  adapter: new RateAdapter(sampleRate),
  queue: new SampleQueue(),
});

const clamped = (sample: number): number => Math.max(-32_768, Math.min(32_767, sample));

/** A side that is so far behind is silent. */
const WAITING_MS = 500;
