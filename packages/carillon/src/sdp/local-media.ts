/**
 * What this end can and wants to do with media: the one input of its offers and answers. It says
 * what is wanted now, not what was negotiated; holding a call is another `direction` here, adding
 * media another stream, removing it one less (RFC 6337 §5.1).
 */
import type { Candidate } from "./attribute/candidate.ts";
import type { CryptoAttribute } from "./attribute/crypto.ts";
import { type Direction, heldDirection } from "./attribute/direction.ts";
import type { Fingerprint } from "./attribute/fingerprint.ts";
import type { IceCredentials } from "./attribute/ice.ts";
import type { Msid } from "./attribute/msid.ts";
import type { Ssrc } from "./attribute/ssrc.ts";
import type { KnownCodecs } from "./known-codecs.ts";
import type { Attribute, Bandwidth, Origin } from "./line.ts";

export interface LocalMedia {
  /** Who we are; its version is that of the first description. The same all through a dialog. */
  readonly origin: Omit<Origin, "kind">;
  /** Where media comes to, unless a stream says otherwise. */
  readonly address: LocalAddress;
  readonly streams: readonly LocalStream[];
  /** Offers and accepts BUNDLE. RFC 8843 */
  readonly bundle?: boolean;
  /**
   * What the port of a bundled section is that is not the tagged one: zero with `a=bundle-only`
   * (RFC 8843), or the tagged one's port (what browsers do).
   */
  readonly bundledPort?: "zero" | "shared";
  readonly iceLite?: boolean;
  /** The payload types of this session so far: as the last offer or answer gave them back. */
  readonly known?: KnownCodecs;
  /** Further lines of the session. */
  readonly attributes?: readonly Attribute[];
}

export interface LocalAddress {
  readonly addressType: "IP4" | "IP6";
  readonly address: string;
}

export interface LocalStream {
  /** The media section it belongs to, once that is settled: the index from 0. */
  readonly slot?: number;
  /** audio, video, text, application, message, image. */
  readonly media: string;
  /** What it can be carried over, best first: `RTP/AVP`, `UDP/TLS/RTP/SAVPF`. */
  readonly protos: readonly string[];
  readonly port: number;
  readonly address?: LocalAddress;
  /** Best first; for RTP. */
  readonly codecs?: readonly LocalCodec[];
  /** Where it is no RTP: `t38`, `webrtc-datachannel`, `*`. */
  readonly formats?: readonly string[];
  /** What we want now; sendrecv if it is not told. */
  readonly direction?: Direction;
  readonly mid?: string;
  readonly bandwidths?: readonly Bandwidth[];
  readonly ptimeMs?: number;
  readonly maxptimeMs?: number;
  readonly rtcpMux?: boolean;
  /** Does without a second port for RTCP at no cost: refuses who cannot. RFC 8858 */
  readonly rtcpMuxOnly?: boolean;
  readonly rtcpRsize?: boolean;
  /** Where it is not the port after `port`. */
  readonly rtcpPort?: number;
  readonly ice?: LocalIce;
  readonly dtls?: LocalDtls;
  /** SDES: all that we could use, best first. RFC 4568 */
  readonly crypto?: readonly CryptoAttribute[];
  readonly headerExtensions?: readonly LocalHeaderExtension[];
  readonly extmapAllowMixed?: boolean;
  readonly msids?: readonly Msid[];
  readonly ssrcs?: readonly Ssrc[];
  /** Takes several encodings of one source. RFC 8853 */
  readonly receivesSimulcast?: boolean;
  readonly sctp?: { readonly port: number; readonly maxMessageBytes?: number };
  /** Further lines as they are: `a=label`, `a=path`, T.38's. */
  readonly attributes?: readonly Attribute[];
}

export interface LocalCodec {
  readonly encoding: string;
  readonly clockRateHz: number;
  readonly channels?: number;
  /** In our offers; an answer takes the offerer's. */
  readonly payloadType?: number;
  /** The text of `a=fmtp`. Payload types in it (`apt=96`) are our own. */
  readonly params?: string;
  /** `nack pli`, `ccm fir`, … RFC 4585 */
  readonly feedback?: readonly string[];
}

export interface LocalIce extends IceCredentials {
  readonly options?: readonly string[];
  readonly candidates: readonly Candidate[];
  /** No more will come. */
  readonly isComplete?: boolean;
  /** Does without media where the other end has no ICE. */
  readonly isRequired?: boolean;
}

export interface LocalDtls {
  readonly fingerprints: readonly Fingerprint[];
  readonly tlsId?: string;
  /** Which role we take where we may choose: active if it is not told. */
  readonly role?: "active" | "passive";
}

export interface LocalHeaderExtension {
  readonly uri: string;
  /** In our offers; an answer takes the offerer's. */
  readonly id: number;
  readonly direction?: Direction;
}

export const wantedDirection = ({ direction }: LocalStream): Direction => direction ?? "sendrecv";

/** The same media with these streams (or all) on hold. RFC 3264 §8.4 */
export function held(local: LocalMedia, which: (s: LocalStream) => boolean = all): LocalMedia {
  const hold = (stream: LocalStream): LocalStream =>
    which(stream) ? { ...stream, direction: heldDirection(wantedDirection(stream)) } : stream;
  return { ...local, streams: local.streams.map(hold) };
}

const all = (): boolean => true;
