/** Files as a disk holds them that keeps only what was synced. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Event } from "./trace.ts";

type Change = Extract<Event, { kind: "Write" | "Truncate" }>;

interface File {
  content: Buffer;
  /** Not synced yet, in order. */
  waiting: Change[];
  /** How many of them the sync that is under way covers, by who asked for it. */
  readonly covered: Map<string, number>;
}

export class SyncedFiles {
  readonly #files: ReadonlyMap<string, File>;

  private constructor(contents: ReadonlyMap<string, Buffer>) {
    const files = [...contents].map(([path, content]): [string, File] => {
      return [path, { content: Buffer.from(content), waiting: [], covered: new Map() }];
    });
    this.#files = new Map(files);
  }

  /** These files as they are now; nothing else is followed. */
  static read(paths: readonly string[]): SyncedFiles {
    const contentOf = (path: string): Buffer =>
      existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    return new SyncedFiles(new Map(paths.map((path) => [path, contentOf(path)])));
  }

  /** The same synced content, to go on from there a second time. */
  copy(): SyncedFiles {
    return new SyncedFiles(new Map([...this.#files].map(([path, { content }]) => [path, content])));
  }

  take(event: Event): void {
    if (event.kind === "Sent") return;
    const file = this.#files.get(event.path);
    if (file === undefined) return;
    if (event.kind === "Write" || event.kind === "Truncate") file.waiting.push(event);
    else if (event.kind === "SyncBegins") file.covered.set(event.pid, file.waiting.length);
    else {
      const count = file.covered.get(event.pid) ?? 0;
      file.content = file.waiting.splice(0, count).reduce(applied, file.content);
      for (const [pid, other] of file.covered) file.covered.set(pid, Math.max(0, other - count));
    }
  }

  /** Writes them elsewhere, with those of the waiting changes that `reached` picks. */
  writeTo(pathOf: (path: string) => string, reached: () => boolean): void {
    for (const [path, { content, waiting }] of this.#files) {
      const kept = waiting.filter(reached);
      const all = kept.length === 0 ? content : kept.reduce(applied, Buffer.from(content));
      writeFileSync(pathOf(path), all);
    }
  }
}

function applied(content: Buffer, change: Change): Buffer {
  const length = change.kind === "Write" ? change.at + change.bytes.length : change.length;
  const isShorter = change.kind === "Truncate" && length < content.length;
  const next = isShorter
    ? content.subarray(0, length)
    : length > content.length
      ? Buffer.concat([content, Buffer.alloc(length - content.length)])
      : content;
  if (change.kind === "Write") change.bytes.copy(next, change.at);
  return next;
}
