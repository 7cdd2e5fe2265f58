/** Records a call: listens at each of its sides, those that come later among them. */

import type { Recording } from "carillon/b2bua";
import { CallRecording } from "./local/call-recording.ts";
import type { RecordedSide } from "./local/recorded-side.ts";
import type { MediaSide } from "./media-side.ts";

/** Who hears how it goes. */
export interface RecorderUser {
  /** Each side is to be attached now. */
  begun(): void;
  /** This file is being written. */
  opened(path: string): void;
  /** All of these are whole; `why` in words where nobody ended it, or it never began. */
  ended(paths: readonly string[], why: string | undefined): void;
}

export class CallRecorder {
  readonly #sides = new Map<string, RecordedSide>();
  readonly #opening: Promise<CallRecording | undefined>;
  #recording: CallRecording | undefined;
  #isOver = false;

  constructor({ path, ...how }: Recording, user: RecorderUser) {
    const onended = (paths: readonly string[], why: string | undefined) => {
      this.#isOver = true;
      user.ended(paths, why);
    };
    const options = { ...how, onopen: user.opened, onended };
    this.#opening = CallRecording.begin(path, options).then(
      (recording) => {
        this.#recording = recording;
        if (this.#isOver) void recording.end();
        else user.begun();
        return recording;
      },
      (cause: unknown) => {
        this.#isOver = true;
        user.ended([], cause instanceof Error ? cause.message : `${cause}`);
        return undefined;
      },
    );
  }

  /** Hears what a side says from now on. Again whenever something else was agreed on with it. */
  attach(side: MediaSide): void {
    if (this.#isOver || !this.#recording) return;
    const recorded = this.#sides.get(side.tag) ?? this.#seat(side.tag);
    if (!recorded) return;
    side.firstEnd("audio")?.tap(recorded.sound);
    const pictures = side.firstAgreed("video");
    const vp8 = pictures?.codecs.find(({ encoding }) => encoding.toLowerCase() === "vp8");
    recorded.expect(vp8?.receivePayloadType, () => side.firstEnd("video")?.refresh());
    side.watch(vp8 && pictures?.slot, (packet, at) => recorded.picture(packet, at));
  }

  /** The files are whole once it has resolved. */
  async end(sides: Iterable<MediaSide>): Promise<void> {
    this.#isOver = true;
    for (const side of sides) {
      side.firstEnd("audio")?.tap(undefined);
      side.watch(undefined);
    }
    const recording = await this.#opening;
    await recording?.end();
  }

  #seat(tag: string): RecordedSide | undefined {
    try {
      const seat = this.#recording?.side();
      if (seat) this.#sides.set(tag, seat);
      return seat;
    } catch {
      // So many sides are recorded, and no more.
      return undefined;
    }
  }
}
