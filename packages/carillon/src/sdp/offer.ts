/** Offers: the first and every later one. RFC 3264 §5, §8; BUNDLE: RFC 8843 §7.2, §7.5. */
import type { Agreed } from "./agreed.ts";
import { withoutOrphans } from "./answer-codecs.ts";
import { attributeLine, flagLine } from "./attribute/attribute-type.ts";
import { group } from "./attribute/group.ts";
import { iceLite } from "./attribute/ice.ts";
import {
  type Bundled,
  carrier,
  connectionLine,
  describeStream,
  disabledSection,
  OWN,
  type StreamPlan,
} from "./describe-stream.ts";
import type { Description } from "./description.ts";
import { knownIn, knownWith } from "./known-codecs.ts";
import type { Line } from "./line.ts";
import { type LocalMedia, type LocalStream, wantedDirection } from "./local-media.ts";
import { isRtp, isSdes, type MediaSection } from "./media-section.ts";
import { offeredCodecs } from "./offered-codecs.ts";
import { grouped, isDisabled, midOf } from "./offered-media.ts";
import { versioned } from "./origin-version.ts";
import { placeStreams } from "./place-streams.ts";

/** An offer, and which of our streams each of its media sections is. RFC 3264 §5. */
export interface Offer {
  /** To be sent, with `formatSdp`. */
  readonly description: Description;
  /** The stream of each media section, or undefined where it is taken away. */
  readonly slots: readonly (LocalStream | undefined)[];
  /** What was given, with the slots that streams have from now on: for the next offer or answer. */
  readonly local: LocalMedia;
}

/**
 * The first offer of a session, in an INVITE or in the answer to one without. RFC 3264 §5.
 *
 * Throws a RangeError for a stream whose port is none, a multicast address, two streams in one
 * slot, over 64 streams, and numbers that are too large for the `o=` line.
 */
export const offer = (local: LocalMedia): Offer => build(local, undefined);

/**
 * A later offer of the same session. Every slot of before stays: one whose stream is gone gets port
 * zero, and a new stream takes over a slot that is dead, or comes last. Where nothing changed the
 * description is the one sent before, its version with it. RFC 3264 §8.
 *
 * Throws a RangeError as `offer` does, for a slot that is not there yet, and for an `o=` line that
 * is another than before.
 */
export const reoffer = (local: LocalMedia, before: Agreed): Offer => build(local, before);

function build(local: LocalMedia, before: Agreed | undefined): Offer {
  //= RFC 3264 §8
  //# If an SDP is offered, which is different from the previous SDP, the new SDP MUST have a
  //# matching media stream for each media stream in the previous SDP. In other words, if the
  //# previous SDP had N "m=" lines, the new SDP MUST have at least N "m=" lines.
  const slots = placeStreams(local.streams, before);
  const tags = tagsOf(slots, local, before);
  const plans = slots.map((stream, slot) => stream && planOf(stream, tags[slot], local, before));
  const bundle = bundleOf(plans, local, before);
  const media = plans.map((plan, slot) => {
    const isTagged = plan && plan === bundle.tagged;
    if (plan)
      return describeStream(isTagged ? carrier(plan, bundle.members) : plan, bundle.places[slot]);
    const old = before?.local.media[slot] ?? before?.remote.media[slot];
    return disabledSection(old ?? NO_MEDIA, tags[slot]);
  });
  const session: readonly Line[] = [
    { kind: "v" },
    { kind: "o", ...local.origin },
    //= RFC 3264 §5
    //# For unicast sessions, it is RECOMMENDED that it consist of a single space character (0x20)
    //# or a dash (-).
    { kind: "s", text: "-" },
    connectionLine(local.address),
    //= RFC 3264 §5
    //# In that case, the "t=" line SHOULD have a value of "0 0".
    { kind: "t", start: "0", stop: "0" },
    ...(bundle.tags.length > 0
      ? [attributeLine(group, { semantics: "BUNDLE", tags: bundle.tags })]
      : []),
    ...(local.iceLite ? [flagLine(iceLite)] : []),
    ...(local.attributes ?? []),
  ];
  const streams = slots.flatMap((stream) => stream ?? []);
  const description = versioned({ session, media }, before?.local);
  const known = knownWith(description, before, local.known);
  return { description, slots, local: { ...local, streams, known } };
}

const NO_MEDIA: MediaSection = {
  kind: "m",
  media: "audio",
  port: 0,
  portCount: undefined,
  proto: "RTP/AVP",
  formats: ["0"],
  lines: [],
};

function planOf(
  stream: LocalStream,
  tag: string | undefined,
  local: LocalMedia,
  before: Agreed | undefined,
): StreamPlan {
  const slot = stream.slot ?? 0;
  const known = knownIn(slot, before, local.known);
  const proto = currentProto(stream, before?.local.media[slot]);
  return {
    stream,
    media: stream.media,
    proto,
    codecs: isRtp(proto) ? withoutOrphans(offeredCodecs(stream.codecs ?? [], known)) : [],
    direction: wantedDirection(stream),
    mid: tag,
    extmaps: (stream.headerExtensions ?? []).map(({ id, uri, direction }) => ({
      id,
      uri,
      direction,
      attributes: undefined,
    })),
    extmapAllowMixed: stream.extmapAllowMixed === true,
    crypto: isSdes(proto) ? (stream.crypto ?? []) : [],
    rids: [],
    simulcast: undefined,
    rtcpMux: stream.rtcpMux === true,
    rtcpMuxOnly: stream.rtcpMuxOnly === true,
    rtcpRsize: stream.rtcpRsize === true,
    //= RFC 8842 §5.2
    //# When an offerer sends the initial offer, the offerer MUST insert an SDP "setup" attribute
    //# [RFC4145] with an "actpass" attribute value
    setup: stream.dtls && (stream.dtls.offeredRole ?? "actpass"),
    withTlsId: true,
    ice: stream.ice ? "use" : "none",
  };
}

/** A slot keeps its protocol as long as the stream speaks it. */
function currentProto({ protos }: LocalStream, section: MediaSection | undefined): string {
  const [first = "RTP/AVP"] = protos;
  if (!section || isDisabled(section)) return first;
  return protos.find((proto) => proto.toUpperCase() === section.proto.toUpperCase()) ?? first;
}

/** Identification tags: kept as long as the slot lives, and never used again. */
function tagsOf(
  slots: readonly (LocalStream | undefined)[],
  { bundle }: LocalMedia,
  before: Agreed | undefined,
): readonly (string | undefined)[] {
  const sections = [...(before?.local.media ?? []), ...(before?.remote.media ?? [])];
  const taken = new Set(sections.map(midOf));
  for (const stream of slots) if (stream?.mid !== undefined) taken.add(stream.mid);
  let next = 0;
  return slots.map((stream, slot) => {
    const old = before?.local.media[slot];
    const tag = old && midOf(old);
    if (!stream || (old && !isDisabled(old) && tag !== undefined)) return tag;
    if (stream.mid !== undefined || !bundle) return stream.mid;
    while (taken.has(`${next}`)) next++;
    taken.add(`${next}`);
    return `${next}`;
  });
}

interface OfferedBundle {
  readonly tagged: StreamPlan | undefined;
  readonly members: readonly StreamPlan[];
  readonly tags: readonly string[];
  readonly places: readonly Bundled[];
}

/**
 * All sections in one group. In a first offer each keeps its own port as long as it has one of
 * its own; in a later one all but the tagged section use that one's.
 *
 * RFC 8843 §7.5: "Include an SDP 'bundle-only' attribute in, and assign a zero port value to,
 * every other bundled "m=" section".
 */
function bundleOf(
  plans: readonly (StreamPlan | undefined)[],
  { bundle, bundledPort }: LocalMedia,
  before: Agreed | undefined,
): OfferedBundle {
  const known = before && grouped(before.remote).bundles.flatMap(({ tags }) => tags);
  const isIn = (plan: StreamPlan | undefined): plan is StreamPlan & { readonly mid: string } =>
    bundle === true && plan?.mid !== undefined && (!isRtp(plan.proto) || plan.rtcpMux);
  const members = plans.filter(isIn);
  // The tagged section of before stays it; else the first.
  const tagged = members.find(({ mid }) => mid === known?.[0]) ?? members[0];
  const ports = new Set<number>();
  const places = plans.map((plan): Bundled => {
    if (!isIn(plan) || plan === tagged) return OWN;
    const isNegotiated = known !== undefined && known.length > 0;
    const isShared = ports.has(plan.stream.port) || plan.stream.port === tagged?.stream.port;
    ports.add(plan.stream.port);
    if (!isNegotiated && !isShared) return OWN;
    return { kind: "Member", port: bundledPort === "shared" ? tagged!.stream.port : 0 };
  });
  const others = members.filter((plan) => plan !== tagged);
  return { tagged, members, tags: tagged ? [tagged, ...others].map(({ mid }) => mid) : [], places };
}
