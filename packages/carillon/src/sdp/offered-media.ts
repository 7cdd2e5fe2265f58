/**
 * What a peer's media section says of its transport, wherever that stands: in itself, in the
 * session, or in the tagged section of its BUNDLE group. RFC 8843 §7.1.3.
 */
import { isIpv4 } from "../uri/host.ts";
import { hasAttribute, readAttribute, readAttributes } from "./attribute/attribute-type.ts";
import { type Candidate, candidate } from "./attribute/candidate.ts";
import { type Fingerprint, fingerprint, isUsableFingerprint } from "./attribute/fingerprint.ts";
import { bundleOnly, type Group, group, mid } from "./attribute/group.ts";
import { type IceCredentials, iceCredentialsOf, iceLite, iceOptions } from "./attribute/ice.ts";
import { rtcpMux, rtcpMuxOnly } from "./attribute/rtcp.ts";
import { type Setup, setup } from "./attribute/setup.ts";
import { tlsId } from "./attribute/tls-id.ts";
import { connectionOf, type Description } from "./description.ts";
import type { Line } from "./line.ts";
import type { MediaSection } from "./media-section.ts";
import { isMulticastAddress } from "./read-line.ts";

/**
 * A description with its BUNDLE groups looked up, once for all sections. `grouped` makes it.
 * RFC 8843 §7.
 */
export interface Grouped {
  /** The one that was looked into. */
  readonly description: Description;
  /** Groups of BUNDLE alone, empty ones left out. */
  readonly bundles: readonly Group[];
  /** By identification tag; of a tag that comes twice the first section. */
  readonly byMid: ReadonlyMap<string, MediaSection>;
  /** By each member's tag: the section whose transport the group uses. */
  readonly tagged: ReadonlyMap<string, MediaSection>;
}

/** What a peer says of the transport of one media section. */
export interface PeerTransport {
  /** Undefined where it has no ICE. */
  readonly ice: IceCredentials | undefined;
  /** `trickle`, `ice2` and others; empty if none is told. */
  readonly iceOptions: readonly string[];
  /** It answers checks and makes none. RFC 8445 §2.5. */
  readonly isIceLite: boolean;
  /** Those in the description; with `trickle` more may come. */
  readonly candidates: readonly Candidate[];
  /** Those that a certificate may be judged by. */
  readonly fingerprints: readonly Fingerprint[];
  /** Which role it takes in DTLS; undefined if it is not told. */
  readonly setup: Setup | undefined;
  /** Undefined from those who do not know RFC 8842. */
  readonly tlsId: string | undefined;
  /** It can do with one port for RTP and RTCP. */
  readonly rtcpMux: boolean;
  /** It does not do without that. */
  readonly rtcpMuxOnly: boolean;
}

/** Looks up the BUNDLE groups of a description. RFC 8843 §7. */
export function grouped(description: Description): Grouped {
  const bundles = readAttributes(description.session, group).filter(
    ({ semantics, tags }) => semantics === "BUNDLE" && tags.length > 0,
  );
  const byMid = new Map<string, MediaSection>();
  for (const section of description.media) {
    const tag = midOf(section);
    if (tag !== undefined && !byMid.has(tag)) byMid.set(tag, section);
  }
  const tagged = new Map<string, MediaSection>();
  for (const { tags } of bundles) {
    const first = tags.map((tag) => byMid.get(tag)).find((section) => section && section.port > 0);
    for (const tag of tags) if (first && !tagged.has(tag)) tagged.set(tag, first);
  }
  return { description, bundles, byMid, tagged };
}

/** The section whose transport this one uses: itself, if it is not bundled. */
export function transportSection({ tagged }: Grouped, section: MediaSection): MediaSection {
  return tagged.get(midOf(section) ?? "") ?? section;
}

/**
 * What a section of `peer.description` says of its transport: itself, its session, or the tagged
 * section of its BUNDLE group. RFC 8843 §7.1.3.
 */
export function peerTransport(peer: Grouped, section: MediaSection): PeerTransport {
  const { session } = peer.description;
  const places = [section.lines, transportSection(peer, section).lines];
  const first = <T>(read: (lines: readonly Line[]) => T | undefined): T | undefined =>
    read(places[0] ?? []) ?? read(places[1] ?? []) ?? read(session);
  const has = (name: string): boolean => places.some((lines) => hasAttribute(lines, name));
  const all = <T>(read: (lines: readonly Line[]) => readonly T[]): readonly T[] =>
    [...places, session].map(read).find((found) => found.length > 0) ?? [];
  return {
    ice: first((lines) => iceCredentialsOf(lines, session)),
    iceOptions: first((lines) => readAttribute(lines, iceOptions)) ?? [],
    isIceLite: hasAttribute(session, iceLite.name),
    candidates: all((lines) => readAttributes(lines, candidate)),
    fingerprints: all((lines) => readAttributes(lines, fingerprint)).filter(isUsableFingerprint),
    setup: first((lines) => readAttribute(lines, setup)),
    tlsId: first((lines) => readAttribute(lines, tlsId)),
    rtcpMux: has(rtcpMux.name),
    rtcpMuxOnly: has(rtcpMuxOnly.name),
  };
}

/** The section's identification tag; undefined if it has none. RFC 5888 §4. */
export const midOf = ({ lines }: MediaSection): string | undefined => readAttribute(lines, mid);

/** True for a section that is wanted within its BUNDLE group or not at all. RFC 8843 §6. */
export const isBundleOnly = ({ lines }: MediaSection): boolean =>
  hasAttribute(lines, bundleOnly.name);

/**
 * True for a section that is not wanted, or was taken away: port zero without `a=bundle-only`.
 * RFC 3264 §8.2.
 */
export const isDisabled = (section: MediaSection): boolean =>
  section.port === 0 && !isBundleOnly(section);

export function isMulticast(d: Description, section: MediaSection): boolean {
  const connection = connectionOf(d, section);
  if (!connection) return false;
  const { address, ttl } = connection;
  if (isMulticastAddress(address)) return true;
  return ttl !== undefined && !isIpv4(address);
}
