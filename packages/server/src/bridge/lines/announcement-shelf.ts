/**
 * The announcements that there are: files of the operator's folder, `closed.wav` or
 * `en/closed.opus`, and behind them those that come with the program.
 */
import { readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { ANNOUNCEMENTS, promptPath } from "carillon-media";
import { isAnnouncementName } from "./announcement.ts";

/** What can be played, the preferred first. */
const ENDINGS = [".opus", ".ogg", ".wav", ".webm"];
const MAX_FILES = 10_000;
/** How old what is known of the folder may be. */
const LOOKED_EVERY_MS = 5000;

export class AnnouncementShelf {
  readonly #folder: string;
  readonly #now: () => number;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** By `closed`, or `en/closed`, in lower case. */
  #files: ReadonlyMap<string, string> = new Map();

  /** A folder that is not there is empty. `now` is any clock, in ms. */
  constructor(folder: string, now: () => number = () => performance.now()) {
    this.#folder = folder;
    this.#now = now;
  }

  /** The file of this announcement, in the language that is asked for if it is there. */
  find(name: string, locale?: string): string | undefined {
    if (!isAnnouncementName(name)) return undefined;
    this.#look();
    const [language] = locale?.split("_") ?? [];
    for (const folder of [locale, language].filter((one) => one !== undefined)) {
      const found = this.#files.get(`${folder}/${name}`);
      if (found) return found;
    }
    return this.#files.get(name) ?? (ANNOUNCEMENTS.has(name) ? promptPath(name) : undefined);
  }

  #look(): void {
    if (this.#now() - this.#lookedAt < LOOKED_EVERY_MS) return;
    this.#lookedAt = this.#now();
    const files = new Map<string, string>();
    for (const { folder, name, isFolder } of entriesOf(this.#folder)) {
      if (!isFolder) add(files, "", folder, name);
      else if (/^[a-z]{2,3}(?:[_-][a-z]{2})?$/i.test(name)) {
        const locale = name.toLowerCase().replace("-", "_");
        for (const inner of entriesOf(join(folder, name))) {
          if (!inner.isFolder) add(files, `${locale}/`, inner.folder, inner.name);
        }
      }
    }
    this.#files = files;
  }
}

function add(files: Map<string, string>, before: string, folder: string, file: string): void {
  const ending = extname(file).toLowerCase();
  const name = basename(file, extname(file)).toLowerCase();
  const rank = ENDINGS.indexOf(ending);
  if (rank < 0 || !isAnnouncementName(name) || files.size >= MAX_FILES) return;
  const key = `${before}${name}`;
  const there = files.get(key);
  if (there && ENDINGS.indexOf(extname(there).toLowerCase()) <= rank) return;
  files.set(key, join(folder, file));
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).map((entry) => ({
      ...{ folder, name: entry.name, isFolder: entry.isDirectory() },
    }));
  } catch {
    return [];
  }
}
