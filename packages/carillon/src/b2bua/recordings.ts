/** The calls of the agent that are recorded. */
import type { JoinedCall } from "./joined-call.ts";
import type { MediaEvent } from "./media-engine.ts";
import { type RecordAsked, RecordedCall, type RecordOptions } from "./recorded-call.ts";

/** At the same time: each of them is decoded and encoded once more. */
const MAX_RECORDINGS = 32;

export class Recordings {
  readonly #all = new Map<string, RecordedCall>();

  /** By the engine's name for a call. */
  has(id: string): boolean {
    return this.#all.has(id);
  }

  begin(call: JoinedCall | undefined, options: RecordOptions): RecordAsked {
    if (!call) return { ok: false, error: "unknown" };
    if (this.has(call.id)) return { ok: false, error: "recorded" };
    if (!call.talking?.begun) return { ok: false, error: "ringing" };
    if (this.#all.size >= MAX_RECORDINGS) return { ok: false, error: "full" };
    const recorded = new RecordedCall(call, options);
    this.#all.set(call.id, recorded);
    recorded.begin();
    return { ok: true };
  }

  /** True: it was recorded, and its files are told when they are whole. */
  end(id: string): boolean {
    const recorded = this.#all.get(id);
    recorded?.end();
    this.#forget(recorded);
    return recorded !== undefined;
  }

  happened(event: Extract<MediaEvent, { readonly kind: "Recording" | "Recorded" }>): void {
    const recorded = this.#all.get(event.call);
    recorded?.happened(event);
    this.#forget(recorded);
  }

  lost(id: string): void {
    this.#all.get(id)?.lost();
  }

  agreed(id: string): void {
    this.#all.get(id)?.agreed();
  }

  /** The call is over. */
  parted(id: string): void {
    const recorded = this.#all.get(id);
    recorded?.parted();
    this.#forget(recorded);
  }

  #forget(recorded: RecordedCall | undefined): void {
    if (recorded?.isOver) this.#all.delete(recorded.call.id);
  }
}
