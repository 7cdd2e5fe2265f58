/** A program that records or plays: started, and its end told in words. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import {
  findProgram,
  installWords,
  PLAYERS,
  RECORDERS,
  type SoundWanted,
} from "./sound-programs.ts";

/** Which device, by which program: PulseAudio's, PipeWire's, ALSA's, sox or ffmpeg. */
export interface SoundDeviceOptions extends Partial<SoundWanted> {
  /** Where programs are looked for; the environment's PATH if left out. */
  readonly path?: string;
  /** The program ended by itself, or could not begin: in words. The call goes on in silence. */
  readonly onerror?: (words: string) => void;
}

export const DEVICE_RATE = 48_000;

/** Throws in words where the system has no such program. */
export class SoundProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #complaint = "";
  #isClosed = false;

  constructor(what: "microphone" | "loudspeaker", options: SoundDeviceOptions) {
    const { path, device, sampleRate = DEVICE_RATE, onerror } = options;
    const found = findProgram(what === "microphone" ? RECORDERS : PLAYERS, path);
    if (!found) throw new Error(installWords(what));
    const { name } = found.program;
    const wanted = { sampleRate, ...(device !== undefined && { device }) };
    const child = spawn(found.path, found.program.args(wanted), {
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    // Who is written to may be gone: its end tells.
    child.stdin.on("error", () => {});
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-MAX_COMPLAINT);
    });
    const ended = (why: string) => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      const [line = ""] = this.#complaint.trim().split("\n").slice(-1);
      onerror?.(`The ${what} stopped: ${name} ${why}${line === "" ? "" : ` (${line})`}.`);
    };
    child.on("error", (cause) => ended(`could not be started: ${cause.message}`));
    child.on("close", (code, signal) => ended(`ended with ${signal ?? code}`));
  }

  get input(): Writable {
    return this.#child.stdin;
  }

  get output(): Readable {
    return this.#child.stdout;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#child.stdin.end();
    this.#child.kill();
  }
}

const MAX_COMPLAINT = 2000;
