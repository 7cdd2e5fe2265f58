/** Which push services there are, asked before a phone has signed up with one. RFC 8599 §4.1.5. */

import type { HeaderField } from "../message/compose.ts";
import { escapeUriHeader } from "../uri/escape.ts";
import { registerRequest } from "../usage/register-request.ts";
import { partsOf } from "./phone-parts.ts";
import { errorOf, SipError } from "./sip-error.ts";
import { capsIn, textOf } from "./woken-by.ts";

/** A type of push service that a phone's server can use. */
export interface PushServiceTold {
  /** `webpush`, `apns`, `fcm`. */
  readonly provider: string;
  /** The key by which the server is known there, base64url; undefined: it has none. RFC 8292. */
  readonly vapid: string | undefined;
}

//= RFC 8599 §4.1.5
//# In order to perform a query, the UA MUST insert a 'pn-provider' SIP URI parameter in the Contact
//# header field URI of the REGISTER request:
//= RFC 8599 §4.1.5
//# The UA MUST NOT insert a 'pn-prid' SIP URI parameter in the Contact header field URI of the
//# REGISTER request.
/**
 * Asks this phone's server which push services it can use, or whether it can use this one. Nothing
 * is registered by it. None: it has no such service. Rejects with a SipError where the server
 * refuses to say, or says nothing, or there is no way to it: a phone asks once it is connected.
 *
 * ```ts
 * const [service] = await pushServices(phone, "webpush");
 * if (service) await manager.subscribe({ applicationServerKey: service.vapid });
 * ```
 */
export function pushServices(phone: object, provider = ""): Promise<readonly PushServiceTold[]> {
  const { agent, inTurn } = partsOf(phone);
  return new Promise((resolve, reject) => {
    inTurn(() => {
      const { ids } = agent.endpoint;
      const type = provider === "" ? "" : `=${escapeUriHeader(provider)}`;
      // Nobody's address, whose binding is taken away and never was. With our own it would be ours:
      // RFC 3261 §19.1.4 takes URIs for the same that differ in such a parameter.
      const contact = `<sip:${ids.random(6)}@${ids.random(6)}.invalid;pn-provider${type}>`;
      const registrant = { aor: agent.aor, callId: ids.unique(), fromTag: ids.unique() };
      const { uri, headers } = registerRequest(registrant, { kind: "Remove", contact }, 0);
      const what = {
        ...{ method: "REGISTER", uri },
        // An edge wants that it knows Path (RFC 3327 §5.1).
        headers: [
          ...headers.filter(([name]) => name !== "CSeq"),
          ["Supported", "path"] satisfies HeaderField,
        ],
      };
      let seq = 0;
      const sent = agent.wayOut(false).send(
        what,
        {
          response(response) {
            const { status } = response;
            if (status < 200) return;
            //= RFC 8599 §4.1.5
            //# If the UA receives a 555 (Push Notification Service Not Supported) response to the
            //# REGISTER request, and if the UA inserted a 'pn-provider' SIP URI parameter in the
            //# REGISTER request, the response indicates that the network does not support the type
            //# of PNS that the UA indicated support of.
            if (status === 555) return resolve([]);
            if (status >= 300) return reject(errorOf(status, agent.reasonIn(response)));
            resolve(
              capsIn(response).flatMap((one): PushServiceTold[] => {
                const told = textOf(one, "+sip.pns");
                if (told === undefined) return [];
                return [{ provider: told.toLowerCase(), vapid: textOf(one, "+sip.vapid") }];
              }),
            );
          },
          failed: () => reject(new SipError("SIP_TRANSPORT", "The server does not answer.")),
        },
        () => ++seq,
      );
      if (!sent) reject(new SipError("SIP_TRANSPORT", "There is no connection to the server."));
    });
  });
}
