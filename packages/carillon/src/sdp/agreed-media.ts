/** What an offer and its answer together mean, section by section. RFC 3264 §6.1, §7. */
import type { Agreed } from "./agreed.ts";
import { hasAttribute, readAttribute, readAttributes } from "./attribute/attribute-type.ts";
import { type CryptoAttribute, crypto } from "./attribute/crypto.ts";
import { bothDirections, type Direction, directionOf, reversed } from "./attribute/direction.ts";
import { rtcp, rtcpMux } from "./attribute/rtcp.ts";
import { type Codec, codecsOf, isSameCodec, isSameEncoding } from "./codec.ts";
import { connectionOf, type Description } from "./description.ts";
import { isSdes, type MediaSection } from "./media-section.ts";
import { type Grouped, grouped, isDisabled, transportSection } from "./offered-media.ts";

/** What both ends settled for one media section. RFC 3264 §6.1, §7. */
export interface AgreedSlot {
  /** The media section's index in both descriptions, from 0. */
  readonly slot: number;
  /** `audio`, `video`, …: as our description has it. */
  readonly media: string;
  /** `RTP/AVP`, `UDP/TLS/RTP/SAVPF`, …: as our description has it. */
  readonly proto: string;
  /** False: there is no media here, and no RTCP. */
  readonly isActive: boolean;
  /** As we see it. An active stream may be inactive: on hold both ways. */
  readonly direction: Direction;
  /** What both have, in the order of the peer's description: the first is the one to send. */
  readonly codecs: readonly AgreedCodec[];
  /** Where the peer receives. Undefined: nowhere, and nothing is to be sent. */
  readonly remote: { readonly address: string; readonly port: number } | undefined;
  /** The slot whose transport is used: its own, if it is not bundled. */
  readonly transportSlot: number;
  /** RTCP comes and goes where RTP does. RFC 5761 */
  readonly rtcpMux: boolean;
  /** Where RTCP goes to otherwise: one port up, or where `a=rtcp` says. RFC 3605 */
  readonly remoteRtcp: AgreedSlot["remote"];
  /** Of SDES: our key and the peer's. RFC 4568 */
  readonly crypto: AgreedCrypto | undefined;
}

/** The keys of SDES, one for each way. RFC 4568 §5.1. */
export interface AgreedCrypto {
  /** What we send is encrypted with. */
  readonly own: CryptoAttribute;
  /** What comes is. */
  readonly peer: CryptoAttribute;
}

/** A codec with the payload types of both ways. */
export interface AgreedCodec extends Codec {
  /** Ours; the peer's is `payloadType`, and what we send has the peer's. */
  readonly receivePayloadType: number;
}

//= RFC 3264 §8.3.4
//# Generally, an agent MUST send media (if the directionality of the stream allows) using the new
//# parameters once the SDP with the change is received.
/**
 * What an offer and its answer together mean, section by section; `answerer` is whose description
 * the answer is. Of several exchanges the last counts. RFC 3264 §6.1, §7.
 */
export function agreedMedia(
  { local, remote }: Agreed,
  answerer: "local" | "remote",
): readonly AgreedSlot[] {
  const answer = grouped(answerer === "local" ? local : remote);
  return local.media.flatMap((own, slot) => {
    const peer = remote.media[slot];
    if (!peer) return [];
    return [agreedSlot({ slot, own, peer, local, remote, answer })];
  });
}

interface Pair {
  readonly slot: number;
  readonly own: MediaSection;
  readonly peer: MediaSection;
  readonly local: Description;
  readonly remote: Description;
  readonly answer: Grouped;
}

function agreedSlot(pair: Pair): AgreedSlot {
  const { slot, own, peer, local, remote, answer } = pair;
  //= RFC 3264 §6
  //# If a stream is rejected, the offerer and answerer MUST NOT generate media (or RTCP packets)
  //# for that stream.
  const isActive = !isDisabled(own) && !isDisabled(peer);
  const ours = directionOf(own.lines, local.session);
  const theirs = reversed(directionOf(peer.lines, remote.session));
  const answered = answer.description.media[slot] ?? peer;
  const place = answer.description.media.indexOf(transportSection(answer, answered));
  const transportSlot = place < 0 ? slot : place;
  const target = remote.media[transportSlot] ?? peer;
  const address = connectionOf(remote, target)?.address;
  //= RFC 3264 §8.4
  //# An agent MUST be capable of receiving SDP with a connection address of 0.0.0.0, in which case
  //# it means that neither RTP nor RTCP should be sent to the peer.
  const isNowhere = address === undefined || address === "0.0.0.0" || target.port === 0;
  const reached = isActive && !isNowhere ? { address, port: target.port } : undefined;
  return {
    slot,
    media: own.media,
    proto: own.proto,
    isActive,
    direction: isActive ? bothDirections(ours, theirs) : "inactive",
    codecs: isActive ? agreedCodecs(own, peer) : [],
    remote: reached,
    transportSlot,
    rtcpMux: hasAttribute(own.lines, rtcpMux.name) && hasAttribute(peer.lines, rtcpMux.name),
    remoteRtcp: reached && rtcpOf(target, reached),
    crypto: isActive && isSdes(own.proto) ? agreedCrypto(own, peer) : undefined,
  };
}

function rtcpOf(section: MediaSection, remote: Exclude<AgreedSlot["remote"], undefined>) {
  const told = readAttribute(section.lines, rtcp);
  if (!told) return { address: remote.address, port: remote.port + 1 };
  return { address: told.where?.address ?? remote.address, port: told.port };
}

/** The line of each that has the same tag and suite: the answer has one alone. */
function agreedCrypto(own: MediaSection, peer: MediaSection): AgreedCrypto | undefined {
  const theirs = readAttributes(peer.lines, crypto);
  for (const ours of readAttributes(own.lines, crypto)) {
    const same = theirs.find(({ tag, suite }) => tag === ours.tag && suite === ours.suite);
    if (same) return { own: ours, peer: same };
  }
  return undefined;
}

//= RFC 3264 §5.1
//# However, for sendonly and sendrecv streams, the answer might indicate different payload type
//# numbers for the same codecs, in which case, the offerer MUST send with the payload type numbers
//# from the answer.
//= RFC 3264 §6.1
//# The answerer MUST send using a media format in the offer that is also listed in the answer, and
//# SHOULD send using the most preferred media format in the offer that is also listed in the
//# answer. In the case of RTP, it MUST use the payload type numbers from the offer, even if they
//# differ from those in the answer.
//= RFC 3264 §7
//# It MUST send using a media format listed in the answer, and it SHOULD use the first media format
//# listed in the answer when it does send.
//= RFC 3264 §8.3.2
//# as soon as it sends its answer, the answerer MUST begin sending media using any formats in the
//# offer that were also present in the answer, and SHOULD use the most preferred format in the
//# offer that was also listed in the answer (assuming the stream allows for sending), and MUST NOT
//# send using any formats that are not in the offer, even if they were present in a previous SDP
//# from the peer. Similarly, when the offerer receives the answer, it MUST begin sending media
//# using any formats in the answer, and SHOULD use the most preferred one (assuming the stream
//# allows for sending), and MUST NOT send using any formats that are not in the answer, even if
//# they were present in a previous SDP from the peer.
/**
 * Matched by what they are and not by their number, which may differ either way. What is sent is
 * the peer's to choose, by number and by order, whoever of the two offered.
 */
function agreedCodecs(own: MediaSection, peer: MediaSection): readonly AgreedCodec[] {
  const ours = codecsOf(own);
  const used = new Set<number>();
  return codecsOf(peer).flatMap((codec): readonly AgreedCodec[] => {
    const isIt = (each: Codec) => !used.has(each.payloadType) && isSameCodec(each, codec);
    const isSameNumber = (each: Codec) =>
      each.payloadType === codec.payloadType && isSameEncoding(each, codec);
    const found = ours.find((each) => isSameNumber(each) && isIt(each)) ?? ours.find(isIt);
    if (!found) return [];
    used.add(found.payloadType);
    return [{ ...codec, receivePayloadType: found.payloadType }];
  });
}
