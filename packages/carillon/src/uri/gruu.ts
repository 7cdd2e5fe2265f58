/** Globally routable user agent URIs. RFC 5627 §3.1, §11; `bnc` of RFC 6140 §5.2. */
import type { Octets } from "../grammar/octets.ts";
import { unescapeUri } from "./escape.ts";
import { parseSipUri, type SipUri } from "./sip-uri.ts";

/** A public GRUU names the device's instance, a temporary one hides whose it is. RFC 5627 §3.1. */
export type Gruu =
  | { readonly kind: "public"; readonly instance: Octets }
  | { readonly kind: "temporary" };

/**
 * What kind of GRUU this is; undefined where it is none. `gr-param = "gr" ["=" pvalue]`: a public
 * one has a value, a temporary one has none. RFC 5627 §3.1.
 */
export function gruuOf({ params }: SipUri): Gruu | undefined {
  const gr = params.get("gr");
  if (gr === undefined) return undefined;
  return gr === "" ? { kind: "temporary" } : { kind: "public", instance: unescapeUri(gr) };
}

/** Whether this URI leads to one device from anywhere. */
export function isGruu(uri: Octets): boolean {
  const read = parseSipUri(uri);
  return read.ok && gruuOf(read.value) !== undefined;
}

/**
 * Whether this Contact stands for a block of numbers: the registration of a whole exchange.
 * RFC 6140 §5.2.
 */
export const isBulkNumberContact = ({ params }: SipUri): boolean => params.has("bnc");
