/** Media for tests and simulations: descriptions that are real, and nothing that sounds. */
import type { MediaSession } from "../ua/media.ts";

/** A plain G.711 description at this address; agrees to everything, and can be held. */
export function silentMedia(address = "192.0.2.1", port = 40_000): MediaSession {
  let isHeld = false;
  let version = 1;
  const described = (direction: string) =>
    [
      "v=0",
      `o=- 1 ${version} IN IP4 ${address}`,
      "s=-",
      `c=IN IP4 ${address}`,
      "t=0 0",
      `m=audio ${port} RTP/AVP 0 8`,
      "a=rtpmap:0 PCMU/8000",
      "a=rtpmap:8 PCMA/8000",
      ...(direction === "sendrecv" ? [] : [`a=${direction}`]),
      "",
    ].join("\r\n");
  return {
    offer: async () => described(isHeld ? "sendonly" : "sendrecv"),
    answer: async (offer) => {
      const theyHold = /^a=(sendonly|inactive)\r?$/m.test(offer);
      if (theyHold) return described(isHeld ? "inactive" : "recvonly");
      return described(isHeld ? "sendonly" : "sendrecv");
    },
    accept: async () => {},
    preview: async () => {},
    want: async ({ held }) => {
      if (held !== isHeld) version++;
      isHeld = held;
    },
    withdraw: async () => {},
    close() {},
  };
}
