/** What is said and heard at a phone in the terminal: devices, or files in their place. */
import { type Sink, type Source, silence, tone } from "carillon/rtp";
import {
  Loudspeaker,
  Microphone,
  meteredSink,
  meteredSource,
  Recorder,
  WavSink,
  WavSource,
} from "carillon-media";
import { CannotStart } from "../cannot-start.ts";
import type { Levels } from "./meter-line.ts";
import type { OwnSound } from "./sound.ts";

export interface SoundWish {
  /** A WAV file, `tone`, `silence`; undefined: the microphone. */
  readonly play: string | undefined;
  /** A WAV file: this side on the left, the others on the right. */
  readonly record: string | undefined;
}

export interface OwnSoundParts extends OwnSound {
  readonly levels: Levels;
  /** Ends the recording, and gives the devices back. */
  close(): void;
}

const RECORDING_RATE = 16_000;
const TONE_HZ = 1000;

/**
 * Throws CannotStart for files that cannot be read or written. Without a microphone or loudspeaker
 * it goes on in silence and says so: a phone can still ring, and hand calls on.
 */
export function ownSound(wish: SoundWish, trouble: (words: string) => void): OwnSoundParts {
  const levels = { own: -Infinity, theirs: -Infinity };
  const recording = wish.record === undefined ? undefined : recordingTo(wish.record, trouble);
  // Looked at now: a call is no time to hear that a file is not there.
  if (isFile(wish.play)) fileSource(wish.play).close();
  const devices = new Devices(trouble);
  return {
    levels,
    source: () => {
      const said = sourceOf(wish.play, devices);
      const metered = meteredSource(said, (level) => {
        levels.own = level;
      });
      return recording ? recording.said(metered) : metered;
    },
    sink: () => {
      const ear = meteredSink(wish.play === undefined ? devices.loudspeaker() : DEAF, (level) => {
        levels.theirs = level;
      });
      const heard = recording ? recording.heard(ear) : ear;
      const end = () => {
        levels.own = -Infinity;
        levels.theirs = -Infinity;
        devices.close();
      };
      return { ...heard, end };
    },
    close: () => {
      devices.close();
      recording?.end();
    },
  };
}

const isFile = (play: string | undefined): play is string =>
  play !== undefined && play !== "tone" && play !== "silence";

function sourceOf(play: string | undefined, devices: Devices): Source {
  if (play === undefined) return devices.microphone();
  if (play === "tone") return tone({ frequencies: [TONE_HZ], sampleRate: RECORDING_RATE });
  return isFile(play) ? fileSource(play) : silence();
}

function fileSource(path: string): WavSource {
  try {
    return new WavSource(path);
  } catch (cause) {
    throw new CannotStart(`--play ${path} cannot be played: ${wordsOf(cause)}`);
  }
}

function recordingTo(path: string, trouble: (words: string) => void): Recorder {
  try {
    const onerror = (cause: unknown) => trouble(`The recording ended: ${wordsOf(cause)}`);
    const sink = new WavSink(path, { sampleRate: RECORDING_RATE, channels: 2, onerror });
    return new Recorder(sink, "stereo");
  } catch (cause) {
    throw new CannotStart(`--record ${path} cannot be written: ${wordsOf(cause)}`);
  }
}

const DEAF: Sink = { write: () => {} };

/** Taken when a call begins, given back when it is over; what is missing is said once. */
class Devices {
  readonly #trouble: (words: string) => void;
  readonly #told = new Set<string>();
  #open: { close(): void }[] = [];

  constructor(trouble: (words: string) => void) {
    this.#trouble = trouble;
  }

  microphone(): Source {
    return this.#opened(() => new Microphone()) ?? silence();
  }

  loudspeaker(): Sink {
    return this.#opened(() => new Loudspeaker()) ?? DEAF;
  }

  close(): void {
    for (const device of this.#open.splice(0)) device.close();
  }

  #opened<T extends { close(): void }>(open: () => T): T | undefined {
    try {
      const device = open();
      this.#open.push(device);
      return device;
    } catch (cause) {
      const words = wordsOf(cause);
      if (!this.#told.has(words)) this.#trouble(words);
      this.#told.add(words);
      return undefined;
    }
  }
}

const wordsOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);
