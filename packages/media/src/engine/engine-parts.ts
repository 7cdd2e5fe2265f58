/** What the worker's calls are made of. */
import { LinkTransport } from "./first/link-transport.ts";
import { UdpTransport } from "./first/udp-transport.ts";
import { VoiceEnd } from "./first/voice-end.ts";
import type { SideParts } from "./media-side.ts";

export const engineParts: Omit<SideParts, "ports"> = {
  rtp: (options) => new UdpTransport(options),
  webrtc: (options) => new LinkTransport(options),
  pathEnd: (options) => new VoiceEnd(options),
};
