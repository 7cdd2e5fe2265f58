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

/** A description with its groups looked up, once for all sections. */
export interface Grouped {
  readonly description: Description;
  readonly bundles: readonly Group[];
  /** By identification tag; of a tag that comes twice the first section. */
  readonly byMid: ReadonlyMap<string, MediaSection>;
  /** By each member's tag: the section whose transport the group uses. */
  readonly tagged: ReadonlyMap<string, MediaSection>;
}

export interface PeerTransport {
  readonly ice: IceCredentials | undefined;
  readonly iceOptions: readonly string[];
  readonly isIceLite: boolean;
  readonly candidates: readonly Candidate[];
  /** Those that a certificate may be judged by. */
  readonly fingerprints: readonly Fingerprint[];
  readonly setup: Setup | undefined;
  readonly tlsId: string | undefined;
  readonly rtcpMux: boolean;
  readonly rtcpMuxOnly: boolean;
}

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

export const midOf = ({ lines }: MediaSection): string | undefined => readAttribute(lines, mid);

export const isBundleOnly = ({ lines }: MediaSection): boolean =>
  hasAttribute(lines, bundleOnly.name);

/** True for a section that is not wanted, or was taken away. */
export const isDisabled = (section: MediaSection): boolean =>
  section.port === 0 && !isBundleOnly(section);

export function isMulticast(d: Description, section: MediaSection): boolean {
  const connection = connectionOf(d, section);
  if (!connection) return false;
  const { address, ttl } = connection;
  if (isMulticastAddress(address)) return true;
  return ttl !== undefined && !isIpv4(address);
}
