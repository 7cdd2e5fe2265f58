/** Whom a certificate speaks for, as a SIP domain. RFC 5922 §7.1, §7.2. */
import { parseSipUri } from "../uri/sip-uri.ts";
import { canonicalName } from "./naming.ts";

/** A value of a certificate's subjectAltName. */
export interface AlternativeName {
  /** uniformResourceIdentifier or dNSName of RFC 5280 §4.2.1.6; leave out all others. */
  readonly type: "URI" | "DNS";
  /** `sip:example.com`, or `example.com`. */
  readonly value: string;
}

/**
 * The SIP domain identities of a certificate that is valid otherwise. Its CN is not looked at:
 * RFC 5922 only allows it, for certificates older than itself.
 */
export function sipIdentities(names: readonly AlternativeName[]): readonly string[] {
  const byUri = names.filter(({ type }) => type === "URI").flatMap(({ value }) => domainOf(value));
  if (byUri.length > 0) return byUri;
  //= RFC 5922 §7.1
  //# An implementation MUST accept a domain name system identifier as a SIP domain identity if and
  //# only if no other identity is found that matches the "sip" URI type described above.
  return names.filter(({ type }) => type === "DNS").map(({ value }) => canonicalName(value));
}

//= RFC 5922 §7.2
//# Implementations MUST match the values in their entirety:
//= RFC 5922 §7.2
//# Implementations MUST NOT match any form of wildcard, such as a leading "." or "*." with any
//# other DNS label or sequence of labels.
//= RFC 5922 §7.2
//# Implementations MUST compare the values as DNS names, which means that the comparison is case
//# insensitive as specified by RFC 4343 [3].
/**
 * Whether a certificate with these `sipIdentities` speaks for the SIP domain `name`. Without
 * wildcards, and without regard to case. An empty name is nobody's.
 */
export const isIdentifiedAs = (name: string, identities: readonly string[]): boolean =>
  name !== "" && identities.some((identity) => canonicalName(identity) === canonicalName(name));

function domainOf(value: string): readonly string[] {
  const uri = parseSipUri(value);
  //= RFC 5922 §7.1
  //# If the scheme of the URI is not "sip", then the implementation MUST NOT accept the value as a
  //# SIP domain identity.
  if (!uri.ok || uri.value.scheme !== "sip") return [];
  //= RFC 5922 §7.1
  //# If the scheme of the URI value is "sip", and the URI value that contains a userpart (there is
  //# an '@'), the implementation MUST NOT accept the value as a SIP domain identity (a value with a
  //# userpart identifies an individual user, not a domain).
  if (uri.value.user !== undefined) return [];
  //= RFC 5922 §7.1
  //# If the scheme of the URI value is "sip", and there is no userinfo component in the URI (there
  //# is no '@'), then the implementation MUST accept the hostpart as a SIP domain identity.
  return [canonicalName(uri.value.host)];
}
