/** What an offer and its answer together mean, section by section. RFC 3264 §6.1, §7. */
import type { Agreed } from "./agreed.ts";
import { bothDirections, type Direction, directionOf, reversed } from "./attribute/direction.ts";
import { type Codec, codecsOf, isSameCodec, isSameEncoding } from "./codec.ts";
import { connectionOf, type Description } from "./description.ts";
import type { MediaSection } from "./media-section.ts";
import { type Grouped, grouped, isDisabled, transportSection } from "./offered-media.ts";

export interface AgreedSlot {
  readonly slot: number;
  readonly media: string;
  readonly proto: string;
  /** False: there is no media here, and no RTCP. */
  readonly isActive: boolean;
  /** As we see it. An active stream may be inactive: on hold both ways. */
  readonly direction: Direction;
  /** What both have, in the answer's order: the first is the one to send. */
  readonly codecs: readonly AgreedCodec[];
  /** Where the peer receives. Undefined: nowhere, and nothing is to be sent. */
  readonly remote: { readonly address: string; readonly port: number } | undefined;
  /** The slot whose transport is used: its own, if it is not bundled. */
  readonly transportSlot: number;
}

export interface AgreedCodec extends Codec {
  /** Ours; the peer's is `payloadType`, and what we send has the peer's. */
  readonly receivePayloadType: number;
}

/** `answerer` is whose description the answer is: its order of codecs counts. */
export function agreedMedia(
  { local, remote }: Agreed,
  answerer: "local" | "remote",
): readonly AgreedSlot[] {
  const answer = grouped(answerer === "local" ? local : remote);
  return local.media.flatMap((own, slot) => {
    const peer = remote.media[slot];
    if (!peer) return [];
    return [agreedSlot({ slot, own, peer, local, remote, answer, answerer })];
  });
}

interface Pair {
  readonly slot: number;
  readonly own: MediaSection;
  readonly peer: MediaSection;
  readonly local: Description;
  readonly remote: Description;
  readonly answer: Grouped;
  readonly answerer: "local" | "remote";
}

function agreedSlot(pair: Pair): AgreedSlot {
  const { slot, own, peer, local, remote, answer, answerer } = pair;
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
  return {
    slot,
    media: own.media,
    proto: own.proto,
    isActive,
    direction: isActive ? bothDirections(ours, theirs) : "inactive",
    codecs: isActive ? agreedCodecs(own, peer, answerer) : [],
    remote: isActive && !isNowhere ? { address, port: target.port } : undefined,
    transportSlot,
  };
}

/**
 * Matched by what they are and not by their number, which may differ either way.
 *
 * RFC 3264 §5.1: the offerer "MUST send with the payload type numbers from the answer".
 */
function agreedCodecs(
  own: MediaSection,
  peer: MediaSection,
  answerer: "local" | "remote",
): readonly AgreedCodec[] {
  const [ours, theirs] = [codecsOf(own), codecsOf(peer)];
  const used = new Set<number>();
  const pairs = theirs.flatMap((codec): readonly AgreedCodec[] => {
    const isIt = (each: Codec) => !used.has(each.payloadType) && isSameCodec(each, codec);
    const isSameNumber = (each: Codec) =>
      each.payloadType === codec.payloadType && isSameEncoding(each, codec);
    const found = ours.find((each) => isSameNumber(each) && isIt(each)) ?? ours.find(isIt);
    if (!found) return [];
    used.add(found.payloadType);
    return [{ ...codec, receivePayloadType: found.payloadType }];
  });
  if (answerer === "remote") return pairs;
  const order = new Map(ours.map(({ payloadType }, i) => [payloadType, i]));
  const at = (codec: AgreedCodec): number => order.get(codec.receivePayloadType) ?? 0;
  return pairs.toSorted((a, b) => at(a) - at(b));
}
