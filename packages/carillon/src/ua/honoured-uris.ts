/** URIs that ask for more than to be called: a subject, a priority, somebody's place. */
import { requestOfUri } from "../message/request-of-uri.ts";
import { partsOf } from "./phone-parts.ts";

/**
 * Has this phone do what a URI asks for that it is told to call or to write to, as far as that is
 * harmless: `sip:bob@example.com?Subject=hello`. Without this such a URI is refused. RFC 3261
 * §19.1.5.
 */
export function honourUris(phone: object): void {
  partsOf(phone).agent.abilities.requestOf = requestOfUri;
}
