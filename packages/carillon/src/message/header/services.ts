/** Service identifiers: URNs without brackets. RFC 6050 §4. */
import type { Octets } from "../../grammar/octets.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { badHeader } from "./header-error.ts";
import { formatList, parseList } from "./list.ts";

const SOURCE = "RFC 6050 §4.4";

export const parseServices = (octets: Octets): Result<readonly Octets[]> =>
  parseList(octets, SOURCE, (text, start, end) => {
    const service = text.slice(start, end);
    return isService(service) ? ok(service) : badHeader("expected a urn", start, SOURCE);
  });

/** Throws a RangeError on what is no URN. */
export const formatServices = (services: readonly Octets[]): Octets =>
  formatList(services, (service) => {
    if (!isService(service)) throw new RangeError(`not a service: ${JSON.stringify(service)}`);
    return service;
  });

/** `urn:` and then what a URN may hold, which is neither space nor a delimiter. */
function isService(text: Octets): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || '",;<>'.includes(text[i] ?? "")) return false;
  }
  return text.slice(0, 4).toLowerCase() === "urn:" && text.length > 4;
}
