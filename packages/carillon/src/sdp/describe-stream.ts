/** A media section of our own, for an offer or an answer alike. */
import { attributeLine, flagLine } from "./attribute/attribute-type.ts";
import { candidate, endOfCandidates } from "./attribute/candidate.ts";
import { type CryptoAttribute, crypto } from "./attribute/crypto.ts";
import { type Direction, directionLine } from "./attribute/direction.ts";
import { type Extmap, extmap, extmapAllowMixed } from "./attribute/extmap.ts";
import { fingerprint } from "./attribute/fingerprint.ts";
import { fmtp } from "./attribute/fmtp.ts";
import { bundleOnly, mid } from "./attribute/group.ts";
import { iceMismatch, iceOptions, icePwd, iceUfrag } from "./attribute/ice.ts";
import { msid } from "./attribute/msid.ts";
import { maxptime, ptime } from "./attribute/ptime.ts";
import { type Rid, rid } from "./attribute/rid.ts";
import { rtcp, rtcpMux, rtcpMuxOnly, rtcpRsize } from "./attribute/rtcp.ts";
import { rtcpFb } from "./attribute/rtcp-fb.ts";
import { rtpmap } from "./attribute/rtpmap.ts";
import { maxMessageSize, sctpPort } from "./attribute/sctp.ts";
import { type Setup, setup } from "./attribute/setup.ts";
import { type Simulcast, simulcast } from "./attribute/simulcast.ts";
import { ssrc } from "./attribute/ssrc.ts";
import { tlsId } from "./attribute/tls-id.ts";
import type { Codec } from "./codec.ts";
import { MAX_PORT } from "./limits.ts";
import type { Attribute, Line } from "./line.ts";
import type { LocalAddress, LocalStream } from "./local-media.ts";
import { isRtp, isTls, type MediaSection } from "./media-section.ts";
import { isMulticastAddress } from "./read-line.ts";

/** What was settled of a stream that is described. */
export interface StreamPlan {
  readonly stream: LocalStream;
  readonly media: string;
  readonly proto: string;
  /** With the payload types of this description. */
  readonly codecs: readonly PlannedCodec[];
  readonly direction: Direction;
  readonly mid: string | undefined;
  readonly extmaps: readonly Extmap[];
  readonly extmapAllowMixed: boolean;
  readonly crypto: readonly CryptoAttribute[];
  readonly rids: readonly Rid[];
  readonly simulcast: Simulcast | undefined;
  readonly rtcpMux: boolean;
  /** In an offer. */
  readonly rtcpMuxOnly: boolean;
  readonly rtcpRsize: boolean;
  /** Undefined: no DTLS. */
  readonly setup: Setup | undefined;
  readonly withTlsId: boolean;
  /** `mismatch`: we have it, and may not use it here. */
  readonly ice: "none" | "use" | "mismatch";
}

/** A codec as it stands in a description of ours. */
export interface PlannedCodec extends Codec {
  /** `nack pli`, `ccm fir`, …: what `a=rtcp-fb` says of it. RFC 4585 §4.2. */
  readonly feedback: readonly string[];
}

/** How a section stands to its BUNDLE group. */
export type Bundled =
  /** It carries its own transport. */
  | { readonly kind: "Own" }
  /** It uses that of the tagged section; its port is zero, or the tagged one's. */
  | { readonly kind: "Member"; readonly port: number };

export const OWN: Bundled = { kind: "Own" };

/**
 * The plan of a tagged section that stands for its whole group: RTP's attributes of the transport
 * are in it even where it is no RTP itself. RFC 8843 §7.1.3
 */
export const carrier = (
  tagged: StreamPlan,
  members: readonly (StreamPlan | undefined)[],
): StreamPlan => ({
  ...tagged,
  rtcpMux: members.some((plan) => plan?.rtcpMux),
  rtcpMuxOnly: members.some((plan) => plan?.rtcpMuxOnly),
  rtcpRsize: members.some((plan) => plan?.rtcpRsize),
});

/** Throws a RangeError for a stream whose port is none. */
export function describeStream(plan: StreamPlan, bundled: Bundled = OWN): MediaSection {
  const { stream, media, proto } = plan;
  const formats = isRtp(proto)
    ? plan.codecs.map(({ payloadType }) => `${payloadType}`)
    : (stream.formats ?? []);
  const isMember = bundled.kind === "Member";
  const lines: Line[] = [
    ...(stream.address ? [connectionLine(stream.address)] : []),
    ...(stream.bandwidths ?? []),
    ...(plan.mid === undefined ? [] : [attributeLine(mid, plan.mid)]),
    ...(isMember && bundled.port === 0 ? [flagLine(bundleOnly)] : []),
    //= RFC 3264 §5.1
    //# If the offerer wishes to only send media on a stream to its peer, it MUST mark the stream as
    //# sendonly with the "a=sendonly" attribute.
    //= RFC 3264 §5.1
    //# If the offerer wishes to only receive media from its peer, it MUST mark the stream as
    //# recvonly.
    //= RFC 3264 §5.1
    //# If the offerer wishes to communicate, but wishes to neither send nor receive media at this
    //# time, it MUST mark the stream with an "a=inactive" attribute.
    // Elsewhere sendrecv goes without saying, and data channels have no direction at all.
    ...(isRtp(proto) || plan.direction !== "sendrecv" ? [directionLine(plan.direction)] : []),
    ...(isRtp(proto) ? rtpLines(plan) : []),
    //= RFC 8843 §7.1.3
    //# The offerer and answerer MUST NOT include such attributes in any other bundled "m=" section.
    ...(isMember ? [] : transportLines(plan)),
    // Browsers have it in each section they have a port for, and refuse descriptions without:
    //= RFC 8829 §5.8
    //# If the RTP/RTCP multiplexing policy is "require", each "m=" section MUST contain an
    //# "a=rtcp-mux" attribute.
    ...(isMember && bundled.port !== 0 && plan.rtcpMux ? [flagLine(rtcpMux)] : []),
    ...sctpLines(stream, proto),
    ...(stream.attributes ?? []),
  ];
  const port = isMember ? bundled.port : usablePort(stream);
  return { kind: "m", media, port, portCount: undefined, proto, formats, lines };
}

//= RFC 3264 §6.1
//# This address and port MUST be present even for sendonly streams; in the case of RTP, the port
//# one higher is still used to receive RTCP.
//= RFC 3264 §8.4
//# Of course, when used, the port number MUST NOT be zero, which would specify that the stream has
//# been disabled.
function usablePort({ port }: LocalStream): number {
  if (Number.isInteger(port) && port > 0 && port <= MAX_PORT) return port;
  throw new RangeError(`${port} is no port to receive at; without a stream its port is zero`);
}

/** Throws a RangeError for a multicast address. */
export function connectionLine({ addressType, address }: LocalAddress): Line {
  //= RFC 3264 §6.1
  //# If a stream is offered with a unicast address, the answer for that stream MUST contain a
  //# unicast address.
  if (isMulticastAddress(address)) throw new RangeError(`${address} is a multicast address`);
  return { kind: "c", netType: "IN", addressType, address, ttl: undefined, count: undefined };
}

function rtpLines(plan: StreamPlan): readonly Attribute[] {
  const { stream } = plan;
  return [
    ...plan.codecs.flatMap(codecLines),
    ...(stream.ptimeMs === undefined ? [] : [attributeLine(ptime, stream.ptimeMs)]),
    ...(stream.maxptimeMs === undefined ? [] : [attributeLine(maxptime, stream.maxptimeMs)]),
    ...(plan.extmapAllowMixed ? [flagLine(extmapAllowMixed)] : []),
    ...plan.extmaps.map((each) => attributeLine(extmap, each)),
    ...(stream.msids ?? []).map((each) => attributeLine(msid, each)),
    ...(stream.ssrcs ?? []).map((each) => attributeLine(ssrc, each)),
    ...plan.rids.map((each) => attributeLine(rid, each)),
    ...(plan.simulcast ? [attributeLine(simulcast, plan.simulcast)] : []),
  ];
}

/** Channels are told of more than one only: `opus/48000/2`, `PCMU/8000`. */
//= RFC 3264 §6.1
//# Even if the same payload type number is used, the answer MUST contain rtpmap attributes to
//# define the payload type mappings for dynamic payload types, and SHOULD contain mappings for
//# static payload types.
function codecLines(codec: PlannedCodec): readonly Attribute[] {
  const format = `${codec.payloadType}`;
  const channels = codec.channels === 1 ? undefined : codec.channels;
  const { payloadType, encoding, clockRateHz, params, feedback } = codec;
  return [
    attributeLine(rtpmap, { payloadType, encoding, clockRateHz, channels }),
    ...(params === undefined ? [] : [attributeLine(fmtp, { format, parameters: params })]),
    ...feedback.map((name) => {
      const [type = "", ...rest] = name.split(" ");
      const parameter = rest.length === 0 ? undefined : rest.join(" ");
      return attributeLine(rtcpFb, { format, type, parameter });
    }),
  ];
}

/** What belongs to the transport: RFC 8859's categories IDENTICAL and TRANSPORT. */
function transportLines(plan: StreamPlan): readonly Attribute[] {
  const { stream } = plan;
  const isOddRtcp = stream.rtcpPort !== undefined && stream.rtcpPort !== stream.port + 1;
  return [
    ...iceLines(plan),
    ...dtlsLines(plan),
    ...plan.crypto.map((each) => attributeLine(crypto, each)),
    ...(isOddRtcp && !plan.rtcpMux
      ? [attributeLine(rtcp, { port: stream.rtcpPort ?? 0, where: undefined })]
      : []),
    ...(plan.rtcpMux ? [flagLine(rtcpMux)] : []),
    ...(plan.rtcpMux && plan.rtcpMuxOnly ? [flagLine(rtcpMuxOnly)] : []),
    ...(plan.rtcpRsize ? [flagLine(rtcpRsize)] : []),
  ];
}

function iceLines({ stream: { ice }, ice: use }: StreamPlan): readonly Attribute[] {
  if (use === "mismatch") return [flagLine(iceMismatch)];
  if (use === "none" || !ice) return [];
  return [
    attributeLine(iceUfrag, ice.ufrag),
    attributeLine(icePwd, ice.pwd),
    ...(ice.options && ice.options.length > 0 ? [attributeLine(iceOptions, ice.options)] : []),
    ...ice.candidates.map((each) => attributeLine(candidate, each)),
    ...(ice.isComplete ? [flagLine(endOfCandidates)] : []),
  ];
}

function dtlsLines({ stream: { dtls }, setup: role, withTlsId, proto }: StreamPlan): Attribute[] {
  if (!dtls || role === undefined || !isTls(proto)) return [];
  return [
    ...dtls.fingerprints.map((each) => attributeLine(fingerprint, each)),
    attributeLine(setup, role),
    ...(withTlsId && dtls.tlsId !== undefined ? [attributeLine(tlsId, dtls.tlsId)] : []),
  ];
}

function sctpLines({ sctp }: LocalStream, proto: string): readonly Attribute[] {
  if (!sctp || !proto.toUpperCase().includes("SCTP")) return [];
  return [
    attributeLine(sctpPort, sctp.port),
    ...(sctp.maxMessageBytes === undefined
      ? []
      : [attributeLine(maxMessageSize, sctp.maxMessageBytes)]),
  ];
}

/** A section that is not wanted: the media type and protocol of its slot, port zero. */
export function disabledSection(section: MediaSection, tag: string | undefined): MediaSection {
  //= RFC 3264 §6
  //# To reject an offered stream, the port number in the corresponding stream in the answer MUST be
  //# set to zero.
  //= RFC 3264 §6
  //# Any media formats listed are ignored. At least one MUST be present, as specified by SDP.
  return {
    ...section,
    port: 0,
    portCount: undefined,
    formats: section.formats.slice(0, 1),
    lines: tag === undefined ? [] : [attributeLine(mid, tag)],
  };
}
