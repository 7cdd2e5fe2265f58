/** What an agent can do with media, told to who asks: the answer to OPTIONS. RFC 3264 §9. */

import type { Description } from "./description.ts";
import type { Attribute, Line } from "./line.ts";
import type { LocalMedia } from "./local-media.ts";
import type { MediaSection } from "./media-section.ts";
import { offer } from "./offer.ts";

/** What says something of formats. Keys, candidates and names of sources are of a call. */
const CAPABILITIES: ReadonlySet<string> = new Set([
  ...["rtpmap", "fmtp", "rtcp-fb", "extmap", "ptime", "maxptime", "rtcp-mux"],
  ...["sctp-port", "max-message-size", "accept-types"],
]);

/**
 * The answer to OPTIONS: a description of all that `local` can do, which starts no media where it
 * is taken for an offer. Its session is another each time: `random` are 64 fresh bits, the upper
 * and the lower half. RFC 3264 §9. Throws a RangeError as `offer` does.
 */
export function capabilities(local: LocalMedia, random: readonly [number, number]): Description {
  //= RFC 3264 §9
  //# The session ID in the origin field MUST be unique for each SDP constructed to indicate media
  //# capabilities.
  const origin = { ...local.origin, sessionId: sessionIdOf(...random), sessionVersion: "1" };
  //= RFC 3264 §9
  //# For each media type supported by the agent, there MUST be a corresponding media description of
  //# that type.
  //= RFC 3264 §9
  //# It MUST be a valid SDP, except that it MAY omit both "e=" and "p=" lines. The "t=" line MUST
  //# be equal to "0 0".
  const streams = local.streams.map(({ slot: _, mid: __, ...stream }) => stream);
  const { description } = offer({ ...local, origin, streams, bundle: false });
  return { ...description, media: description.media.map(capabilityOf) };
}

//= RFC 3264 §9
//# The port MUST be set to zero, but the connection address is arbitrary.
//= RFC 3264 §9
//# In the case of RTP, if dynamic payload types are used, an rtpmap attribute MUST be present to
//# bind the type to a specific format.
const capabilityOf = (section: MediaSection): MediaSection => ({
  ...section,
  port: 0,
  lines: section.lines.filter(isCapability),
});

const isCapability = (line: Line): line is Attribute =>
  line.kind === "a" && (CAPABILITIES.has(line.name) || line.name.startsWith("T38"));

/**
 * A session's id for `o=`, out of 64 random bits, the highest of them made zero. RFC 8829 §5.2.1.
 */
export function sessionIdOf(upper: number, lower: number): string {
  return `${(BigInt(upper & 0x7fff_ffff) << 32n) | BigInt(lower >>> 0)}`;
}
