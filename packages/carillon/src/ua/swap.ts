/** Two calls that take turns. */
import type { Call } from "./call.ts";
import type { MediaSession, Wanted } from "./media.ts";

/**
 * Puts one call on hold and goes on with another: with one that was held, or one that still waits,
 * which is answered. Rejects with a SipError; if the other cannot be had, the first one is taken
 * back.
 */
export async function swap<M extends MediaSession>(
  held: Call<M>,
  other: Call<M>,
  wanted?: Wanted,
): Promise<void> {
  await held.hold();
  try {
    if (other.state.name === "Incoming") await other.answer(wanted);
    else await other.resume();
  } catch (cause) {
    await held.resume().catch(() => {});
    throw cause;
  }
}
