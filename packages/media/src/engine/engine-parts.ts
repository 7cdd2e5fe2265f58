/** What the worker's calls are made of. */
import { UdpTransport } from "./first/udp-transport.ts";
import { VoiceEnd } from "./first/voice-end.ts";
import type { SideParts } from "./media-side.ts";
import { openWebrtcTransport } from "./webrtc/webrtc-transport.ts";

export const engineParts: Omit<SideParts, "ports"> = {
  rtp: (options) => new UdpTransport(options),
  webrtc: openWebrtcTransport,
  pathEnd: (options) => new VoiceEnd(options),
};
