/**
 * Whether files have changed. They are asked for their times every few seconds, because programs
 * that renew certificates replace links to them, and not every file system tells of that.
 */
import { unwatchFile, watchFile } from "node:fs";

const LOOK_MS = 2000;

export class WatchedFiles {
  readonly #files: readonly string[];
  readonly #changed: () => void;
  #quiet: NodeJS.Timeout | undefined;

  /** `changed` is called when nothing has changed for a while: a pair is written one by one. */
  constructor(files: readonly string[], changed: () => void, lookMs: number = LOOK_MS) {
    this.#files = files;
    this.#changed = () => {
      clearTimeout(this.#quiet);
      this.#quiet = setTimeout(changed, 2 * lookMs).unref();
    };
    const options = { interval: lookMs, persistent: false };
    for (const file of files) watchFile(file, options, this.#changed);
  }

  close(): void {
    clearTimeout(this.#quiet);
    for (const file of this.#files) unwatchFile(file, this.#changed);
  }
}
