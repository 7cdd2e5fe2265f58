/**
 * The native part: loaded when the first link is made. Its threads stay until the process ends,
 * and end before it does, since it aborts where they are still at work then.
 */
import type * as Library from "node-datachannel";
import type { Track } from "node-datachannel";

export type { PeerConnection, Track } from "node-datachannel";
export type LibDatachannel = typeof Library;

/** Rejects in words where there is no binary for this machine. */
export async function takeLibrary(): Promise<LibDatachannel> {
  try {
    loading ??= load();
    return await loading;
  } catch (cause) {
    const machine = `${process.platform}-${process.arch}`;
    throw new Error(`${WITHOUT} (it has no binary for ${machine}, or was left out)`, { cause });
  }
}

/**
 * Keeps a track until it is closed. One that is collected before that leaves a pointer behind that
 * the library follows when it ends; and without this callback it keeps the process from ending.
 */
export function keepUntilClosed(track: Track): void {
  tracks.add(track);
  // The library lets go of it right after this.
  track.onClosed(() => setImmediate(() => tracks.delete(track)));
}

const tracks = new Set<Track>();
let loading: Promise<LibDatachannel> | undefined;

async function load(): Promise<LibDatachannel> {
  const library = await import("node-datachannel");
  library.preload();
  process.on("exit", () => library.cleanup());
  return library;
}

const WITHOUT =
  "encrypted media with ICE need the package node-datachannel, which cannot be loaded";
