/**
 * Notices that nothing comes any more though it should: long before a browser says that a way is
 * lost. What sends sound sends it all the time, whether or not somebody speaks.
 */

import { partsOf } from "../ua/phone-parts.ts";
import type { Phone } from "./phone.ts";
import { WebMedia } from "./web-media.ts";

/** Sooner than people ask whether somebody is still there. */
const SILENT_MS = 400;
const LOOK_MS = 100;

export interface Look {
  readonly nowMs: number;
  /** When the last packet of sound came; undefined if none came of late. */
  readonly heardMs: number | undefined;
  /** By what was agreed, sound comes. */
  readonly isDue: boolean;
}

export class SilenceWatch {
  readonly #silent: () => void;
  /** Since when it has been waited for. */
  #sinceMs: number | undefined;
  #isTold = false;

  /** `silent` is called once for each time that sound stops to come. */
  constructor(silent: () => void) {
    this.#silent = silent;
  }

  look({ nowMs, heardMs, isDue }: Look): void {
    const isHeard = heardMs !== undefined && nowMs - heardMs < SILENT_MS;
    // Before the first packet there is nothing to miss.
    if (!isDue || isHeard || (this.#sinceMs === undefined && heardMs === undefined)) {
      if (isHeard) this.#isTold = false;
      this.#sinceMs = isDue && isHeard ? heardMs : undefined;
      return;
    }
    const sinceMs = this.#sinceMs ?? nowMs;
    if (this.#isTold || nowMs - sinceMs < SILENT_MS) return;
    this.#isTold = true;
    this.#silent();
  }
}

/**
 * Has this phone ask whether its connection is still one (`checkConnection`) when sound that should
 * come stops: a connection whose address is gone tells nobody. Calls then move to another way
 * sooner.
 */
export function noticeSilence(phone: Phone): void {
  partsOf(phone).prepared.push((media) => {
    if (media instanceof WebMedia) {
      watchSilence(media.peerConnection, () => phone.checkConnection());
    }
  });
}

/** Looks at a connection until it is closed. */
function watchSilence(connection: RTCPeerConnection, silent: () => void): void {
  const watch = new SilenceWatch(silent);
  const timer = setInterval(() => {
    if (connection.signalingState === "closed") return clearInterval(timer);
    const nowMs = performance.now();
    watch.look({ nowMs, heardMs: heardMs(connection, nowMs), isDue: isDue(connection) });
  }, LOOK_MS);
}

function isDue(connection: RTCPeerConnection): boolean {
  return connection.getTransceivers().some(({ receiver, currentDirection }) => {
    const receives = currentDirection === "sendrecv" || currentDirection === "recvonly";
    return receives && receiver.track.kind === "audio";
  });
}

function heardMs(connection: RTCPeerConnection, nowMs: number): number | undefined {
  const audio = connection.getReceivers().filter(({ track }) => track.kind === "audio");
  const times = audio.flatMap((one) => one.getSynchronizationSources()).map((one) => one.timestamp);
  if (times.length === 0) return undefined;
  const lastMs = Math.max(...times);
  // Counted from when the page began, or, in some browsers, from 1970.
  return lastMs > nowMs + 3_600_000 ? lastMs - performance.timeOrigin : lastMs;
}
