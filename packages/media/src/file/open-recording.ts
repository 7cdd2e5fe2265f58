/** What writes a recording, by the ending of its name. */
import { OpusFileSink } from "./opus-file-sink.ts";
import type { RecordingSink } from "./recorder.ts";
import { WavSink } from "./wav-sink.ts";

/** How a recording is written. */
export interface RecordingOptions {
  /** Two where each side has one of its own. */
  readonly channels: 1 | 2;
  /** The disk is full, or gone. */
  readonly onerror: (cause: unknown) => void;
}

/**
 * Makes a file by the ending of its name: `.ogg`, `.opus`, `.webm` and `.mka` are Opus, all else is
 * WAV at 16,000 Hz. Rejects with what the file system says.
 */
export async function openRecording(
  path: string,
  { channels, onerror }: RecordingOptions,
): Promise<RecordingSink> {
  return /\.(?:ogg|opus|webm|mka)$/i.test(path)
    ? OpusFileSink.open(path, { channels, onerror })
    : new WavSink(path, { channels, onerror, sampleRate: 16_000 });
}
