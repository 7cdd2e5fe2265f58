/** What the worker's calls are made of. */
import type { SideParts } from "./media-side.ts";
import { openPathEnd } from "./relay/path-end.ts";
import { openRtpTransport } from "./relay/rtp-transport.ts";
import { openWebrtcTransport } from "./webrtc/webrtc-transport.ts";

export const engineParts: Omit<SideParts, "ports"> = {
  rtp: openRtpTransport,
  webrtc: openWebrtcTransport,
  pathEnd: openPathEnd,
};
