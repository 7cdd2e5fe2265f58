/** Keys that are pressed in a call, here and there. RFC 4733 where media can, else INFO. */
import { fromText } from "../grammar/octets.ts";
import type { ReceivedInfo } from "./beside.ts";
import { DTMF, DTMF_RELAY, formatDtmf, keysIn, parseDtmf } from "./dtmf.ts";
import type { Leg } from "./leg.ts";
import type { DtmfTone, MediaSession } from "./media.ts";
import { type IterationOptions, Queue } from "./replay.ts";
import { errorOf } from "./sip-error.ts";

export interface DtmfParts {
  readonly leg: () => Leg | undefined;
  readonly media: () => MediaSession | undefined;
  readonly inTurn: (run: () => void) => void;
}

/** How long a key is said to have been pressed. */
const TONE_MS = 160;
/** Keys that nobody has looked at yet. */
const MAX_WAITING = 1000;

export class CallDtmf {
  readonly #parts: DtmfParts;
  readonly #listeners = new Set<Queue<DtmfTone>>();
  #work: Promise<unknown> = Promise.resolve();
  /** The body that theirs takes: the richer one until they refuse it. */
  #type = DTMF_RELAY;

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

  informed(info: ReceivedInfo): void {
    const tone = parseDtmf(info.type, info.body);
    if (tone.ok) this.heard(tone.value);
    if (tone.ok) info.reply(200);
    else info.reply(tone.error.status, tone.error.status === 415 ? ACCEPT : []);
  }

  end(): void {
    for (const queue of this.#listeners) queue.end();
  }

  async #send(keys: readonly string[]): Promise<void> {
    const media = this.#parts.media();
    if (media?.sendDtmf) {
      try {
        return await media.sendDtmf(keys.join(""));
      } catch {
        // They agreed on no telephone-event.
      }
    }
    for (const key of keys) await this.#tell(key);
  }

  async #tell(tone: string): Promise<void> {
    let status = await this.#inform(tone);
    if (status === 415 && this.#type === DTMF_RELAY) {
      this.#type = DTMF;
      status = await this.#inform(tone);
    }
    if (status >= 300) throw errorOf(status);
  }

  #inform(tone: string): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const body = fromText(formatDtmf(this.#type, { tone, durationMs: TONE_MS }));
    this.#parts.inTurn(() => {
      const leg = this.#parts.leg();
      if (leg?.standing !== "Confirmed") resolve(481);
      else leg.usages.inform(this.#type, body, resolve);
    });
    return promise;
  }
}

const ACCEPT = [["Accept", `${DTMF_RELAY}, ${DTMF}`]] as const;
