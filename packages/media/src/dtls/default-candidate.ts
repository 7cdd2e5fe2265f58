/** Where sound goes from who knows no ICE: what `c=` and `m=` say. RFC 8839 §4.2.1.2. */
import { addressKind, type Candidate, type LocalAddress } from "carillon/sdp";

export interface DefaultCandidate extends LocalAddress {
  readonly port: number;
}

/** The one that reaches furthest: a relay's, then what a server saw of us; IPv4 before IPv6. */
export function defaultCandidate(candidates: readonly Candidate[]): DefaultCandidate {
  const [best] = candidates.toSorted((one, other) => rank(one) - rank(other));
  if (!best) return { addressType: "IP4", address: "0.0.0.0", port: 9 };
  const addressType = addressKind(best.address) === "IP6" ? "IP6" : "IP4";
  return { addressType, address: best.address, port: best.port };
}

function rank({ type, address }: Candidate): number {
  const reach = ["relay", "srflx"].indexOf(type);
  return 2 * (reach < 0 ? 2 : reach) + (addressKind(address) === "IP4" ? 0 : 1);
}
