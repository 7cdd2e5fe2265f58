/** The time of voices, turned by hand, for tests: as quick as sockets are, on any machine. */
import { FRAME_MS } from "../rtp/player.ts";
import type { Millis } from "../transaction/timers.ts";
import type { Beat, VoiceTime } from "./voice-clock.ts";

/** Turns of the loop in which what was sent over loopback is read. */
const TURNS = 3;

export class TurnedClock implements VoiceTime {
  readonly #beats = new Set<Beat>();
  #now: Millis = 1000;

  now(): Millis {
    return this.#now;
  }

  add(beat: Beat): void {
    this.#beats.add(beat);
  }

  delete(beat: Beat): void {
    this.#beats.delete(beat);
  }

  /** Lets so much time pass, beat by beat. */
  async pass(ms: Millis): Promise<void> {
    for (let passed = 0; passed < ms; passed += FRAME_MS) {
      this.#now += FRAME_MS;
      for (const beat of this.#beats) beat(this.#now);
      for (let turn = 0; turn < TURNS; turn++) {
        await new Promise<void>((next) => {
          setImmediate(next);
        });
      }
    }
  }
}
