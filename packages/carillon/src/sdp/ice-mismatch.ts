/** Whether something on the way changed an address without knowing of ICE. RFC 8839 §4.2.5. */
import { addressKind } from "./attribute/candidate.ts";
import { connectionOf } from "./description.ts";
import type { MediaSection } from "./media-section.ts";
import { type Grouped, type PeerTransport, transportSection } from "./offered-media.ts";

/**
 * True where the default destination of a section that has candidates is none of them. With no
 * candidates yet they are to come; names and the null address prove nothing.
 */
export function isIceMismatch(
  peer: Grouped,
  section: MediaSection,
  { candidates, iceOptions }: Pick<PeerTransport, "candidates" | "iceOptions">,
): boolean {
  const place = transportSection(peer, section);
  const connection = connectionOf(peer.description, place);
  if (!connection || candidates.length === 0) return false;
  const { address } = connection;
  //= RFC 8839 §4.2.5
  //# The transport address from the peer for the default destination is set to IPv4/IPv6 address
  //# values "0.0.0.0"/"::" and port value of "9". This MUST NOT be considered as an ICE failure by
  //# the peer agent, and the ICE processing MUST continue as usual.
  if (address === "0.0.0.0" || address === "::") return false;
  //= RFC 8839 §4.2.5
  //# Regardless of the procedures used to resolve FQDN or the resolution result, this MUST NOT be
  //# considered as an ICE failure by the peer agent, and the ICE processing MUST continue as usual.
  const kind = addressKind(address);
  if (kind !== "IP4" && kind !== "IP6") return false;
  // Half-trickled candidates, and those hidden behind mDNS, may hold the default one.
  const hides = candidates.some((each) => addressKind(each.address) === "mDNS");
  if (hides || iceOptions.includes("trickle")) return false;
  return !candidates.some((each) => each.address === address && each.port === place.port);
}
