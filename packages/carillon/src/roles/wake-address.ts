/**
 * Where a phone that sleeps is woken: the pn-* parameters of a Contact's URI. RFC 8599 §4.1, §8.7.
 */
import type { Octets } from "../grammar/octets.ts";
import { unescapeUri } from "../uri/escape.ts";
import { parseSipUri, type SipUri } from "../uri/sip-uri.ts";

/** What a REGISTER says of its push service. */
export interface PushAsked {
  /** Type of the push service, in lower case: `webpush`, `apns`, `fcm`; empty: which are there? */
  readonly provider: string;
  /** More about the service, for its type. Unescaped. */
  readonly param: string | undefined;
  /** What the service knows the phone by. Unescaped; undefined: it only asks what there is. */
  readonly prid: string | undefined;
}

/** A phone as its push service knows it. */
export interface PushAddress extends PushAsked {
  /** What the service knows the phone by: a secret between the three. */
  readonly prid: string;
}

/** What this URI says of a push service; undefined where it says nothing. */
export function pushAsked({ params }: SipUri): PushAsked | undefined {
  const provider = params.get("pn-provider");
  if (provider === undefined) return undefined;
  const [param, prid] = [params.get("pn-param"), params.get("pn-prid")];
  return {
    provider: plain(provider).toLowerCase(),
    param: param === undefined ? undefined : plain(param),
    prid: prid === undefined || prid === "" ? undefined : plain(prid),
  };
}

/** Where the phone behind this contact is woken; undefined where nothing wakes it. */
export function pushAddress(contact: Octets): PushAddress | undefined {
  // Most contacts have none, and are read for every call.
  if (!contact.includes("pn-p")) return undefined;
  const uri = parseSipUri(contact);
  const asked = uri.ok ? pushAsked(uri.value) : undefined;
  if (!asked || asked.provider === "" || asked.prid === undefined) return undefined;
  return { ...asked, prid: asked.prid };
}

//= RFC 8599 §5.3
//# the 'pn-prid', 'pn-provider', and 'pn-param' SIP URI parameters MUST also match.
/** One text for what two addresses have in common if they are the same phone's. */
export const pushKey = ({ provider, param = "", prid }: PushAddress): string =>
  `${provider} ${param} ${prid}`;

/** Whether both contacts are woken by the same push. */
export function isSamePush(one: Octets, other: Octets): boolean {
  const [a, b] = [pushAddress(one), pushAddress(other)];
  return a !== undefined && b !== undefined && pushKey(a) === pushKey(b);
}

//= RFC 8599 §13
//# Operators MUST ensure that the PNS-related SIP URI parameters conveyed by a user in the Contact
//# URI of a REGISTER request are not sent to other users or to non-trusted network entities.
//= RFC 8599 §4.1
//# However, the registrar MUST still ensure that the parameters are not sent to other users, e.g.,
//# using the mechanism defined by the SIP event package for registrations [RFC3680].
/** The same contact for others' eyes. */
export const withoutPush = (contact: Octets): Octets =>
  contact.replace(/;pn-(?:provider|param|prid)(?:=[^;>?]*)?/gi, "");

const plain = (value: Octets): string => unescapeUri(value);
