/**
 * An engine that is started by the first call that needs it, or a little before: a house whose
 * phones all understand each other has no processes for media.
 */
import type { MediaEngine, MediaEvent } from "carillon/b2bua";
import type { EmbeddedEngine } from "carillon-media/engine";

export class LateEngine implements MediaEngine {
  readonly #make: () => EmbeddedEngine;
  #engine: EmbeddedEngine | undefined;
  #soon: NodeJS.Timeout | undefined;
  #onevent: ((event: MediaEvent) => void) | undefined;

  constructor(make: () => EmbeddedEngine) {
    this.#make = make;
  }

  /** The engine, once it was needed. */
  get started(): EmbeddedEngine | undefined {
    return this.#engine;
  }

  get onevent(): ((event: MediaEvent) => void) | undefined {
    return this.#onevent;
  }

  set onevent(hears: ((event: MediaEvent) => void) | undefined) {
    this.#onevent = hears;
    if (this.#engine) this.#engine.onevent = hears;
  }

  /** A call may need it soon: its processes are started now, and nobody waits for them then. */
  expect(): void {
    if (this.#engine || this.#soon) return;
    this.#soon = setTimeout(() => void this.#now, SOON_MS).unref();
  }

  /** Ends its processes. */
  async close(): Promise<void> {
    clearTimeout(this.#soon);
    await this.#engine?.close();
  }

  get #now(): EmbeddedEngine {
    this.#engine ??= this.#make();
    this.#engine.onevent = this.#onevent;
    return this.#engine;
  }

  offer: MediaEngine["offer"] = (...asked) => this.#now.offer(...asked);
  terminate: MediaEngine["terminate"] = (...asked) => this.#now.terminate(...asked);
  originate: MediaEngine["originate"] = (...asked) => this.#now.originate(...asked);
  answer: MediaEngine["answer"] = (...asked) => this.#now.answer(...asked);
  accept: MediaEngine["accept"] = (...asked) => this.#now.accept(...asked);
  reoffer: MediaEngine["reoffer"] = (...asked) => this.#now.reoffer(...asked);
  // What has begun no call has nothing to say to an engine that is not there.
  withdraw: MediaEngine["withdraw"] = (...told) => this.#engine?.withdraw(...told);
  play: MediaEngine["play"] = (...told) => this.#engine?.play(...told);
  stop: MediaEngine["stop"] = (...told) => this.#engine?.stop(...told);
  echo: MediaEngine["echo"] = (...told) => this.#engine?.echo(...told);
  record: MediaEngine["record"] = (...told) => this.#engine?.record(...told);
  stopRecording: MediaEngine["stopRecording"] = (...told) => this.#engine?.stopRecording(...told);
  dtmf: MediaEngine["dtmf"] = (...told) => this.#engine?.dtmf(...told);
  statistics: MediaEngine["statistics"] = (call) => this.#engine?.statistics(call);
  end: MediaEngine["end"] = (...told) => this.#engine?.end(...told);
}

/** Whoever has just signed in has other things to do first, and so has the program. */
const SOON_MS = 1000;
