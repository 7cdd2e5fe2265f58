/**
 * A voice over ICE and DTLS-SRTP: what the page of a browser speaks, or a phone that has both. For
 * `VoiceMedia` of `carillon/node`.
 */

import type { OpenVoiceWay, VoiceWay, VoiceWayUser } from "carillon/node";
import { describedCodecs, isRtcp } from "carillon/rtp";
import type { DtlsLinkOptions } from "./dtls-link.ts";
import { DtlsMedia } from "./dtls-media.ts";

/** Sound by ICE and DTLS-SRTP, for `way` of `VoiceMedia`. RFC 8445, RFC 5764 */
export const dtlsWay = (options: DtlsLinkOptions = {}): VoiceWay => ({
  open: async (user) => openDtlsWay(options, user),
});

function openDtlsWay(options: DtlsLinkOptions, user: VoiceWayUser): OpenVoiceWay {
  let isOpen = false;
  const media = new DtlsMedia(user.wanted, {
    ...options,
    codecs: describedCodecs(user.codecs),
    onagreed: (slot) => user.agreed(slot),
    onopen: () => {
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
  return {
    ...{ media, isEncrypted: true, send, sendControl: send, close: () => media.close() },
    get isOpen() {
      return isOpen;
    },
  };
}
