/** Media for tests and simulations: descriptions that are real, and nothing that sounds. */
import type { MediaSession } from "../ua/media.ts";

/** A plain G.711 description at this address; agrees to everything. */
export function silentMedia(address = "192.0.2.1", port = 40_000): MediaSession {
  const description = [
    "v=0",
    `o=- 1 1 IN IP4 ${address}`,
    "s=-",
    `c=IN IP4 ${address}`,
    "t=0 0",
    `m=audio ${port} RTP/AVP 0 8`,
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:8 PCMA/8000",
    "",
  ].join("\r\n");
  return {
    offer: async () => description,
    answer: async () => description,
    accept: async () => {},
    close() {},
  };
}
