/** Globally routable user agent URIs. RFC 5627 §3.1, §11; `bnc` of RFC 6140 §5.2. */
import type { Octets } from "../grammar/octets.ts";
import { unescapeUri } from "./escape.ts";
import type { SipUri } from "./sip-uri.ts";

/** `public` with the instance it names, `temporary`, or undefined where it is none. */
export type Gruu =
  | { readonly kind: "public"; readonly instance: Octets }
  | { readonly kind: "temporary" };

/** `gr-param = "gr" ["=" pvalue]`: a public one has a value, a temporary one has none. */
export function gruuOf({ params }: SipUri): Gruu | undefined {
  const gr = params.get("gr");
  if (gr === undefined) return undefined;
  return gr === "" ? { kind: "temporary" } : { kind: "public", instance: unescapeUri(gr) };
}

/** Whether this Contact stands for a block of numbers: the registration of a whole exchange. */
export const isBulkNumberContact = ({ params }: SipUri): boolean => params.has("bnc");
