/** The SIP domains that a peer's certificate proves, as Node hands it over. RFC 5922 §7.1. */
import type { TLSSocket } from "node:tls";
import { type AlternativeName, sipIdentities } from "../locate/tls-identity.ts";

/** Of a peer whose certificate is valid; none of any other. */
export function identitiesOf(socket: TLSSocket): readonly string[] {
  //= RFC 5922 §7.1
  //# Implementations (both clients and server) MUST determine the validity of a certificate by
  //# following the procedures described in RFC 5280 [6].
  if (!socket.authorized) return [];
  return sipIdentities(alternativeNames(socket.getPeerX509Certificate()?.subjectAltName ?? ""));
}

/**
 * The names in a subjectAltName as Node prints it: `DNS:a.example, URI:sip:a.example`. A value in
 * which a comma or a quote stands is printed as a JSON string, so that nobody's name can look like
 * two (CVE-2021-44532).
 */
export function alternativeNames(text: string): readonly AlternativeName[] {
  const names: AlternativeName[] = [];
  for (let at = 0; at < text.length; ) {
    const colon = text.indexOf(":", at);
    if (colon < 0) break;
    const quoted = text[colon + 1] === '"';
    const end = quoted ? closingQuote(text, colon + 2) + 1 : text.indexOf(", ", colon);
    const stop = end <= 0 ? text.length : end;
    const value = text.slice(colon + 1, stop);
    const type = text.slice(at, colon);
    if (!quoted && (type === "DNS" || type === "URI")) names.push({ type, value });
    at = stop + 2;
  }
  return names;
}

/** Nothing that has to be quoted is a domain: only its end matters. */
function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return text.length - 1;
}
