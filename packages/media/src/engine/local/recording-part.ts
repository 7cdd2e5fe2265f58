/**
 * One file of a recording. Which pictures are in it has to be known before its first octet: until
 * then what comes is kept, for two seconds at most.
 */
import type { Instant } from "../transport.ts";
import { RecordingFile, type RecordingFileOptions } from "./recording-file.ts";
import type { Vp8Frame } from "./vp8-frames.ts";

/** How long a key frame of each video is waited for. */
export const FIRST_PICTURE_MS = 2000;
/** Sound waits for its player's buffer before it is recorded, and pictures do not. */
const SOUND_IS_LATER_MS = 80;
/** Frames that are kept until then. */
const MAX_KEPT = 400;
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
/** Packets and frames on their way to a slow disk. */
const MOST_PENDING = 1000;

/** Whose pictures they are. */
type Owner = object;

/** Who hears how it goes. */
export interface PartUser {
  /** It has a file, of this name. */
  readonly opened: (path: string) => void;
  /** The disk does not take it. */
  readonly failed: (cause: unknown) => void;
}

interface Kept {
  readonly owner: Owner;
  readonly frame: Vp8Frame;
  readonly atMs: number;
}

export class RecordingPart {
  readonly #startAt: Instant;
  readonly #path: string;
  readonly #options: Pick<RecordingFileOptions, "format" | "channels" | "preSkip">;
  readonly #user: PartUser;
  #sounds: Uint8Array[] = [];
  #kept: Kept[] = [];
  #keptBytes = 0;
  #soundFrames = 0;
  #shown: readonly Owner[] | undefined;
  #file: RecordingFile | undefined;
  #work: Promise<void> = Promise.resolve();
  #pending = 0;
  readonly #lastMs = new Map<Owner, number>();
  readonly #lastAt = new Map<Owner, Instant>();

  constructor(
    path: string,
    startAt: Instant,
    options: Pick<RecordingFileOptions, "format" | "channels" | "preSkip">,
    user: PartUser,
  ) {
    this.#path = path;
    this.#startAt = startAt;
    this.#options = options;
    this.#user = user;
  }

  /** Whose pictures are in it; undefined before that is settled. */
  get shown(): readonly Owner[] | undefined {
    return this.#shown;
  }

  /** What it is called; undefined before it is there. */
  get path(): string | undefined {
    return this.#file?.path;
  }

  /** Octets so far. */
  get bytes(): number {
    return this.#file?.bytes ?? 0;
  }

  /** Settles it as soon as all of these have a whole picture, or were waited for. */
  settle(awaited: readonly Owner[], now: Instant): void {
    if (this.#shown) return;
    const ready = awaited.filter((owner) => this.#kept.some((kept) => kept.owner === owner));
    if (ready.length < awaited.length && now - this.#startAt < FIRST_PICTURE_MS) return;
    this.#shown = ready;
    this.#do(async () => {
      const options = { ...this.#options, videos: ready.length };
      this.#file = await RecordingFile.open(this.#path, options);
      this.#user.opened(this.#file.path);
    });
    for (const sound of this.#sounds.splice(0)) this.#write(sound);
    for (const { owner, frame, atMs } of this.#kept.splice(0)) this.#show(owner, frame, atMs);
    this.#keptBytes = 0;
  }

  /** The next 20 ms. */
  sound(packet: Uint8Array): void {
    if (this.#shown) this.#write(packet);
    else this.#sounds.push(packet);
  }

  picture(owner: Owner, frame: Vp8Frame, at: Instant): void {
    this.#lastAt.set(owner, at);
    const atMs = Math.max(0, at - this.#startAt + SOUND_IS_LATER_MS);
    if (this.#shown) return this.#show(owner, frame, atMs);
    const isFirst = !this.#kept.some((kept) => kept.owner === owner);
    const isFull = this.#kept.length >= MAX_KEPT || this.#keptBytes >= MAX_KEPT_BYTES;
    if ((isFirst && !frame.isKey) || isFull) return;
    this.#kept.push({ owner, frame, atMs });
    this.#keptBytes += frame.data.length;
  }

  /** Whether nothing came of one that is shown for so long. */
  isWithout(now: Instant, ms: number): boolean {
    const since = (owner: Owner) => now - (this.#lastAt.get(owner) ?? this.#startAt);
    return this.#shown?.some((owner) => since(owner) >= ms) ?? false;
  }

  /** The file is whole after this, if there is one. Never rejects. */
  async close(): Promise<void> {
    if (!this.#shown && this.#sounds.length > 0) this.settle([], Number.POSITIVE_INFINITY);
    await this.#work;
    await this.#file?.close().catch(this.#user.failed);
  }

  #write(packet: Uint8Array): void {
    const atMs = this.#soundFrames++ * SOUND_MS;
    this.#do(() => this.#file?.sound(packet, atMs));
  }

  #show(owner: Owner, frame: Vp8Frame, atMs: number): void {
    const nth = this.#shown?.indexOf(owner) ?? -1;
    if (nth < 0) return;
    // A file counts in whole ms, and no two frames have the same.
    const own = Math.max(Math.round(atMs), (this.#lastMs.get(owner) ?? -1) + 1);
    this.#lastMs.set(owner, own);
    this.#do(() => this.#file?.picture(nth, frame, own));
  }

  #do(work: () => Promise<void> | undefined): void {
    if (this.#pending >= MOST_PENDING) return this.#user.failed(new Error("the disk is too slow"));
    this.#pending++;
    this.#work = this.#work
      .then(work)
      .catch(this.#user.failed)
      .finally(() => {
        this.#pending--;
      });
  }
}

const SOUND_MS = 20;
