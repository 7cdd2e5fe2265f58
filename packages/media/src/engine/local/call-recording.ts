/**
 * A call as it is recorded: what its sides say, mixed or each on a channel, and the video of those
 * that send VP8, as it came. One beat for all, so that the sides stay together however they come.
 */
import { type VoiceTime, voiceClock } from "carillon/node/pace";
import { OpusEncoder } from "../../opus/opus-encoder.ts";
import type { Instant } from "../transport.ts";
import { freeBytes } from "./fresh-file.ts";
import { RECORDED_FRAME, RECORDED_RATE, RecordedSide } from "./recorded-side.ts";
import { RecordingPart } from "./recording-part.ts";

/** How it is recorded. */
export interface CallRecordingOptions {
  /** Ogg: sound only. WebM: sound and pictures. */
  readonly format: "ogg" | "webm";
  /** `mixed` if left out; `stereo`: the first side left, all others right. */
  readonly channels?: "mixed" | "stereo";
  /** What it may last: six hours if left out. */
  readonly maxMs?: number;
  /** Octets of all its files: 2 GiB if left out. */
  readonly maxBytes?: number;
  /** Octets that have to stay free on the disk: 1 GiB if left out. */
  readonly minFreeBytes?: number;
  /** A file of it is there, the first or a later one. */
  readonly onopen?: (path: string) => void;
  /**
   * It is over; `why` in words where nobody ended it: a full disk, too long. `paths` are its files
   * in order: a new one begins where pictures begin or cease.
   */
  readonly onended?: (paths: readonly string[], why: string | undefined) => void;
  /** Whose beat it has; that of the process if left out. */
  readonly clock?: VoiceTime;
}

const GIB = 1024 ** 3;
const SIX_HOURS_MS = 6 * 3_600_000;
const FRAME_MS = 20;
const BITRATE = 24_000;
/** Nothing comes of a video for so long: the next file is without it. */
const NO_PICTURE_MS = 1000;
const FREE_ASKED_EVERY_MS = 5000;
const MAX_SIDES = 16;
/** Whoever switches a camera on and off all day: from then on there is sound alone. */
const MAX_PARTS = 64;

/** Open until it is ended, or over by itself. */
export class CallRecording {
  readonly #path: string;
  readonly #options: CallRecordingOptions;
  readonly #clock: VoiceTime;
  readonly #encoder: OpusEncoder;
  readonly #channels: 1 | 2;
  readonly #sides: RecordedSide[] = [];
  readonly #parts: RecordingPart[] = [];
  readonly #beat = (due: number): void => this.#tick(due);
  /** Parts that are being made whole. */
  readonly #closing: Promise<void>[] = [];
  #frames = 0;
  #freeAskedAt: Instant = Number.NEGATIVE_INFINITY;
  #ended: Promise<void> | undefined;

  private constructor(path: string, options: CallRecordingOptions) {
    this.#path = path;
    this.#options = options;
    this.#clock = options.clock ?? voiceClock;
    this.#channels = options.channels === "stereo" ? 2 : 1;
    this.#encoder = new OpusEncoder({
      ...{ sampleRate: RECORDED_RATE, channels: this.#channels, complexity: 5, signal: "music" },
      bitrate: BITRATE * this.#channels,
    });
    this.#clock.add(this.#beat);
  }

  /** Rejects where there is too little room, or with what the file system says. */
  static async begin(path: string, options: CallRecordingOptions): Promise<CallRecording> {
    if ((await freeBytes(path)) < (options.minFreeBytes ?? GIB)) throw new Error(FULL);
    return new CallRecording(path, options);
  }

  /** Another side, in the order in which they come. Throws a RangeError for more than 16. */
  side(): RecordedSide {
    if (this.#sides.length >= MAX_SIDES) throw new RangeError("16 sides are recorded at most");
    const side: RecordedSide = new RecordedSide((frame, at) => {
      const isNew = this.#part?.shown?.includes(side) === false;
      if (isNew && frame.isKey && this.#parts.length < MAX_PARTS) this.#beginPart(at);
      this.#part?.picture(side, frame, at);
    });
    this.#sides.push(side);
    return side;
  }

  /** Its files are whole after this. Twice does nothing more. */
  end(why?: string): Promise<void> {
    this.#ended ??= this.#finish(why);
    return this.#ended;
  }

  get #part(): RecordingPart | undefined {
    return this.#ended ? undefined : this.#parts.at(-1);
  }

  async #finish(why: string | undefined): Promise<void> {
    this.#clock.delete(this.#beat);
    const last = this.#parts.at(-1);
    if (last) this.#closing.push(last.close());
    await Promise.all(this.#closing);
    this.#encoder.close();
    const paths = this.#parts.flatMap(({ path }) => path ?? []);
    this.#options.onended?.(paths, why);
  }

  #tick(due: Instant): void {
    const part = this.#part ?? this.#beginPart(due);
    part.settle(this.#withVideo(), due);
    part.sound(this.#encoder.encode(this.#mixed()));
    this.#frames++;
    if (part.isWithout(due, NO_PICTURE_MS)) this.#beginPart(due);
    this.#watch(due);
  }

  /** Each part begins with whole pictures of all who have any. */
  #beginPart(at: Instant): RecordingPart {
    const before = this.#parts.at(-1);
    if (before) this.#closing.push(before.close());
    const { format } = this.#options;
    const part = new RecordingPart(
      ...([
        this.#path,
        at,
        { format, channels: this.#channels, preSkip: this.#encoder.lookahead },
      ] as const),
      {
        opened: (path) => this.#options.onopen?.(path),
        failed: (cause) => void this.end(cause instanceof Error ? cause.message : String(cause)),
      },
    );
    this.#parts.push(part);
    for (const side of this.#withVideo()) side.refresh(at);
    return part;
  }

  #withVideo(): readonly RecordedSide[] {
    if (this.#options.format !== "webm" || this.#parts.length >= MAX_PARTS) return [];
    return this.#sides.filter(({ hasVideo }) => hasVideo);
  }

  #mixed(): Int16Array {
    const step = this.#channels;
    const mixed = new Int16Array(RECORDED_FRAME * step);
    for (const [nth, side] of this.#sides.entries()) {
      const pcm = side.frame();
      if (!pcm) continue;
      const from = step === 2 && nth > 0 ? 1 : 0;
      for (let at = 0; at < RECORDED_FRAME; at++) {
        const sum = mixed[at * step + from]! + pcm[at]!;
        mixed[at * step + from] = Math.max(-32_768, Math.min(32_767, sum));
      }
    }
    return mixed;
  }

  /** Whether it may go on. */
  #watch(due: Instant): void {
    const { maxMs = SIX_HOURS_MS, maxBytes = 2 * GIB, minFreeBytes = GIB } = this.#options;
    const bytes = this.#parts.reduce((sum, part) => sum + part.bytes, 0);
    if (this.#frames * FRAME_MS >= maxMs) void this.end("the recording is as long as it may be");
    else if (bytes >= maxBytes) void this.end("the recording is as large as it may be");
    else if (due - this.#freeAskedAt >= FREE_ASKED_EVERY_MS) {
      this.#freeAskedAt = due;
      freeBytes(this.#path).then(
        (free) => void (free < minFreeBytes && this.end(FULL)),
        (cause: unknown) => void this.end(String(cause)),
      );
    }
  }
}

const FULL = "the disk is nearly full";
