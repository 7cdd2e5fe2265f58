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

/** What this end can and wants to do with media, as `offer`, `reoffer` and `answer` take it. */
export interface LocalMedia {
  /** Who we are; its version is that of the first description. The same all through a dialog. */
  readonly origin: Omit<Origin, "kind">;
  /** Where media comes to, unless a stream says otherwise. */
  readonly address: LocalAddress;
  /** In the order in which new ones are offered; each with its `slot` once it has one. */
  readonly streams: readonly LocalStream[];
  /** Offers and accepts BUNDLE. RFC 8843 */
  readonly bundle?: boolean;
  /**
   * What the port of a bundled section is that is not the tagged one: zero with `a=bundle-only`
   * (RFC 8843), or the tagged one's port and `a=rtcp-mux` (what browsers do; RFC 8829 §5.8).
   */
  readonly bundledPort?: "zero" | "shared";
  /** Says that we answer checks and make none. RFC 8445 §2.5. */
  readonly iceLite?: boolean;
  /** The payload types of this session so far: as the last offer or answer gave them back. */
  readonly known?: KnownCodecs;
  /** Further lines of the session. */
  readonly attributes?: readonly Attribute[];
}

/** An IP address of ours, of one host. */
export interface LocalAddress {
  /** The family of `address`. */
  readonly addressType: "IP4" | "IP6";
  /** In dotted decimal, or IPv6 without brackets; no multicast address. */
  readonly address: string;
}

/** One stream that we want, such as the sound of a call. */
export interface LocalStream {
  /** The media section it belongs to, once that is settled: the index from 0. */
  readonly slot?: number;
  /** audio, video, text, application, message, image. */
  readonly media: string;
  /** What it can be carried over, best first: `RTP/AVP`, `UDP/TLS/RTP/SAVPF`. */
  readonly protos: readonly string[];
  /**
   * Where it is received: 1 to 65535; 9 where ICE will tell. RTCP comes one port up, unless it is
   * told otherwise.
   */
  readonly port: number;
  /** Where it is not that of the session. */
  readonly address?: LocalAddress;
  /** Best first; for RTP. */
  readonly codecs?: readonly LocalCodec[];
  /** Where it is no RTP: `t38`, `webrtc-datachannel`, `*`. */
  readonly formats?: readonly string[];
  /** What we want now; sendrecv if it is not told. */
  readonly direction?: Direction;
  /** Its identification tag; with BUNDLE one is made up where none is told. RFC 5888 §4. */
  readonly mid?: string;
  /** What we are ready to receive. RFC 8866 §5.8. */
  readonly bandwidths?: readonly Bandwidth[];
  /** What we would like packets to hold, in milliseconds of media; for RTP. */
  readonly ptimeMs?: number;
  /** The most that packets may hold, in milliseconds of media; for RTP. */
  readonly maxptimeMs?: number;
  /** Offers and accepts RTCP on the port of RTP. RFC 5761 §5.1.1. */
  readonly rtcpMux?: boolean;
  /** Has no second port for RTCP at all: whoever cannot do with one is refused. RFC 8858 §4. */
  readonly rtcpMuxOnly?: boolean;
  /** Offers and accepts reduced-size RTCP. RFC 5506 §5. */
  readonly rtcpRsize?: boolean;
  /** Where it is not the port after `port`. */
  readonly rtcpPort?: number;
  /** Without it the stream does without ICE. */
  readonly ice?: LocalIce;
  /** Needed for the protocols with TLS or DTLS in their name. */
  readonly dtls?: LocalDtls;
  /** SDES: all that we could use, best first. RFC 4568 */
  readonly crypto?: readonly CryptoAttribute[];
  /** RTP header extensions that we know. RFC 8285 §5. */
  readonly headerExtensions?: readonly LocalHeaderExtension[];
  /** Offers and accepts one- and two-byte headers in one stream. RFC 8285 §6. */
  readonly extmapAllowMixed?: boolean;
  /** Which MediaStreams and tracks this is, as browsers want to know. RFC 8830 §2. */
  readonly msids?: readonly Msid[];
  /** What is known of the sources that we send. RFC 5576 §4.1. */
  readonly ssrcs?: readonly Ssrc[];
  /** Takes several encodings of one source. RFC 8853 */
  readonly receivesSimulcast?: boolean;
  /**
   * Of data channels: the port within DTLS, and the largest message we take, in octets. RFC 8841.
   */
  readonly sctp?: { readonly port: number; readonly maxMessageBytes?: number };
  /** Further lines as they are: `a=label`, `a=path`, T.38's. */
  readonly attributes?: readonly Attribute[];
}

/** A codec that we have: `{ encoding: "opus", clockRateHz: 48000, channels: 2 }`. */
export interface LocalCodec {
  /** As it is to be written; compared without regard for case. */
  readonly encoding: string;
  /** Of the RTP timestamps; for G.722 it is 8000, though the sound has 16000. */
  readonly clockRateHz: number;
  /** One if it is not told. */
  readonly channels?: number;
  /** In our offers; an answer takes the offerer's. */
  readonly payloadType?: number;
  /** The text of `a=fmtp`. Payload types in it (`apt=96`) are our own. */
  readonly params?: string;
  /** `nack pli`, `ccm fir`, … RFC 4585 */
  readonly feedback?: readonly string[];
}

/** What the other end has to know to make connectivity checks. RFC 8839 §5. */
export interface LocalIce extends IceCredentials {
  /** `trickle`, `ice2` and others. RFC 8839 §5.6. */
  readonly options?: readonly string[];
  /** All that are known so far; with `trickle` more may come. */
  readonly candidates: readonly Candidate[];
  /** No more will come. */
  readonly isComplete?: boolean;
  /** An answer of ours takes no media where the offer has no ICE. */
  readonly isRequired?: boolean;
}

/** What the other end has to know for the DTLS handshake. RFC 8842 §5. */
export interface LocalDtls {
  /** Of our certificate, by one hash or several. RFC 8122 §5. */
  readonly fingerprints: readonly Fingerprint[];
  /** A new one asks for a new association; told only to those who tell theirs. RFC 8842 §4. */
  readonly tlsId?: string;
  /** Which role we take where we may choose: active if it is not told. */
  readonly role?: "active" | "passive";
  /**
   * What our offers say instead of `actpass`, which RFC 8842 §5.2 demands of offerers: answerers
   * have to take the others as well (§5.3). For those who are slow as clients.
   */
  readonly offeredRole?: "active";
}

/** An RTP header extension that we know. RFC 8285 §5. */
export interface LocalHeaderExtension {
  /** What it is, such as `urn:ietf:params:rtp-hdrext:sdes:mid`. */
  readonly uri: string;
  /** In our offers; an answer takes the offerer's. */
  readonly id: number;
  /** Which way we use it; sendrecv if it is not told. */
  readonly direction?: Direction;
}

export const wantedDirection = ({ direction }: LocalStream): Direction => direction ?? "sendrecv";

/**
 * The same media with these streams (or all) on hold: we send, if we did, and do not receive.
 * RFC 3264 §8.4
 */
export function held(local: LocalMedia, which: (s: LocalStream) => boolean = all): LocalMedia {
  const hold = (stream: LocalStream): LocalStream =>
    which(stream) ? { ...stream, direction: heldDirection(wantedDirection(stream)) } : stream;
  return { ...local, streams: local.streams.map(hold) };
}

const all = (): boolean => true;
