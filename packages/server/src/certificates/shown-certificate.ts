/** What a certificate says, and whether showing it instead of another would break things. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";

/** PEM: the certificate with those between it and its authority behind it, and its key. */
export interface Pem {
  readonly cert: string;
  readonly key: string;
}

export interface Facts {
  /** Who signed it: the CN or, without one, the organisation. */
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
  /** Whether it speaks for this name or address: to a browser, or as a SIP domain (RFC 5922). */
  names(name: string): boolean;
}

/** Throws what Node says of a text that is no certificate. */
export function factsOf(cert: string): Facts {
  const read = new X509Certificate(cert);
  const uris = new Set(
    (read.subjectAltName ?? "")
      .split(", ")
      .filter((name) => name.startsWith("URI:"))
      .map((name) => name.slice(4).toLowerCase()),
  );
  const dnsOrIp = (name: string): string | undefined =>
    isIP(name) === 0 ? read.checkHost(name, { subject: "never" }) : read.checkIP(name);
  return {
    issuer: nameIn(read.issuer),
    validFrom: read.validFromDate.getTime(),
    validTo: read.validToDate.getTime(),
    names: (name) => uris.has(`sip:${name.toLowerCase()}`) || dnsOrIp(name) !== undefined,
  };
}

/** `CN=R11\nO=Let's Encrypt` */
function nameIn(subject: string): string {
  const parts = new Map(subject.split("\n").map((line) => line.split("=", 2) as [string, string]));
  return parts.get("CN") ?? parts.get("O") ?? subject;
}

export interface Judged {
  readonly now: number;
  /** Names by which this server is asked for. */
  readonly names: readonly string[];
  /** What is shown until now. */
  readonly present?: string | undefined;
}

/** Why this is not to be shown, in words; undefined if it may be. */
export function whyNotShown(
  { cert, key }: Pem,
  { now, names, present }: Judged,
): string | undefined {
  let facts: Facts;
  try {
    facts = factsOf(cert);
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
      return "the key is not the certificate's";
    }
  } catch (error) {
    return `it is not read: ${(error as Error).message}`;
  }
  if (facts.validTo <= now) return `it expired ${day(facts.validTo)}`;
  if (facts.validFrom > now) return `it is not valid before ${day(facts.validFrom)}`;
  const shown = present === undefined ? undefined : factsOf(present);
  const lost = names.filter((name) => !facts.names(name) && (shown?.names(name) ?? false));
  return lost.length === 0 ? undefined : `it does not speak for ${lost.join(", ")}`;
}

/** `2026-11-29`, of UTC. */
export const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
