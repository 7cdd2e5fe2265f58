/** Keys that are pressed in a call, here and there. RFC 4733 where media can, else as told to. */
import type { Abilities } from "./abilities.ts";
import { keysIn } from "./keys.ts";
import type { Leg } from "./leg.ts";
import type { DtmfTone, MediaSession } from "./media.ts";
import { type IterationOptions, Queue } from "./replay.ts";
import { SipError } from "./sip-error.ts";

export interface DtmfParts {
  readonly abilities: Abilities;
  readonly leg: () => Leg | undefined;
  readonly media: () => MediaSession | undefined;
  readonly inTurn: (run: () => void) => void;
}

/** Says one key. */
export type TellKey = (key: string) => Promise<void>;

/** Keys that nobody has looked at yet. */
const MAX_WAITING = 1000;

export class CallDtmf {
  readonly #parts: DtmfParts;
  readonly #listeners = new Set<Queue<DtmfTone>>();
  #work: Promise<unknown> = Promise.resolve();
  #tell: TellKey | undefined;

  constructor(parts: DtmfParts) {
    this.#parts = parts;
  }

  /** One after the other, and after those of before. */
  send(tones: string): Promise<void> {
    const keys = keysIn(tones);
    const sent = this.#work.then(() => this.#send(keys));
    this.#work = sent.catch(() => {});
    return sent;
  }

  received({ signal }: IterationOptions = {}): AsyncIterableIterator<DtmfTone> {
    const queue = new Queue<DtmfTone>((one) => this.#listeners.delete(one), signal, MAX_WAITING);
    if (!queue.ended) this.#listeners.add(queue);
    return queue;
  }

  heard(tone: DtmfTone): void {
    for (const queue of this.#listeners) queue.push(tone);
  }

  end(): void {
    for (const queue of this.#listeners) queue.end();
  }

  async #send(keys: readonly string[]): Promise<void> {
    try {
      const sending = this.#parts.media()?.sendDtmf?.(keys.join(""));
      if (sending) return await sending;
    } catch {
      // They agreed on no telephone-event.
    }
    this.#tell ??= this.#parts.abilities.tellKeys?.(this.#parts);
    if (!this.#tell) throw new SipError("SIP_MEDIA", "Keys cannot be sent in this call.");
    for (const key of keys) await this.#tell(key);
  }
}
