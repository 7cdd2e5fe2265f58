/**
 * The programs that systems have for their microphone and loudspeaker. They are spoken to by a
 * pipe of raw samples: nothing native has to be installed with this package.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export interface SoundWanted {
  /** In hertz. */
  readonly sampleRate: number;
  /** As the program names it; the system's own choice if left out. */
  readonly device?: string;
}

export interface SoundProgram {
  readonly name: string;
  readonly platforms: readonly NodeJS.Platform[];
  /** What it is started with, to read or write 16 bits, little-endian, one channel. */
  args(wanted: SoundWanted): readonly string[];
}

const UNIX: readonly NodeJS.Platform[] = ["linux", "freebsd", "openbsd", "netbsd", "darwin"];
const LINUX: readonly NodeJS.Platform[] = ["linux"];

const alsa = ({ sampleRate, device }: SoundWanted): readonly string[] => [
  ...(device === undefined ? [] : ["-D", device]),
  ...["-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", `${sampleRate}`],
  // In microseconds: what waits is delay.
  ...["--buffer-time=80000", "--period-time=20000"],
];

const pulse = ({ sampleRate, device }: SoundWanted): readonly string[] => [
  ...(device === undefined ? [] : [`--device=${device}`]),
  ...["--raw", "--format=s16le", "--channels=1", `--rate=${sampleRate}`, "--latency-msec=40"],
];

const pipewire = ({ sampleRate, device }: SoundWanted): readonly string[] => [
  ...(device === undefined ? [] : [`--target=${device}`]),
  ...["--raw", "--format=s16", "--channels=1", `--rate=${sampleRate}`, "--latency=20ms", "-"],
];

const sox = ({ sampleRate }: SoundWanted): readonly string[] => [
  "-q",
  "-t",
  "raw",
  "-b",
  "16",
  "-e",
  "signed-integer",
  "-L",
  "-c",
  "1",
  "-r",
  `${sampleRate}`,
  "-",
];

/** Those that a sound server shares come before those that want a device for themselves. */
export const RECORDERS: readonly SoundProgram[] = [
  { name: "parec", platforms: UNIX, args: pulse },
  { name: "pw-record", platforms: LINUX, args: pipewire },
  { name: "arecord", platforms: LINUX, args: alsa },
  { name: "rec", platforms: UNIX, args: sox },
  { name: "ffmpeg", platforms: ["darwin", "win32"], args: ffmpegIn },
];

export const PLAYERS: readonly SoundProgram[] = [
  { name: "pacat", platforms: UNIX, args: (wanted) => ["--playback", ...pulse(wanted)] },
  { name: "pw-play", platforms: LINUX, args: pipewire },
  { name: "aplay", platforms: LINUX, args: alsa },
  { name: "play", platforms: UNIX, args: sox },
  { name: "ffplay", platforms: ["darwin", "win32"], args: ffplayOut },
];

function ffmpegIn({ sampleRate, device }: SoundWanted): readonly string[] {
  const mac = ["-f", "avfoundation", "-i", `:${device ?? "default"}`];
  const windows = ["-f", "dshow", "-audio_buffer_size", "20", "-i", `audio=${device ?? "default"}`];
  return [
    ...["-loglevel", "error", "-nostdin", ...(process.platform === "win32" ? windows : mac)],
    ...["-f", "s16le", "-ac", "1", "-ar", `${sampleRate}`, "-flush_packets", "1", "-"],
  ];
}

function ffplayOut({ sampleRate }: SoundWanted): readonly string[] {
  return [
    ...["-loglevel", "error", "-nodisp", "-autoexit", "-fflags", "nobuffer", "-probesize", "32"],
    ...["-f", "s16le", "-ch_layout", "mono", "-ar", `${sampleRate}`, "-i", "-"],
  ];
}

export interface FoundProgram {
  readonly path: string;
  readonly program: SoundProgram;
}

/** The first that is there. */
export function findProgram(
  programs: readonly SoundProgram[],
  searched: string = process.env["PATH"] ?? "",
): FoundProgram | undefined {
  const folders = searched.split(delimiter).filter((folder) => folder !== "");
  const ending = process.platform === "win32" ? ".exe" : "";
  for (const program of programs) {
    if (!program.platforms.includes(process.platform)) continue;
    const path = folders.map((folder) => join(folder, program.name + ending)).find(isProgram);
    if (path !== undefined) return { path, program };
  }
  return undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What to do where there is none. */
export function installWords(what: "microphone" | "loudspeaker"): string {
  const is = what === "microphone" ? "records" : "plays";
  const where: Partial<Record<NodeJS.Platform, string>> = {
    darwin: "brew install sox",
    win32: "winget install ffmpeg",
    linux: "apt-get install pulseaudio-utils (or alsa-utils, pipewire-bin, sox)",
  };
  const how = where[process.platform] ?? "install sox";
  return `No program that ${is} sound was found, so there is no ${what}: ${how}, or use a file.`;
}
