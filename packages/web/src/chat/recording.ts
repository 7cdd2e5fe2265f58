/** A voice note while it is spoken: the microphone, how loud it is, and what was recorded. */
import { VOICE_NAME } from "./file-words.ts";

export interface Recording {
  /** From 0 to 1, of the last moment. */
  level(): number;
  /** Ends it; resolves to what was said. */
  finish(): Promise<File>;
  /** Ends it, and forgets what was said. */
  discard(): void;
}

/** What browsers record, the best first; all of them play Opus, and Safari plays MP4 only. */
const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const ENDINGS: Readonly<Record<string, string>> = {
  ...{ "audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "m4a" },
};
const BITS_PER_SECOND = 32_000;

/** Rejects with what the browser says if there is no microphone, or none is allowed. */
export async function record(nowMs: number): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const wish = { audioBitsPerSecond: BITS_PER_SECOND, ...(mimeType && { mimeType }) };
  const recorder = new MediaRecorder(stream, wish);
  const pieces: Blob[] = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  const ended = new Promise<void>((resolve) => {
    recorder.onstop = () => resolve();
  });
  const meter = openMeter(stream);
  const stop = (): void => {
    if (recorder.state !== "inactive") recorder.stop();
    for (const track of stream.getTracks()) track.stop();
    meter.close();
  };
  recorder.start(1000);
  return {
    level: meter.level,
    async finish() {
      stop();
      await ended;
      const type = (recorder.mimeType || mimeType || "audio/webm").split(";", 1)[0] ?? "";
      const name = `${VOICE_NAME}-${stamp(nowMs)}.${ENDINGS[type] ?? "webm"}`;
      return new File(pieces, name, { type });
    },
    discard: stop,
  };
}

function openMeter(stream: MediaStream): { level(): number; close(): void } {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    level() {
      analyser.getFloatTimeDomainData(samples);
      return loudness(samples);
    },
    close: () => void context.close().catch(() => {}),
  };
}

/** What is quieter than this is silence. */
const FLOOR_DB = -60;

/** Of samples from -1 to 1, as ears tell it: 0 for silence, 1 for as loud as it gets. */
export function loudness(samples: Float32Array): number {
  const sum = samples.reduce((total, sample) => total + sample * sample, 0);
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  if (rms === 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(rms)) / FLOOR_DB));
}

/** "2026-11-28-2014", to tell recordings apart in a folder. */
function stamp(nowMs: number): string {
  const date = new Date(nowMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}`;
}
