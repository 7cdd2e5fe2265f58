/**
 * What a REGISTER hears of push services: whether its own is there, and what that can do. RFC 8599
 * §5.4, §5.6.1. This server is proxy and registrar in one, and no other stands behind it.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { Octets } from "../grammar/octets.ts";
import { quote } from "../grammar/quoted.ts";
import type { HeaderField } from "../message/compose.ts";
import { elements, header } from "../message/headers.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { DEFAULT_EXPIRES_SECONDS, readExpires } from "./registered-contact.ts";
import type { PushService, Wake } from "./wake.ts";
import { type PushAsked, pushAsked } from "./wake-address.ts";

//= RFC 8599 §5.5
//# It is RECOMMENDED that the proxy requests the push notification at least 120 seconds before the
//# binding expires.
/** How long before the end of a binding its phone is woken to renew it. */
export const REFRESH_BEFORE_SECONDS = 130;
/** Shorter bindings end before anybody can be woken: one is looked at every ten seconds. */
export const MIN_PUSHED_SECONDS = 180;
/** What a phone that wakes by itself is told to keep to: bigger than 120. */
const PNSREG_SECONDS = 130;

/** What one Contact asks of push services. */
interface Asks {
  readonly push: PushAsked;
  readonly expiresSeconds: number;
  /** It wakes by itself. RFC 8599 §4.1.4. */
  readonly isSelfWaking: boolean;
}

/** What becomes of a REGISTER as far as push services go. */
export type PushTerms =
  | { readonly kind: "Refused"; readonly reply: Reply; readonly why: string }
  /** Headers for its 2xx. */
  | { readonly kind: "Granted"; readonly headers: readonly HeaderField[] };

const NOTHING: PushTerms = { kind: "Granted", headers: [] };

//= RFC 8599 §5.6.1
//# The procedures in this section apply when the REGISTER request contains a 'pn-provider' SIP URI
//# parameter in the Contact header field URI. In other cases, the proxy MUST skip the procedures in
//# this section and process the REGISTER request using normal SIP procedures.
/** What a REGISTER is told. */
export function pushTerms(from: Incoming, wake: Wake | undefined): PushTerms {
  const asks = asksOf(from);
  if (asks.length === 0) return NOTHING;
  //= RFC 8599 §5.6.1.1
  //# When a proxy receives a REGISTER request that contains a Feature-Caps header field with a
  //# 'sip.pns' feature-capability indicator, it indicates that another proxy between this proxy and
  //# the UA supports the type of PNS supported by the UA, and will request that push notifications
  //# are sent to the UA. In such case, the proxy MUST skip the rest of the procedures in this
  //# section and process the REGISTER request using normal SIP procedures.
  if (/\+sip\.pns\s{0,8}=/i.test(header(from.request, "Feature-Caps") ?? "")) return NOTHING;
  const services = wake?.services() ?? [];
  const usable: Asks[] = [];
  for (const ask of asks) {
    const isThere = isSupported(ask, services, wake);
    const refusal = isThere ? tooBrief(ask) : unsupported(ask);
    if (refusal) return refusal;
    if (isThere) usable.push(ask);
  }
  return { kind: "Granted", headers: headersFor(usable, services) };
}

function isSupported(
  { push }: Asks,
  services: readonly PushService[],
  wake: Wake | undefined,
): boolean {
  const { provider, prid } = push;
  if (provider === "") return services.length > 0;
  if (!services.some((one) => one.provider === provider)) return false;
  return prid === undefined || wake?.canWake({ ...push, prid }) === true;
}

//= RFC 8599 §5.6.1.1
//# If the proxy does not support the type of PNS supported by the UA, or if the REGISTER request
//# does not contain all information required for the type of PNS, the proxy SHOULD forward the
//# request towards the registrar and skip the rest of the procedures in this section.
//= RFC 8599 §5.6.1.2
//# The proxy MUST NOT send a SIP 555 (Push Notification Service Not Supported) response unless it
//# knows (by means of local configuration) that no other proxy supports any of the types of PNSs
//# supported by the UA.
//= RFC 8599 §5.6.1.2
//# If the proxy does not support the type of PNS supported by the UA, and if the REGISTER request
//# does not contain Feature-Caps header fields indicating support of one or more types of PNSs, the
//# proxy MUST either forward the request towards the registrar or send a SIP 555 (Push Notification
//# Service Not Supported) response towards the UA.
/** Who only asks is told; who registers is registered, and finds no `sip.pns` in its 2xx. */
function unsupported({ push: { provider, prid } }: Asks): PushTerms | undefined {
  if (prid !== undefined) return undefined;
  return refused(555, `there is no push service ${provider || "of any type"} here`);
}

//= RFC 8599 §5.6.1.1
//# A binding expiration interval MUST be considered too short if the binding would expire before
//# the proxy can request that a push notification be sent to the UA to trigger the UA to send a
//# binding-refresh REGISTER request.
//= RFC 8599 §5.6.1.1
//# If the proxy supports the type of PNS supported by the UA, but considers the requested binding
//# expiration interval [RFC3261] to be too short (see below), the proxy MUST either send a 423
//# (Interval Too Brief) response to the REGISTER request or forward the request towards the
//# registrar and skip the rest of the procedures in this section.
function tooBrief({ push, expiresSeconds }: Asks): PushTerms | undefined {
  const isPushed = push.prid !== undefined && expiresSeconds > 0;
  if (!isPushed || expiresSeconds >= MIN_PUSHED_SECONDS) return undefined;
  const headers: HeaderField[] = [["Min-Expires", String(MIN_PUSHED_SECONDS)]];
  return refused(423, `a phone that is woken registers for ${MIN_PUSHED_SECONDS} s`, headers);
}

const refused = (status: number, why: string, headers: HeaderField[] = []): PushTerms => ({
  ...{ kind: "Refused", reply: { status, headers }, why },
});

//= RFC 8599 §5.4
//# A proxy MUST use a separate Feature-Cap header field for each supported type of PNS. A feature-
//# capability indicator that indicates support of an additional feature associated with a given
//# type of PNS MUST be inserted in the same Feature-Caps header field that is used to indicate
//# support of the type of PNS.
//= RFC 8599 §5.4
//# These feature-capability indicators MUST only be inserted in a Feature-Caps header field that
//# also contains a 'sip.pns' feature-capability indicator.
//= RFC 8599 §5.6.1.1
//# The proxy MUST indicate support of the same type of PNS in the REGISTER response.
//= RFC 8599 §5.6.1.2
//# In addition, if the proxy supports the VAPID mechanism for one or more types of PNSs, the proxy
//# MUST indicate support of the mechanism for those PNSs in the response.
function headersFor(
  asks: readonly Asks[],
  services: readonly PushService[],
): readonly HeaderField[] {
  //= RFC 8599 §5.6.1.2
  //# When a proxy receives a REGISTER request, and the 'pn-provider' SIP URI parameter does not
  //# contain a parameter value, the proxy MUST indicate support of each type of PNS supported by
  //# the proxy before it forwards the request towards the registrar.
  const isOpen = asks.some(({ push }) => push.provider === "");
  const isAsked = (provider: string) => asks.some(({ push }) => push.provider === provider);
  const told = services.filter(({ provider }) => isOpen || isAsked(provider));
  //= RFC 8599 §5.6.1.1
  //# If the proxy received a 'sip.pnsreg' media feature tag in the REGISTER request, the proxy
  //# SHOULD insert a 'sip.pnsreg' feature-capability indicator with an indicator value bigger than
  //# 120 in the response, unless the proxy always wants to request that push notifications are sent
  //# to the UA in order to trigger the UA to send a binding-refresh REGISTER request.
  const isSelfWaking = asks.some((one) => one.isSelfWaking);
  return told.map(({ provider, vapid }): HeaderField => {
    //= RFC 8599 §5.6.1.1
    //# If the proxy supports the VAPID mechanism [RFC8292], the proxy MUST indicate support of the
    //# mechanism, using the 'sip.vapid' feature-capability indicator, in the REGISTER response.
    const key = vapid === undefined ? "" : `;+sip.vapid=${quote(vapid)}`;
    const own = isSelfWaking ? `;+sip.pnsreg="${PNSREG_SECONDS}"` : "";
    return ["Feature-Caps", `*;+sip.pns=${quote(provider)}${key}${own}`];
  });
}

function asksOf({ request }: Incoming): readonly Asks[] {
  const all = elements(request, "Contact");
  const expires = readExpires(header(request, "Expires"));
  return (all.ok ? all.value : []).flatMap((text) => asksIn(text, expires));
}

function asksIn(text: Octets, expiresHeader: number | undefined): readonly Asks[] {
  const contact = parseNameAddr(text);
  const uri = contact.ok ? parseSipUri(contact.value.uri) : contact;
  const push = uri.ok ? pushAsked(uri.value) : undefined;
  if (!push || !contact.ok) return [];
  const { params } = contact.value;
  const expiresSeconds =
    readExpires(params.get("expires")) ?? expiresHeader ?? DEFAULT_EXPIRES_SECONDS;
  return [{ push, expiresSeconds, isSelfWaking: params.has("+sip.pnsreg") }];
}
