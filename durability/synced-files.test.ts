import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SyncedFiles } from "./synced-files.ts";
import { type Event, readTrace } from "./trace.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carillon-synced-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = () => join(folder, "file");
const hex = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");

function traced(lines: readonly string[]): readonly Event[] {
  const file = join(folder, "trace");
  writeFileSync(file, lines.join("\n"));
  return readTrace(file);
}

/** What a disk that lost its power after these lines holds. */
function after(lines: readonly string[], reached: () => boolean = () => false): string {
  writeFileSync(path(), "old!");
  const files = SyncedFiles.read([path()]);
  for (const event of traced(lines)) files.take(event);
  files.writeTo(() => join(folder, "cut"), reached);
  return readFileSync(join(folder, "cut"), "utf8");
}

const write = (pid: number, text: string, at: number): string =>
  `${pid} pwrite64(3<${hex(path())}>, "${hex(text)}", ${text.length}, ${at}) = ${text.length}`;
const sync = (pid: number): string => `${pid} fdatasync(3<${hex(path())}>) = 0`;

test("what was written is there once it was synced, and else only by chance", () => {
  const lines = [write(1, "new", 0), write(1, "er", 6)];
  expect(after(lines)).toBe("old!");
  expect(after([...lines, sync(1)])).toBe("new!\0\0er");
  expect(after(lines, () => true)).toBe("new!\0\0er");
  let nth = 0;
  expect(after(lines, () => nth++ === 1)).toBe("old!\0\0er");
});

test("a sync covers what was written before it began, and counts when it has ended", () => {
  const begins = `2 fsync(3<${hex(path())}> <unfinished ...>`;
  const ends = "2 <... fsync resumed>) = 0";
  const lines = [write(1, "a", 0), begins, write(1, "b", 1)];
  expect(after(lines)).toBe("old!");
  expect(after([...lines, ends])).toBe("ald!");
  expect(after([...lines, ends, sync(1)])).toBe("abd!");
});

test("a file that is cut off is as short as that once it is synced", () => {
  const cut = `1 ftruncate(3<${hex(path())}>, 2) = 0`;
  expect([after([cut]), after([cut, sync(1)])]).toEqual(["old!", "ol"]);
});

test("what is sent counts from where the sending began, though its words come later", () => {
  const message = hex("SIP/2.0 200 OK");
  const events = traced([
    "1 sendmmsg(25<socket>,  <unfinished ...>",
    sync(2),
    `1 <... sendmmsg resumed>[{msg_hdr={msg_iov=[{iov_base="${message}", iov_len=14}]}}], 1) = 1`,
  ]);
  expect(events.map(({ kind }) => kind)).toEqual(["Sent", "SyncBegins", "SyncEnds"]);
  expect(events[0]).toEqual({ kind: "Sent", octets: "SIP/2.0 200 OK" });
});
