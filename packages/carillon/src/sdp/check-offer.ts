/** Whether a received later offer goes on where the last exchange ended. RFC 3264 §8. */
import { bad, ok, type Result } from "../grammar/result.ts";
import type { Agreed } from "./agreed.ts";
import type { Description } from "./description.ts";

/**
 * Judges a peer's offer by what was agreed before; undefined before the first. RFC 3264 §8.
 * Errors: `bad-offer` (488).
 *
 * Not judged: the `o=` line, which servers that couple two calls change, and payload types that
 * mean something else than they did.
 */
export function checkOffer(offer: Description, before: Agreed | undefined): Result<Description> {
  //= RFC 3264 §8
  //# If an SDP is offered, which is different from the previous SDP, the new SDP MUST have a
  //# matching media stream for each media stream in the previous SDP. In other words, if the
  //# previous SDP had N "m=" lines, the new SDP MUST have at least N "m=" lines.
  const had = before?.remote.media.length ?? 0;
  if (offer.media.length >= had) return ok(offer);
  const counts = `${offer.media.length} media sections where there were ${had}`;
  return bad("bad-offer", counts, 0, "RFC 3264 §8", 488);
}
