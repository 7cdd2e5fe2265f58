/** What a program did to its files and its network, in order, out of strace's words. */
import { readFileSync } from "node:fs";

export type Event =
  | { readonly kind: "Write"; readonly path: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: "Truncate"; readonly path: string; readonly length: number }
  | { readonly kind: "SyncBegins" | "SyncEnds"; readonly path: string; readonly pid: string }
  | { readonly kind: "Sent"; readonly octets: string };

/** Strings in hexadecimal, so that nothing has to be guessed; paths for descriptors. */
export const STRACE: readonly string[] = [
  ...["strace", "-f", "-y", "-xx", "-s", "70000"],
  ...["-e", "trace=pwrite64,fsync,fdatasync,ftruncate,sendto,sendmsg,sendmmsg"],
];

export function readTrace(file: string): readonly Event[] {
  const reader = new TraceReader();
  for (const line of readFileSync(file, "latin1").split("\n")) reader.read(line);
  return reader.events.flat();
}

/** A call that waits is two lines: where it begins, and where it ends with what it wrote. */
class TraceReader {
  /** One place a line: what was sent counts from where the sending began. */
  readonly events: Event[][] = [];
  readonly #unfinished = new Map<string, { call: string; path: string; place: Event[] }>();

  read(line: string): void {
    const place: Event[] = [];
    this.events.push(place);
    const [, pid = "", call = "", rest = ""] = CALL.exec(line) ?? [];
    const [, resumedBy = "", end = ""] = RESUMED.exec(line) ?? [];
    const resumed = this.#unfinished.get(resumedBy);
    if (call !== "") {
      const path = text(PATH.exec(rest)?.[1] ?? "");
      const isUnfinished = rest.endsWith("<unfinished ...>");
      if (isUnfinished) this.#unfinished.set(pid, { call, path, place });
      this.#begun(place, { call, path, rest, pid });
      if (!isUnfinished && isSync(call)) place.push({ kind: "SyncEnds", path, pid });
    } else if (resumed !== undefined) {
      this.#unfinished.delete(resumedBy);
      if (isSync(resumed.call))
        place.push({ kind: "SyncEnds", path: resumed.path, pid: resumedBy });
      else if (resumed.call.startsWith("send")) resumed.place.push(...sentIn(end));
    }
  }

  #begun(
    place: Event[],
    { call, path, rest, pid }: { call: string; path: string; rest: string; pid: string },
  ): void {
    if (call === "pwrite64") {
      const [, hex, at] = WRITE.exec(rest) ?? [];
      if (hex === undefined) throw new Error(`a write that cannot be read: ${rest.slice(0, 200)}`);
      place.push({ kind: "Write", path, at: Number(at), bytes: bytes(hex) });
    } else if (call === "ftruncate") {
      place.push({ kind: "Truncate", path, length: Number(/, (\d+)/.exec(rest)?.[1]) });
    } else if (isSync(call)) {
      place.push({ kind: "SyncBegins", path, pid });
    } else if (call.startsWith("send")) {
      place.push(...sentIn(rest));
    }
  }
}

function sentIn(rest: string): Event[] {
  return [...rest.matchAll(MESSAGE)].map(([, hex = ""]) => {
    return { kind: "Sent", octets: bytes(hex).toString("latin1") };
  });
}

const isSync = (call: string): boolean => call === "fsync" || call === "fdatasync";

const CALL = /^(\d+) +(\w+)\((.*)$/;
const RESUMED = /^(\d+) +<\.\.\. \w+ resumed>(.*)$/;
const PATH = /^\d+<([^>]*)>/;
const WRITE = /^\d+<[^>]*>(?:\(deleted\))?, "((?:\\x[0-9a-f]{2})*)", \d+, (\d+)/;
/** `SIP/2.0 ` in strace's hexadecimal, up to the end of the string. */
const MESSAGE = /"(\\x53\\x49\\x50\\x2f\\x32\\x2e\\x30\\x20(?:\\x[0-9a-f]{2})*)"/g;

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll("\\x", ""), "hex");
const text = (path: string): string => (path.includes("\\x") ? bytes(path).toString() : path);
