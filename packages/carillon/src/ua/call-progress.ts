/** How a call goes: its states in order, and the promises that they keep. */
import type { CallState, Held } from "./call-state.ts";
import { Changing, type IterationOptions } from "./replay.ts";
import { type CallEnd, errorFrom } from "./sip-error.ts";

export class CallProgress {
  readonly #states: Changing<CallState>;
  readonly #answered = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<CallEnd>();

  constructor(first: CallState) {
    this.#states = new Changing(first);
    // Whoever does not look at it should not be punished for it.
    this.#answered.promise.catch(() => {});
  }

  get current(): CallState {
    return this.#states.current;
  }

  /** Resolves when both sides talk; rejects with why they do not. */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  get ended(): Promise<CallEnd> {
    return this.#ended.promise;
  }

  values(options?: IterationOptions): AsyncIterableIterator<CallState> {
    return this.#states.values(options);
  }

  /** Resolves as soon as it is not on its way back. */
  async settled(): Promise<void> {
    for await (const { name } of this.values()) if (name !== "Reconnecting") return;
  }

  ringing(): void {
    const { current } = this;
    if (current.name === "Dialing") this.#states.set({ ...current, name: "Ringing" });
  }

  /** Another address is called, to which they have sent the call. */
  redirected(target: string): void {
    const { name } = this.current;
    const isEarly = name === "Dialing" || name === "Ringing";
    if (isEarly) this.#states.set({ name: "Dialing", target });
  }

  /** Their early media can be heard. */
  heardEarly(): void {
    const { current } = this;
    const isEarly = current.name === "Dialing" || current.name === "Ringing";
    if (isEarly) this.#states.set({ ...current, name: "Ringing", earlyMedia: true });
  }

  answering(): void {
    this.#states.set({ name: "Answering" });
  }

  /** There is no way to the other side for now. */
  cutOff(why: string): void {
    const { current } = this;
    if (current.name !== "Established" && current.name !== "Reconnecting") return;
    this.#states.set({ ...current, name: "Reconnecting", why });
  }

  restored(): void {
    const { current } = this;
    if (current.name === "Reconnecting")
      this.#states.set(established(current.sinceMs, current.held));
  }

  established(sinceMs: number, held: Held | undefined): void {
    const { name } = this.current;
    if (name === "Ended" || name === "Established" || name === "Reconnecting") return;
    this.#states.set(established(sinceMs, held));
    this.#answered.resolve();
  }

  held(held: Held | undefined): void {
    const { current } = this;
    if (current.name === "Reconnecting" && held !== current.held) {
      const { held: _, ...rest } = current;
      return this.#states.set({ ...rest, ...(held && { held }) });
    }
    if (current.name !== "Established" || held === current.held) return;
    this.#states.set(established(current.sinceMs, held));
  }

  end(end: CallEnd): void {
    if (this.current.name === "Ended") return;
    this.#states.set({ name: "Ended", end });
    this.#states.end();
    this.#answered.reject(errorFrom(end));
    this.#ended.resolve(end);
  }
}

const established = (sinceMs: number, held: Held | undefined): CallState => ({
  name: "Established",
  sinceMs,
  ...(held && { held }),
});
