/** Whose GRUU somebody gives as their own. RFC 5627 §6.2, §10.2. */
import type { Incoming } from "../endpoint/incoming.ts";
import { elements } from "../message/headers.ts";
import { gruuOf } from "../uri/gruu.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { ServedNames } from "./served-names.ts";

/** Requests whose Contact becomes where others send to. RFC 3261 §12.1, RFC 6665, RFC 3311. */
const TARGETS: ReadonlySet<string> = new Set([
  ...["INVITE", "SUBSCRIBE", "REFER", "NOTIFY", "UPDATE", "PUBLISH"],
]);

//= RFC 5627 §6.2
//# If all of these conditions are true, except that the GRUU is associated with an AOR that did not
//# match the authenticated identity of the requestor, it is RECOMMENDED that the proxy reject the
//# request with a 403 (Forbidden) response.
/**
 * Refuses a request that has answers to it sent to the device of somebody else: who subscribes to a
 * busy state agent in another's name would have it flood them. `account` sends it.
 */
export function foreignGruu(
  { request }: Incoming,
  names: ServedNames,
  account: string,
): { readonly status: number; readonly why: string } | undefined {
  // Most Contacts are no GRUUs, which is seen without reading one.
  if (!TARGETS.has(request.method) || !/;gr\b/i.test(request.text)) return undefined;
  const contacts = elements(request, "Contact");
  for (const text of contacts.ok ? contacts.value : []) {
    const address = parseNameAddr(text);
    const uri = address.ok ? parseSipUri(address.value.uri) : undefined;
    if (!address.ok || !uri?.ok || !gruuOf(uri.value) || !names.isHost(uri.value.host)) continue;
    if (names.userIn(address.value.uri) !== account) {
      return { status: 403, why: "the address in Contact is of a device of somebody else" };
    }
  }
  return undefined;
}
