/** What plays a file, by what is in it. */
import { closeSync, openSync, readSync } from "node:fs";
import type { Source } from "carillon/rtp";
import { OpusFileSource } from "./opus-file-source.ts";
import { WavSource } from "./wav-source.ts";

/** A source that holds a file open. */
export interface FilePlayer extends Source {
  /** Lets go of the file; what is read from then on is over (null). */
  close(): void;
}

/**
 * Plays a file by what is in it: WAV, or Opus in Ogg, WebM or Matroska; with `loop` for ever.
 * Rejects in words for what cannot be played, and with what the file system says.
 */
export async function openPlayer(path: string, loop = false): Promise<FilePlayer> {
  return isContainer(path) ? OpusFileSource.open(path, { loop }) : new WavSource(path, { loop });
}

/** Ogg, or EBML: WebM and Matroska. */
function isContainer(path: string): boolean {
  const head = Buffer.alloc(4);
  const file = openSync(path, "r");
  try {
    readSync(file, head, 0, 4, 0);
  } finally {
    closeSync(file);
  }
  return head.toString("latin1") === "OggS" || head.readUInt32BE() === 0x1a45dfa3;
}
