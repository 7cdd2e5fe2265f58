import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileShelf, type OpenFile, type ShelfLimits } from "./file-shelf.ts";

let data: string;
let now: number;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "carillon-shelf-"));
  now = 1_700_000_000_000;
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const shelf = (limits: Partial<ShelfLimits> = {}): FileShelf =>
  new FileShelf(data, () => now, { freeBytes: 0, ...limits });
const file = (size: number, account = "anna") => ({
  ...{ account, name: "a.bin", type: "text/plain", size, hash: "sha-256:AA" },
});
const opened = async (on: FileShelf, size: number, start = 0): Promise<OpenFile> => {
  const begun = await on.begin(file(size), start);
  if (begun?.kind !== "Open") throw new Error(`not begun: ${begun?.kind}`);
  return begun.open;
};
const octets = (count: number): Uint8Array => new Uint8Array(count).fill(7);

test("a file is found once it is whole, and not before", async () => {
  const on = shelf();
  const open = await opened(on, 10);
  await open.write(0, octets(10));
  expect(on.find(open.file.id)).toBeUndefined();
  await open.finish();
  expect(on.find(open.file.id)).toMatchObject({ size: 10, account: "anna", isWhole: true });
  expect(shelf().find(open.file.id)).toMatchObject({ name: "a.bin", isWhole: true });
});

test("what is there of a file waits for its rest, through a restart, for a day", async () => {
  const first = shelf();
  const open = await opened(first, 10);
  await open.write(0, octets(6));
  await open.leave();
  const second = shelf();
  expect(await second.begin(file(10), 7)).toBeUndefined();
  const again = await opened(second, 10, 6);
  expect(again.file.id).toBe(open.file.id);
  expect(await again.read(0, 6)).toEqual(octets(6));
  await again.write(6, octets(4));
  await again.finish();
  expect(second.find(open.file.id)?.isWhole).toBe(true);
  const left = await opened(second, 20);
  await left.leave();
  now += 24 * 3_600_000 + 1;
  second.clean();
  expect(readdirSync(join(data, "files")).filter((name) => name.startsWith(left.file.id))).toEqual(
    [],
  );
  expect(second.find(open.file.id)).toBeDefined();
});

test("nobody goes on with the file of somebody else, nor with one in use", async () => {
  const on = shelf();
  const open = await opened(on, 10);
  await open.write(0, octets(6));
  expect(await on.begin(file(10), 6)).toBeUndefined();
  await open.leave();
  expect(await on.begin(file(10, "bob"), 6)).toBeUndefined();
});

test("an account has so much, a file is so large, and the disk keeps some", async () => {
  const on = shelf({ fileBytes: 100_000, accountBytes: 150_000 });
  expect(await on.begin(file(100_001), 0)).toEqual({ kind: "Full" });
  await (await opened(on, 100_000)).leave();
  expect(await on.begin(file(50_001), 0)).toEqual({ kind: "Full" });
  expect((await on.begin(file(50_001, "bob"), 0))?.kind).toBe("Open");
  const full = shelf({ freeBytes: Number.MAX_SAFE_INTEGER });
  expect(await full.begin(file(1), 0)).toEqual({ kind: "Full" });
});

test("empty files count, too: nobody has as many of them as a disk has places", async () => {
  const on = shelf({ accountBytes: 64 * 1024 });
  const begun: (string | undefined)[] = [];
  for (let nth = 0; nth < 6; nth++) begun.push((await on.begin(file(0), 0))?.kind);
  expect(begun).toEqual(["Open", "Open", "Open", "Open", "Full", "Full"]);
});

test("what is begun at the same moment shares what there is", async () => {
  const on = shelf({ fileBytes: 100_000, accountBytes: 150_000 });
  const all = await Promise.all([1, 2, 3].map(() => on.begin(file(100_000), 0)));
  expect(all.map((one) => one?.kind).sort()).toEqual(["Full", "Full", "Open"]);
});

test("a file whose last note was lost with the power is whole all the same", async () => {
  const on = shelf();
  const open = await opened(on, 10);
  await open.write(0, octets(10));
  const note = join(data, "files", `${open.file.id}.json`);
  const before = readFileSync(note);
  await open.finish();
  writeFileSync(note, before);
  expect(shelf().find(open.file.id)).toMatchObject({ isWhole: true });
});

test("a file that is kept long enough goes, with all that was known of it", async () => {
  const on = shelf({ keptMs: 1000 });
  const open = await opened(on, 1);
  await open.write(0, octets(1));
  await open.finish();
  now += 1001;
  on.clean();
  expect(on.find(open.file.id)).toBeUndefined();
  expect(readdirSync(join(data, "files"))).toEqual([]);
});

test("what is no description of a file is passed over at the start", () => {
  shelf();
  const folder = join(data, "files");
  writeFileSync(join(folder, `${"a".repeat(32)}.json`), "{");
  writeFileSync(join(folder, `${"b".repeat(32)}.json`), JSON.stringify({ id: "../../etc/passwd" }));
  writeFileSync(join(folder, "../evil.json"), "{}");
  const on = shelf();
  for (const id of ["a".repeat(32), "b".repeat(32), "../evil", "", "__proto__"]) {
    expect(on.find(id)).toBeUndefined();
  }
  expect(existsSync(join(data, "evil.json"))).toBe(true);
});
