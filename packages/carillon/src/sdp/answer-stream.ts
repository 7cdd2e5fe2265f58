/** Whether one of our streams fits an offered media section, and what the two make together. */
import { sameIgnoringCase } from "../grammar/chars.ts";
import { answeredCodecs } from "./answer-codecs.ts";
import { hasAttribute, readAttribute, readAttributes } from "./attribute/attribute-type.ts";
import { type CryptoAttribute, crypto, isKeyOfSuite, parseSrtpKey } from "./attribute/crypto.ts";
import { answeredDirection, directionOf, receives, reversed } from "./attribute/direction.ts";
import { type Extmap, extmap, extmapAllowMixed } from "./attribute/extmap.ts";
import { type Rid, rid } from "./attribute/rid.ts";
import { rtcpRsize } from "./attribute/rtcp.ts";
import { sctpPort } from "./attribute/sctp.ts";
import { answeredSetup, type Setup } from "./attribute/setup.ts";
import { type Simulcast, simulcast } from "./attribute/simulcast.ts";
import type { PlannedCodec, StreamPlan } from "./describe-stream.ts";
import { isIceMismatch } from "./ice-mismatch.ts";
import { type LocalStream, wantedDirection } from "./local-media.ts";
import { isRtp, isSdes, isTls, type MediaSection } from "./media-section.ts";
import {
  type Grouped,
  isDisabled,
  isMulticast,
  midOf,
  type PeerTransport,
  peerTransport,
} from "./offered-media.ts";

/** Why an offered section is not taken: its port in the answer is zero. RFC 3264 §6. */
export type Refusal =
  /** The offer itself has port zero. */
  | "disabled"
  /** We want no such media now. */
  | "unwanted"
  | "multicast"
  | "proto"
  | "formats"
  /** No certificate, or no key we could use. */
  | "keys"
  /** No ICE, where we do not do without. */
  | "ice"
  /** No rtcp-mux, or none of ours, where one end does not do without. */
  | "rtcp-mux"
  | "sctp"
  /** Its BUNDLE group did not come about. */
  | "bundle";

export type Fit =
  | { readonly kind: "Taken"; readonly plan: StreamPlan }
  | { readonly kind: "Refused"; readonly refusal: Refusal };

const refused = (refusal: Refusal): Fit => ({ kind: "Refused", refusal });

/** `role` is the DTLS role we have had so far, which a new offer does not change. */
export function fitStream(
  offer: Grouped,
  section: MediaSection,
  stream: LocalStream,
  role: "active" | "passive" | undefined,
): Fit {
  //= RFC 3264 §8.2
  //# A stream that is offered with a port of zero MUST be marked with port zero in the answer.
  //= RFC 3264 §5.1
  //# A port number of zero in the offer indicates that the stream is offered but MUST NOT be used.
  if (isDisabled(section)) return refused("disabled");
  if (!sameIgnoringCase(section.media, stream.media)) return refused("unwanted");
  if (isMulticast(offer.description, section)) return refused("multicast");
  const { proto } = section;
  if (!stream.protos.some((own) => sameIgnoringCase(own, proto))) return refused("proto");
  const peer = peerTransport(offer, section);
  const codecs = answeredCodecs(section, stream.codecs ?? []);
  //= RFC 3264 §6.1
  //# If the answerer has no media formats in common for a particular offered stream, the answerer
  //# MUST reject that media stream by setting the port to zero.
  if (isRtp(proto) ? codecs.length === 0 : !hasCommonFormat(section, stream)) {
    return refused("formats");
  }
  if (isTls(proto) && (!stream.dtls || peer.fingerprints.length === 0)) return refused("keys");
  const key = isSdes(proto) ? answeredCrypto(section, stream) : undefined;
  if (isSdes(proto) && !key) return refused("keys");
  if (stream.ice?.isRequired && !peer.ice) return refused("ice");
  if (isRtp(proto) && isMuxRefused(stream, peer)) return refused("rtcp-mux");
  //= RFC 8841 §5.1
  //# No default value is defined for the SDP "sctp-port" attribute. Therefore, if the attribute is
  //# not present, the associated "m=" line MUST be considered invalid.
  if (isSctp(proto) && readAttribute(section.lines, sctpPort) === undefined) return refused("sctp");
  return { kind: "Taken", plan: planOf(offer, section, stream, { peer, codecs, key, role }) };
}

interface Settled {
  readonly peer: PeerTransport;
  readonly codecs: readonly PlannedCodec[];
  readonly key: CryptoAttribute | undefined;
  readonly role: "active" | "passive" | undefined;
}

function planOf(
  offer: Grouped,
  section: MediaSection,
  stream: LocalStream,
  { peer, codecs, key, role }: Settled,
): StreamPlan {
  const { session } = offer.description;
  const { lines, proto, media } = section;
  const direction = answeredDirection(directionOf(lines, session), wantedDirection(stream));
  const layers = receives(direction) ? answeredSimulcast(section, stream) : undefined;
  return {
    stream,
    media,
    proto,
    codecs,
    direction,
    mid: midOf(section),
    extmaps: answeredExtmaps(offer, section, stream),
    extmapAllowMixed:
      stream.extmapAllowMixed === true &&
      (hasAttribute(lines, extmapAllowMixed.name) || hasAttribute(session, extmapAllowMixed.name)),
    crypto: key ? [key] : [],
    rids: layers?.rids ?? [],
    simulcast: layers?.simulcast,
    rtcpMux: stream.rtcpMux === true && peer.rtcpMux,
    //= RFC 8858 §4.3
    //# The answerer MUST NOT associate an SDP 'rtcp-mux-only' attribute with an SDP media
    //# description ("m=" line) in the answer.
    rtcpMuxOnly: false,
    rtcpRsize: stream.rtcpRsize === true && hasAttribute(lines, rtcpRsize.name),
    setup: isTls(proto) ? answeredRole(peer.setup, stream, role) : undefined,
    //= RFC 8842 §5.3
    //# If the answerer receives an offer that does not contain an SDP "tls-id" attribute, the
    //# answerer MUST NOT insert a "tls-id" attribute in the answer.
    withTlsId: peer.tlsId !== undefined,
    ice:
      !stream.ice || !peer.ice ? "none" : isIceMismatch(offer, section, peer) ? "mismatch" : "use",
  };
}

const isSctp = (proto: string): boolean => proto.toUpperCase().split("/").includes("SCTP");

/** A `*` of either end takes what there is. */
function hasCommonFormat(section: MediaSection, { formats = [] }: LocalStream): boolean {
  if (section.formats.includes("*") || formats.includes("*")) return true;
  return section.formats.some((format) => formats.some((own) => sameIgnoringCase(own, format)));
}

interface Mux {
  readonly rtcpMux: boolean;
  readonly rtcpMuxOnly: boolean;
}

//= RFC 8858 §4.3
//# If the answerer does not accept the usage of RTP/RTCP multiplexing, it MUST either reject the
//# SDP media description ("m=") by setting the port value to zero in the associated answer, or
//# reject the whole offer, following the procedures in [RFC3264].
function isMuxRefused(stream: LocalStream, peer: Mux): boolean {
  const isMuxed = stream.rtcpMux === true && peer.rtcpMux;
  return !isMuxed && (peer.rtcpMuxOnly || stream.rtcpMuxOnly === true);
}

//= RFC 8842 §5.3
//# In addition, the answerer MUST insert an SDP "setup" attribute with an attribute value that does
//# not change the previously negotiated DTLS roles
function answeredRole(
  offered: Setup | undefined,
  stream: LocalStream,
  role: "active" | "passive" | undefined,
): Setup {
  return answeredSetup(offered, role ?? stream.dtls?.role ?? "active");
}

//= RFC 4568 §5.1.2
//# When the answerer receives the initial offer with one or more crypto attributes for a given
//# unicast media stream, the answerer MUST either accept exactly one of the offered crypto
//# attributes, or the offered stream MUST be rejected.
function answeredCrypto(section: MediaSection, stream: LocalStream): CryptoAttribute | undefined {
  for (const offered of readAttributes(section.lines, crypto)) {
    const own = stream.crypto?.find(({ suite }) => suite === offered.suite);
    const isPlain = offered.sessionParams.every((param) => param.startsWith("-"));
    if (own && isPlain && hasUsableKey(offered)) {
      return { ...own, tag: offered.tag, sessionParams: [] };
    }
  }
  return undefined;
}

//= RFC 4568 §6.1
//# If the length (after being decoded from base64) does not match that specified for the
//# crypto-suite, the crypto attribute in question MUST be considered invalid.
/** One key, in the line itself, and without an identifier that would stand in every packet. */
function hasUsableKey({ suite, keys }: CryptoAttribute): boolean {
  const [first, ...more] = keys;
  const key = first?.method === "inline" ? parseSrtpKey(first.info) : undefined;
  return more.length === 0 && key !== undefined && !key.mki && isKeyOfSuite(suite, key);
}

/** Those that both have, under the offer's numbers. RFC 8285 §6 */
function answeredExtmaps(
  offer: Grouped,
  section: MediaSection,
  stream: LocalStream,
): readonly Extmap[] {
  const ours = new Map((stream.headerExtensions ?? []).map((each) => [each.uri, each]));
  const own = readAttributes(section.lines, extmap);
  const offered = own.length > 0 ? own : readAttributes(offer.description.session, extmap);
  const used = new Set<number>();
  return offered.flatMap((each) => {
    const isNew = !used.has(each.id) && each.id <= 255;
    if (!ours.has(each.uri) || !isNew) return [];
    used.add(each.id);
    ours.delete(each.uri);
    return [{ ...each, direction: each.direction && reversed(each.direction) }];
  });
}

/** Takes every layer that is offered to be sent. RFC 8853 §5.3.2 */
function answeredSimulcast(
  section: MediaSection,
  stream: LocalStream,
): { readonly rids: readonly Rid[]; readonly simulcast: Simulcast } | undefined {
  const offered = readAttribute(section.lines, simulcast);
  if (!stream.receivesSimulcast || !offered || offered.send.length === 0) return undefined;
  const sent = readAttributes(section.lines, rid).filter(({ direction }) => direction === "send");
  const known = new Map(sent.map((each) => [each.id, each]));
  //= RFC 8853 §5.2
  //# Simulcast streams using undefined rid-ids MUST NOT be used as valid simulcast streams by an
  //# RTP stream receiver.
  const recv = offered.send
    .map((alternatives) => alternatives.filter((each) => known.has(each.rid)))
    .filter((alternatives) => alternatives.length > 0);
  if (recv.length === 0) return undefined;
  const rids = recv.flat().flatMap((each): readonly Rid[] => {
    const own = known.get(each.rid);
    return own ? [{ ...own, direction: "recv" }] : [];
  });
  return { rids, simulcast: { send: [], recv } };
}
