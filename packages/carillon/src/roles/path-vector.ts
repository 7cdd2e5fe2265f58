/** The Path of a REGISTER: the proxies between registrar and phone. RFC 3327. */
import { flat, type Octets } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { elements } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";

/** Proxies that one REGISTER may come through: they are kept, and in each request to the phone. */
export const MAX_PATH = 8;
/** Octets of all of them together. */
const MAX_PATH_OCTETS = 2048;

//= RFC 3327 §5.3
//# If a Path header field exists in a successful REGISTER request, the registrar constructs an
//# ordered list of route elements (a path vector) from the nodes listed in the Path header field
//# values, preserving the order as indicated in the Path header field values.
/**
 * Its values in their order, the first hop from here first; empty without one.
 *
 * Errors: `bad-path` (400): no name-addr of a SIP URI, octets that no Route may have, too many.
 */
export function readPath(request: Request): Result<readonly Octets[]> {
  const values = elements(request, "Path");
  if (!values.ok) return values;
  if (values.value.length > MAX_PATH || values.value.join().length > MAX_PATH_OCTETS) {
    return fail(`a Path of over ${MAX_PATH} proxies or ${MAX_PATH_OCTETS} octets`);
  }
  return values.value.every(isRoute)
    ? ok(values.value.map(flat))
    : fail("a Path that is no list of SIP URIs with lr in brackets");
}

/** Whether it can be written into a Route as it came. */
function isRoute(text: Octets): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return false;
  }
  const address = text.includes("<") ? parseNameAddr(text) : undefined;
  const uri = address?.ok ? parseSipUri(address.value.uri) : undefined;
  //= RFC 3327 §4
  //# As suggested therein, such values MUST include the loose-routing indicator parameter ";lr" for
  //# full compliance with [1].
  return uri?.ok === true && uri.value.params.has("lr");
}

const fail = (what: string): Result<never> => bad("bad-path", what, 0, "RFC 3327 §5.3", 400);
