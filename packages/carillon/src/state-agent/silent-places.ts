/**
 * Places that a watcher names beside the one they speak from: another port of their host, which may
 * be somebody else's. Each gets one NOTIFY until it has answered one, and none for a while where it
 * has not.
 */
import type { Millis } from "../grammar/millis.ts";

/** How long a place that said nothing, or that it knows of nothing, is let alone. */
const SILENT_MS = 600_000;
/** How long a first NOTIFY may be without an answer. */
const WAITING_MS = 33_000;
const MAX_PLACES = 10_000;

export class SilentPlaces {
  readonly #until = new Map<string, Millis>();

  /** Whether nothing may be sent there now; if it may, it may not again until `heard`. */
  refuses(place: string, now: Millis): boolean {
    const until = this.#until.get(place);
    if (until !== undefined && until > now) return true;
    this.#put(place, now + WAITING_MS);
    return false;
  }

  /** What became of the first NOTIFY there. */
  heard(place: string, status: number, now: Millis): void {
    const isAnswered = status >= 200 && status < 300;
    if (isAnswered) this.#until.delete(place);
    else this.#put(place, now + SILENT_MS);
  }

  #put(place: string, until: Millis): void {
    this.#until.delete(place);
    for (const oldest of this.#until.keys()) {
      if (this.#until.size < MAX_PLACES) break;
      this.#until.delete(oldest);
    }
    this.#until.set(place, until);
  }
}
