/** What a voice says of itself in descriptions. */
import { describedCodecs } from "../rtp/agreement.ts";
import type { Codec } from "../rtp/codec.ts";
import { ownCrypto } from "../rtp/sdes.ts";
import { sessionIdOf } from "../sdp/capabilities.ts";
import type { LocalMedia } from "../sdp/local-media.ts";
import { isIpv6 } from "../uri/host.ts";
import { nodeCrypto } from "./node-crypto.ts";

/**
 * Whether keys go into descriptions (RFC 4568): none; offered, and taken as it is offered to us;
 * or nothing without them.
 */
export type SrtpPolicy = "off" | "offer" | "require";

export interface DescribedVoice {
  readonly address: string;
  readonly port: number;
  readonly codecs: readonly Codec[];
  readonly srtp: SrtpPolicy;
}

const PLAIN = ["RTP/AVP", "RTP/AVPF"];
const ENCRYPTED = ["RTP/SAVP", "RTP/SAVPF"];
const PROTOS: Readonly<Record<SrtpPolicy, readonly string[]>> = {
  off: PLAIN,
  offer: [...ENCRYPTED, ...PLAIN],
  require: ENCRYPTED,
};

export function describeVoice({ address, port, codecs, srtp }: DescribedVoice): LocalMedia {
  const { randomBytes } = nodeCrypto();
  const addressType = isIpv6(address) ? "IP6" : "IP4";
  const id = Buffer.from(randomBytes(8));
  return {
    origin: {
      ...{ username: "-", sessionVersion: "1", netType: "IN", addressType, address },
      sessionId: sessionIdOf(id.readUInt32BE(), id.readUInt32BE(4)),
    },
    address: { addressType, address },
    streams: [
      {
        ...{ media: "audio", protos: PROTOS[srtp], port, rtcpMux: true, ptimeMs: 20 },
        codecs: describedCodecs(codecs),
        ...(srtp !== "off" && { crypto: ownCrypto(randomBytes) }),
      },
    ],
  };
}
