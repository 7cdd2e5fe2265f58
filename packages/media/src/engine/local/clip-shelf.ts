/** The clips that were read lately, for all calls of a process: each once, and no more than fit. */
import { stat } from "node:fs/promises";
import { Clip } from "./clip.ts";

/** Octets on the disk of all that is kept. */
const MAX_BYTES = 64 * 1024 * 1024;

interface Kept {
  readonly clip: Promise<Clip>;
  readonly bytes: number;
  /** As it was when it was read. */
  readonly modified: number;
}

export class ClipShelf {
  /** The one that was asked for last is last. */
  readonly #kept = new Map<string, Kept>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** How many octets of files are held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Read anew when the file is another by now. Rejects as `Clip.read` does. */
  async clip(path: string): Promise<Clip> {
    const { size: bytes, mtimeMs: modified } = await stat(path);
    const before = this.#kept.get(path);
    const isSame = before?.modified === modified && before.bytes === bytes;
    if (before) this.#drop(path);
    const clip = isSame ? before.clip : Clip.read(path);
    this.#kept.set(path, { clip, bytes, modified });
    this.#bytes += bytes;
    for (const [oldest] of this.#kept) {
      if (this.#bytes <= this.#maxBytes || oldest === path) break;
      this.#drop(oldest);
    }
    try {
      return await clip;
    } catch (cause) {
      if (this.#kept.get(path)?.clip === clip) this.#drop(path);
      throw cause;
    }
  }

  #drop(path: string): void {
    this.#bytes -= this.#kept.get(path)?.bytes ?? 0;
    this.#kept.delete(path);
  }
}
