/** What the sender hears where no server of a domain could be had. RFC 3261 §16.7, RFC 3263. */
import type { Failure } from "../endpoint/servers.ts";

/** How a search or its attempts ended, as a status to choose from among others'. */
export function statusOf({ reason }: Failure): number {
  switch (reason) {
    case "not-found":
    case "not-public":
    case "unsupported-transport":
      return 404;
    //= RFC 3261 §21.5.5
    //# The server did not receive a timely response from an external server it accessed in
    //# attempting to process the request.
    case "no-answer":
      return 504;
    case "timeout":
      return 408;
    case "abandoned":
      return 487;
    default:
      return 503;
  }
}
