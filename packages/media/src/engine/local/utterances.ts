/** What can be said: tones, silence, files, and any of them one after the other. */
import type { Source } from "carillon/rtp";
import { tone } from "carillon/rtp";
import type { FilePlayer } from "../../file/open-player.ts";
import { RateAdapter } from "../../sound/rate-adapter.ts";
import { SampleQueue } from "../../sound/sample-queue.ts";
import { FRAMES_A_SECOND, frameOf, type Said, type Utterance, type Wanted } from "./said.ts";

/** A sine; for ever without a length. `afterMs` of silence come before it, to the millisecond. */
export function toneUtterance(
  hz: number,
  { lengthMs, afterMs = 0 }: { readonly lengthMs?: number; readonly afterMs?: number } = {},
): Utterance {
  let source: Source | undefined;
  // The source has one rate; who changes codecs in the middle hears it begin again.
  return {
    next({ sampleRate }) {
      if (source?.sampleRate !== sampleRate) {
        source = tone({
          ...{ frequencies: [hz], sampleRate },
          ...(lengthMs !== undefined && {
            ...{ cadenceMs: [0, afterMs, lengthMs + 1], lengthMs: afterMs + lengthMs },
          }),
        });
      }
      return saidOf(source.read(frameOf(sampleRate)));
    },
    close() {},
  };
}

/** Nothing, for so long. */
export function silenceUtterance(ms: number): Utterance {
  let frames = Math.round((ms * FRAMES_A_SECOND) / 1000);
  return {
    next: () => (frames-- > 0 ? undefined : null),
    close() {
      frames = 0;
    },
  };
}

/** A file that is read bit by bit, at whatever rate it has. */
export function playerUtterance(player: FilePlayer): Utterance {
  const queue = new SampleQueue();
  let adapter: RateAdapter | undefined;
  let isOver = false;
  return {
    next({ sampleRate }) {
      if (adapter?.sampleRate !== sampleRate) {
        adapter = new RateAdapter(sampleRate);
        queue.trim(0);
      }
      const wanted = frameOf(sampleRate);
      while (!isOver && queue.length < wanted) {
        const pcm = player.read(player.sampleRate / FRAMES_A_SECOND);
        if (pcm === undefined) return undefined;
        if (pcm === null) isOver = true;
        else queue.add(adapter.adapt(pcm, player.sampleRate));
      }
      return queue.length === 0 ? null : saidOf(queue.take(wanted));
    },
    close: () => player.close(),
  };
}

/**
 * One after the other, `rounds` times, with so much silence between two rounds. The next one is
 * made while the one before it is said, so that files are there when their turn comes. A round in
 * which nothing at all was heard is the last one.
 */
export function inTurn(
  parts: readonly (() => Utterance)[],
  { rounds = 1, pauseMs = 0 }: { readonly rounds?: number; readonly pauseMs?: number } = {},
): Utterance {
  let [nth, round, isClosed] = [0, 1, false];
  /** The last round in which something was heard. */
  let heardIn = 0;
  let current: Part | undefined;
  let ahead: Part | undefined;
  const make = (): Part | undefined => {
    if (nth === parts.length && round < rounds) {
      [nth, round] = [0, round + 1];
      if (pauseMs > 0) return { round, utterance: silenceUtterance(pauseMs) };
    }
    const part = parts[nth++];
    return part && { round, utterance: part() };
  };
  const begin = (): Part | undefined => {
    const next = ahead ?? make();
    if (next && heardIn < next.round - 1) return undefined;
    ahead = next && make();
    return next;
  };
  return {
    next(wanted: Wanted) {
      while (!isClosed) {
        current ??= begin();
        if (!current) break;
        const said = current.utterance.next(wanted);
        if (said) heardIn = current.round;
        if (said !== null) return said;
        current.utterance.close();
        current = undefined;
      }
      return null;
    },
    close() {
      isClosed = true;
      current?.utterance.close();
      ahead?.utterance.close();
    },
  };
}

interface Part {
  readonly round: number;
  readonly utterance: Utterance;
}

/** What there is no more of after so long, whatever it was. */
export function atMost(inner: Utterance, ms: number): Utterance {
  let frames = Math.round((ms * FRAMES_A_SECOND) / 1000);
  return {
    next: (wanted) => (frames-- > 0 ? inner.next(wanted) : null),
    close: () => inner.close(),
  };
}

/** Silence until it is at hand, and then that; over if it never is. */
export function laterUtterance(coming: Promise<Utterance>): Utterance {
  let [ready, isClosed]: [Utterance | null | undefined, boolean] = [undefined, false];
  coming.then(
    (utterance) => {
      ready = utterance;
      if (isClosed) utterance.close();
    },
    () => {
      ready = null;
    },
  );
  return {
    next: (wanted) => (isClosed || ready === null ? null : ready?.next(wanted)),
    close() {
      isClosed = true;
      ready?.close();
    },
  };
}

const saidOf = (pcm: Int16Array | undefined | null): Said | undefined | null =>
  pcm && { kind: "Pcm", pcm };
