/**
 * A voice over ICE and DTLS-SRTP: what the page of a browser speaks, or a phone that has both. For
 * `VoiceMedia` of `carillon/node`.
 */

import type { OpenVoiceWay, VoiceWay, VoiceWayUser } from "carillon/node";
import { describedCodecs, isRtcp } from "carillon/rtp";
import type { AgreedSlot } from "carillon/sdp";
import type { DtlsLinkOptions } from "./dtls-link.ts";
import { DtlsMedia } from "./dtls-media.ts";

export const dtlsWay = (options: DtlsLinkOptions = {}): VoiceWay => ({
  open: async (user) => openDtlsWay(options, user),
});

/** Nothing is said before the link is open: a file that is played is heard from its beginning. */
function openDtlsWay(options: DtlsLinkOptions, user: VoiceWayUser): OpenVoiceWay {
  let agreed: AgreedSlot | undefined;
  let isOpen = false;
  const media = new DtlsMedia(user.wanted, {
    ...options,
    codecs: describedCodecs(user.codecs),
    onagreed: (slot) => {
      agreed = slot;
      if (isOpen) user.agreed(slot);
    },
    onopen: () => {
      if (!isOpen) user.agreed(agreed);
      isOpen = true;
    },
    onpacket: (packet) => {
      if (isRtcp(packet)) user.control(packet);
      else user.packet(packet);
    },
  });
  media.onlost = (why) => user.lost(why);
  const send = (packet: Uint8Array) => {
    media.send(packet);
  };
  return { media, isEncrypted: true, send, sendControl: send, close: () => media.close() };
}
