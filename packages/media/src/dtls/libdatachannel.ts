/**
 * The native part: loaded when the first link is made, and let go of after the last, since it
 * keeps the process alive until then.
 */
import type * as Library from "node-datachannel";

export type { PeerConnection, RtcConfig, Track } from "node-datachannel";
export type LibDatachannel = typeof Library;

/** Rejects in words where there is no binary for this machine. */
export async function takeLibrary(): Promise<LibDatachannel> {
  users++;
  try {
    library ??= await import("node-datachannel");
    return library;
  } catch (cause) {
    users--;
    const machine = `${process.platform}-${process.arch}`;
    throw new Error(`${WITHOUT} (it has no binary for ${machine}, or was left out)`, { cause });
  }
}

/** Once for each `takeLibrary`, after what was made with it is closed. */
export function releaseLibrary(): void {
  users--;
  // Who closes one link and opens the next at once need not wait for its threads.
  setImmediate(() => {
    if (users === 0) library?.cleanup();
  });
}

let library: LibDatachannel | undefined;
let users = 0;

const WITHOUT =
  "encrypted media with ICE need the package node-datachannel, which cannot be loaded";
