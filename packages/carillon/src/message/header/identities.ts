/** The addresses a trusted network vouches for. RFC 3325 §9. */
import type { Octets } from "../../grammar/octets.ts";
import type { NameAddr } from "../../uri/name-addr.ts";
import { formatAddresses } from "./address.ts";

//= RFC 3325 §9.1
//# There may be one or two P-Asserted-Identity values.  If there is one value, it MUST be a sip,
//# sips, or tel URI.  If there are two values, one value MUST be a sip or sips URI and the other
//# MUST be a tel URI.
/** Throws a RangeError on any other set. What others send is read all the same. */
export function formatIdentities(addresses: readonly NameAddr[]): Octets {
  const kinds = addresses.map(({ uri }) => kindOf(uri)).sort();
  if (!["sip", "tel", "sip,tel"].includes(kinds.join(","))) {
    throw new RangeError("expected a sip, sips or tel URI, or one of each kind");
  }
  return formatAddresses(addresses);
}

function kindOf(uri: Octets): string {
  const scheme = uri.slice(0, Math.max(0, uri.indexOf(":"))).toLowerCase();
  return scheme === "sips" ? "sip" : scheme;
}
