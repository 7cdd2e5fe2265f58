/** What a registrar's 200 says beside the time: RFC 5626, RFC 5627, RFC 3608. */
import { flat, type Octets } from "../grammar/octets.ts";
import { readContactParams } from "../message/header/contact-params.ts";
import { parseFlowTimer } from "../message/header/flow-timer.ts";
import { parseServiceRoute } from "../message/header/serviceroute.ts";
import { elements } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import { readHeader, readJoined } from "../message/read-header.ts";
import { formatNameAddr, parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { lists } from "./option-tag.ts";
import { partsOf } from "./phone-parts.ts";
import type { ReadRegistered } from "./registrar-more.ts";

export interface Gruus {
  readonly pub: Octets | undefined;
  readonly temp: Octets | undefined;
}

/**
 * Has this phone, where its options say an `instance`, ask its server to know the device by that
 * name: flows of its own that the server pings back (RFC 5626), an address that others can use (RFC
 * 5627); and use the Service-Route that it is told (RFC 3608). Before it registers.
 */
export function outbound(phone: object): void {
  const { abilities } = partsOf(phone).agent;
  abilities.isNamed = true;
  abilities.registered = registeredBy();
}

/** Routes that a phone would have to carry in each request. */
const MAX_ROUTES = 10;

/** Of one phone: a GRUU stays until there is another one. */
export function registeredBy(): ReadRegistered {
  let gruus: Gruus | undefined;
  return (response, instance) => {
    const timer = readHeader(response, "Flow-Timer", parseFlowTimer);
    //= RFC 5626 §4.2.1
    //# If outbound registration succeeded, as indicated by the presence of the outbound option-tag
    //# in the Require header field of a successful registration response, the UA begins sending
    //# keep-alives as described in Section 4.4.
    const isOutbound = lists(response, "Require", "outbound");
    //= RFC 5627 §4.2
    //# However, a UA MUST be prepared for the public GRUU to change from a previous one, since the
    //# persistence property is not guaranteed with complete certainty.
    if (instance !== undefined) gruus = gruusIn(response, instance) ?? gruus;
    const pub = gruus?.pub;
    return {
      isOutbound,
      flowTimerSeconds: timer.ok ? timer.value : undefined,
      //= RFC 5626 §4.3
      //# If the UAC is not using such a GRUU, then the UAC adds an "ob" parameter to its Contact
      //# header field value.
      contact: (address) => pub ?? `${address}${isOutbound ? ";ob" : ""}`,
      serviceRoute: serviceRouteIn(response),
    };
  };
}

//= RFC 5627 §4.2
//# A UA MUST be prepared for a Contact header field to contain just a "pub-gruu", just a
//# "temp-gruu", neither, or both.
/** Those of this device; undefined where it has none. Only SIP URIs count. */
function gruusIn(response: Response, instance: string): Gruus | undefined {
  const all = elements(response, "Contact");
  for (const text of all.ok ? all.value : []) {
    const one = parseNameAddr(text);
    const params = one.ok ? readContactParams(one.value.params) : undefined;
    if (!params || params.instance !== instance) continue;
    const [pub, temp] = [sipUri(params.pubGruu), sipUri(params.tempGruu)];
    if (pub !== undefined || temp !== undefined) return { pub, temp };
  }
  return undefined;
}

//= RFC 5627 §4.2
//# The user and host parts of the GRUU learned by the UA in the REGISTER response MUST be treated
//# opaquely by the UA. That is, the UA MUST NOT modify them in any way. A UA MUST NOT modify or
//# remove URI parameters it does not recognize. Furthermore, the UA MUST NOT add, remove, or modify
//# URI parameters relevant for receipt and processing of request at the proxy, including the
//# transport, lr, maddr, ttl, user, and comp (see RFC 3486 [25]) URI parameters.
const sipUri = (text: Octets | undefined): Octets | undefined =>
  text !== undefined && parseSipUri(text).ok ? flat(text) : undefined;

function serviceRouteIn(response: Response): readonly Octets[] {
  const routes = readJoined(response, "Service-Route", parseServiceRoute);
  const all = routes.ok ? (routes.value ?? []) : [];
  //= RFC 3608 §6.1
  //# The UA MUST preserve the order, in case there is more than one Service-Route header field or
  //# header field value.
  return all.length > MAX_ROUTES ? [] : all.map((one) => flat(formatNameAddr(one)));
}
