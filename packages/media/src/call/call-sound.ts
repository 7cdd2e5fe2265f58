/** What is said and heard in one call: files, devices, recordings and meters, put together. */
import { resampled, type Sink, type Source } from "carillon/rtp";
import { Loudspeaker } from "../device/loudspeaker.ts";
import { Microphone } from "../device/microphone.ts";
import type { SoundDeviceOptions } from "../device/sound-process.ts";
import { numbered } from "../file/numbered-name.ts";
import { openPlayer } from "../file/open-player.ts";
import { openRecording } from "../file/open-recording.ts";
import { type Recorded, Recorder } from "../file/recorder.ts";
import { meteredSink, meteredSource } from "../sound/meter.ts";

/** What a call plays, records and hears. */
export interface SoundOptions {
  /** A file that is said first: WAV, or Opus in Ogg, WebM or Matroska. */
  readonly play?: string | { readonly path: string; readonly loop?: boolean };
  /**
   * A file of what is said and heard, mixed unless it says otherwise: `.wav`, or `.ogg`, `.opus`,
   * `.webm` for Opus. Of several calls the second has `-2` before its ending, and so on.
   */
  readonly record?: string | { readonly path: string; readonly what?: Recorded };
  /** What is said after the file, or from the beginning; true is the system's own. */
  readonly microphone?: boolean | SoundDeviceOptions;
  /** Where what is heard goes to: true is the system's own. `sink` hears it as well. */
  readonly loudspeaker?: boolean | SoundDeviceOptions;
  /** Where there is no microphone: anything that has samples. One for each call. */
  readonly source?: () => Source;
  /** Beside a loudspeaker: anything that takes samples. One for each call. */
  readonly sink?: () => Sink;
  /** The loudness of each tenth of a second, in dBFS. */
  readonly onlevel?: (side: "said" | "heard", dbfs: number) => void;
  /** The file is over. */
  readonly onplayed?: () => void;
  /** A device or a disk gave up, in words; the call goes on. */
  readonly onerror?: (words: string) => void;
}

/** What has to be let go of. */
interface Open {
  close?(): void;
  end?(): void;
}

/** What one call plays and records. `open` takes devices and files; `close` lets go of them. */
export class CallSound {
  /** What is said, for `VoiceMedia.source`; undefined: nothing is. */
  readonly source: Source | undefined;
  /** What hears, for `VoiceMedia.sink`: it ends with `close`. Undefined: nobody hears. */
  readonly sink: Sink | undefined;
  readonly #open: readonly Open[];

  private constructor(source: Source | undefined, sink: Sink | undefined, open: readonly Open[]) {
    this.source = source;
    // Ends when all else does.
    this.sink = sink && { ...rateOf(sink), write: (pcm, rate) => sink.write(pcm, rate) };
    this.#open = open;
  }

  /** `nth` call of this phone, from 1. Rejects in words: no such file, no microphone. */
  static async open(options: SoundOptions, nth: number): Promise<CallSound> {
    const open: Open[] = [];
    const opened = <T extends object | undefined>(one: T): T => {
      if (one) open.unshift(one);
      return one;
    };
    try {
      const player = opened(options.play ? await openPlayer(...playedBy(options.play)) : undefined);
      const spoken = opened(microphoneOf(options) ?? options.source?.());
      const speaker = opened(loudspeakerOf(options));
      const own = opened(options.sink?.());
      const recorder = opened(await recorderOf(options, nth));
      let source = inTurn(player, spoken, options.onplayed);
      let sink = together(speaker, own);
      const { onlevel } = options;
      if (onlevel) {
        source &&= meteredSource(source, (dbfs) => onlevel("said", dbfs));
        sink = meteredSink(sink ?? NOWHERE, (dbfs) => onlevel("heard", dbfs));
      }
      if (recorder) {
        source = recorder.said(source ?? SILENCE);
        sink = recorder.heard(sink);
      }
      return new CallSound(source, sink, open);
    } catch (cause) {
      for (const one of open) finish(one);
      throw cause;
    }
  }

  /** Lets go of devices and ends files. */
  close(): void {
    for (const one of this.#open) finish(one);
  }
}

function finish(one: Open): void {
  if (one.end) one.end();
  else one.close?.();
}

const playedBy = (play: NonNullable<SoundOptions["play"]>) =>
  typeof play === "string" ? ([play, false] as const) : ([play.path, play.loop ?? false] as const);

function microphoneOf({ microphone, onerror }: SoundOptions): Microphone | undefined {
  return microphone ? new Microphone(deviceOptions(microphone, onerror)) : undefined;
}

function loudspeakerOf({ loudspeaker, onerror }: SoundOptions): Loudspeaker | undefined {
  return loudspeaker ? new Loudspeaker(deviceOptions(loudspeaker, onerror)) : undefined;
}

const deviceOptions = (
  device: true | SoundDeviceOptions,
  onerror: SoundOptions["onerror"],
): SoundDeviceOptions => ({ ...(onerror && { onerror }), ...(device === true ? {} : device) });

async function recorderOf(
  { record, onerror }: SoundOptions,
  nth: number,
): Promise<Recorder | undefined> {
  if (!record) return undefined;
  const { path, what = "mixed" } = typeof record === "string" ? { path: record } : record;
  const channels = what === "stereo" ? 2 : 1;
  const sink = await openRecording(numbered(path, nth), {
    channels,
    onerror: (cause) =>
      onerror?.(`The recording stopped: ${cause instanceof Error ? cause.message : cause}.`),
  });
  return new Recorder(sink, what);
}

/** One after the other; each piece comes whole from one of them. */
function inTurn(
  first: Source | undefined,
  second: Source | undefined,
  over: (() => void) | undefined,
): Source | undefined {
  if (!first) return second;
  const then = second && resampled(second, first.sampleRate);
  let isOver = false;
  return {
    sampleRate: first.sampleRate,
    read(samples) {
      const pcm = isOver ? null : first.read(samples);
      if (pcm !== null) return pcm;
      if (!isOver) over?.();
      isOver = true;
      return then ? then.read(samples) : null;
    },
  };
}

/** Each at the rate that it likes best. */
function together(first: Sink | undefined, second: Sink | undefined): Sink | undefined {
  if (!first || !second) return first ?? second;
  return {
    write(pcm, sampleRate) {
      first.write(pcm, sampleRate);
      second.write(pcm, sampleRate);
    },
  };
}

const rateOf = ({ sampleRate }: Sink) => (sampleRate === undefined ? {} : { sampleRate });

const NOWHERE: Sink = { write() {} };
const SILENCE: Source = { sampleRate: 8000, read: () => undefined };
