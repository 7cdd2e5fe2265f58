/** Messages for several people at once: whom a list names. RFC 5365, RFC 5360. */
import type { ResourceEntry } from "../documents/resource-lists.ts";
import { fromText, type Octets } from "../grammar/octets.ts";
import type { PostOffice } from "./post-office.ts";
import { type Refusal, refusal } from "./refusal.ts";

/** Addresses in one list. */
export const MAX_RECIPIENTS = 30;

/**
 * The accounts that a list names, each once. Refused as a whole where one of them is not to be
 * written to.
 */
export function recipientsOf(
  office: PostOffice,
  entries: readonly ResourceEntry[],
  mayWrite: (account: string) => boolean,
): readonly string[] | Refusal {
  if (entries.length === 0) return refusal(400, "a list that names nobody");
  if (entries.length > MAX_RECIPIENTS) {
    return refusal(413, `a message goes to up to ${MAX_RECIPIENTS} people at once`);
  }
  const accounts = new Set<string>();
  const missing = new Set<string>();
  for (const { uri } of entries) {
    //= RFC 5365 §7.3
    //# MESSAGE URI-list services MUST generate only MESSAGE requests, regardless of the "method"
    //# parameter that the URIs in the list indicate. Effectively, MESSAGE URI-list services MUST
    //# ignore the "method" parameter in each of the URIs present in the URI list.
    const account = office.accountAt(uri);
    const name = office.nameIn(uri);
    if (account === undefined && name !== undefined) {
      return refusal(404, `nobody here is called ${name}`);
    }
    //= RFC 5365 §7.1
    //# In order to avoid duplicated requests, MESSAGE URI-list services MUST take those actions
    //# specified in RFC 5363 [RFC5363] into account to avoid sending duplicated requests to the
    //# same recipient.
    if (account !== undefined && mayWrite(account)) accounts.add(account);
    else missing.add(uri);
  }
  return missing.size > 0 ? noConsent([...missing]) : [...accounts];
}

//= RFC 5360 §5.9.1
//# A relay that receives a request-contained URI list with a URI for which the relay has no
//# permissions SHOULD return a 470 (Consent Needed) response. The relay SHOULD add a
//# Permission-Missing header field with the URIs for which the relay has no permissions.
function noConsent(uris: readonly string[]): Refusal {
  const listed = uris.map((uri) => `<${inBrackets(uri)}>`).join(", ");
  const why = "not all of them have agreed to get messages that are for several people";
  return refusal(470, why, [["Permission-Missing", listed]]);
}

const inBrackets = (uri: string): Octets => fromText(uri.replaceAll(/[<>"\s]/g, ""));
