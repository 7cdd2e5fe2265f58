/** A speaking clock: the time in words, and a tone when it is that time, every ten seconds. */
import { promptPath } from "../../prompts/prompts.ts";
import type { Clip } from "./clip.ts";
import type { ClipShelf } from "./clip-shelf.ts";
import { CLOCK_WORDS, clockPhrase } from "./clock-phrase.ts";
import type { Said, Utterance, Wanted } from "./said.ts";
import { inTurn, silenceUtterance, toneUtterance } from "./utterances.ts";

/** How much later than now it is told about, and what is told. */
const TEN_SECONDS = 10_000;
/** Between the last word and the tone, at least; and after the tone. */
const PAUSE_MS = 500;
const PIP_HZ = 1000;
const PIP_MS = 600;

/** The time as this machine has it, over and over until it is closed. */
export class SpeakingClock implements Utterance {
  readonly #words: ReadonlyMap<string, Clip>;
  readonly #now: () => number;
  #current: Utterance | undefined;
  #isClosed = false;

  /** `now` is in ms since 1970. */
  constructor(words: ReadonlyMap<string, Clip>, now: () => number = Date.now) {
    this.#words = words;
    this.#now = now;
  }

  /** With the words that came with this package. */
  static async open(shelf: ClipShelf, now?: () => number): Promise<SpeakingClock> {
    const words = new Map<string, Clip>();
    for (const name of CLOCK_WORDS.keys()) words.set(name, await shelf.clip(promptPath(name)));
    return new SpeakingClock(words, now);
  }

  next(wanted: Wanted): Said | undefined | null {
    if (this.#isClosed) return null;
    this.#current ??= this.#announcement();
    const said = this.#current.next(wanted);
    if (said !== null) return said;
    this.#current = undefined;
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#current?.close();
  }

  /** Of the next time that there are enough words' time before. */
  #announcement(): Utterance {
    const now = this.#now();
    let at = Math.ceil(now / TEN_SECONDS) * TEN_SECONDS;
    let clips = this.#phrase(at);
    while (now + lengthOf(clips) + PAUSE_MS > at) {
      at += TEN_SECONDS;
      clips = this.#phrase(at);
    }
    const afterMs = Math.round(at - now - lengthOf(clips));
    return inTurn([
      ...clips.map((clip) => () => clip.say()),
      () => toneUtterance(PIP_HZ, { afterMs, lengthMs: PIP_MS }),
      () => silenceUtterance(PAUSE_MS),
    ]);
  }

  #phrase(at: number): readonly Clip[] {
    const time = new Date(at);
    const phrase = clockPhrase({
      ...{ hours: time.getHours(), minutes: time.getMinutes(), seconds: time.getSeconds() },
    });
    return phrase.flatMap((word) => this.#words.get(word) ?? []);
  }
}

const lengthOf = (clips: readonly Clip[]): number =>
  clips.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
