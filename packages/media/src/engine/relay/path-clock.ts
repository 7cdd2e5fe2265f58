/** The clocks of all paths in a process: 20 ms for samples, and a slow one for reports. */
import { voiceClock } from "carillon/node/pace";
import type { Instant } from "../transport.ts";
import { tellDefect } from "./defect.ts";

/** What has a beat of samples only while it needs one, and is looked at now and then anyway. */
export interface Beating {
  /** 20 ms of samples are due. */
  beat(due: Instant): void;
  /** Reports and the like may be due. */
  look(now: Instant): void;
}

const LOOK_MS = 250;

const all = new Set<Beating>();
const beats = new Map<Beating, (due: Instant) => void>();
let timer: NodeJS.Timeout | undefined;

/** From now on it is looked at, four times a second. */
export function watch(one: Beating): void {
  all.add(one);
  timer ??= setInterval(() => {
    const now = performance.now();
    for (const each of all) look(each, now);
  }, LOOK_MS).unref();
}

function look(one: Beating, now: Instant): void {
  try {
    one.look(now);
  } catch (cause) {
    tellDefect(cause);
  }
}

/** Neither beats nor looks any more. */
export function forget(one: Beating): void {
  setBeat(one, false);
  all.delete(one);
  if (all.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

/** Whether it has the beat of 20 ms. */
export function setBeat(one: Beating, isBeating: boolean): void {
  const known = beats.get(one);
  if (isBeating === (known !== undefined)) return;
  if (known) {
    beats.delete(one);
    voiceClock.delete(known);
    return;
  }
  const beat = (due: Instant): void => {
    try {
      one.beat(due);
    } catch (cause) {
      // One path that fails must not take the others' beat with it.
      setBeat(one, false);
      tellDefect(cause);
    }
  };
  beats.set(one, beat);
  voiceClock.add(beat);
}
