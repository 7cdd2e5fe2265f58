/**
 * A line in the log for what was refused before any part of the house heard of it: a few at once,
 * and of a flood how many there were. Whoever sends garbage must not fill the log, nor write in it.
 */
import type { BelowEntry, BelowKind } from "carillon/endpoint";
import type { Log } from "../http/log.ts";

/** Lines of a window, of which one source has so many. */
const [MOST_LINES, MOST_OF_ONE] = [20, 3];
/** Sources that are told apart in one; what is more counts as one. */
const MOST_SOURCES = 1000;
const WINDOW_MS = 10_000;
const MOST_WORDS = 200;

export class RefusedBelow {
  readonly #log: Log;
  /** Of this window: lines by source, and what was counted instead of written. */
  readonly #bySource = new Map<string, number>();
  readonly #counted = new Map<BelowKind, number>();
  #lines = 0;
  readonly #window: NodeJS.Timeout;

  constructor(log: Log) {
    this.#log = log;
    this.#window = setInterval(() => this.#turn(), WINDOW_MS).unref();
  }

  take({ flow, what, why, method, status }: BelowEntry): void {
    const { transport, remote } = flow;
    // Connections come and go: what is usual is for whoever wants to see everything.
    const isUsual = what === "Lost" || (what === "Ended" && why === IDLE);
    if (!this.#isWritten(remote.host)) {
      this.#counted.set(what, (this.#counted.get(what) ?? 0) + 1);
      return;
    }
    const line = {
      ...(method !== undefined && { method: seen(method) }),
      source: `${transport.toLowerCase()} ${remote.host}:${remote.port}`,
      why: seen(why),
      ...(status !== undefined && { status }),
    };
    this.#log[isUsual ? "debug" : "info"](line, what);
  }

  /** What has been counted is said. */
  close(): void {
    clearInterval(this.#window);
    this.#turn();
  }

  #isWritten(host: string): boolean {
    const source = this.#bySource.size < MOST_SOURCES || this.#bySource.has(host) ? host : "";
    const before = this.#bySource.get(source) ?? 0;
    if (this.#lines >= MOST_LINES || before >= MOST_OF_ONE) return false;
    this.#bySource.set(source, before + 1);
    this.#lines++;
    return true;
  }

  #turn(): void {
    if (this.#counted.size > 0) {
      const seconds = WINDOW_MS / 1000;
      this.#log.info({ ...Object.fromEntries(this.#counted), seconds }, MORE);
    }
    this.#bySource.clear();
    this.#counted.clear();
    this.#lines = 0;
  }
}

/** A peer's octets as a terminal may have them. */
const seen = (text: string): string =>
  text
    .slice(0, MOST_WORDS)
    .replaceAll(
      /[^ -~]/g,
      (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
    );

const IDLE = "nothing was said for too long";
const MORE = "more was refused, and is only counted";
