/** Headers that an application adds to an INVITE of its phone. RFC 3261 §8.1.1. */
import { composeRequest, type HeaderField } from "../message/compose.ts";
import { type HeaderName, headerName } from "../message/header-name.ts";

/** What the phone writes, once: nobody could tell which of two counts. */
const OWN: ReadonlySet<HeaderName> = new Set([
  ...["Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Contact", "Route", "Record-Route"],
  ...["Expires", "Session-Expires", "Min-SE", "Content-Type", "Content-Length"],
]);

/**
 * Throws a RangeError on one that the phone writes itself, and on what is no header: a name that is
 * none, a value with a line end in it.
 */
export function checkAdded(headers: readonly HeaderField[]): void {
  for (const [name] of headers) {
    if (OWN.has(headerName(name, 0, name.length))) {
      throw new RangeError(`headers: ${name} is written by the phone itself`);
    }
  }
  composeRequest("INVITE", "sip:x.invalid", headers);
}
