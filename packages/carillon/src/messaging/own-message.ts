/** A MESSAGE that the server sends itself. RFC 3428 §4. */
import { fromText, type Octets } from "../grammar/octets.ts";
import type { OwnRequest, ServiceHost } from "../roles/services.ts";
import type { PlainMessage } from "./plain-message.ts";

//= RFC 3428 §4
//# MESSAGE requests do not initiate dialogs. User Agents MUST NOT insert Contact header fields into
//# MESSAGE requests.
/** To this Request-URI, for this address. */
export function ownMessage(
  { endpoint }: ServiceHost,
  uri: Octets,
  to: string,
  { from, contentType, body, callId }: PlainMessage,
): OwnRequest {
  const { ids } = endpoint;
  return {
    ...{ method: "MESSAGE", uri, body },
    headers: [
      ["Max-Forwards", "70"],
      //= RFC 5365 §7.2
      //# A MESSAGE URI-list service MUST include a From header field whose value is the same as the
      //# From header field included in the incoming MESSAGE request
      ["From", `<${fromText(from)}>;tag=${ids.random(8)}`],
      ["To", `<${fromText(to)}>`],
      ["Call-ID", callId ?? ids.unique()],
      ["CSeq", "1 MESSAGE"],
      ["Content-Type", contentType],
    ],
  };
}
