/** What a program knows of people's calls: a port. RFC 4235. */
import type { DialogState } from "../documents/dialog-info.ts";

/** The calls of those who live here. */
export interface KnownCalls {
  /**
   * Those of this account that are being made or going on, seen from its side; ids stay the same
   * as long as a call lasts. What is no longer among them is over. Quick, and may not throw.
   */
  of(account: string): readonly DialogState[];
}

/** Nobody calls anybody. */
export const NO_CALLS: KnownCalls = { of: () => [] };
