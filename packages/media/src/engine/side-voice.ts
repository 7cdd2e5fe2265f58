/** What a side is played, instead of who it talks to. */
import type { Playable } from "carillon/b2bua";
import type { ClipShelf } from "./local/clip-shelf.ts";
import { Echo } from "./local/echo.ts";
import { localSound } from "./local/local-sound.ts";
import type { PathEnd } from "./transport.ts";

/** Whose sound is replaced, and what is needed for it. */
export interface SideVoice {
  readonly end: PathEnd | undefined;
  /** Of the samples that its codec takes. */
  readonly sampleRate: number;
  readonly shelf: ClipShelf;
  /** A file cannot be played, in words. */
  readonly onerror: (words: string) => void;
}

/** `onplayed` once it is over, and not because it was stopped. */
export function playTo(voice: SideVoice, what: Playable, onplayed: () => void): void {
  const { end, ...how } = voice;
  end?.play(localSound(what, how), onplayed);
}

/** The side hears itself. A recording of it is deaf for as long as that lasts. */
export function echoTo({ end, sampleRate }: SideVoice, delayMs: number): void {
  const echo = new Echo(delayMs, sampleRate);
  end?.tap(echo);
  end?.play(echo);
}
