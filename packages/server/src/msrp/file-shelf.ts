/**
 * Files that people have sent, on the disk: each under a name that nobody can guess, and never
 * under the one its sender gave it. A file that is not whole yet waits a day for the rest of it.
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, unlinkSync } from "node:fs";
import { type FileHandle, open, rename, statfs, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** What is known of a file. */
export interface ShelvedFile {
  /** 32 hexadecimal digits: 128 random bits. */
  readonly id: string;
  /** Whose it is. */
  readonly account: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly hash: string;
  /** When it was begun, in ms since 1970. */
  readonly at: number;
  readonly isWhole: boolean;
}

const about = z.object({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  account: z.string().max(255),
  name: z.string().max(255),
  type: z.string().max(255),
  size: z.number().int().min(0),
  hash: z.string().max(256),
  at: z.number(),
  isWhole: z.boolean(),
});

export interface ShelfLimits {
  /** Octets of one file. */
  readonly fileBytes: number;
  /** Octets of all files of one account, each of which counts as 16 KiB at least. */
  readonly accountBytes: number;
  /** Octets that stay free on the disk. */
  readonly freeBytes: number;
  /** How long a file that is not whole waits for its rest. */
  readonly partialMs: number;
  /** How long a file is kept. */
  readonly keptMs: number;
}

const DAY = 24 * 3_600_000;
const MiB = 1024 * 1024;

export const SHELF_LIMITS: ShelfLimits = {
  fileBytes: 100 * MiB,
  accountBytes: 2048 * MiB,
  freeBytes: 512 * MiB,
  partialMs: DAY,
  keptMs: 730 * DAY,
};

/**
 * What a file takes however short it is: two places in a folder, what is known of it here, and its
 * part of each start. Else nobody would be kept from a hundred million empty ones.
 */
const LEAST_BYTES = 16 * 1024;

/** A file that is being written. */
export interface OpenFile {
  readonly file: ShelvedFile;
  write(at: number, octets: Uint8Array): Promise<void>;
  read(at: number, length: number): Promise<Uint8Array>;
  /** Of its first octets: `72:24:5F:…`. */
  hash(algorithm: "sha-1" | "sha-256", size: number): Promise<string>;
  /** It is whole and right: once this resolves it outlives a crash. */
  finish(): Promise<void>;
  /** Nothing more comes for now. */
  leave(): Promise<void>;
}

export type Begun = { readonly kind: "Open"; readonly open: OpenFile } | { readonly kind: "Full" };

export type NewFile = Pick<ShelvedFile, "account" | "name" | "type" | "size" | "hash">;

export class FileShelf {
  readonly limits: ShelfLimits;
  readonly #folder: string;
  readonly #now: () => number;
  readonly #files = new Map<string, ShelvedFile>();
  readonly #busy = new Set<string>();

  /** Reads what there is. `now` is in ms since 1970. */
  constructor(data: string, now: () => number, limits: Partial<ShelfLimits> = {}) {
    this.#folder = join(data, "files");
    this.#now = now;
    this.limits = { ...SHELF_LIMITS, ...limits };
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    for (const entry of readdirSync(this.#folder)) {
      if (!/^[0-9a-f]{32}\.json$/.test(entry)) continue;
      const read = readAbout(join(this.#folder, entry));
      if (!read) continue;
      // The power went between the two: its octets had been looked at, and were on the disk.
      const isWhole = existsSync(this.pathOf({ ...read, isWhole: true }));
      this.#files.set(read.id, { ...read, isWhole });
    }
    this.clean();
  }

  /** A file that is whole; undefined for any other text. */
  find(id: string): ShelvedFile | undefined {
    const file = this.#files.get(id);
    return file?.isWhole === true ? file : undefined;
  }

  /** Where its octets lie. */
  pathOf({ id, isWhole }: Pick<ShelvedFile, "id" | "isWhole">): string {
    return join(this.#folder, `${id}${isWhole ? ".data" : ".part"}`);
  }

  /** Octets that an account has, those that are still to come among them. */
  bytesOf(account: string): number {
    let sum = 0;
    for (const file of this.#files.values()) {
      if (file.account === account) sum += Math.max(LEAST_BYTES, file.size);
    }
    return sum;
  }

  /**
   * Begins a file, or goes on with it: `start` octets have to be there already. Undefined where
   * they are not.
   */
  async begin(what: NewFile, start: number): Promise<Begun | undefined> {
    if (start > 0) {
      const known = this.#partOf(what);
      if (!known || statSync(this.pathOf(known)).size < start) return undefined;
      return { kind: "Open", open: await this.#open(known, "r+") };
    }
    const { fileBytes, accountBytes, freeBytes } = this.limits;
    if (what.size > fileBytes) return { kind: "Full" };
    const { bavail, bsize } = await statfs(this.#folder);
    // What others have begun and not written yet is not in what the disk says.
    if (bavail * bsize - this.#awaitedBytes() - what.size < freeBytes) return { kind: "Full" };
    if (this.bytesOf(what.account) + Math.max(LEAST_BYTES, what.size) > accountBytes) {
      return { kind: "Full" };
    }
    const id = randomBytes(16).toString("hex");
    const file: ShelvedFile = { ...what, id, at: this.#now(), isWhole: false };
    this.#files.set(id, file);
    this.#busy.add(id);
    try {
      await this.#note(file);
      return { kind: "Open", open: await this.#open(file, "w+") };
    } catch (cause) {
      this.#busy.delete(id);
      this.#drop(file);
      throw cause;
    }
  }

  /** Of those that are being written: all of it may still come. */
  #awaitedBytes(): number {
    let sum = 0;
    for (const id of this.#busy) sum += this.#files.get(id)?.size ?? 0;
    return sum;
  }

  /** Takes out what nobody waits for any more. */
  clean(): void {
    const now = this.#now();
    const { partialMs, keptMs } = this.limits;
    for (const file of this.#files.values()) {
      const limit = file.isWhole ? keptMs : partialMs;
      if (now - file.at > limit && !this.#busy.has(file.id)) this.#drop(file);
    }
  }

  /** The same file that this account has begun to send, where nobody writes it now. */
  #partOf({ account, hash, size, name }: NewFile): ShelvedFile | undefined {
    if (hash === "") return undefined;
    for (const file of this.#files.values()) {
      const isSame = file.account === account && file.hash === hash && file.size === size;
      const isFree = !file.isWhole && !this.#busy.has(file.id);
      if (isSame && isFree && file.name === name && existsSync(this.pathOf(file))) return file;
    }
    return undefined;
  }

  async #open(file: ShelvedFile, flags: "w+" | "r+"): Promise<OpenFile> {
    this.#busy.add(file.id);
    const handle = await open(this.pathOf(file), flags, 0o600);
    let isOpen = true;
    const close = async (): Promise<void> => {
      if (!isOpen) return;
      isOpen = false;
      this.#busy.delete(file.id);
      await handle.close();
    };
    return {
      file,
      write: (at, octets) => writeAll(handle, at, octets),
      read: (at, length) => readAll(handle, at, length),
      hash: (algorithm, size) => hashOf(handle, algorithm, size),
      finish: async () => {
        await handle.truncate(file.size);
        await handle.sync();
        await close();
        await this.#finish(file);
      },
      leave: close,
    };
  }

  async #finish(file: ShelvedFile): Promise<void> {
    const whole: ShelvedFile = { ...file, at: this.#now(), isWhole: true };
    await rename(this.pathOf(file), this.pathOf(whole));
    await this.#note(whole);
    this.#files.set(file.id, whole);
  }

  /** Written beside, and put in its place: it is there wholly or as it was. */
  async #note(file: ShelvedFile): Promise<void> {
    const path = join(this.#folder, `${file.id}.json`);
    await writeFile(`${path}.new`, JSON.stringify(file), { mode: 0o600, flush: true });
    await rename(`${path}.new`, path);
    const folder = await open(this.#folder, "r");
    await folder.sync().catch(() => {});
    await folder.close();
  }

  #drop(file: ShelvedFile): void {
    this.#files.delete(file.id);
    for (const path of [this.pathOf(file), join(this.#folder, `${file.id}.json`)]) {
      try {
        unlinkSync(path);
      } catch {
        // Gone already.
      }
    }
  }

  /** Forgets a file that did not come to be. */
  async drop({ id }: ShelvedFile): Promise<void> {
    const file = this.#files.get(id);
    if (!file || file.isWhole) return;
    this.#files.delete(id);
    await unlink(this.pathOf(file)).catch(() => {});
    await unlink(join(this.#folder, `${id}.json`)).catch(() => {});
  }
}

function readAbout(path: string): ShelvedFile | undefined {
  try {
    const parsed = about.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

async function writeAll(handle: FileHandle, at: number, octets: Uint8Array): Promise<void> {
  for (let done = 0; done < octets.length; ) {
    const { bytesWritten } = await handle.write(octets, done, octets.length - done, at + done);
    done += bytesWritten;
  }
}

/** By the system's own code: ours would take seconds of everybody's time for a large file. */
async function hashOf(handle: FileHandle, algorithm: string, size: number): Promise<string> {
  const hash = createHash(algorithm.replace("-", ""));
  for (let at = 0; at < size; at += HASHED_AT_ONCE) {
    hash.update(await readAll(handle, at, Math.min(HASHED_AT_ONCE, size - at)));
  }
  return hash.digest("hex").toUpperCase().match(/../g)?.join(":") ?? "";
}

const HASHED_AT_ONCE = 512 * 1024;

async function readAll(handle: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const octets = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(octets, done, length - done, at + done);
    if (bytesRead === 0) return octets.subarray(0, done);
    done += bytesRead;
  }
  return octets;
}
