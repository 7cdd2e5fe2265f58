/** From what an engine is told to play to what is said. */
import { open, stat } from "node:fs/promises";
import type { Playable } from "carillon/b2bua";
import { openPlayer } from "../../file/open-player.ts";
import { MAX_CLIP_BYTES } from "./clip.ts";
import type { ClipShelf } from "./clip-shelf.ts";
import type { Utterance } from "./said.ts";
import { SpeakingClock } from "./speaking-clock.ts";
import * as say from "./utterances.ts";

/**
 * Begins at once, with silence as long as a file is not read yet. A file that cannot be played is
 * left out, and `onerror` is told of it in words.
 */
export function utteranceOf(
  what: Playable,
  shelf: ClipShelf,
  onerror: (words: string) => void = () => {},
): Utterance {
  const later = (coming: Promise<Utterance>): Utterance => {
    coming.catch((cause: unknown) => onerror(cause instanceof Error ? cause.message : `${cause}`));
    return say.laterUtterance(coming);
  };
  switch (what.kind) {
    case "Tone": {
      const { durationMs } = what;
      return say.toneUtterance(what.hz, durationMs === undefined ? {} : { lengthMs: durationMs });
    }
    case "Silence":
      return say.silenceUtterance(what.durationMs);
    case "Clock":
      return later(SpeakingClock.open(shelf));
    case "Files": {
      const { paths, repeat = 1, delayMs = 0, durationMs } = what;
      const files = paths.map((path) => () => later(fileUtterance(path, shelf)));
      const all = say.inTurn(files, { rounds: repeat, pauseMs: delayMs });
      return durationMs === undefined ? all : say.atMost(all, durationMs);
    }
  }
}

/** Short Opus is held in memory, for all calls; all else is read bit by bit. */
async function fileUtterance(path: string, shelf: ClipShelf): Promise<Utterance> {
  const { size } = await stat(path);
  if (size <= MAX_CLIP_BYTES && !(await isRiff(path))) return (await shelf.clip(path)).say();
  return say.playerUtterance(await openPlayer(path));
}

async function isRiff(path: string): Promise<boolean> {
  await using file = await open(path, "r");
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
  return buffer.toString("latin1") === "RIFF";
}
