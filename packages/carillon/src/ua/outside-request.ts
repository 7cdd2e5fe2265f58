/** A request of ours outside of dialogs, but for the method's own headers. RFC 3261 §8.1.1. */
import type { HeaderField } from "../message/compose.ts";
import type { UriRequest } from "../message/request-of-uri.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { Agent } from "./agent.ts";

/**
 * Whom a request of this method to `target` goes to. An `im:` or `pres:` URI is taken for the SIP
 * URI of that name, which is how servers that know nothing of these can route it. Throws a
 * RangeError on what is no SIP URI then, and on one that asks for another method.
 */
//= RFC 3428 §5
//# If a UA is presented with an IM URI as the address for an instant message, it SHOULD resolve it
//# to a SIP URI, and place the resulting URI in the Request-URI of the MESSAGE request before
//# sending.
//= RFC 3428 §5
//# Record-Route and Route header fields MUST NOT contain IM URIs.
export function targetOf({ abilities }: Agent, target: string, method: string): UriRequest {
  const uri = parseSipUri(target.replace(/^(im|pres):/i, "sip:"));
  const able = { methods: new Set([method]), extensions: new Set<string>() };
  const asked = uri.ok ? abilities.requestOf(uri.value, able, method) : uri;
  if (asked.ok) return asked.value;
  throw new RangeError(`no ${method} to ${JSON.stringify(target)}: ${asked.error.message}`);
}

/** Its headers up to Call-ID, and what the target's URI asks for. */
export function outsideHeaders(
  { address }: Agent,
  { to, headers }: UriRequest,
  ids: { readonly callId: string; readonly localTag: string },
): readonly HeaderField[] {
  return [
    ["Max-Forwards", "70"],
    //= RFC 3261 §8.1.1.3
    //# The From field MUST contain a new "tag" parameter, chosen by the UAC.
    ["From", `${address};tag=${ids.localTag}`],
    ["To", `<${to}>`],
    ["Call-ID", ids.callId],
    ...headers,
  ];
}
