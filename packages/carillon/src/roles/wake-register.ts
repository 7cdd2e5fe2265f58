/**
 * What a REGISTER hears of push services: whether its own is there, and what that can do. RFC 8599
 * §5.4, §5.6.1. The same for the registrar, behind which no other server stands, and for an edge.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { Octets } from "../grammar/octets.ts";
import { quote } from "../grammar/quoted.ts";
import type { HeaderField } from "../message/compose.ts";
import { elements, header, headerLines } from "../message/headers.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { DEFAULT_EXPIRES_SECONDS, readExpires } from "./registered-contact.ts";
import type { PushService, Wake } from "./wake.ts";
import { type PushAddress, type PushAsked, pushAsked } from "./wake-address.ts";

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
  | {
      readonly kind: "Granted";
      /** Headers for its 2xx. */
      readonly headers: readonly HeaderField[];
      /** The types of services that this server is told to have, by the same header. */
      readonly providers: readonly string[];
    };

/** Who asks on whose behalf. */
export interface PushTermsAsked {
  readonly wake: Wake | undefined;
  /** No server behind this one wakes phones. */
  readonly isLast: boolean;
  /** The PURR of a phone that is woken here; undefined: none is given. */
  purrOf(push: PushAddress): Octets | undefined;
}

const NOTHING: PushTerms = { kind: "Granted", headers: [], providers: [] };

//= RFC 8599 §5.6.1
//# The procedures in this section apply when the REGISTER request contains a 'pn-provider' SIP URI
//# parameter in the Contact header field URI. In other cases, the proxy MUST skip the procedures in
//# this section and process the REGISTER request using normal SIP procedures.
/** What a REGISTER is told. */
export function pushTerms(from: Incoming, asked: PushTermsAsked): PushTerms {
  const asks = asksOf(from);
  if (asks.length === 0) return NOTHING;
  const { wake, isLast, purrOf } = asked;
  const isWokenAhead = isWokenByOther(from);
  const services = wake?.services() ?? [];
  const usable: Asks[] = [];
  for (const ask of asks) {
    //= RFC 8599 §5.6.1.1
    //# When a proxy receives a REGISTER request that contains a Feature-Caps header field with a
    //# 'sip.pns' feature-capability indicator, it indicates that another proxy between this proxy
    //# and the UA supports the type of PNS supported by the UA, and will request that push
    //# notifications are sent to the UA. In such case, the proxy MUST skip the rest of the
    //# procedures in this section and process the REGISTER request using normal SIP procedures.
    if (isWokenAhead && ask.push.prid !== undefined) continue;
    const isThere = isSupported(ask, services, wake);
    const mayRefuse = isLast && !isWokenAhead;
    const refusal = isThere ? tooBrief(ask) : mayRefuse ? unsupported(ask) : undefined;
    if (refusal) return refusal;
    if (isThere) usable.push(ask);
  }
  return { kind: "Granted", ...headersFor(usable, services, purrOf) };
}

/** Whether a proxy between the phone and here has said that it wakes it. */
export const isWokenByOther = ({ request }: Incoming): boolean =>
  headerLines(request, "Feature-Caps").some((line) => /\+sip\.pns\s{0,8}=/i.test(line));

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
  //= RFC 8599 §8.1
  //# The use of the SIP 555 response code is only defined for SIP REGISTER responses.
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
  purrOf: PushTermsAsked["purrOf"],
): Pick<Extract<PushTerms, { kind: "Granted" }>, "headers" | "providers"> {
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
  const headers = told.map(({ provider, vapid }): HeaderField => {
    //= RFC 8599 §5.6.1.1
    //# If the proxy supports the VAPID mechanism [RFC8292], the proxy MUST indicate support of the
    //# mechanism, using the 'sip.vapid' feature-capability indicator, in the REGISTER response.
    const key = vapid === undefined ? "" : `;+sip.vapid=${quote(vapid)}`;
    const own = isSelfWaking ? `;+sip.pnsreg="${PNSREG_SECONDS}"` : "";
    const purr = purrFor(provider, asks, purrOf);
    return ["Feature-Caps", `*;+sip.pns=${quote(provider)}${key}${own}${purr}`];
  });
  return { headers, providers: told.map(({ provider }) => provider) };
}

//= RFC 8599 §6.2.1
//# Whenever the proxy receives a 2xx response to a REGISTER request, the proxy MUST insert a
//# 'sip.pnspurr' feature-capability indicator with the latest PURR value (see above) in the
//# response.
/** Of the phone that is woken by this service: of several the first. */
function purrFor(
  provider: string,
  asks: readonly Asks[],
  purrOf: PushTermsAsked["purrOf"],
): Octets {
  const ask = asks.find(
    ({ push, expiresSeconds }) =>
      push.provider === provider && push.prid !== undefined && expiresSeconds > 0,
  );
  const { prid } = ask?.push ?? {};
  const purr = ask && prid !== undefined ? purrOf({ ...ask.push, prid }) : undefined;
  return purr === undefined ? "" : `;+sip.pnspurr=${quote(purr)}`;
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
