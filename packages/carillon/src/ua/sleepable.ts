/** A phone that may sleep, and is woken by a push. RFC 8599 §4. */
import { escapeUriHeader } from "../uri/escape.ts";
import { type Registrant, registerRequest } from "../usage/register-request.ts";
import { OutgoingRequest } from "./outgoing-request.ts";
import { partsOf } from "./phone-parts.ts";

/** What a push service knows this phone by. RFC 8599 §4.1.1. */
export interface PushRegistration {
  /** `webpush`, `apns`, `fcm`. */
  readonly provider: string;
  /** For web push the subscription's endpoint, for others the device's token. */
  readonly prid: string;
  /** As the type of service has it; web push has none. RFC 8599 §10 to §12. */
  readonly param?: string;
}

/** How long it may sleep. */
export interface SleepOptions {
  /** Its server is asked to know it for so long. 30 days if left out. */
  readonly expiresSeconds?: number;
}

const MONTH_SECONDS = 30 * 24 * 3600;

/**
 * Has this phone be woken so when somebody calls it while its program does not run: its server
 * sends a push, and what it holds meanwhile comes once the phone is registered again. It stays
 * registered when it is closed. Undefined ends that, from the next REGISTER on, which is sent at
 * once if the phone is registered.
 *
 * ```ts
 * const { endpoint } = await worker.pushManager.subscribe({ userVisibleOnly: true });
 * sleepable(phone, { provider: "webpush", prid: endpoint });
 * ```
 */
export function sleepable(
  phone: object,
  push: PushRegistration | undefined,
  { expiresSeconds = MONTH_SECONDS }: SleepOptions = {},
): void {
  const { agent, whileOpen } = partsOf(phone);
  //= RFC 8599 §4.1.1
  //# To request push notifications from the SIP network, the UA MUST insert the following SIP URI
  //# parameters in the SIP Contact header field URI of the REGISTER request: 'pn-provider',
  //# 'pn-prid', and 'pn-param' (if required for the specific PNS).
  //= RFC 8599 §4.1.2
  //# When the UA sends the REGISTER request for removing the binding, the UA MUST NOT insert the
  //# 'pn-prid' SIP URI parameter in the Contact header field URI of the REGISTER request.
  const params = push ? paramsOf(push) : "";
  // What goes behind the URI outweighs the Expires of a REGISTER, the last one's too.
  const time = push ? `;expires=${expiresSeconds}` : "";
  //= RFC 8599 §4.1
  //# For privacy and security reasons, a UA MUST NOT insert the SIP URI parameters (except for the
  //# 'pn-purr' parameter) defined in this specification in non-REGISTER requests in order to
  //# prevent the PNS information associated with the UA from reaching the remote peer. For example,
  //# the UA MUST NOT insert the 'pn-prid' SIP URI parameter in the Contact header field URI of an
  //# INVITE request.
  agent.abilities.contact = (uri) => `<${uri}${params}>${time}`;
  whileOpen(() => {
    const { flow, credentials, endpoint } = agent;
    if (!flow) return;
    // One of its own: what the phone registers by itself afterwards says the same.
    const registrant: Registrant = {
      ...{ aor: agent.aor, callId: endpoint.ids.unique(), fromTag: endpoint.ids.unique() },
    };
    const contact = agent.abilities.contact(agent.addressOn(flow));
    const seconds = push ? expiresSeconds : UNPUSHED_SECONDS;
    const operation = { kind: "Add", contact, expiresSeconds: seconds } as const;
    const { uri, headers } = registerRequest(registrant, operation, 0);
    const others = headers.filter(([name]) => name !== "CSeq");
    let seq = 0;
    const via = (about: string) => agent.via(about, flow);
    const what = { method: "REGISTER", uri, headers: others };
    const parts = { endpoint, to: flow, credentials, nextSeq: () => ++seq, via };
    new OutgoingRequest(what, parts, { response() {}, failed() {} });
  });
}

/** As phones ask for by themselves. */
const UNPUSHED_SECONDS = 600;

//= RFC 8599 §8.7
//# Parameter value characters that are not part of pvalue need to be escaped, as defined in RFC
//# 3261.
function paramsOf({ provider, prid, param }: PushRegistration): string {
  //= RFC 8599 §12
  //# The value of the 'pn-param' URI parameter MUST NOT be used.
  const more = param === undefined ? "" : `;pn-param=${escapeUriHeader(param)}`;
  return `;pn-provider=${escapeUriHeader(provider)}${more};pn-prid=${escapeUriHeader(prid)}`;
}
