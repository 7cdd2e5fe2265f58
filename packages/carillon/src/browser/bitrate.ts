/** Bandwidth: what this side sends at most. What the other side asks for (b=) browsers obey. */
import { KINDS } from "./inputs.ts";
import type { WebMedia } from "./web-media.ts";

/** What is sent at most. */
export interface BitrateLimits {
  /** Bits per second at most; undefined takes the limit away, leaving it out leaves it as it is. */
  readonly audio?: number | undefined;
  /** As `audio`. */
  readonly video?: number | undefined;
}

/** Takes effect at once and without a negotiation. Throws a RangeError on what is no rate. */
export async function limitBitrate(media: WebMedia, limits: BitrateLimits): Promise<void> {
  for (const kind of KINDS) {
    const most = limits[kind];
    if (most !== undefined && !(most > 0)) throw new RangeError(`${kind}: ${most} bits per second`);
    const sender = media.peerConnection.getSenders().find((one) => one.track?.kind === kind);
    if (!(kind in limits) || !sender) continue;
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) {
      if (most === undefined) delete encoding.maxBitrate;
      else encoding.maxBitrate = Math.floor(most);
    }
    await sender.setParameters(parameters);
  }
}
